"""A small world around the real step policy: a broker that loses and doubles, workers that die, an index in a dict.

Redis is real, and so are ledger, delays, quarantine and reconciler. Each call to a server is a point at which the
worker may die, Redis may be away, or its answer may be lost.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError
from redis import ConnectionError as RedisAway
from redis import Redis, RedisError

from shared.delivery.delays import Delays
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, pack
from shared.delivery.quarantine import Quarantine
from shared.delivery.reconcile import reconcile
from shared.delivery.step import Result, Step
from shared.delivery.surroundings import Surroundings
from shared.delivery.timing import Timing
from shared.domain.article import Article
from shared.domain.coded import CodedArticle
from shared.domain.outcome import Ending, Filing, Outcome
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Discard, Outage, Reason, Transient
from shared.pipeline import CLASSIFY, EXTRACT, FETCH, INDEX, RECORD, STAGES, Stage
from tests import examples
from tests.integration.clock import age

T = TypeVar("T")

TIMING = Timing.of(fetch_timeout_s=30)
#: Longer than anything is put off or leased, shorter than the ledger's patience.
A_WHILE_S = 200
assert max(TIMING.backoff_cap_s.values()) < A_WHILE_S < min(TIMING.overdue_s.values())

Trouble = Literal["dies", "redis away", "answer lost", "broker away"]
#: What an article does at a step each time, whatever the weather.
Nature = Literal["discard", "bug", "poison", "transient"]
#: What comes over the body of a step once.
Weather = Literal["outage", "transient", "too slow"]


class Died(BaseException):
    """The worker was killed: nothing more is done, nothing is acknowledged."""


@dataclass
class Faults:
    """Lets one call to a server go wrong: the one after `left` others."""

    trouble: Trouble | None = None
    left: int = 0

    def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call a server."""
        trouble, self.left = self.trouble, self.left - 1
        if trouble is None or self.left >= 0:
            return function(*args, **kwargs)
        if trouble == "dies":
            raise Died
        self.trouble = None  # it passes
        if trouble == "answer lost":
            function(*args, **kwargs)
        raise OperationalError if trouble == "broker away" else RedisAway


class Faulty:
    """A server each of whose methods may go wrong."""

    def __init__(self, server: object, faults: Faults) -> None:
        self._server = server
        self._faults = faults

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._faults.call, getattr(self._server, name))


