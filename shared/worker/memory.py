"""The memory cap of the pool's children: an article that is a bomb ends its own task, not the machine's day."""

import resource

from celery.signals import worker_process_init

from shared.logs import logger

log = logger(__name__)

#: Share of the cap at which a child is replaced after a task: what grows slowly is never met by the cap.
RECYCLE_AT = 0.8


def cap_children(memory_mb: int) -> None:
    """Give each child of the pool `memory_mb` MiB: beyond it, allocating raises MemoryError (or fails in C code)."""
    worker_process_init.connect(lambda **_: cap(memory_mb), weak=False)


def cap(memory_mb: int) -> None:
    """Cap the memory of this process.

    RLIMIT_DATA counts what is private and writable, used or only reserved, with what it shares with its parent since
    the fork. RLIMIT_AS would also count mapped files and reserved address space, of which models and threads have much.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def recycle_at_kb(memory_mb: int) -> int:
    """Return the resident kilobytes at which a child is replaced after a task: `--max-memory-per-child`."""
    return int(memory_mb * 1024 * RECYCLE_AT)
