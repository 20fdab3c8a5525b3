"""Where an event took place: which of the places that an article names."""

import dataclasses
import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest

from services.classifier import classify, events, logit, reading, sentences
from services.classifier.events import Happening
from services.classifier.models import Models
from services.classifier.network.heads import ROLES, SLOTS, SUBTYPES
from services.classifier.network.mentions import Tagged
from services.classifier.told import Told
from services.classifier.when import days
from services.classifier.where import implied, scene
from services.classifier.where.places import Found
from services.classifier.where.scene import Candidate
from services.classifier.where.signs import REACH, Scene
from shared.domain.event import Place
from shared.domain.vocabulary import PlacePrecision, Realis, Subtype
from tests.unit.classifier.conftest import Coder

ANCHOR = date(2022, 3, 17)


def tagged(text: str, places: tuple[str, ...]) -> Tagged:
    """Return a sentence of which the network takes some words for places."""
    words, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        words.append((at, at + len(word)))
        at += len(word)
    slots = np.zeros((len(words), len(SLOTS)), np.float32)
    for place in places:
        start = text.find(place)
        for row, (a, b) in enumerate(words):
            if start >= 0 and a < start + len(place) and start < b:
                slots[row, SLOTS.index("place")] = 0.9
    return Tagged(text, tuple(words), slots, np.zeros((len(words), 2), np.float32))


def told(models: Models, text: str, title: str = "", places: tuple[str, ...] = ()) -> tuple[Told, ...]:
    """Return the sentences of a text as if the heads had found them all to tell of a bombing of the story's own."""
    roles = np.eye(len(ROLES), dtype=np.float32)[ROLES.index("main")]
    kinds = np.eye(len(SUBTYPES), dtype=np.float32)[SUBTYPES.index(Subtype.BOMBING)]
    read = reading.read(sentences.read(title, text, models.splitter), models.lexicon, ANCHOR)
    return tuple(Told(r, kinds, None, roles, 0.9 if r.facts else 0.1, tagged(r.sentence.text, places)) for r in read)


def seen(models: Models, sentences_: tuple[Told, ...]) -> Scene:
    found = classify.named([t.reading.sentence for t in sentences_], models)
    return Scene(sentences_, found, models.gazetteer)


def happening(sentences_: tuple[Told, ...], *, main: bool = True) -> Happening:
    telling = tuple(t.reading for t in sentences_ if t.reading.facts) or (sentences_[0].reading,)
    return Happening(Subtype.BOMBING, Realis.ACTUAL, main, sentences_, telling, None, None, 1.0)


def where(models: Models, text: str, title: str = "", places: tuple[str, ...] = ()) -> Place | None:
    """Return the place of the bombing that a text tells."""
    sentences_ = told(models, text, title, places)
    chosen = scene.choose(happening(sentences_), seen(models, sentences_), models.gazetteer)
    return chosen[0] if chosen else None


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("CAIRO - A bomb exploded in Alexandria on Monday. Officials in Giza condemned it.", "Alexandria"),
        ("A bomb killed two in Mosul, Iraq. The wounded were flown to a hospital in Erbil.", "Mosul"),
        ("Police said a bomb went off in Peshawar. A man from Lahore was among the dead.", "Peshawar"),
        ("A bomb exploded in Pakistan on Monday. The blast hit a bus in Quetta, police said.", "Quetta"),
        ("Iraqi officials say that a bomb exploded in Basra. In Basra, shops stayed shut.", "Basrah"),
    ],
)
def test_the_town_where_it_hit_goes_before_the_others(models: Models, text: str, city: str) -> None:
    place = where(models, text, places=(text[text.index(city[:5]) :][: len(city)],))
    assert place is not None
    assert place.city == city


def test_a_country_is_told_by_its_people_alone(models: Models) -> None:
    place = where(models, "Salvadoran soldiers said that a bomb exploded in a barracks, killing two of them.")
    assert place is not None
    assert (place.name, place.country, place.precision) == ("El Salvador", "SV", PlacePrecision.COUNTRY)
    assert place.lat is None


def test_without_any_place_there_is_none(models: Models) -> None:
    assert where(models, "A bomb exploded in a barracks, killing two of them.") is None


def test_the_sentence_that_names_the_place_is_given(models: Models) -> None:
    sentences_ = told(models, "A bomb killed four people on Monday. The blast was in Quetta, Pakistan, police said.")
    chosen = scene.choose(happening(sentences_), seen(models, sentences_), models.gazetteer)
    assert chosen is not None
    assert chosen[1].name == "Quetta"
    assert chosen[1].sentence is sentences_[1].reading.sentence


