"""Locks in Redis, so that indexers that work side by side do not found one incident twice."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

from redis import Redis
from redis.exceptions import LockError

from shared.errors import Transient

#: Seconds after which the lock of an indexer that died is free again: more than filing takes.
LEASE_S = 60
#: Seconds to wait for a lock before the article is put off.
PATIENCE_S = 20


def redis_locks(redis: Redis) -> Callable[[Iterable[str]], AbstractContextManager[None]]:
    """Return a function that holds all of some names. Always taken in one order, so that nobody waits in a ring.

    An indexer that is stopped for longer than the lease writes after others did: `if_seq_no` then refuses it.
    """

    @contextmanager
    def held(names: Iterable[str]) -> Iterator[None]:
        with ExitStack() as stack:
            for name in sorted(names):
                lock = redis.lock(f"tocsin:lock:{name}", timeout=LEASE_S, blocking_timeout=PATIENCE_S, sleep=0.02)
                if not lock.acquire():
                    raise Transient(f"another indexer holds {name}")
                stack.callback(_release, lock.release)
            yield

    return held


def _release(release: Callable[[], None]) -> None:
    with suppress(LockError):  # the lease ran out; what was written under it is guarded by versions
        release()
