"""Mentions of a sentence, and the parties they make."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from services.classifier import lexicon, parties, reading, sentences
from services.classifier.events import Happening
from services.classifier.models import load_rules
from services.classifier.network.heads import CLASSES, ROLES, SLOTS, Heads
from services.classifier.network.mentions import Tagged
from services.classifier.parties import Coded
from services.classifier.told import Told
from shared.domain.event import Actor
from shared.domain.vocabulary import ActorKind, ActorRole, Realis, Sector, Subtype, TargetClass, WeaponClass

#: In these tests a token's vector says of each question which answer is right.
WIDTH = sum(map(len, CLASSES.values()))
START = {name: sum(len(values) for values in list(CLASSES.values())[:at]) for at, name in enumerate(CLASSES)}


@pytest.fixture
def plain_heads() -> Heads:
    weights: dict[str, npt.NDArray[np.float32]] = {}
    for name, values in CLASSES.items():
        rows = np.zeros((len(values), WIDTH), np.float32)
        rows[np.arange(len(values)), START[name] + np.arange(len(values))] = 10
        weights |= {f"heads.{name}.weight": rows, f"heads.{name}.bias": np.zeros(len(values), np.float32)}
    return Heads(weights)


def tagged(text: str, *marks: tuple[str, str, dict[str, str]], sure: float = 0.9) -> Tagged:
    """A sentence whose words `(slot, phrase, answers)` are surely fillers."""
    words = [m.span() for m in re.finditer(r"\w+|[^\w\s]", text)]
    slots, seen = np.full((len(words), len(SLOTS)), 0.05, np.float32), np.zeros((len(words), WIDTH), np.float32)
    for slot, phrase, answers in marks:
        start = text.index(phrase)
        inside = [at for at, (a, b) in enumerate(words) if a < start + len(phrase) and start < b]
        slots[inside, SLOTS.index(slot)] = sure
        for name, value in answers.items():
            seen[inside, START[name] + CLASSES[name].index(value)] = 1
    return Tagged(text, tuple(words), slots, seen)


def event(*told: Tagged, own: float = 1.0, main: bool = True) -> Happening:
    rules = load_rules()
    roles = np.zeros(len(ROLES), np.float32)
    roles[ROLES.index("main" if main else "background")] = own
    text = "\n".join(t.text for t in told)
    readings = reading.read(sentences.read("", text, rules.splitter), rules.lexicon, date(2022, 5, 4))
    assert [r.sentence.text for r in readings] == [t.text for t in told]
    rows = tuple(Told(r, roles=roles, tagged=t) for r, t in zip(readings, told, strict=True))
    return Happening(Subtype.ARMED_ATTACK, Realis.ACTUAL, main, rows, readings, None, None, 1.0)


REBELS = {"kind": "group", "sector": "rebel"}
PEOPLE = {"kind": "person", "sector": "civilian"}
GUNMEN = {"kind": "unknown", "sector": "unknown"}


def only(coded: Coded, role: ActorRole) -> list[Actor]:
    return [a for a in coded.actors if a.role is role]


def test_words_that_belong_together_are_one_mention() -> None:
    text = 'Police blamed the "River Front of Kalou", a rebel group.'
    sentence = tagged(text, ("perpetrator", 'the "River Front of Kalou"', {}))
    (mention,) = sentence.mentions("perpetrator")
    assert mention.text == text[mention.start : mention.end] == "River Front of Kalou"
    assert mention.score == pytest.approx(0.9)
    assert list(sentence.mentions("victim")) == []


@pytest.mark.parametrize(("sure", "found"), [(0.31, 1), (0.29, 0)])
def test_a_mention_must_be_sure_enough(sure: float, found: int) -> None:
    sentence = tagged("Gunmen fled.", ("perpetrator", "Gunmen", {}), sure=sure)
    assert len(list(sentence.mentions("perpetrator"))) == found


def test_marks_alone_are_no_mention() -> None:
    assert list(tagged("They - the three - fled.", ("victim", "-", {})).mentions("victim")) == []


def test_how_surely_words_fill_a_slot() -> None:
    sentence = tagged("Three farmers died in Kalou.", ("place", "Kalou", {}))
    assert sentence.share("place", 22, 27) == pytest.approx(0.9)
    assert sentence.share("place", 0, 5) == pytest.approx(0.05)
    assert sentence.share("place", 200, 210) == 0


def test_parties_have_their_role_kind_sector_and_other_names(plain_heads: Heads) -> None:
    coded = parties.of(
        event(
            tagged(
                "The River Front killed three farmers.",
                ("perpetrator", "River Front", REBELS),
                ("victim", "farmers", PEOPLE),
            ),
            tagged("The Front has denied it.", ("perpetrator", "Front", REBELS)),
        ),
        plain_heads,
    )
    (front,), (farmers,) = only(coded, ActorRole.PERPETRATOR), only(coded, ActorRole.VICTIM)
    assert (front.name, front.kind, front.sector, front.named) == ("River Front", ActorKind.GROUP, Sector.REBEL, True)
    assert front.aliases == ("Front",)
    assert (farmers.name, farmers.count, farmers.named) == ("farmers", 3, False)
    assert [s.text for s in coded.told_by["actors"]] == ["The River Front killed three farmers."] * 2


def test_gunmen_are_left_out_where_somebody_better_is_named(plain_heads: Heads) -> None:
    told = tagged("Gunmen of the River Front came.", ("perpetrator", "Gunmen", GUNMEN))
    assert [a.name for a in parties.of(event(told), plain_heads).actors] == ["Gunmen"]
    named = tagged("It was the River Front.", ("perpetrator", "River Front", REBELS))
    assert [a.name for a in parties.of(event(told, named), plain_heads).actors] == ["River Front"]


def test_what_was_aimed_at_and_with_what(plain_heads: Heads) -> None:
    told = tagged(
        "A bomb hit the mill and its guards.",
        ("weapon", "bomb", {"weapon_class": "explosive"}),
        ("target", "mill", {"target_class": "business", "made_of": "thing"}),
        ("target", "guards", {"target_class": "police", "made_of": "people", "sector": "police"}),
    )
    coded = parties.of(event(told), plain_heads)
    assert [(t.name, t.class_) for t in coded.targets] == [
        ("mill", TargetClass.BUSINESS),
        ("guards", TargetClass.POLICE),
    ]
    assert [(w.name, w.class_) for w in coded.weapons] == [("bomb", WeaponClass.EXPLOSIVE)]
    assert [(a.name, a.sector) for a in only(coded, ActorRole.TARGET)] == [("guards", Sector.POLICE)]


def test_who_was_hit_is_the_target_where_none_is_named(plain_heads: Heads) -> None:
    reporter = {"kind": "person", "sector": "media", "target_class": "media"}
    coded = parties.of(event(tagged("A reporter was shot.", ("victim", "reporter", reporter))), plain_heads)
    assert [(t.name, t.class_) for t in coded.targets] == [("reporter", TargetClass.MEDIA)]
    assert only(coded, ActorRole.TARGET) == []


def test_who_claims_it(plain_heads: Heads) -> None:
    coded = parties.of(
        event(tagged("The River Front said it did it.", ("claimant", "River Front", REBELS))), plain_heads
    )
    assert coded.claimed_by == "River Front"
    assert [a.role for a in coded.actors] == [ActorRole.CLAIMANT]


def test_mentions_in_sentences_on_other_matters_count_for_little(plain_heads: Heads) -> None:
    told = tagged("The River Front came.", ("perpetrator", "River Front", REBELS))
    assert parties.of(event(told, own=0.3), plain_heads).actors == ()
    assert parties.of(event(told, main=False), plain_heads).actors != ()


def test_a_sentence_that_was_not_read_names_nobody(plain_heads: Heads) -> None:
    read = event(tagged("The River Front came.", ("perpetrator", "River Front", REBELS)))
    unread = replace(read, told=tuple(replace(t, tagged=None) for t in read.told))
    coded = parties.of(unread, plain_heads)
    assert (coded.actors, coded.targets, coded.weapons, coded.claimed_by) == ((), (), (), None)


def test_a_known_group_is_one_party_by_all_its_names(plain_heads: Heads) -> None:
    text = "Al-Shabab fighters came, and the Harakat al-Shabaab left."
    told = tagged(text, ("perpetrator", "Al-Shabab fighters", PEOPLE), ("perpetrator", "Harakat al-Shabaab", PEOPLE))
    (group,) = parties.of(event(told), plain_heads).actors
    assert (group.kind, group.sector, group.named) == (ActorKind.GROUP, Sector.REBEL, True)
    assert {group.name, *group.aliases} == {"Al-Shabab fighters", "Harakat al-Shabaab"}


@pytest.mark.parametrize(
    ("name", "weapon"),
    [("rocket-propelled grenades", "rocket"), ("car bomb", "vehicle_bomb"), ("knives", "blade"), ("shots", "firearm")],
)
def test_the_words_of_a_name_tell_its_class(plain_heads: Heads, name: str, weapon: str) -> None:
    coded = parties.of(event(tagged(f"They had {name}.", ("weapon", name, {}))), plain_heads)
    assert [w.class_ for w in coded.weapons] == [WeaponClass(weapon)]


def test_the_head_of_a_name_tells_what_it_is(plain_heads: Heads) -> None:
    told = tagged("They hit a church of the army.", ("target", "church of the army", {"made_of": "thing"}))
    assert [t.class_ for t in parties.of(event(told), plain_heads).targets] == [TargetClass.RELIGIOUS]


def test_word_lists_know_the_vocabulary() -> None:
    for question in ("weapon_class", "target_class", "sector"):
        told = set(lexicon.class_words(question)[1].values())
        assert told <= set(CLASSES[question])
        assert len(told) > len(CLASSES[question]) / 2
    assert len({name for name, _ in lexicon.groups().values()}) > 150