@dataclass
class World:
    """Everything there is, and what is known of it from outside."""

    redis: Redis
    message_articles: int
    together: bool  #: whether index and record take a message as a whole
    queue: list[tuple[Stage, dict[str, Any]]] = field(default_factory=list)
    at: Stage | None = None  #: the step that works
    accepted: dict[str, Submission] = field(default_factory=dict)
    natures: dict[str, tuple[Stage, Nature]] = field(default_factory=dict)  #: by URL
    outcomes: dict[str, Outcome] = field(default_factory=dict)  #: the index
    versions: dict[str, int] = field(default_factory=dict)  #: of its documents
    reopened: set[str] = field(default_factory=set)  #: sent through again by somebody
    interrupted: set[str] = field(default_factory=set)  #: the writing of their outcome was
    mishaps: Counter[str] = field(default_factory=Counter)  #: by submission: deliveries that went wrong
    spoilt: set[str] = field(default_factory=set)  #: they have every right to be in quarantine
    faults: Faults = field(default_factory=Faults)
    weather: tuple[Weather, int] | None = None
    stopping: bool = False

    def __post_init__(self) -> None:
        """Set up the servers and the five steps."""
        self.ledger = Ledger(self.redis)
        self.quarantine = Quarantine(self.redis)
        self.delays = Delays(self.redis)
        delays: Any = Faulty(self.delays, self.faults)
        around = Surroundings(
            ledger=Faulty(self.ledger, self.faults),
            quarantine=Faulty(self.quarantine, self.faults),
            send=self.send,
            put_off=delays.put,
            timing=TIMING,
            stopping=lambda: self.stopping,
        )
        bodies: dict[Stage, Callable[[Any], Result]] = {
            FETCH: lambda submission: examples.page(submission.url),
            EXTRACT: lambda page: examples.article(page.url),
            CLASSIFY: lambda article: examples.coded(url=article.url),
            INDEX: lambda coded: Filing(article_id=coded.article.id, incident_ids=("TCN-1",)),
            RECORD: self._write,
        }
        self.steps = {
            stage: Step(stage, partial(self._work, stage, body), around, together=self._is_together(stage))
            for stage, body in bodies.items()
        }

    def _is_together(self, stage: Stage) -> bool:
        return self.together and stage in (INDEX, RECORD)

    def _work(self, stage: Stage, body: Callable[[Any], Result], inputs: Sequence[Any]) -> list[Result]:
        results = []
        for one in inputs:
            self._suffer()
            self._act(stage, _url(one))
            results.append(body(one))
        return results

    def _suffer(self) -> None:
        if self.weather is None:
            return
        weather, left = self.weather
        self.weather = (weather, left - 1) if left else None
        if not left:
            raise {"outage": Outage, "transient": Transient, "too slow": SoftTimeLimitExceeded}[weather]("bad weather")

    def _act(self, stage: Stage, url: str) -> None:
        at, nature = self.natures.get(url, (None, None))
        if at is not stage:
            return
        if nature == "poison":
            raise Died
        if nature == "discard":
            raise Discard(Reason.NOT_AN_ARTICLE)
        raise ZeroDivisionError if nature == "bug" else Transient("always")

    def _write(self, ending: Ending) -> None:
        self.faults.call(self._index, ending)

    def _index(self, ending: Ending) -> None:
        """Do as Elasticsearch does: the version is the run, and an older one changes nothing."""
        submission_id = ending.outcome.submission_id
        if ending.run >= self.versions.get(submission_id, 0):
            self.versions[submission_id] = ending.run
            self.outcomes[submission_id] = ending.outcome

    def send(self, stage: Stage, items: Sequence[Item]) -> None:
        """Put items into the queue. What a step passes on joins what waits there, as in an outbox."""
        for message in pack(items, stage, self.message_articles):
            self.faults.call(self._put, stage, message.model_dump(mode="json"))

    def _put(self, stage: Stage, message: dict[str, Any]) -> None:
        last = self.queue[-1] if self.queue else None
        room = min(stage.batch, self.message_articles) - len(message["items"])
        if self.at and self.at is not stage and last and last[0] is stage and len(last[1]["items"]) <= room:
            self.queue[-1] = (stage, last[1] | {"items": last[1]["items"] + message["items"]})
        else:
            self.queue.append((stage, message))

    def submission(self, day: int) -> Submission:
        """Return a new submission whose id is the same in each run."""
        n = len(self.accepted)
        made_up = hashlib.sha256(str(n).encode()).hexdigest()[:32]
        at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=day)
        return Submission(id=made_up, url=f"http://e.org/{n}", source="test", accepted_at=at)

    def deliver(self, position: int) -> None:
        """Deliver one message. It leaves the queue when it is acknowledged, and else goes to its end."""
        stage, message = self.queue.pop(position % len(self.queue))
        ids = [item["submission"]["id"] for item in message["items"]]
        troubled, self.at = self.weather is not None, stage
        if len(ids) == 1 and self.weather == ("too slow", 0):
            self.spoilt |= set(ids)
        try:
            self.steps[stage].deliver(message)
        except (Died, RedisError, OperationalError):
            self.queue.append((stage, message))
            troubled = True
            if stage is RECORD:
                self.interrupted |= set(ids)
        finally:
            self.calm()
            self.mishaps.update(ids if troubled else [])

    def spoil(self, position: int, how: dict[str, Any]) -> None:
        """Exchange something in the first item of a message, as if it came from another version of Tocsin."""
        position %= len(self.queue)
        stage, message = self.queue[position]
        first, *others = message["items"]
        self.spoilt.add(first["submission"]["id"])
        self.queue[position] = stage, message | {"items": [first | how, *others]}

    def calm(self) -> None:
        """Let everything go well from here on."""
        self.faults.trouble, self.faults.left, self.weather, self.stopping, self.at = None, 0, None, False, None

    def release(self) -> None:
        """Move on what was put off, as far as it gets."""
        try:
            self.delays.release(self.send)
        except (Died, RedisError, OperationalError):
            pass
        finally:
            self.calm()

    def reconcile(self, *, by_two: bool = False) -> None:
        """Let the reconciler run, or a second within the first, as far as they get."""
        running = [by_two]

        def send(stage: Stage, items: Sequence[Item]) -> None:
            if running.pop() if running else False:
                self._reconcile(self.send)
            self.send(stage, items)

        try:
            self._reconcile(send)
        except (Died, RedisError, OperationalError):
            pass
        finally:
            self.calm()

    def _reconcile(self, send: Callable[[Stage, Sequence[Item]], None]) -> None:
        waiting = Counter(stage.queue for stage, _ in self.queue)
        reconcile(self.ledger, send=send, waiting=waiting.__getitem__, overdue_s=TIMING.overdue_s)

    def age(self, seconds: float) -> None:
        """Let time pass."""
        age(self.redis, seconds)

    def run_to_the_end(self, rounds: int) -> bool:
        """Let everything be done that anyone would do by himself. False when that never ends."""
        for _ in range(rounds):
            for _ in range(100 + 20 * len(self.queue)):
                if not self.queue:
                    break
                self.deliver(0)
            if not self.queue and not self.delays.count() and not self.ledger.in_flight():
                return True
            self.age(A_WHILE_S)
            self.release()
            self.reconcile()
        return False

    def specimens(self) -> list[tuple[Stage, Any]]:
        """Return what is in quarantine."""
        return [(stage, one) for stage in STAGES.values() for one in self.quarantine.list(stage, limit=10_000)]


def _url(one: Submission | Page | Article | CodedArticle | Ending) -> str:
    if isinstance(one, Ending):
        return one.outcome.url
    return one.article.url if isinstance(one, CodedArticle) else one.url
