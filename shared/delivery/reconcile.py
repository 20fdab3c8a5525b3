"""The reconciler: sends again what the queues have lost."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item
from shared.logs import logger
from shared.pipeline import FETCH, STAGES, Stage

log = logger(__name__)

#: Most submissions sent again in one round, so that a long outage does not end in a flood.
BATCH = 500
#: After this many deadlines a submission is sent again even while its queue is busy.
LONG_OVERDUE = 10


def reconcile(
    ledger: Ledger,
    *,
    send: Callable[[Stage, Sequence[Item]], None],
    waiting: Callable[[str], int],
    overdue_s: Mapping[str, float],
) -> int:
    """Send every overdue submission from the start of its journey, and return how many were sent.

    A submission is overdue after the `overdue_s` of its step without progress, which is longer than Redis keeps a
    message from other workers. While messages wait in the queue of its step it may be among them, so under a backlog
    it is left alone, but not for ever. Steps are idempotent: a wrong guess costs work and harms nothing.
    """
    sent = 0
    for stage in STAGES.values():
        deadline_s = overdue_s[stage.name] * (LONG_OVERDUE if waiting(stage.queue) else 1)
        unreadable = 0
        while sent < BATCH:
            overdue = ledger.overdue(stage, deadline_s, offset=unreadable, limit=BATCH - sent)
            if not overdue:
                break
            for submission_id in overdue:
                if _send_again(submission_id, stage, ledger, send):
                    sent += 1
                else:
                    unreadable += 1
    return sent


def _send_again(
    submission_id: str, stage: Stage, ledger: Ledger, send: Callable[[Stage, Sequence[Item]], None]
) -> bool:
    """Send one submission again. One that cannot be read stays where it is, in flight, and is told of each round."""
    try:
        entry = ledger.find(submission_id)
    except ValidationError as error:
        log.error("ledger_entry_unreadable", submission=submission_id, error=str(error))  # noqa: TRY400 - no bug here
        return False
    if entry is None or not ledger.restart(submission_id):
        return False  # it has ended in this moment
    send(FETCH, [Item.of(entry.submission, entry.submission, run=entry.run)])
    log.warning("sent_again", submission=submission_id, lost_at=stage.name)
    return True
