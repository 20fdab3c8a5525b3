"""Locks in Redis, so that indexers that work side by side do not found one incident twice.

All names of a batch are asked for at once, in one script, and are taken in the order of their names up to the first
that somebody else holds; the rest is asked for again until all are held. What is held is kept meanwhile: because
everyone takes in one order, nobody waits in a ring, and a batch of many names is not passed for ever by those of few.
"""

import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from redis import Redis
from redis.commands.core import Script

from shared.errors import Transient

#: Locks that the countries of the world are spread over, so that all of them together can be held, too.
STRIPES = 64
EVERYWHERE = tuple(f"incidents:{stripe:02}" for stripe in range(STRIPES))
#: Seconds between two looks at a lock that somebody else holds.
POLL_S = 0.02

_TAKE = """
for position, name in ipairs(KEYS) do
  local owner = redis.call('get', name)
  if owner and owner ~= ARGV[1] then return position end
  redis.call('set', name, ARGV[1], 'PX', ARGV[2])
end
return 0
"""
_KEEP = """
for _, name in ipairs(KEYS) do
  if redis.call('get', name) ~= ARGV[1] then return 0 end
end
for _, name in ipairs(KEYS) do redis.call('pexpire', name, ARGV[2]) end
return 1
"""
_FREE = """
for _, name in ipairs(KEYS) do
  if redis.call('get', name) == ARGV[1] then redis.call('del', name) end
end
"""


def of_countries(countries: Iterable[str | None]) -> set[str]:
    """Return the names of the incidents of some countries. An event of no known country may be of any: it takes all."""
    codes = set(countries)
    known = {f"incidents:{zlib.crc32(code.encode()) % STRIPES:02}" for code in codes if code}
    return known if all(codes) else set(EVERYWHERE)


def redis_locks(
    redis: Redis, *, lease_s: float = 60, patience_s: float = 20
) -> Callable[[Iterable[str]], AbstractContextManager[Callable[[], None]]]:
    """Return a function that holds all of some names while its context is open, and none of them when it cannot.

    `patience_s` is the wait for all the names together. After `lease_s` the locks of an indexer that died are free
    again: it counts anew from the moment that the last name is had, and again right before writing, and has to be more
    than the reads of a batch take, and more than its writes do.

    Where one asks twice without letting go, the names of the second must all come after those of the first.

    The context gives a function that renews the lease of all, and raises Transient when one has run out. It is called
    last before writing, so that an indexer that was stopped for long does not write over others.

    Raises:
        Transient: others hold a name for longer than `patience_s`.
    """
    take, keep, free = (redis.register_script(source) for source in (_TAKE, _KEEP, _FREE))
    lease_ms = int(lease_s * 1000)

    @contextmanager
    def held(names: Iterable[str]) -> Iterator[Callable[[], None]]:
        keys, token = [f"tocsin:lock:{name}" for name in sorted(set(names))], uuid.uuid4().hex
        if not keys:
            yield lambda: None
            return

        def confirm() -> None:
            if not keep(keys=keys, args=[token, lease_ms]):
                raise Transient("a lock ran out")

        try:
            _wait(take, keys, [token, lease_ms], time.monotonic() + patience_s)
            yield confirm
        finally:
            free(keys=keys, args=[token])

    return held


def _wait(take: Script, keys: Sequence[str], arguments: Sequence[str | int], until: float) -> None:
    while position := int(take(keys=keys, args=arguments)):
        if time.monotonic() > until:
            raise Transient(f"another indexer holds {keys[position - 1]}")
        time.sleep(POLL_S)