def test_a_village_that_only_the_network_knows_lies_in_the_district_beside_it(models: Models) -> None:
    text = "A bomb killed two men in Khosrabat in Mastung District of Pakistan on Monday."
    place = where(models, text, places=("Khosrabat",))
    assert place is not None
    assert (place.name, place.city, place.country, place.precision.value) == ("Khosrabat", "Khosrabat", "PK", "city")
    assert place.lat is not None
    assert place.radius_km is not None
    assert place.radius_km > 10
    assert place.geonames_id is None


def test_a_street_that_only_the_network_knows_has_the_point_of_its_town(models: Models) -> None:
    text = "A bomb exploded on Zarqani Street in Peshawar, Pakistan."
    sentences_ = told(models, text, places=("Zarqani Street",))
    named = seen(models, sentences_)
    (street,) = [f for f in named.found if f.entry is None]
    peshawar = next(f.entry for f in named.found if f.name == "Peshawar")
    place = scene.unlisted_place(street, peshawar, "PK", models.gazetteer)
    assert (place.name, place.city, place.precision) == ("Zarqani Street", "Peshawar", PlacePrecision.FACILITY)
    assert place.lat == pytest.approx(34.0, abs=0.1)


def test_what_is_nowhere_has_the_country_of_the_story(models: Models) -> None:
    sentence = sentences.read("", "A bomb exploded in Khosrabat.", models.splitter)[0]
    place = scene.unlisted_place(Found("Khosrabat", sentence, 19, 28, None), None, "PK", models.gazetteer)
    assert (place.city, place.country, place.lat) == ("Khosrabat", "PK", None)


def test_another_places_second_name_in_a_land_unspoken_of_is_not_that_place(models: Models) -> None:
    (sentence, *_) = sentences.read("", "Bombs fell on Wien in Chad.", models.splitter)
    chad = models.gazetteer.countries["TD"]
    vienna = next(e for e in models.gazetteer.lookup("Vienna") if e.name == "Vienna" and e.country == "AT")
    strange, native = Found("Wien", sentence, 14, 18, vienna), Found("Chad", sentence, 22, 26, chad)
    assert [f.entry for f in implied.at_home([strange, native], {})] == [None, chad]
    assert [f.entry for f in implied.at_home([strange, native], {"AT": 1})] == [vienna, chad]
    named = Found("Vienna", sentence, 14, 18, vienna)
    assert [f.entry for f in implied.at_home([named, native], {})] == [vienna, chad]
    assert [f.entry for f in implied.at_home([strange], {})] == [vienna]


def test_peoples_are_no_towns(models: Models) -> None:
    text = "A bomb killed two Syrian soldiers near Homs."
    names = {f.name for f in seen(models, told(models, text, places=("Syrian", "Homs"))).found}
    assert names == {"Syria", "Homs"}


def test_home_is_the_country_of_which_most_is_told(models: Models) -> None:
    text = "A bomb exploded in Homs. Syrian police closed the road to Hama. Officials in Paris condemned it."
    assert seen(models, told(models, text)).home == "SY"
    assert seen(models, told(models, "A bomb exploded.")).home is None


def test_nothing_is_looked_for_far_from_the_story(models: Models) -> None:
    text = "\n".join(["A bomb exploded in Homs.", *(["The road was closed."] * (REACH + 2)), "Rain fell in Hama."])
    sentences_ = told(models, text)
    short = sentences_[:1]
    found = {c.found.name for c in scene.candidates(happening(short), seen(models, sentences_))}
    assert found == {"Homs"}


def test_background_without_a_date_keeps_to_its_own_sentences(models: Models) -> None:
    sentences_ = told(models, "A bomb exploded in Homs. An earlier bomb killed six people. Rain fell in Hama.")
    (aside,) = [t for t in sentences_ if "earlier" in t.reading.sentence.text]
    assert scene.candidates(happening((aside,), main=False), seen(models, sentences_)) == ()


@pytest.mark.parametrize(
    ("name", "sign"),
    [("Homs", "at"), ("Hama", "from"), ("Syria", "holds")],
)
def test_words_and_other_places_are_signs(models: Models, name: str, sign: str) -> None:
    text = "DAMASCUS - A bomb exploded in Homs, Syria, said a man who arrived in Hama."
    sentences_ = told(models, text)
    signs = {m.found.name: s for m, s in seen(models, sentences_).signs(happening(sentences_))}
    assert signs[name][sign] == 1
    assert sum(bool(s.get(sign)) for s in signs.values()) < len(signs)


