"""A step over fakes: what it sends, puts off, quarantines and tells the ledger can be looked at."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from redis import ConnectionError as RedisAway

from shared.delivery.ledger import Delivery
from shared.delivery.messages import Item, Message
from shared.delivery.step import Result, Step
from shared.delivery.surroundings import Surroundings
from shared.delivery.timing import Timing
from shared.domain.base import Model
from shared.domain.outcome import Ending, Outcome
from shared.domain.submission import Submission
from shared.pipeline import Stage
from tests import examples

NOW = 1_800_000_000.0
TIMING = Timing.of(fetch_timeout_s=30)


def delivery(*, attempts: int = 0, crashes: int = 0, since: float | None = None) -> Delivery:
    """What a ledger says of a delivery that begins at `NOW`."""
    return Delivery(attempts=attempts, crashes=crashes, since=since, now=NOW)


FIRST = delivery()


def raising(error: BaseException) -> Callable[[Any], Model | None]:
    """Return a body that raises."""

    def body(_: Any) -> Model | None:
        raise error

    return body


class FakeLedger:
    """A ledger with one answer, or one for each submission, which notes what it is told."""

    def __init__(self, answer: Delivery | None) -> None:
        self.answer = answer
        self.answers: dict[str, Delivery | None] = {}
        self.ended: list[tuple[str, bool, bool]] = []  #: submission, again, counted
        self.closed: list[str] = []
        self.at: dict[str, str] = {}  #: where each was said to wait
        self.runs: list[int] = []  #: as they were said to begin
        self.away = False  #: whether it can be told of an end

    def begin(
        self,
        submission_ids: Sequence[str],
        stage: Stage,  # noqa: ARG002 - the seam's signature
        runs: Sequence[int] | None = None,
    ) -> list[Delivery | None]:
        """Answer as told."""
        self.runs += runs or ()
        return [self.answers.get(one, self.answer) for one in submission_ids]

    def end(
        self,
        submission_ids: Sequence[str],
        stage: Stage,
        *,
        runs: Sequence[int] | None = None,
        to: Stage | None = None,
        again: bool = False,
        counted: bool = False,
    ) -> None:
        """Note it."""
        if self.away:
            raise RedisAway
        assert runs is not None
        self.ended += [(one, again, counted) for one in submission_ids]
        self.at |= dict.fromkeys(submission_ids, (to or stage).name)

    def close(self, submission_ids: Sequence[str], runs: Sequence[int] | None = None) -> None:
        """Note it."""
        assert runs is not None
        self.closed += submission_ids


class FakeQuarantine:
    """A quarantine in a list: stage, message, words of the error, submission."""

    def __init__(self) -> None:
        self.held: list[tuple[str, object, str, str | None]] = []
        self.attempts: list[int] = []
        self.since: list[datetime | None] = []

    def add(
        self,
        stage: Stage,
        message: object,
        error: BaseException,
        *,
        submission_id: str | None = None,
        attempts: int = 0,
        first_failed_at: datetime | None = None,
    ) -> str:
        """Note it and return the words of the error."""
        words = f"{type(error).__name__}: {error}"
        self.held.append((stage.name, message, words, submission_id))
        self.attempts.append(attempts)
        self.since.append(first_failed_at)
        return words


class Bench:
    """A step whose body does one article at a time, or all of a message `together`."""

    def __init__(
        self,
        stage: Stage,
        body: Callable[[Any], Model | None] | None = None,
        answer: Delivery | None = FIRST,
        *,
        together: Callable[[Sequence[Any]], Sequence[Result]] | None = None,
        stopping: bool = False,
    ) -> None:
        self.stage = stage
        self.ledger = FakeLedger(answer)
        self.quarantine = FakeQuarantine()
        self.messages: list[tuple[str, list[Item]]] = []  #: in the order in which they were sent
        self.delayed: list[tuple[str, Item, float]] = []
        self.fails: BaseException | None = None  #: what sending raises
        around = Surroundings(
            ledger=self.ledger,
            quarantine=self.quarantine,
            send=self._send,
            put_off=lambda to, items, wait_s: self.delayed.extend((to.name, item, wait_s) for item in items),
            timing=TIMING,
            stopping=lambda: stopping,
        )

        def each(inputs: Sequence[Any]) -> list[Result]:
            assert body is not None
            return [body(one) for one in inputs]

        self.step = Step(stage, together or each, around, together=together is not None)
        self.submission = examples.submission()

    def _send(self, stage: Stage, items: Sequence[Item]) -> None:
        if self.fails:
            raise self.fails
        self.messages.append((stage.name, list(items)))

    def deliver(self, body: Model) -> None:
        """Deliver a message with `body` alone."""
        self.step.deliver(Message.alone(Item.of(self.submission, body)).model_dump(mode="json"))

    def deliver_all(self, *bodies: Model) -> list[Submission]:
        """Deliver one message with all of `bodies`, and return whose journeys they are."""
        items = tuple(Item.of(examples.submission(), body) for body in bodies)
        self.step.deliver(Message(items=items).model_dump(mode="json"))
        return [item.submission for item in items]

    @property
    def sent(self) -> list[tuple[str, Item]]:
        """Every item that was sent, and where to."""
        return [(to, item) for to, items in self.messages for item in items]

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes that were sent."""
        return [Ending.model_validate(item.body).outcome for to, item in self.sent if to == "record"]

    @property
    def outcome(self) -> Outcome:
        """The one outcome, when nothing else was sent."""
        ((to, item),) = self.sent
        assert to == "record"
        return Ending.model_validate(item.body).outcome
