"""`tocsin submit`: every URL is taken, or shown as not taken, also when there is no room for a while."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from services.cli.client import Busy, Client, Rejected
from shared.errors import Unavailable

State = dict[str, Any]


def submitted(
    client: Client,
    urls: Sequence[str],
    *,
    labels: tuple[str, ...] = (),
    patience_s: float,
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[State]:
    """Yield a receipt for each URL, in order; for one that is not taken a line that says why.

    While nothing more is taken in, it waits as long as it is told to and tries the same URL again. When `patience_s`
    seconds of waiting were in vain, or on Ctrl-C, that URL and those after it are not sent, and shown so.
    """
    why: str | None = None
    for url in urls:
        if why is None:
            try:
                yield _patiently(client, url, labels, patience_s=patience_s, say=say, sleep=sleep)
                continue
            except Busy as busy:
                why = str(busy)
            except KeyboardInterrupt:
                why = "interrupted"
        yield _refused(url, "not_sent", why)


def _patiently(
    client: Client,
    url: str,
    labels: tuple[str, ...],
    *,
    patience_s: float,
    say: Callable[[str], None],
    sleep: Callable[[float], None],
) -> State:
    waited_s = 0.0
    while True:
        try:
            return client.submit(url, labels=labels)
        except Busy as busy:
            wait_s = busy.retry_after_s
            if waited_s + wait_s > patience_s:
                raise
            if not waited_s:
                say(f"{busy} Waiting, {patience_s:g} s at most.")
            sleep(wait_s)
            waited_s += wait_s
        except Rejected as error:
            return _refused(url, "rejected", str(error))
        except Unavailable as error:
            return _refused(url, "not_sent", str(error))


def _refused(url: str, status: str, why: str) -> State:
    return {"id": None, "url": url, "status": status, "reason": None, "detail": why, "incident_ids": []}


def ended(client: Client, submission_id: str) -> State:
    """Wait until a submission has ended, and return its state."""
    while True:
        with suppress(Unavailable):  # the receipt is known: a server that is away for a while loses nothing
            state = client.submission(submission_id)
            if state["status"] != "in_flight":
                return state
        time.sleep(0.2)
