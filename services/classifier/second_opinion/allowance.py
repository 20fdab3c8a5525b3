"""How many tokens may be used on a day, counted in one place for all who share it."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from redis import Redis

from services.classifier.second_opinion.answer import NoOpinion, Why
from services.classifier.second_opinion.chat import Reply

#: Seconds for which a day's sum is kept: it outlives its day wherever clocks differ.
KEEP_S = 2 * 24 * 3600

#: Adds tokens to the sum of a day, and returns it.
Tally = Callable[[str, int], int]


def in_process() -> Tally:
    """Return a tally that the process forgets when it ends."""
    sums: Counter[str] = Counter()

    def add(day: str, tokens: int) -> int:
        sums[day] += tokens
        return sums[day]

    return add


def in_redis(redis: Redis) -> Tally:
    """Return the tally of all who use this Redis. It raises RedisError."""

    def add(day: str, tokens: int) -> int:
        with redis.pipeline() as pipe:
            pipe.incrby(f"tocsin:llm_tokens:{day}", tokens)
            pipe.expire(f"tocsin:llm_tokens:{day}", KEEP_S)
            return int(pipe.execute()[0])

    return add


def today() -> str:
    """Return the day that it is in UTC, as 2026-11-23."""
    return datetime.now(UTC).date().isoformat()


class Allowance:
    """`daily` tokens a day, of which `most` are set aside for each question until its cost is known."""

    def __init__(self, tally: Tally, *, daily: int, most: int, today: Callable[[], str] = today) -> None:
        self._tally = tally
        self._daily = daily
        self._most = most
        self._today = today
        self._used_up: str | None = None

    @property
    def used_up(self) -> bool:
        """Whether nothing more can be asked on this day."""
        return self._used_up == self._today()

    def spend(self, ask: Callable[[], Reply]) -> Reply:
        """Return what `ask` returns, and count what it cost: the most it may have, where the answer does not say.

        Raises:
            NoOpinion: the tokens of the day are used up, or what `ask` raises.
            RedisError: the count cannot be reached.
        """
        day = self._today()
        if self._tally(day, self._most) > self._daily:
            self._tally(day, -self._most)
            self._used_up = day
            raise NoOpinion(Why.USED_UP, billed=False)
        cost = self._most
        try:
            reply = ask()
            cost = reply.usage.total_tokens if reply.usage else self._most
        except NoOpinion as none:
            cost = self._most if none.billed else 0
            raise
        finally:
            self._tally(day, cost - self._most)
        return reply
