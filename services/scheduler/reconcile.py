"""Sends again what the queues have lost."""

from collections.abc import Callable

from shared.broker import OVERDUE_S
from shared.ledger import Ledger
from shared.logs import logger
from shared.pipeline import FETCH, STAGES, Envelope, Stage

log = logger(__name__)

#: Most submissions sent again in one round, so that a long outage does not end in a flood.
BATCH = 500


def reconcile(ledger: Ledger, *, send: Callable[[Stage, Envelope], None], waiting: Callable[[str], int]) -> int:
    """Send every overdue submission from the start of its journey, and return how many were sent.

    A submission is overdue after `OVERDUE_S` seconds without progress, which is longer than Redis keeps a message
    from other workers. While messages still wait in the queue of its step it is taken to be among them: under a
    backlog nothing is sent twice. Steps are idempotent, so a wrong guess costs work and harms nothing.
    """
    busy = {stage.queue: waiting(stage.queue) > 0 for stage in STAGES.values()}
    sent = 0
    for entry in ledger.overdue(OVERDUE_S, limit=BATCH):
        if busy[STAGES[entry.step].queue]:
            continue
        send(FETCH, Envelope.of(entry.submission, entry.submission))
        ledger.touch(entry.submission.id)
        log.warning("sent_again", submission=entry.submission.id, lost_at=entry.step)
        sent += 1
    return sent
