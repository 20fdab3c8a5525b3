"""What the ways to tell somebody have in common: what is tried, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from shared.domain.alert import Alert, Delivery


class Verdict(Enum):
    """What the receiver made of it."""

    TAKEN = "taken"
    FAILED = "failed"  #: it did not answer as it should: later, perhaps
    REFUSED = "refused"  #: it does not want this one message
    GONE = "gone"  #: it wants nothing more, ever


@dataclass(frozen=True)
class Answer:
    """What an attempt met."""

    verdict: Verdict
    text: str  #: for people: the status, the error
    wait_s: float = 0  #: the receiver asks not to be asked before


class Sender(Protocol):
    """A way to tell somebody."""

    most: int  #: deliveries told in one message
    every_s: float  #: least seconds between two messages to one alert's receivers

    def send(self, alert: Alert, deliveries: Sequence[Delivery]) -> Answer:
        """Tell one to `most` deliveries. Raises nothing of the network: it is an answer."""
        ...
