"""Which names are places, which place they are, and where an event took place."""

import unicodedata

import pytest

from services.classifier import sentences
from services.classifier.models import Models
from services.classifier.where import places
from services.classifier.where.folding import fold
from services.classifier.where.places import Found
from shared.domain.vocabulary import PlacePrecision
from tests.unit.classifier.conftest import Coder, not_yet


def found(models: Models, text: str, title: str = "") -> list[Found]:
    return list(places.find(sentences.read(title, text, models.splitter), models.gazetteer))


def countries(models: Models, text: str) -> dict[str, str | None]:
    return {f.name: f.entry.country if f.entry else None for f in found(models, text)}


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("The convoy was stopped near Mosul in Iraq.", "Mosul", "IQ"),
        ("A fire broke out in Paris, Texas.", "Paris", "US"),
        ("A fire broke out in Paris.", "Paris", "FR"),
        ("Ukrainian officials said that Odesa was quiet.", "Odesa", "UA"),
        ("Police in Birmingham, Alabama, closed the road.", "Birmingham", "US"),
        ("Police in Birmingham, England, closed the road.", "Birmingham", "GB"),
        ("Shells fell in the Gaza Strip.", "Gaza Strip", "PS"),
        ("The bridge in Tripoli, Lebanon, reopened.", "Tripoli", "LB"),
    ],
)
def test_context_tells_which_place_it_is(models: Models, text: str, name: str, country: str) -> None:
    assert countries(models, text)[name] == country


@pytest.mark.parametrize(
    "text",
    [
        "Mr Houston met the committee.",
        pytest.param(
            "The witness, Kate London, declined to speak.",
            marks=not_yet("a given name weighs too little beside a capital of the world"),
        ),
        pytest.param(
            "The Houston Chronicle reported it first.",
            marks=not_yet("LGL marks towns in the names of firms"),
        ),
        "Police said in March that Nobody came.",
        "The committee met again.",
        "President Lincoln spoke first.",
    ],
)
def test_people_firms_and_words_are_no_places(models: Models, text: str) -> None:
    assert found(models, text) == []


def test_a_district_belongs_to_its_city(models: Models) -> None:
    names = {f.name: f.entry for f in found(models, "Police in Baghdad closed the Dora district.")}
    dora = names["Dora"]
    assert dora is not None
    assert (dora.city, dora.country, dora.precision) == ("Baghdad", "IQ", PlacePrecision.NEIGHBOURHOOD)


def test_a_town_elsewhere_keeps_the_name_of_a_district(models: Models) -> None:
    (kind,) = {e.precision for e in models.gazetteer.lookup("Sadr City")}
    assert kind is PlacePrecision.NEIGHBOURHOOD
    towns = [e for e in models.gazetteer.lookup("Hollywood") if e.precision is PlacePrecision.CITY]
    assert any(e.admin1 == "FL" for e in towns)


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("A bomb exploded at a market in Basra, Iraq, on Monday.", "Basra", PlacePrecision.CITY),
        ("Troops clashed with rebels in Kandahar, Afghanistan.", "Kandahar", PlacePrecision.CITY),
        ("A bomb exploded in Kano, Nigeria.", "Kano", PlacePrecision.CITY),
        ("Gunmen killed two people in Basra province on Monday.", "Basra", PlacePrecision.ADMIN1),
        ("Two men were shot in Rochester, New York.", "New York", PlacePrecision.ADMIN1),
        ("The blast hit Lahore in Punjab.", "Punjab", PlacePrecision.ADMIN1),
        ("A bus was bombed in Guatemala.", "Guatemala", PlacePrecision.COUNTRY),
        ("Gunmen killed four people in Mexico on Monday.", "Mexico", PlacePrecision.COUNTRY),
        ("A shooting in Atlanta, Georgia, left two dead.", "Georgia", PlacePrecision.ADMIN1),
        ("Clashes in Georgia killed four people near Tbilisi.", "Georgia", PlacePrecision.COUNTRY),
    ],
)
def test_a_town_comes_before_its_province(models: Models, text: str, name: str, kind: PlacePrecision) -> None:
    assert {f.name: f.entry.precision for f in found(models, text) if f.entry}[name] is kind


def test_the_word_province_makes_it_one(models: Models) -> None:
    (province,) = found(models, "Fighting continued in Kirkuk province.")
    (town,) = found(models, "Fighting continued in Kirkuk.")
    assert province.entry is not None
    assert town.entry is not None
    assert (province.entry.precision, town.entry.precision) == (PlacePrecision.ADMIN1, PlacePrecision.CITY)


def test_a_wire_without_capitals_is_read(models: Models) -> None:
    assert countries(models, "a bomb went off near a market in karachi on monday") == {"karachi": "PK"}


def test_spans_hold_the_name(models: Models) -> None:
    text = "First line.\nSecond: Nairobi\u2019s market, and Kisumu."
    for f in found(models, text):
        start = f.sentence.start
        assert start is not None
        assert text[start + f.start : start + f.end] == f.name


@pytest.mark.parametrize("name", ["Mérida", "Bogotá", "São Paulo", "İzmir", "Medellín"])
def test_an_accent_may_be_a_character_of_its_own(models: Models, name: str) -> None:
    whole, parted = (
        found(models, unicodedata.normalize(form, f"A bomb exploded near the market in {name} on Monday."))
        for form in ("NFC", "NFD")
    )
    assert [unicodedata.normalize("NFC", f.name) for f in parted] == [f.name for f in whole] == [name]
    assert [f.entry for f in parted] == [f.entry for f in whole]
    assert all(f.sentence.text[f.start : f.end] == f.name for f in parted)


def test_accents_and_marks_do_not_matter() -> None:
    assert fold("Ta\u2018izz") == fold("Taizz")
    assert fold("São Paulo") == "sao paulo"
    assert fold("Deir ez-Zor") == "deir ez zor"


@pytest.mark.parametrize(
    ("story", "where"),
    [
        pytest.param(
            ("", "Rockets fired from Syria hit Kilis in Turkey on Monday."),
            ("Kilis", "Kilis", "city"),
            marks=not_yet("a name after a verb alone is not sure enough to be a place"),
        ),
        (("", "Gunmen opened fire in Lagos, Nigeria, on Monday."), ("Lagos", "Lagos", "city")),
        (("Shells hit Gaza Strip", "Several shells fell in the Gaza Strip."), ("Gaza Strip", None, "region")),
        (("", "A bomb exploded in Sadr City in Baghdad on Monday."), ("Sadr City", "Baghdad", "neighbourhood")),
        (("", "Gunmen killed four people in Helmand province on Monday."), ("Helmand", None, "admin1")),
        (("", "CAIRO - Gunmen killed nine people in Alexandria on Monday."), ("Alexandria", "Alexandria", "city")),
    ],
)
def test_the_event_is_where_it_hit(code: Coder, story: tuple[str, str], where: tuple[str, str | None, str]) -> None:
    place = code(*story).events[0].place
    assert place is not None
    assert (place.name, place.city, place.precision.value) == where
    assert (place.lat is None) == (where[2] in ("admin1", "country", "region"))


def test_an_adjective_of_a_country_is_not_where_it_was(code: Coder) -> None:
    place = code("", "Rockets hit the US base near Erbil in Iraq on Monday.").events[0].place
    assert place is not None
    assert place.country == "IQ"
