"""What has changed is matched against every alert, once for each revision, whatever dies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from services.notifier import match as matching
from shared import index
from shared.alerts.book import SEARCHES
from shared.domain.alert import AlertState, DeliveryStatus
from shared.incidents.answers import Refused
from shared.incidents.changed import CHANGED, DUE, Changed
from shared.incidents.store import Changes
from tests.integration.notifier.conftest import Office, incident


def told(office: Office, alert: Any) -> list[tuple[str | None, int | None]]:
    return [(one.incident_id, one.revision) for one in office.deliveries(alert)]


def test_an_alert_notes_what_matches_it_and_nothing_else(office: Office) -> None:
    rockets, bombs = (
        office.alert(query={"q": "rockets"}),
        office.alert(query={"q": "+bomb -rockets", "country": ["CD"]}),
    )
    office.file(1, title="Rockets hit a market")
    office.file(2)
    assert office.match() == 2
    assert told(office, rockets) == [("TCN-0000000001", 1)]
    assert told(office, bombs) == [("TCN-0000000002", 1)]
    assert office.deliveries(bombs)[0].status is DeliveryStatus.MATCHED
    assert office.changed.count() == 0


def test_each_revision_is_told_once(office: Office) -> None:
    alert = office.alert()
    for revision in (1, 2):
        office.file(1, revision=revision)
        office.match()
    office.file(1, revision=2)  # filed again without a change
    assert office.match() == 0
    assert told(office, alert) == [("TCN-0000000001", 1), ("TCN-0000000001", 2)]


def test_what_changed_twice_before_it_was_matched_is_told_as_it_is_then(office: Office) -> None:
    alert = office.alert()
    office.file(1)
    office.file(1, revision=2)
    office.match()
    assert told(office, alert) == [("TCN-0000000001", 2)]


def test_an_alert_fires_for_changes_after_its_creation_only(office: Office) -> None:
    office.file(1)
    alert = office.alert()
    office.file(2)
    office.match()
    assert told(office, alert) == [("TCN-0000000002", 1)]


def test_a_disabled_alert_is_not_matched(office: Office) -> None:
    alert = office.alert(state=AlertState.DISABLED)
    office.file(1)
    office.match()
    assert office.deliveries(alert) == []


def test_a_kill_between_match_and_the_end_repeats_and_tells_nothing_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = office.alert()
    office.file(1, 2)
    dying = Changed(office.redis, lease_s=0)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dying, "done", die)
    with pytest.raises(KeyboardInterrupt):
        matching.match(changed=dying, book=office.book, deliveries=office.log)
    assert office.changed.count() == 2
    assert office.match() == 2
    assert len(told(office, alert)) == 2


def test_a_kill_between_note_and_write_loses_nothing(office: Office) -> None:
    alert = office.alert()
    office.changed.note({"TCN-0000000001": 1})
    assert office.match() == 1
    assert office.changed.count() == 1  # it waits for the write
    assert told(office, alert) == []
    office.file(1)
    office.match()
    assert told(office, alert) == [("TCN-0000000001", 1)]


def test_a_note_of_what_was_never_written_is_forgotten_in_time(office: Office, redis: Redis) -> None:
    office.changed.note({"TCN-0000000001": 1})
    seconds = redis.time()[0] - matching.GRACE_S - 1
    redis.hset(CHANGED, "TCN-0000000001", f"1 {seconds}")
    assert office.match() == 1
    assert (office.changed.count(), redis.zcard(DUE)) == (0, 0)


def test_a_note_made_anew_while_it_is_matched_stays(office: Office) -> None:
    office.file(1)
    (taken,) = office.changed.take()
    office.file(1, revision=2)
    office.changed.done([taken])
    assert [one.revision for one in office.changed.take()] == [2]


def test_an_older_note_does_not_replace_a_newer(office: Office) -> None:
    office.changed.note({"i": 3})
    office.changed.note({"i": 2})
    assert [one.revision for one in office.changed.take()] == [3]


def test_a_write_that_fails_after_its_note_is_seen_when_it_is_repeated(office: Office) -> None:
    alert = office.alert()
    made = incident(1)
    stale = office.store.incidents([made.id]).get(made.id)
    office.file(1)
    with pytest.raises(Exception, match="not written"):
        office.store.write(Changes(incidents=[(made.model_copy(update={"revision": 2}), stale)]))
    office.match()
    office.file(1, revision=2)
    office.match()
    assert told(office, alert)[-1] == ("TCN-0000000001", 2)


def test_a_search_of_another_version_disables_its_alert_and_hinders_no_other(office: Office) -> None:
    broken, sound = office.alert(query={"nonsense": 1}), office.alert()
    office.file(1)
    office.match()
    held = office.book.find(broken.id)
    assert held is not None
    assert held.alert.state is AlertState.DISABLED
    assert "save it anew" in (held.alert.reason or "")
    assert len(told(office, sound)) == 1


def test_a_search_that_elasticsearch_refuses_hinders_no_other(office: Office) -> None:
    (made,) = office.file(1)
    office.book.incidents([made.id])  # makes it visible
    refused, found = office.book.matches([({"regexp": {"title": "("}}, [made.id]), ({"match_all": {}}, [made.id])])
    assert isinstance(refused, Refused)
    assert found == {made.id: 1}


def test_a_thousand_alerts_are_matched_by_a_bounded_number_of_calls(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = office.alert()
    copies = [first.model_copy(update={"id": f"b{n}", "query": {"q": f"word{n}"}}) for n in range(999)]
    for start in range(0, 999, 333):
        operations: list[dict[str, Any]] = []
        for one in copies[start : start + 333]:
            operations += [{"create": {"_id": one.id}}, one.model_dump(mode="json")]
        office.elasticsearch.bulk(index=f"{office.prefix}alerts", operations=operations, refresh=True)
    office.file(*range(100), title="A bomb, said word7")
    calls = []
    send = office.elasticsearch.transport.perform_request

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(args[1] if len(args) > 1 else options.get("target"))
        return send(*args, **options)

    monkeypatch.setattr(office.elasticsearch.transport, "perform_request", counted)
    assert office.match() == 100
    assert sum("_msearch" in str(one) for one in calls) == 1000 / SEARCHES
    assert len(calls) <= 5 + 1000 / SEARCHES
    monkeypatch.undo()
    assert len(told(office, copies[7])) == len(told(office, first)) == 100
    assert told(office, copies[8]) == []


def test_ended_deliveries_are_kept_for_a_while(office: Office) -> None:
    alert = office.alert()
    office.file(1)
    office.match()
    office.refresh()
    assert office.log.prune(datetime.now(UTC) - timedelta(days=1)) == 0
    assert office.log.prune(datetime.now(UTC) + timedelta(days=1)) == 1
    assert office.deliveries(alert) == []


def test_a_notifier_of_another_version_leaves_the_notes_to_who_fits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = office.alert()
    office.file(1)
    with monkeypatch.context() as other:
        other.setattr(index, "VERSION", index.VERSION - 1)
        with pytest.raises(index.WrongVersion):
            office.match()
    assert office.changed.count() == 1
    assert told(office, alert) == []
