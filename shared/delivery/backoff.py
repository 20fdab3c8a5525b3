"""How long to wait before the next attempt."""

import random

from celery.utils.time import get_exponential_backoff_interval

#: Shortest wait in seconds: what is put off goes through Redis, which must not spin.
LEAST_S = 1.0


def after_attempts(attempts: int, *, cap_s: float) -> float:
    """Return the seconds to wait after `attempts` that failed: random within 2, 4, 8 … seconds, at most `cap_s`.

    Exponential backoff with full jitter, so that what failed together does not come back together.
    """
    whole = get_exponential_backoff_interval(
        factor=2, retries=min(max(attempts - 1, 0), 10), maximum=max(1, int(cap_s)), full_jitter=True
    )
    return max(LEAST_S, float(whole))


def in_outage(waited_s: float, *, cap_s: float) -> float:
    """Return the seconds to wait in an outage that has lasted `waited_s`: about as long again, at most `cap_s`."""
    longest = min(max(waited_s, 2 * LEAST_S), max(cap_s, 2 * LEAST_S))
    return random.uniform(longest / 2, longest)  # noqa: S311 - jitter, no secret
