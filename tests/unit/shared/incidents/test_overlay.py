"""Decisions over reports: pure, whatever comes first."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.indexer.index import Case
from shared.domain.decision import Decision, DecisionKind, Edit, Move
from shared.domain.incident import IncidentStatus, Report
from shared.domain.vocabulary import Subtype
from shared.incidents.fold import fold
from shared.incidents.locks import EVERYWHERE, of_countries
from shared.incidents.overlay import Overlay, standing
from shared.incidents.recognition import bare, recognised
from shared.incidents.situation import Situation
from tests import examples
from tests.examples import NOON, event, report, toll

A, B, C, D = (f"TCN-{letter}" for letter in "ABCD")


def told(letter: str, incident_id: str, **fields: Any) -> Report:
    """A report of the publisher `letter`, where the model has it."""
    return report(f"http://{letter}.example/x", event(**fields)).model_copy(update={"incident_id": incident_id})


def decided(minute: int, kind: DecisionKind, *ids: str, **fields: Any) -> Decision:
    """A decision, so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    return Decision(id=f"d{minute}", kind=kind, incident_ids=ids, who="ana", why="so", at=at, **fields)


def merge(minute: int, one: str, into: str) -> Decision:
    """This one is that one."""
    return decided(minute, DecisionKind.MERGE, one, into, into=into)


def move(minute: int, one: Report, to: str) -> Decision:
    """This report tells that one."""
    moved = Move(
        article_id=one.article_id,
        position=one.position,
        fingerprint=one.fingerprint,
        event=bare(one.event),
        from_=one.by_model,
        to=to,
    )
    return decided(minute, DecisionKind.MOVE, one.incident_id, to, moves=(moved,), article_ids=(one.article_id,))


def undo(minute: int, other: Decision) -> Decision:
    """That one never was."""
    return decided(minute, DecisionKind.UNDO, *other.incident_ids, article_ids=other.article_ids, undoes=other.id)


def where(reports: Sequence[Report], *decisions: Decision) -> list[str]:
    """Where the reports are."""
    return [one.incident_id for one in Overlay.of(decisions).placed(reports)]


REPORTS = (told("a", A), told("b", B), told("c", C))


def test_without_decisions_everything_is_where_the_model_has_it() -> None:
    assert where(REPORTS) == [A, B, C]


def test_merges_are_followed_to_their_end_and_come_apart_in_any_order() -> None:
    one, two = merge(1, A, B), merge(2, B, C)
    assert where(REPORTS, one, two) == [C, C, C]
    assert where(REPORTS, one, two, undo(3, one)) == [A, C, C]
    assert where(REPORTS, one, two, undo(3, two)) == [B, B, C]


def test_the_last_move_that_stands_counts_and_follows_merges() -> None:
    first, second = move(1, REPORTS[0], B), move(2, REPORTS[0], C)
    assert where(REPORTS, first, second) == [C, B, C]
    assert where(REPORTS, first, second, undo(3, second)) == [B, B, C]
    assert where(REPORTS, first, second, undo(3, first)) == [C, B, C]
    assert where(REPORTS, first, merge(4, B, D)) == [D, D, C]


DECISIONS = (
    merge(1, A, B),
    move(2, REPORTS[2], A),
    merge(3, B, D),
    decided(4, DecisionKind.EDIT, D, fields={"title": "One"}),
    decided(5, DecisionKind.EDIT, D, fields={"title": "Two", "killed": None}),
    decided(6, DecisionKind.RETRACT, C),
)
EVERY = (*DECISIONS, *(undo(10 + number, one) for number, one in enumerate(DECISIONS)))


