"""Places that no gazetteer lists."""

import pytest

from services.classifier.sentences import Sentence
from services.classifier.where import unlisted
from shared.domain.vocabulary import PlacePrecision
from tests.unit.classifier.conftest import Coder


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It happened in the village of Kesradur on Monday.", ["Kesradur"]),
        ("Gunmen came to the hamlet called Umm Qesradur.", ["Umm Qesradur"]),
        ("They met near Kesradur village.", ["Kesradur"]),
        ("It was felt in the Vantaqor district.", ["Vantaqor"]),
        ("The village was quiet. Kesradur slept.", []),
        ("a village of thieves", []),
    ],
)
def test_the_word_beside_it_makes_it_a_place(text: str, names: list[str]) -> None:
    found = list(unlisted.find(Sentence(text, 0, 1), []))
    assert [f.name for f in found] == names
    assert all(text[f.start : f.end] == f.name and f.entry is None for f in found)


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("Shells hit downtown in Kesradur district on Monday.", PlacePrecision.ADMIN2),
        ("A mine went off near Kesradur county, in a town.", PlacePrecision.ADMIN2),
        ("Villagers saw it in the Kesradur suburb.", PlacePrecision.NEIGHBOURHOOD),
        ("The county sent help to the village of Kesradur.", PlacePrecision.CITY),
    ],
)
def test_only_its_own_word_says_what_it_is(text: str, precision: PlacePrecision) -> None:
    (found,) = unlisted.find(Sentence(text, 0, 1), [])
    assert unlisted.precision(found) is precision


def test_an_event_in_an_unlisted_village_takes_the_area_from_its_sentence(code: Coder) -> None:
    text = "A roadside bomb killed two people in the village of Kesradur in Helmand province on Monday."
    coding = code("", text)
    place = coding.events[0].place
    assert place is not None
    assert (place.name, place.city, place.admin1, place.country) == ("Kesradur", "Kesradur", "Helmand", "AF")
    assert (place.lat, place.geonames_id) == (None, None)
    assert [(m.name, m.lat is None) for m in coding.places] == [("Kesradur", True), ("Helmand", False)]
