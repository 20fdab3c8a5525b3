"""Which incidents have changed and were not yet matched against the alerts: noted in Redis by whoever writes them.

A note is made before the write and says which revision is about to be. So a process that dies between the two leaves
a note too many, never one too few; the notifier waits for the revision to be there. One note an incident, the newest:
the notes are bounded by the number of incidents, about 200 bytes each.

    tocsin:changed       incident -> revision, and when it was noted (seconds, by the clock of Redis)
    tocsin:changed:due   incident -> when it is next looked at: now, or when the lease of who matches it ends
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from redis import Redis

CHANGED, DUE = "tocsin:changed", "tocsin:changed:due"
#: Most notes taken at once.
BATCH = 200

# Given revision and id in turn. An older note does not replace a newer one.
_NOTE = """
local clock = redis.call('TIME')
local now = string.format('%.6f', clock[1] + clock[2] / 1000000)
for i = 1, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i + 1])
  if not known or tonumber(string.match(known, '^%d+')) <= tonumber(ARGV[i]) then
    redis.call('HSET', KEYS[1], ARGV[i + 1], ARGV[i] .. ' ' .. now)
    redis.call('ZADD', KEYS[2], now, ARGV[i + 1])
  end
end
"""
# Takes what is due and leaves it under a lease. Given the lease in seconds and a limit.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local due = redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[2])
local found = {}
for _, id in ipairs(due) do
  redis.call('ZADD', KEYS[2], string.format('%.6f', now + ARGV[1]), id)
  table.insert(found, id)
  table.insert(found, redis.call('HGET', KEYS[1], id) or '0 0')
end
return {string.format('%.6f', now), found}
"""
# Given id and note in turn: removes what is as it was taken; what was noted anew stays.
_DONE = """
for i = 1, #ARGV, 2 do
  if (redis.call('HGET', KEYS[1], ARGV[i]) or '0 0') == ARGV[i + 1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
    redis.call('ZREM', KEYS[2], ARGV[i])
  end
end
"""


@dataclass(frozen=True)
class Change:
    """A note: an incident, the revision that is to be there, and when that was noted."""

    incident_id: str
    revision: int
    noted_at: float  #: seconds since the epoch, by the clock of Redis
    age_s: float  #: when it was taken
    raw: bytes


class Changed:
    """The notes. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis, *, lease_s: float = 60) -> None:
        """`lease_s`: for so long notes that somebody takes are left to them."""
        self._lease_s = lease_s
        self._note = redis.register_script(_NOTE)
        self._take = redis.register_script(_TAKE)
        self._done = redis.register_script(_DONE)
        self._redis = redis

    def note(self, revisions: Mapping[str, int]) -> None:
        """Note that these incidents are about to have these revisions."""
        if revisions:
            self._note(keys=[CHANGED, DUE], args=[part for one, n in revisions.items() for part in (n, one)])

    def take(self, limit: int = BATCH) -> list[Change]:
        """Return notes that are due, the oldest first. They come again when they are not `done` before the lease ends.

        So what is not there yet is looked for again every lease.
        """
        now, rows = cast("tuple[bytes, list[bytes]]", self._take(keys=[CHANGED, DUE], args=[self._lease_s, limit]))
        found = []
        for name, raw in zip(rows[::2], rows[1::2], strict=True):
            revision, noted_at = raw.split()
            found.append(Change(name.decode(), int(revision), float(noted_at), float(now) - float(noted_at), raw))
        return found

    def done(self, changes: Sequence[Change]) -> None:
        """Strike notes off, unless they were made anew meanwhile."""
        if changes:
            args = [part for one in changes for part in (one.incident_id, one.raw)]
            self._done(keys=[CHANGED, DUE], args=args)

    def again(self, changes: Sequence[Change], wait_s: float) -> None:
        """Look at notes again after `wait_s` seconds instead of after the lease."""
        now = self._redis.time()[0]
        if changes:
            self._redis.zadd(DUE, {one.incident_id: now + wait_s for one in changes}, xx=True)

    def count(self) -> int:
        """Return how many incidents wait to be matched."""
        return self._redis.hlen(CHANGED)
