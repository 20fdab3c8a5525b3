"""An extractor that some pages kill: `python -m tests.chaos.poisoned extractor`.

It is the real worker. The body of its step looks at the URL first: /poison/<how>.html ends the process in that manner,
any other page goes to the real body. The step is registered, for good, before the real one is: Celery keeps the first
of a name.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable

from celery.exceptions import SoftTimeLimitExceeded

from shared import broker, pipeline
from shared.domain.article import Article
from shared.domain.page import Page
from shared.task import step
from shared.worker import run as worker

_BOMB_BYTES = 512 * 1024 * 1024


def _segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _memory() -> None:
    """Take half a gigabyte, page by page, and be ended as the kernel ends who takes too much: by SIGKILL.

    It is sent by ourselves: a real limit would need a control group of its own, which not every machine lets us make.
    """
    bomb = bytearray()
    while len(bomb) < _BOMB_BYTES:
        bomb.extend(os.urandom(4096) * 4096)
    os.kill(os.getpid(), signal.SIGKILL)


def _endless() -> None:
    while True:
        pass


def _deaf() -> None:
    while True:
        try:
            _endless()
        except SoftTimeLimitExceeded:
            continue


MANNERS: dict[str, Callable[[], None]] = {
    "segfault": _segfault,
    "memory": _memory,
    "endless": _endless,  # hears the soft limit
    "deaf": _deaf,  # only the hard limit ends it
}


@step(pipeline.EXTRACT)
def extract(page: Page) -> Article:
    """Die over a poisonous page, extract any other."""
    from services.extractor import tasks

    for manner, end in MANNERS.items():
        if page.url.endswith(f"/poison/{manner}.html"):
            end()
    return tasks.extract(page)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    broker.app.finalize()
    worker.start(sys.argv[1])
