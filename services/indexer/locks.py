"""Locks in Redis, so that indexers that work side by side do not found one incident twice."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from redis import Redis
from redis.exceptions import LockError
from redis.lock import Lock

from shared.errors import Transient

#: Seconds after which the lock of an indexer that died is free again: more than filing takes.
LEASE_S = 60
#: Seconds to wait for a lock before the article is put off.
PATIENCE_S = 20


def redis_locks(redis: Redis) -> Callable[[Iterable[str]], AbstractContextManager[Callable[[], None]]]:
    """Return a function that holds all of some names. Always taken in one order, so that nobody waits in a ring.

    The context gives a function that raises Transient when the lease of one has run out. It is called last before
    writing, so that an indexer that was stopped for long does not write over others.
    """

    @contextmanager
    def held(names: Iterable[str]) -> Iterator[Callable[[], None]]:
        with ExitStack() as stack:
            locks = []
            for name in sorted(names):
                lock = redis.lock(f"tocsin:lock:{name}", timeout=LEASE_S, blocking_timeout=PATIENCE_S, sleep=0.02)
                if not lock.acquire():
                    raise Transient(f"another indexer holds {name}")
                stack.callback(_release, lock)
                locks.append(lock)

            def confirm() -> None:
                if not all(lock.owned() for lock in locks):
                    raise Transient("a lock ran out")

            yield confirm

    return held


def _release(lock: Lock) -> None:
    with suppress(LockError):  # the lease ran out
        lock.release()
