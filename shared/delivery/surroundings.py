"""What a step works with: the servers, behind small seams, so that its policy can be tested without them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.delivery.ledger import Delivery
from shared.delivery.messages import Item
from shared.delivery.timing import Timing
from shared.pipeline import Stage


class Isolation(Protocol):
    """What a step needs of `Quarantine`."""

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
        """See `Quarantine.add`."""


class Books(Protocol):
    """What a step needs of `Ledger`."""

    def begin(
        self, submission_ids: Sequence[str], stage: Stage, runs: Sequence[int] | None = None
    ) -> list[Delivery | None]:
        """See `Ledger.begin`."""

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
        """See `Ledger.end`."""

    def close(self, submission_ids: Sequence[str], runs: Sequence[int] | None = None) -> None:
        """See `Ledger.close`."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """All of them."""

    ledger: Books
    quarantine: Isolation
    send: Callable[[Stage, Sequence[Item]], None]
    put_off: Callable[[Stage, Sequence[Item], float], None]  #: the seconds come last
    timing: Timing
    stopping: Callable[[], bool] = lambda: False  #: whether this worker is to return what it holds
