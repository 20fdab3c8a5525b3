"""Places that no gazetteer lists."""

import pytest

from services.classifier.sentences import Sentence
from services.classifier.where import unlisted
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


def test_an_event_in_an_unlisted_village_takes_the_area_from_its_sentence(code: Coder) -> None:
    text = "A roadside bomb killed two people in the village of Kesradur in Helmand province on Monday."
    coding = code("", text)
    place = coding.events[0].place
    assert place is not None
    assert (place.name, place.city, place.admin1, place.country) == ("Kesradur", "Kesradur", "Helmand", "AF")
    assert (place.lat, place.geonames_id) == (None, None)
    assert [(m.name, m.lat is None) for m in coding.places] == [("Kesradur", True), ("Helmand", False)]
