"""Messages that were put off: they wait in a sorted set of ours, `tocsin:delayed`, and not in the memory of a worker.

Celery's own countdown would have a worker take the message and hold it until it is due, so an index that is down for an
hour would end with the whole backlog in the memory of one indexer.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Self, cast

from redis import Redis

from shared.delivery.messages import Item
from shared.domain.base import Model
from shared.logs import logger
from shared.pipeline import STAGES, Stage

log = logger(__name__)

DELAYED = "tocsin:delayed"
#: Most items moved back in one go.
BATCH = 500
# Takes what is due, and leaves it in place under a lease, so that two who look at once do not both send it.
# Given the lease in seconds and a limit; returns the end of the lease and what is due.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[2])
local lease = string.format('%.17g', now + ARGV[1])
for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], lease, member) end
return {lease, due}
"""
# Removes what was sent. What has come back in the meantime is no longer under the lease, and stays.
# Given the end of the lease and the members.
_SENT = """
for i = 2, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if score and tonumber(score) == tonumber(ARGV[1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
"""
# Given the wait in seconds and the members.
_PUT = """
local clock = redis.call('TIME')
local due = clock[1] + clock[2] / 1000000 + ARGV[1]
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], due, ARGV[i]) end
"""


class Delayed(Model):
    """One item that waits, and where it is to go."""

    step: str
    item: Item

    def packed(self) -> bytes:
        """Return it as it lies in Redis."""
        return zlib.compress(self.model_dump_json().encode())

    @classmethod
    def unpacked(cls, raw: bytes) -> Self:
        """Return what `packed` made."""
        return cls.model_validate_json(zlib.decompress(raw))


class Delays:
    """The sorted set in Redis. Every method raises `redis.RedisError` when Redis is away."""

    def __init__(self, redis: Redis, *, lease_s: float = 60) -> None:
        """`lease_s`: for so long items that are being moved back are left alone; then they count as not moved."""
        self._redis = redis
        self._lease_s = lease_s
        self._put = redis.register_script(_PUT)
        self._take = redis.register_script(_TAKE)
        self._sent = redis.register_script(_SENT)

    def put(self, stage: Stage, items: Sequence[Item], wait_s: float) -> None:
        """Keep items for `wait_s` seconds; then they are due at `stage` again. The same item twice is one."""
        if items:
            packed = [Delayed(step=stage.name, item=item).packed() for item in items]
            self._put(keys=[DELAYED], args=[wait_s, *packed])

    def release(self, send: Callable[[Stage, Sequence[Item]], None]) -> int:
        """Send what is due, at most `BATCH` items, and return how many. Nothing is taken out before it is sent.

        What cannot be read, of another version perhaps, is dropped: the reconciler sends its submission again.
        """
        lease, rows = cast("tuple[bytes, list[bytes]]", self._take(keys=[DELAYED], args=[self._lease_s, BATCH]))
        by_step: dict[Stage, list[Item]] = defaultdict(list)
        for row in rows:
            try:
                delayed = Delayed.unpacked(row)
                by_step[STAGES[delayed.step]].append(delayed.item)
            except (ValueError, KeyError, zlib.error) as error:
                log.error("delayed_unreadable", error=str(error))  # noqa: TRY400 - no bug here
        for stage, items in by_step.items():
            send(stage, items)
        if rows:
            self._sent(keys=[DELAYED], args=[lease, *rows])
        return len(rows)

    def count(self) -> int:
        """Return how many items wait."""
        return self._redis.zcard(DELAYED)
