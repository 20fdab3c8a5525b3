"""Mentions of a sentence, and the parties they make."""

import time
from dataclasses import replace

import pytest

from services.classifier import lexicon
from services.classifier.network.heads import CLASSES, Heads
from services.classifier.who import choice, parties
from services.classifier.who.parties import Coded
from shared.domain.event import Actor
from shared.domain.vocabulary import ActorKind, ActorRole, Sector, TargetClass, WeaponClass
from tests.unit.classifier.who.making import GUNMEN, PEOPLE, REBELS, event, heads, tagged


@pytest.fixture
def plain_heads() -> Heads:
    return heads()


def only(coded: Coded, role: ActorRole) -> list[Actor]:
    return [a for a in coded.actors if a.role is role]


def test_words_that_belong_together_are_one_mention() -> None:
    text = 'Police blamed the "River Front of Kalou", a rebel group.'
    sentence = tagged(text, ("perpetrator", 'the "River Front of Kalou"', {}))
    (mention,) = sentence.mentions("perpetrator")
    assert mention.text == text[mention.start : mention.end] == "River Front of Kalou"
    assert mention.score == pytest.approx(0.9)
    assert list(sentence.mentions("victim")) == []


@pytest.mark.parametrize(("sure", "found"), [(0.13, 1), (0.11, 0)])
def test_a_mention_must_be_sure_enough(sure: float, found: int) -> None:
    sentence = tagged("Gunmen fled.", ("perpetrator", "Gunmen", {}), sure=sure)
    assert len(list(sentence.mentions("perpetrator"))) == found


def test_less_sure_words_beside_surer_ones_are_no_part_of_a_mention() -> None:
    sentence = tagged("Gunmen ran off.", ("perpetrator", "Gunmen", {}))
    sentence.slots[1, 0] = 0.2
    assert [m.text for m in sentence.mentions("perpetrator")] == ["Gunmen"]
    sentence = tagged("Gunmen ran off.", ("perpetrator", "Gunmen", {}), sure=0.4)
    sentence.slots[1, 0] = 0.2
    assert [m.text for m in sentence.mentions("perpetrator")] == ["Gunmen ran"]


@pytest.mark.parametrize(
    ("text", "marked", "found"),
    [("They hit Deir el-Nar.", "Nar", "el-Nar"), ("The U.S. soldiers left.", "S. soldiers", "U.S. soldiers")],
)
def test_what_a_hyphen_or_point_holds_together_stays_together(text: str, marked: str, found: str) -> None:
    (mention,) = tagged(text, ("victim", marked, {})).mentions("victim")
    assert mention.text == found == text[mention.start : mention.end]


def test_marks_alone_are_no_mention() -> None:
    assert list(tagged("They - the three - fled.", ("victim", "-", {})).mentions("victim")) == []


def test_how_surely_words_fill_a_slot() -> None:
    sentence = tagged("Three farmers died in Kalou.", ("place", "Kalou", {}))
    assert sentence.shares(22, 27)["place"] == pytest.approx(0.9)
    assert sentence.shares(0, 5)["place"] == pytest.approx(0.05)
    assert sentence.shares(200, 210)["place"] == 0


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
    assert [s.text for s in coded.told_by["actors"]] == ["The River Front killed three farmers."]


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


@pytest.mark.parametrize(("said", "claimed"), [("claimed responsibility", "River Front"), ("kept silent", None)])
def test_a_perpetrator_may_claim_it_in_so_many_words(plain_heads: Heads, said: str, claimed: str | None) -> None:
    told = tagged(f"The River Front {said} for it.", ("perpetrator", "River Front", REBELS))
    assert parties.of(event(told), plain_heads).claimed_by == claimed


def test_a_person_is_named_without_the_title(plain_heads: Heads) -> None:
    told = tagged("They shot student leader Ana Ruiz.", ("victim", "student leader Ana Ruiz", PEOPLE))
    (victim,) = only(parties.of(event(told), plain_heads), ActorRole.VICTIM)
    assert (victim.name, victim.aliases, victim.named) == ("Ana Ruiz", ("student leader Ana Ruiz",), True)


def test_mentions_in_sentences_on_other_matters_count_for_little(plain_heads: Heads) -> None:
    told = tagged("The River Front came.", ("perpetrator", "River Front", REBELS))
    assert parties.of(event(told, own=0.05), plain_heads).actors == ()
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
    (found,) = parties.candidates(event(tagged(f"They had {name}.", ("weapon", name, {}))), "weapon", plain_heads)
    assert choice.told(found, "weapon_class") == WeaponClass(weapon)


def test_the_head_of_a_name_tells_what_it_is(plain_heads: Heads) -> None:
    told = tagged("They hit a church of the army.", ("target", "church of the army", {"made_of": "thing"}))
    assert [t.class_ for t in parties.of(event(told), plain_heads).targets] == [TargetClass.RELIGIOUS]


def test_word_lists_know_the_vocabulary() -> None:
    for question in ("weapon_class", "target_class", "sector"):
        told = set(lexicon.class_words(question)[1].values())
        assert told <= set(CLASSES[question])
        assert len(told) > len(CLASSES[question]) / 2
    assert len({name for name, _ in lexicon.groups().values()}) > 150


def test_a_list_without_end_takes_no_more_than_its_length(plain_heads: Heads) -> None:
    def cost(count: int) -> float:
        told = tagged(" and ".join(f"gang{'abcdefgh'[n % 8] * (n // 8 + 1)}" for n in range(count)))
        told.slots[:] = 0.9
        happening = event(tagged("Gunmen came."))
        listed = replace(happening, told=(replace(happening.told[0], tagged=told),))
        begun = time.process_time()
        assert len(only(parties.of(listed, plain_heads), ActorRole.PERPETRATOR)) <= choice.MOST["perpetrator"]
        return time.process_time() - begun

    assert cost(400) < 20 * max(cost(100), 0.02)
