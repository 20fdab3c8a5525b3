"""What a receiver took is noted twice, so that with one of the notes it is not sent again."""

from collections.abc import Sequence

import pytest
from redis import ConnectionError as NoRedis

from services.notifier.deliver import Marks
from shared.alerts.log import Log
from shared.domain.alert import DeliveryStatus
from tests.integration.notifier.conftest import Office, ended
from tests.integration.notifier.receivers import Hook


def test_a_kill_after_the_answer_sends_nothing_twice(
    office: Office, receiver: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = office.hooked(receiver)
    office.file(1, 2)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Log, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            office.round()
    assert len(receiver.asked) == 2
    assert [one[0] for one in ended(office, alert)] == [DeliveryStatus.PENDING] * 2
    office.round()
    assert len(receiver.asked) == 2
    assert {one[0] for one in ended(office, alert)} == {DeliveryStatus.DELIVERED}


def test_a_redis_that_is_away_right_after_the_answer_sends_nothing_twice(office: Office, receiver: Hook) -> None:
    alert = office.hooked(receiver)
    office.file(1, 2)

    class Away(Marks):
        """Marks whose Redis is away when something is to be noted."""

        def put(self, ids: Sequence[str]) -> None:
            raise NoRedis(f"{len(ids)} not noted")

    marks, office.marks = office.marks, Away(office.redis)
    with pytest.raises(NoRedis):
        office.round()
    assert len(receiver.asked) == 1
    office.marks = marks  # it is back
    office.round()
    assert len(receiver.ids) == len(set(receiver.ids)) == 2
    assert {one[:2] for one in ended(office, alert)} == {(DeliveryStatus.DELIVERED, 1)}


def test_a_kill_before_any_note_repeats_the_id(office: Office, receiver: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    office.hooked(receiver)
    office.file(1)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Marks, "put", die)
        patch.setattr(Log, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            office.round()
    office.round()
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