@given(st.sets(st.integers(0, len(EVERY) - 1)), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_no_order_of_reports_or_decisions_changes_the_incidents(numbers: set[int], dice: random.Random) -> None:
    def incidents(reports: Sequence[Report], decisions: Sequence[Decision]) -> list[str]:
        overlay = Overlay.of(decisions)
        placed = overlay.placed(reports)
        result = [overlay.incident(one, [r for r in placed if r.incident_id == one], None) for one in (A, B, C, D)]
        return [one.model_dump_json() for one in result if one is not None]

    ordered = [EVERY[number] for number in sorted(numbers)]
    expected = incidents(REPORTS, ordered)
    shuffled, reports = list(ordered), list(REPORTS)
    dice.shuffle(shuffled)
    dice.shuffle(reports)
    assert incidents(reports, shuffled + shuffled[:2]) == expected
    # what is stored already has been placed: placing it anew changes nothing
    placed = Overlay.of(ordered).placed(reports)
    assert incidents(placed, shuffled) == expected
    # and every report is in exactly one incident that stands
    overlay = Overlay.of(ordered)
    assert all(overlay.stands_for(one.incident_id) == one.incident_id for one in placed)


@given(st.sets(st.integers(0, len(DECISIONS) - 1)))
@settings(max_examples=50, deadline=None)
def test_undoing_everything_gives_back_what_the_model_made(numbers: set[int]) -> None:
    chosen = [DECISIONS[number] for number in sorted(numbers)]
    every = [*chosen, *(undo(50 + number, one) for number, one in enumerate(chosen))]
    assert standing(every) == []
    placed = Overlay.of(chosen).placed(REPORTS)
    assert Overlay.of(every).placed(placed) == list(REPORTS)


def test_edits_lie_over_the_fold_in_order_of_time() -> None:
    reports = [told("a", D, killed=toll(3))]
    incident = Overlay.of(DECISIONS[3:5]).incident(D, reports, None)
    assert incident is not None
    assert (incident.title, incident.killed, incident.edited) == ("Two", None, ("title", "killed"))
    assert incident.text[0] == "Two"


def test_a_lock_holds_what_was_and_edits_before_it() -> None:
    reports = [told("a", D, killed=toll(3))]
    before = fold(D, reports).model_dump(mode="json")
    lock = decided(7, DecisionKind.LOCK, D, fields={"killed": before["killed"], "title": "Two"})
    unlock = decided(8, DecisionKind.UNLOCK, D)
    more = [*reports, told("b", D, killed=toll(9))]
    held = Overlay.of([*DECISIONS[3:5], lock]).incident(D, more, None)
    freed = Overlay.of([lock, unlock]).incident(D, more, None)
    assert held is not None
    assert freed is not None
    assert (held.killed, held.locked, held.reports) == (toll(3), True, 2)
    assert (freed.killed and freed.killed.max, freed.locked) == (9, False)


def test_a_number_without_reports_says_what_became_of_it() -> None:
    old = fold(A, [REPORTS[0]])
    merged = Overlay.of([merge(1, A, B), merge(2, B, C)]).incident(A, [], old)
    assert merged is not None
    assert (merged.status, merged.merged_into, merged.sources) == (IncidentStatus.MERGED, C, ())
    gone = Overlay.of([]).incident(A, [], merged)
    assert gone is not None
    assert (gone.status, gone.merged_into) == (IncidentStatus.WITHDRAWN, None)
    assert Overlay().incident(A, [], None) is None


def test_a_settled_report_is_kept_where_people_and_the_model_have_it() -> None:
    (stored,) = Overlay.of([merge(1, A, B)]).placed([REPORTS[0]])
    fresh = REPORTS[0].model_copy(update={"incident_id": "TCN-NEW", "event": event(Subtype.GRENADE)})
    kept = Overlay.of([merge(1, A, B)]).kept([fresh], [stored])[fresh.id]
    assert (kept.incident_id, kept.by_model, kept.event.subtype) == (B, A, Subtype.GRENADE)
    assert Overlay.of([merge(1, C, D)]).kept([fresh], [stored]) == {}


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ([event(Subtype.GRENADE)], True),
        ([event(killed=toll(9), injured=toll(1))], True),
        ([event(Subtype.PEACEFUL_PROTEST, place=None, date=None)], True),
        ([event(Subtype.PEACEFUL_PROTEST, place=examples.GOMA.model_copy(update={"country": "KE"}), date=None)], False),
        ([], False),
    ],
)
def test_an_event_is_recognised_unless_more_speaks_against_it(new: list[Any], found: bool) -> None:
    reports = [report("http://a.example/x", one) for one in new]
    same_text = reports[0].fingerprint if reports and new[0].place is None else "another text"
    assert (recognised([(0, event())], reports, fingerprint=same_text)[0] is not None) is found


