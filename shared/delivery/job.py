"""One article in the hands of a step, and what leaves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.delivery.ledger import Delivery
from shared.delivery.messages import Item, Message
from shared.domain.base import Model
from shared.domain.outcome import Ending, Outcome
from shared.domain.submission import Submission


@dataclass(frozen=True)
class Job:
    """One article in hand."""

    item: Item
    input: Model  #: the item's body, read
    delivery: Delivery

    @property
    def submission(self) -> Submission:
        """Whose journey it is."""
        return self.item.submission


class Unfinished(Exception):
    """The time of a batch is up, or the worker stops: these are to be delivered again, each alone."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__(f"{len(jobs)} articles")
        self.jobs = jobs


def alone(item: Item) -> dict[str, Any]:
    """Return the message that carries `item` and nothing else, as it travels."""
    return Message.alone(item).model_dump(mode="json")


def ending(outcome: Outcome, submission: Submission, run: int) -> Item:
    """Return the item that takes an outcome to the record."""
    return Item.of(submission, Ending(outcome=outcome, run=run), run=run)
