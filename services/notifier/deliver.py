"""Tells the receiver of one alert what waits for it, in order, one notifier at a time.

The oldest delivery stands for the receiver's state: while it fails, the others wait behind it, and the receiver is
asked once after each growing wait. So one that is down costs one request at a time, however much waits.

    2xx                          delivered                        noted in Redis at once, then in the log
    410                          the alert is disabled            what waits goes out when it is enabled again
    400, 413, 415, 422           tried again for `refused_s`      then given up, and the next one's turn; a second one
                                                                  given up in a row disables the alert
    anything else, no answer     tried again for `disable_s`      then the alert is disabled

What was taken is noted twice, in Redis and in the log, so that with one of them away nothing comes again. A kill in the
microseconds between the receiver's 2xx and the first note, or both being away, makes the message come again, under the
same webhook-id: it is told at least once.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis import Redis

from services.notifier.senders import Answer, Sender, Verdict
from shared.alerts.book import Book
from shared.alerts.log import Log, Waiting
from shared.delivery.backoff import after_attempts
from shared.domain.alert import Alert, AlertState, Channel, Delivery, DeliveryKind, DeliveryStatus
from shared.logs import logger

log = logger(__name__)

#: Holds everyone else off the names given. Raises Transient when another holds one. See `shared.incidents.locks`.
Locks = Callable[[Iterable[str]], AbstractContextManager[Callable[[], None]]]
#: Most deliveries read at once.
READ = 200


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to go on; all in seconds."""

    cap_s: float = 3600  #: longest wait between attempts
    refused_s: float = 24 * 3600  #: so long a message that is refused for what it is, is tried again
    disable_s: float = 72 * 3600  #: so long a receiver may fail until its alert is disabled
    budget_s: float = 8  #: after so long another alert has its turn; with one more attempt it is below `drain_s`


class Marks:
    """What receivers have taken, in Redis: known also while Elasticsearch is away. Raises RedisError."""

    TTL_S = 14 * 24 * 3600  #: an index that is away for longer may have things told twice

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def put(self, ids: Sequence[str]) -> None:
        """Note that these were taken."""
        pipe = self._redis.pipeline(transaction=True)
        for one in ids:
            pipe.set(f"tocsin:told:{one}", 1, ex=self.TTL_S)
        pipe.execute()

    def among(self, ids: Sequence[str]) -> set[str]:
        """Return those that were taken."""
        found = self._redis.mget([f"tocsin:told:{one}" for one in ids]) if ids else []
        return {one for one, mark in zip(ids, found, strict=True) if mark is not None}

    def pace(self, alert_id: str, every_s: float) -> bool:
        """Return whether a message may be sent now, and begin the wait until the next."""
        if not every_s:
            return True
        return bool(self._redis.set(f"tocsin:told:at:{alert_id}", 1, nx=True, px=int(every_s * 1000)))


