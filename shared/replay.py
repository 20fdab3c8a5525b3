"""Replay: stored pages go through the flow again, each under the identifier of its own submission.

    page store ─ records by day ─▶ in flight? left alone ─▶ ledger.reopen ─▶ send, up to 16 at a time
                                                                  └ pauses while the flow has enough to do

From extract the stored page is read by later code. From fetch the site is asked again: the record is marked, so that
the fetcher passes over it, but stays, because the site may have lost the page. Repeating a replay does no harm:
article, reports and outcome have the identifiers they had, and the newest fetch of a story wins, whatever comes last.

    python -m shared.replay --from extract --since 2026-01-01       where there is no `tocsin`, as in a container
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Protocol

from kombu.exceptions import OperationalError
from pydantic import ValidationError
from redis import Redis, RedisError

from shared import broker, logs
from shared.connections import TIMEOUT_S
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.messages import Item
from shared.delivery.quarantine import forget
from shared.domain.submission import Submission
from shared.errors import Outage, SetupError, TocsinError
from shared.logs import logger
from shared.pages import Kept, PageStore, Record, open_page_store
from shared.pipeline import BATCH, EXTRACT, FETCH, Stage
from shared.sentinels import connect
from shared.settings import Settings, settings

log = logger(__name__)

#: Seconds between two looks at the ledger during a pause.
POLL_S = 1.0
STAGES = {stage.name: stage for stage in (FETCH, EXTRACT)}

#: Puts items into the queue of a stage.
Send = Callable[[Stage, Sequence[Item]], None]


class Stopped(TocsinError):
    """A replay ended before its end; the message says why, and where to take it up again."""


class Books(Protocol):
    """What a replay needs of `Ledger`."""

    def find(self, submission_id: str) -> Entry | None:
        """See `Ledger.find`."""

    def in_flight(self) -> int:
        """Return how many submissions have no outcome yet."""

    def reopen(self, submissions: Sequence[Submission], stage: Stage) -> list[int]:
        """Put submissions in flight at `stage`, whatever they were before, and return their runs."""


class RedisBooks:
    """The ledger, of which a whole batch is reopened at one moment."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._ledger = Ledger(redis)
        self.find = self._ledger.find
        self.in_flight = self._ledger.in_flight

    def reopen(self, submissions: Sequence[Submission], stage: Stage) -> list[int]:
        """See `Books.reopen`."""
        with self._redis.pipeline(transaction=True) as pipe:
            runs = [self._ledger.reopen(pipe, submission, stage) for submission in submissions]
            for submission in submissions:
                forget(pipe, submission.id)
            pipe.execute()
        return runs


@dataclass(frozen=True)
class Result:
    """What a replay has done. All but `reached` are numbers of submissions."""

    sent: int = 0
    in_flight: int = 0  #: left alone: their journey is not over
    unreadable: int = 0  #: their record is damaged, or of a version that this Tocsin does not know
    without_body: int = 0  #: their record is there, but not the page
    reached: date | None = None  #: the day of the last one: where to go on after an interruption

    @property
    def whole(self) -> bool:
        """Whether everything stored could be sent, or is on its way anyway."""
        return not self.unreadable and not self.without_body

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self) | {"reached": self.reached.isoformat() if self.reached else None}


def replay(
    pages: PageStore,
    ledger: Books,
    send: Send,
    *,
    step: Stage,
    since: date,
    until: date | None = None,
    after: str | None = None,
    wait_below: int,
    wait: Callable[[float], object] = time.sleep,
    tell: Callable[[Result], object] = lambda _: None,
) -> Result:
    """Send what was stored of the submissions accepted from `since` to `until` (included) to `step`, the oldest first.

    Pauses while `wait_below` submissions or more are in flight. Calls `tell` with the sum so far after each batch.
    `after` is the cursor of a record (see `PageStore.since`).

    Raises:
        Outage: the page store is away, or, from fetch, cannot be written.
        RedisError, OperationalError: Redis is away.
    """
    result = Result()
    kept = pages.since(since, until, after)
    while batch := list(islice(kept, BATCH)):
        _pause(ledger, wait_below, wait)
        result = _send_batch(batch, result, pages=pages, ledger=ledger, send=send, step=step)
        tell(result)
    return result


def _pause(ledger: Books, wait_below: int, wait: Callable[[float], object]) -> None:
    told = False
    while (in_flight := ledger.in_flight()) >= wait_below:
        if not told:  # so that nobody waits in silence for workers that do not run
            log.info("replay_waits", in_flight=in_flight, below=wait_below)
        told = True
        wait(POLL_S)


