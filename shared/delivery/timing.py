"""Every limit, wait and interval of the delivery promise, derived from the flow, and refused where they contradict.

fetch timeout < soft limit < hard limit < visibility timeout    a running message is never taken for a lost one
opinion timeout <= half of a soft limit                         waiting for others, a step has time for its own work
visibility timeout + hard limit + backoff < overdue             Redis gets its chance before the ledger does
sweep, reconcile interval < what they watch                     what is lost is found in time
drain < visibility timeout                                      a worker that stops holds nothing others have
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from shared.errors import SetupError
from shared.pipeline import CLASSIFY, FETCH, INDEX, STAGES
from shared.settings import settings


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One consistent set; all values in seconds.

    Raises:
        SetupError: the values contradict each other.
    """

    fetch_timeout_s: float  #: most for one page, of the settings
    opinion_timeout_s: float  #: most for one second opinion, of the settings; 0 where none is asked
    soft_limit_s: Mapping[str, float]  #: by stage: the step is told to give up
    hard_limit_s: Mapping[str, float]  #: by stage: the process is killed, in case it did not hear
    backoff_cap_s: Mapping[str, float]  #: by stage: longest wait between attempts
    visibility_timeout_s: float  #: Redis gives an unacknowledged message to another worker
    sweep_s: float  #: how often workers look for such messages
    overdue_s: Mapping[str, float]  #: by stage: without progress for so long, a submission is sent again
    reconcile_every_s: float
    release_every_s: float  #: how often messages that were put off are looked through for those that are due
    watch_every_s: float  #: how often the notifier is woken up
    release_lease_s: float  #: for so long items that are being moved back are left to who moves them
    lock_patience_s: float  #: an indexer waits so long for locks that another holds
    lock_lease_s: float  #: after this the locks of an indexer that died are free again
    canary_every_s: float
    drain_s: (
        float  #: after SIGTERM a worker finishes what it holds; after this it returns it, see `shared.worker.drain`
    )
    outage_patience_s: float  #: so long a server of ours may be away before the articles at that step are quarantined

    def __post_init__(self) -> None:
        """Refuse a set that contradicts itself."""
        for broken in self._contradictions():
            raise SetupError(broken)

    @classmethod
    def of(cls, *, fetch_timeout_s: float, opinion_timeout_s: float = 0, scale: float = 1) -> Self:
        """Return the set for the flow, all but these two timeouts times `scale`."""
        soft = {name: stage.soft_limit_s * scale for name, stage in STAGES.items()}
        hard = {name: limit + 15 * scale for name, limit in soft.items()}
        backoff = {name: stage.backoff_cap_s * scale for name, stage in STAGES.items()}
        visibility = max(hard.values()) + 60 * scale
        return cls(
            fetch_timeout_s=fetch_timeout_s,
            opinion_timeout_s=opinion_timeout_s,
            soft_limit_s=soft,
            hard_limit_s=hard,
            backoff_cap_s=backoff,
            visibility_timeout_s=visibility,
            sweep_s=10 * scale,
            overdue_s={name: 1.5 * visibility + hard[name] + backoff[name] for name in STAGES},
            reconcile_every_s=15 * scale,
            release_every_s=1,
            watch_every_s=2,
            release_lease_s=60 * scale,
            lock_patience_s=20 * scale,
            lock_lease_s=60 * scale,
            canary_every_s=30 * scale,
            drain_s=20 * scale,
            outage_patience_s=24 * 3600,
        )

    def _contradictions(self) -> list[str]:
        longest_hard = max(self.hard_limit_s.values())
        rules = [
            (self.fetch_timeout_s < self.soft_limit_s[FETCH.name], "a fetch may take longer than its step"),
            (
                2 * self.opinion_timeout_s <= self.soft_limit_s[CLASSIFY.name],
                "TOCSIN_LLM_TIMEOUT_S is more than half of what its step may take",
            ),
            (
                all(soft < self.hard_limit_s[name] for name, soft in self.soft_limit_s.items()),
                "a step is killed before it is told to give up",
            ),
            (longest_hard < self.visibility_timeout_s, "a running message would be given to a second worker"),
            (self.sweep_s < self.visibility_timeout_s, "lost messages are looked for too seldom"),
            (
                all(
                    self.visibility_timeout_s + self.hard_limit_s[name] + self.backoff_cap_s[name] < overdue
                    for name, overdue in self.overdue_s.items()
                ),
                "the ledger would send what Redis has",
            ),
            (self.reconcile_every_s < min(self.overdue_s.values()), "the reconciler runs too seldom"),
            # an indexer takes two sets of locks, and then still has to read and write
            (
                3 * self.lock_patience_s < self.soft_limit_s[INDEX.name],
                "a step would wait for locks until it is killed",
            ),
            (self.lock_patience_s < self.lock_lease_s, "a lock would run out while others still wait for it"),
            (self.drain_s < self.visibility_timeout_s, "a worker that stops would hold messages that others have"),
            (max(self.backoff_cap_s.values()) < self.outage_patience_s, "an outage would be given no second look"),
            (
                min(self.release_every_s, self.watch_every_s, self.canary_every_s, self.drain_s) > 0,
                "an interval of nothing",
            ),
        ]
        return [f"delivery timing contradicts itself: {what}" for holds, what in rules if not holds]


@lru_cache(maxsize=1)
def timing() -> Timing:
    """Return the set of this process. Raises SetupError when a setting makes it contradict itself."""
    given = settings()
    return Timing.of(
        fetch_timeout_s=given.fetch_timeout_s,
        opinion_timeout_s=given.llm_timeout_s if given.llm_url else 0,
        scale=given.delivery_time_scale,
    )