def test_a_dateline_is_no_place_of_what_its_sentence_puts_elsewhere(models: Models) -> None:
    for text, left in (
        ("DAMASCUS - A bomb exploded in Homs, 160 km north of Damascus.", {"Homs", "Damascus"}),
        ("DAMASCUS - A bomb exploded near a school.", {"DAMASCUS"}),
    ):
        sentences_ = told(models, text)
        assert {c.found.name for c in scene.candidates(happening(sentences_), seen(models, sentences_))} == left


def test_a_place_to_look_from_is_not_where_it_hit(models: Models) -> None:
    sentences_ = told(models, "A bomb exploded in Homs, 160 km north of Damascus.")
    signs = {m.found.name: s for m, s in seen(models, sentences_).signs(happening(sentences_))}
    assert (signs["Homs"]["beside"], signs["Damascus"]["beside"]) == (0, 1)
    assert (signs["Homs"]["at"], signs["Damascus"]["at"]) == (1, 0)


def test_background_that_names_its_place_is_there(models: Models) -> None:
    sentences_ = told(models, "A bomb exploded in Homs. On 12 January a bomb killed six people in Hama.")
    aside = dataclasses.replace(happening(sentences_[1:], main=False), date=days.one(date(2022, 1, 12)))
    assert {c.found.name for c in scene.candidates(aside, seen(models, sentences_))} == {"Hama"}


def test_sentences_on_other_acts_are_marked(models: Models) -> None:
    sentences_ = told(models, "A bomb exploded in Homs. Another bomb killed six people in Hama.")
    other = frozenset({sentences_[1].reading.sentence.rank})
    main = dataclasses.replace(happening(sentences_[:1]), others=other)
    signs = {m.found.name: s for m, s in seen(models, sentences_).signs(main)}
    assert (signs["Homs"]["main:other_act"], signs["Hama"]["main:other_act"]) == (0, 1)


def _candidates(models: Models, worths: Mapping[str, float], text: str) -> list[Candidate]:
    listed = classify.named(sentences.read("", text, models.splitter), models)
    return [Candidate(f, {f.name: worths[f.name]}) for f in listed]


ONES = dict.fromkeys(("Quetta", "Lahore", "Pakistan"), 1.0)


def test_two_mentions_count_with_both(models: Models) -> None:
    found = _candidates(models, {"Quetta": 1.0, "Lahore": 1.4}, "Rain fell in Quetta, Quetta, and Lahore.")
    best = scene.best(found, {"Quetta": 1.0, "Lahore": 1.0})
    assert best is not None
    assert best.found.name == "Quetta"


def test_a_town_all_but_as_likely_as_its_country_is_taken(models: Models) -> None:
    text = "Rain fell in Quetta and Lahore in Pakistan."
    near, far = math.log(scene.FINER) + 3.1, math.log(scene.FINER) + 2.9
    for lahore, name in ((near, "Lahore"), (far, "Pakistan")):
        best = scene.best(_candidates(models, {"Quetta": 0.1, "Lahore": lahore, "Pakistan": 3.0}, text), ONES)
        assert best is not None
        assert best.found.name == name


def test_where_no_place_is_likelier_than_none_there_is_none(models: Models) -> None:
    found = _candidates(models, {"Quetta": -1.0, "Pakistan": -0.9}, "Rain fell in Quetta in Pakistan.")
    assert scene.best(found, ONES) is None
    assert scene.best((), ONES) is None


def test_the_shipped_weights_are_those_of_signs_that_are_given(models: Models) -> None:
    text = (
        "BEIRUT - A bomb exploded in Homs, Syria. The Lebanese army closed the road from Tripoli to Khosrabat village."
    )
    sentences_ = told(models, text, places=("Khosrabat",))
    given = {name for c in scene.candidates(happening(sentences_), seen(models, sentences_)) for name in c.signs}
    assert {"any", "home", "tagged", "area:times", "unlisted:tagged"} <= given
    assert len(given & logit.load(scene.WEIGHTS).keys()) > len(given) * 0.9


def test_every_event_of_a_story_has_a_place_of_its_own(code: Coder) -> None:
    text = (
        "A car bomb killed nine people at a bus station in Maiduguri, Nigeria, on Tuesday.\n"
        "Police said the driver had been stopped at the gate. Doctors were treating thirty people.\n"
        "On 2 March gunmen killed six farmers in the village of Dapchi in Yobe state."
    )
    coded = code("Car bomb kills nine in Maiduguri", text).events
    main = [e for e in coded if e.main]
    assert [e.place.city for e in main if e.place] == ["Maiduguri"]
    assert all(e.place is None or e.place.country == "NG" for e in coded)
    assert len(coded) - len(main) <= events.MOST_BACKGROUND
