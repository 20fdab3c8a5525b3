"""Mentions put together into parties."""

import pytest

from services.classifier.network.mentions import Tagged
from services.classifier.who import grouping
from services.classifier.who.grouping import Party
from tests.unit.classifier.who.making import event, tagged


def gathered(*told: Tagged, own: float = 1.0, slot: str = "perpetrator") -> list[Party]:
    return grouping.gather(event(*told, own=own).told, slot, main=True)


def test_shorter_names_and_initials_join_the_fuller_one() -> None:
    full = tagged("The National Liberation Army came.", ("perpetrator", "National Liberation Army", {}))
    short = tagged("The Army left, and the NLA denied it.", ("perpetrator", "Army", {}), ("perpetrator", "NLA", {}))
    (party,) = gathered(full, short)
    assert party.name == "National Liberation Army"
    assert party.others == ("Army", "NLA")
    assert sorted(s.text for s in party.sentences) == sorted([full.text, short.text, short.text])


def test_a_name_in_brackets_is_the_same_party_from_then_on() -> None:
    first = tagged("The Sons of the Lake (QZX) came.", ("perpetrator", "Sons of the Lake (QZX", {}))
    (party,) = gathered(first, tagged("QZX denied it.", ("perpetrator", "QZX", {})))
    assert (party.name, party.others) == ("Sons of the Lake", ("QZX",))


def test_a_list_names_several_in_reading_order() -> None:
    told = tagged("They shot Ana Ruiz and Ben Diaz.", ("victim", "Ana Ruiz and Ben Diaz", {}))
    assert [p.name for p in gathered(told, slot="victim")] == ["Ana Ruiz", "Ben Diaz"]


def test_more_mentions_make_surer_and_other_matters_less_sure() -> None:
    one = tagged("Gunmen came.", ("perpetrator", "Gunmen", {}), sure=0.5)
    two = tagged("The gunmen left.", ("perpetrator", "gunmen", {}), sure=0.5)
    assert gathered(one)[0].sure == pytest.approx(0.5)
    assert gathered(one, two)[0].sure == pytest.approx(0.75)
    assert gathered(tagged("Gunmen sat.", ("perpetrator", "Gunmen", {})), two)[0].sentences[0].text == "Gunmen sat."
    assert gathered(one, two, own=0.5)[0].sure == pytest.approx(1 - 0.75**2)


def test_what_else_a_party_may_be() -> None:
    told = tagged("Gunmen came.", ("perpetrator", "Gunmen", {}), ("victim", "Gunmen", {}))
    (party,) = gathered(told)
    assert grouping.share(party, "victim") == pytest.approx(0.9)
    assert grouping.share(party, "weapon") == pytest.approx(0.05)


def test_titles_and_whole_clauses_are_no_party() -> None:
    clause = "men who had come down from the hills in two old trucks at dawn"
    told = tagged(f"Mr said {clause} left.", ("perpetrator", "Mr", {}), ("perpetrator", clause, {}))
    assert gathered(told) == []


def test_of_very_many_the_surest_are_kept_in_reading_order() -> None:
    names = [f"Band{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    told = [tagged(f"{n} came.", ("perpetrator", n, {}), sure=0.3 + at / 100) for at, n in enumerate(names)]
    assert [p.name for p in gathered(*told)] == names[-40:]