class Courier:
    """Serves one alert at a time."""

    def __init__(
        self,
        *,
        book: Book,
        deliveries: Log,
        marks: Marks,
        locks: Locks,
        senders: Mapping[Channel, Sender],
        patience: Patience | None = None,
    ) -> None:
        self._book = book
        self._log = deliveries
        self._marks = marks
        self._locks = locks
        self._senders = senders
        self._patience = patience or Patience()

    def serve(self, alert_id: str) -> None:
        """Send what waits for an alert, until its receiver fails or its time is up. What was sent goes into the log.

        Raises:
            Transient: another notifier serves it.
            Outage, RedisError and what the client raises: what was sent is known by its marks.
        """
        with self._locks([f"alert:{alert_id}"]) as confirm:
            settled: list[tuple[Waiting, Delivery]] = []
            try:
                left = self._told_before(self._log.waiting(alert_id, READ), settled)
                end = time.monotonic() + self._patience.budget_s
                while left:
                    confirm()
                    # read anew for each message: a person may have deleted, disabled or changed it meanwhile
                    held = self._book.find(alert_id)
                    left = self._told_first(held.alert, left, settled) if held else _dropped(left, settled)
                    if time.monotonic() > end:
                        break
            finally:
                self._log.settle(settled)

    def _told_before(self, waiting: list[Waiting], settled: list[tuple[Waiting, Delivery]]) -> list[Waiting]:
        """Settle what was taken when the log could not be written; return the rest."""
        told = self._marks.among([one.delivery.id for one in waiting])
        settled += [(one, _ended(one, DeliveryStatus.DELIVERED, "taken")) for one in waiting if one.delivery.id in told]
        return [one for one in waiting if one.delivery.id not in told]

    def _told_first(
        self, alert: Alert, waiting: list[Waiting], settled: list[tuple[Waiting, Delivery]]
    ) -> list[Waiting]:
        """Send what is first, tests before matches; return what is left, nothing where the rest has to wait."""
        if alert.channel is Channel.NONE:
            return _noted(waiting, settled)
        sender, head = self._senders[alert.channel], waiting[0]
        if head.delivery.kind is DeliveryKind.TEST:
            answer = sender.send(alert, [head.delivery])
            if answer.verdict is Verdict.TAKEN:
                self._taken([head], answer, settled)
            else:
                settled.append((head, _ended(head, DeliveryStatus.FAILED, answer.text)))
            return waiting[1:]
        if alert.state is not AlertState.ACTIVE or head.delivery.next_at > datetime.now(UTC):
            return []
        if not self._marks.pace(alert.id, sender.every_s):
            return []
        batch, left = waiting[: sender.most], waiting[sender.most :]
        answer = sender.send(alert, [one.delivery for one in batch])
        if answer.verdict is Verdict.TAKEN:
            self._taken(batch, answer, settled)
            return left
        log.info("not_delivered", alert=alert.id, delivery=head.delivery.id, answer=answer.text)
        after = self._failed(alert, head, answer)
        settled.append((head, after))
        return [] if after.status is DeliveryStatus.PENDING else left

    def _taken(self, batch: Sequence[Waiting], answer: Answer, settled: list[tuple[Waiting, Delivery]]) -> None:
        """Note what a receiver took, in the log and by its marks: either alone keeps it from being sent again."""
        settled += [(one, _ended(one, DeliveryStatus.DELIVERED, answer.text)) for one in batch]
        self._marks.put([one.delivery.id for one in batch])

    def _failed(self, alert: Alert, head: Waiting, answer: Answer) -> Delivery:
        """Return the oldest delivery after a failure, and disable its alert when that has lasted."""
        now, delivery = datetime.now(UTC), head.delivery
        wait_s = max(after_attempts(delivery.attempts + 1, cap_s=self._patience.cap_s), answer.wait_s)
        later = delivery.put_off(answer.text, now, now + timedelta(seconds=wait_s))
        since = max(later.failing_since or now, alert.active_since)
        lasted_s = (now - since).total_seconds()
        if answer.verdict is Verdict.GONE:
            self._disable(alert, f"The receiver wants nothing more: {answer.text}")
        elif answer.verdict is Verdict.REFUSED and lasted_s >= self._patience.refused_s:
            before = self._log.last_ended(alert.id)
            if before is None or before.status is not DeliveryStatus.FAILED:
                return _ended(head, DeliveryStatus.FAILED, answer.text)
            self._disable(alert, f"The receiver refuses one message after the other: {answer.text}")
        elif lasted_s >= self._patience.disable_s:
            self._disable(alert, f"Nothing has arrived since {since:%Y-%m-%d %H:%M} UTC: {answer.text}")
        return later

    def _disable(self, alert: Alert, reason: str) -> None:
        log.warning("alert_disabled", alert=alert.id, reason=reason)
        self._book.disable(alert, reason)


def _dropped(waiting: list[Waiting], settled: list[tuple[Waiting, Delivery]]) -> list[Waiting]:
    """Settle what waits for an alert that was deleted; nothing is left."""
    settled += [(one, _ended(one, DeliveryStatus.DROPPED, "the alert was deleted")) for one in waiting]
    return []


def _noted(waiting: list[Waiting], settled: list[tuple[Waiting, Delivery]]) -> list[Waiting]:
    """Settle what waits for an alert that has been changed to tell nobody; nothing is left."""
    for one in waiting:
        test = one.delivery.kind is DeliveryKind.TEST
        status = DeliveryStatus.FAILED if test else DeliveryStatus.MATCHED
        settled.append((one, _ended(one, status, "the alert tells nobody")))
    return []


def _ended(one: Waiting, status: DeliveryStatus, answer: str) -> Delivery:
    return one.delivery.settled(status, answer, datetime.now(UTC))
