"""Several articles at once are assigned as if one after the other."""

from services.indexer.merging.assignment import Candidate, Telling, assigned
from shared.domain.incident import Report
from tests import examples
from tests.examples import event, report


def told(*reports: Report) -> list[Telling]:
    """A telling for each report."""
    return [Telling(one.article_id, [one]) for one in reports]


def found(*reports: Report) -> list[Candidate]:
    """Stored reports, as a search gives them."""
    return [Candidate(one.id, one.article_id, one.incident_id, 1) for one in reports]


def test_what_the_batch_itself_has_assigned_is_joined() -> None:
    first, second = report(), report("http://b.example/x")
    one, other = assigned(told(first, second), {}, [])
    assert one == first
    assert other.incident_id == first.incident_id
    assert other.score >= 0.6


def test_a_stored_incident_is_joined_and_then_joined_by_the_next() -> None:
    stored, first, second = (report(f"http://{letter}.example/x") for letter in "abc")
    one, other = assigned(told(first, second), {first.id: found(stored)}, [stored])
    assert one.incident_id == other.incident_id == stored.incident_id


def test_two_events_of_one_article_stay_apart() -> None:
    one, other = (report().model_copy(update={"id": f"x-{number}", "position": number}) for number in (0, 1))
    other = other.model_copy(update={"incident_id": "TCN-OTHER"})
    result = assigned([Telling("x", [one, other])], {}, [])
    assert len({settled.incident_id for settled in result}) == 2


def test_what_an_earlier_telling_has_replaced_is_no_longer_joined() -> None:
    stored, moved = report(), report(told=event(place=examples.BUKAVU), fetched_at=examples.NOON.replace(hour=13))
    follows = report("http://b.example/x")
    result = assigned(told(moved, follows), {moved.id: found(stored), follows.id: found(stored)}, [stored])
    assert [one.incident_id for one in result] == [moved.incident_id, follows.incident_id]


def test_a_telling_without_reports_takes_back_what_was_told() -> None:
    stored, follows = report(), report("http://b.example/x")
    tellings = [Telling(stored.article_id, []), *told(follows)]
    (result,) = assigned(tellings, {follows.id: found(stored)}, [stored])
    assert result.incident_id == follows.incident_id != stored.incident_id