def _send_batch(
    batch: Sequence[Kept], result: Result, *, pages: PageStore, ledger: Books, send: Send, step: Stage
) -> Result:
    """Send what can be sent of `batch`, and return `result` with it counted."""
    readable = [kept.record for kept in batch if kept.record is not None]
    quiet = [record for record in readable if not _is_in_flight(record.submission, ledger)]
    # Without its body a page would come to quarantine, and lose the outcome it has.
    whole = [record for record in quiet if step is FETCH or pages.has(record.page.body_key)]
    if step is FETCH:
        for record in whole:
            pages.fetch_again(record)
    if whole:
        # before they are sent: what is lost from here on is found by the reconciler
        runs = ledger.reopen([record.submission for record in whole], step)
        send(step, [_item(record, step, run) for record, run in zip(whole, runs, strict=True)])
    return replace(
        result,
        sent=result.sent + len(whole),
        in_flight=result.in_flight + len(readable) - len(quiet),
        unreadable=result.unreadable + len(batch) - len(readable),
        without_body=result.without_body + len(quiet) - len(whole),
        reached=batch[-1].day,
    )


def _item(record: Record, step: Stage, run: int) -> Item:
    return Item.of(record.submission, record.submission if step is FETCH else record.page, run=run)


def _is_in_flight(submission: Submission, ledger: Books) -> bool:
    try:
        return ledger.find(submission.id) is not None
    except ValidationError:  # written by another version of Tocsin, but there
        return True


def run(settings: Settings, *, step: str, since: date, until: date | None = None) -> Result:
    """Replay on the Redis and the page store of `settings`, to the queues of the workers there.

    Half of `max_in_flight` is left to new submissions, so that a replay never makes the hook answer 429.

    Raises:
        SetupError: an unknown step, days that make no sense, or no page store.
        Stopped: interrupted, or a server went away; what was sent is on its way.
    """
    stage = _checked(step, since, until)
    pages = open_page_store(settings.pages_url, create=False)
    broker.app.conf.update(broker.configuration(settings.redis_url))
    redis = connect(settings.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    told: list[Result] = [Result()]

    def tell(result: Result) -> None:
        if result.reached != told[0].reached:
            log.info("replaying", **result.as_json())
        told[0] = result

    try:
        redis.ping()
        return replay(
            pages,
            RedisBooks(redis),
            broker.send,
            step=stage,
            since=since,
            until=until,
            wait_below=max(1, settings.max_in_flight // 2),
            tell=tell,
        )
    except (KeyboardInterrupt, RedisError, OperationalError, Outage) as error:
        raise Stopped(_where_it_stopped(error, told[0], since)) from error


def _checked(step: str, since: date, until: date | None) -> Stage:
    if step not in STAGES:
        raise SetupError(f"nothing can be replayed from {step!r}: choose {' or '.join(STAGES)}")
    if since > datetime.now(UTC).date():
        raise SetupError(f"{since} lies in the future: choose the first day (UTC) of what is to be replayed")
    if until is not None and until < since:
        raise SetupError(f"{until} lies before {since}: the last day cannot come before the first")
    return STAGES[step]


def _where_it_stopped(error: BaseException, result: Result, since: date) -> str:
    why = {KeyboardInterrupt: "interrupted", Outage: str(error)}.get(type(error), f"Redis is away: {error}")
    return f"replay stopped: {why.rstrip('.')}. {result.sent} were sent; go on with --since {result.reached or since}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay as the arguments say, and return the exit status: 0, or 1 when something stored could not be sent."""
    parser = argparse.ArgumentParser(prog="python -m shared.replay", description="Send stored pages through again.")
    parser.add_argument("--from", dest="step", required=True, help="The step: extract or fetch.")
    parser.add_argument("--since", required=True, type=date.fromisoformat, help="First day of acceptance, UTC.")
    parser.add_argument("--until", type=date.fromisoformat, help="Last day of acceptance, UTC.")
    given = parser.parse_args(arguments)
    logs.configure(settings())
    try:
        result = run(settings(), step=given.step, since=given.since, until=given.until)
    except TocsinError as error:
        sys.stderr.write(f"replay: {error}\n")
        return 1
    sys.stdout.write(json.dumps(result.as_json()) + "\n")
    return int(not result.whole)


if __name__ == "__main__":
    sys.exit(main())