def test_each_event_is_taken_once_and_the_likeliest_first() -> None:
    goma, there = event(), event(place=examples.BUKAVU)
    article = report("http://a.example/x", there)
    again = recognised([(0, goma), (1, there)], [article], fingerprint="another text")
    assert [one and one.id for one in again] == [None, article.id]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": None},
        {"title": " "},
        {"type": "riot"},
        {"type": "riot", "subtype": "bombing"},
        {"subtype": None},
        {"killed": {"min": 3, "max": 2}},
        {"killed": 4},
        {"place": {"name": "X", "precision": "city", "lat": 1}},
        {"place": {"name": "X", "precision": "city", "radius_km": float("inf")}},
        {"place": {"name": "X", "precision": "city", "lat": float("nan"), "lon": 0}},
        {"date": {"start": "2026-03-04", "end": "2026-03-03", "precision": "day"}},
        {"status": "merged"},
        {"reports": 3},
        {"actors": None},
    ],
)
def test_what_cannot_be_set_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Edit.model_validate(fields)


def test_the_type_comes_with_the_subtype_and_null_is_given_too() -> None:
    assert Edit.model_validate({"subtype": "grenade", "killed": None}).given == {
        "type": "explosive_remote",
        "subtype": "grenade",
        "killed": None,
    }
    assert Edit().given == {}


def test_without_merges_a_report_is_where_it_was_moved_or_where_the_model_has_it() -> None:
    one, two = merge(1, A, B), merge(2, B, C)
    overlay = Overlay.of([one, two, move(3, REPORTS[2], D)])
    assert [overlay.unmerged(report) for report in overlay.placed(REPORTS)] == [A, B, D]
    assert [Overlay().unmerged(report) for report in REPORTS] == [A, B, C]


def test_what_is_composed_tells_what_people_set_and_a_title_of_theirs_stays() -> None:
    told_by = [told("a", D, killed=toll(3)).model_copy(update={"title": "?"})]
    bare = fold(D, told_by)
    edit = decided(1, DecisionKind.EDIT, D, fields={"killed": None, "subtype": "grenade", "type": "explosive_remote"})
    edited = Overlay.of([edit]).incident(D, told_by, None)
    assert edited is not None
    assert ("3 killed" in bare.title, "3 people were killed in a bombing" in bare.summary) == (True, True)
    assert edited.title.startswith("Grenade attack in Goma")
    assert "killed" not in edited.title + edited.summary
    named = Overlay.of([edit, decided(2, DecisionKind.EDIT, D, fields={"title": "Mine"})]).incident(D, told_by, None)
    assert named is not None
    assert (named.title, named.summary) == ("Mine", edited.summary)


def test_a_number_without_reports_does_not_tell_of_those_it_had() -> None:
    merged = Overlay.of([merge(1, A, B)]).incident(A, [], fold(A, [REPORTS[0]]))
    assert merged is not None
    assert merged.summary.endswith("No report of it is left.")


@pytest.mark.parametrize("countries", [["CD"], ["CD", "UA"], ["CD", None], []])
def test_deciders_and_indexers_hold_the_incidents_of_a_country_by_one_name(countries: list[str | None]) -> None:
    places = [country and examples.GOMA.model_copy(update={"country": country}) for country in countries]
    told_by = [told(str(number), A, place=place) for number, place in enumerate(places)]
    case = Case(examples.coded(), told_by, None)
    assert case.names == of_countries(countries)
    assert case.names <= Situation(ids=frozenset([A]), held={}, reports=told_by, decisions=[]).names
    assert (case.names == set(EVERYWHERE)) is (None in countries)
