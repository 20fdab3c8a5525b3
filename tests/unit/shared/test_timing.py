"""The timing is one consistent set, or none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.timing import Timing
from shared.errors import SetupError
from shared.pipeline import STAGES

GOOD = Timing.of(fetch_timeout_s=30)
LONG = 10.0**9


def each(value: float) -> Mapping[str, float]:
    """The same for each stage."""
    return dict.fromkeys(STAGES, value)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"fetch_timeout_s": GOOD.soft_limit_s["fetch"]}, "a fetch may take longer"),
        ({"opinion_timeout_s": 46}, "TOCSIN_LLM_TIMEOUT_S is more than half"),
        ({"hard_limit_s": {**GOOD.hard_limit_s, "index": GOOD.soft_limit_s["index"]}}, "killed before it is told"),
        ({"visibility_timeout_s": max(GOOD.hard_limit_s.values())}, "given to a second worker"),
        ({"sweep_s": GOOD.visibility_timeout_s}, "looked for too seldom"),
        ({"overdue_s": dict(GOOD.overdue_s) | {"index": GOOD.visibility_timeout_s}}, "the ledger would send"),
        ({"reconcile_every_s": max(GOOD.overdue_s.values())}, "reconciler runs too seldom"),
        ({"drain_s": GOOD.visibility_timeout_s}, "would hold messages"),
        ({"outage_patience_s": max(GOOD.backoff_cap_s.values())}, "no second look"),
        ({"release_every_s": 0}, "interval of nothing"),
        ({"canary_every_s": 0}, "interval of nothing"),
        ({"drain_s": 0}, "interval of nothing"),
    ],
)
def test_each_contradiction_is_refused_by_name(broken: dict[str, Any], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        replace(GOOD, **broken)


@pytest.mark.parametrize("name", ["backoff_cap_s", "hard_limit_s"])
def test_one_stage_is_enough_to_contradict(name: str) -> None:
    limits: Mapping[str, float] = getattr(GOOD, name)
    for stage in STAGES:
        with pytest.raises(SetupError):
            replace(GOOD, **{name: {**limits, stage: LONG}})  # type: ignore[arg-type]  # each is a mapping


@given(fetch=st.floats(0.001, 1000), scale=st.floats(0.001, 1))
def test_a_set_is_consistent_at_every_scale_or_refused(fetch: float, scale: float) -> None:
    if fetch >= GOOD.soft_limit_s["fetch"] * scale:
        with pytest.raises(SetupError, match="a fetch may take longer"):
            Timing.of(fetch_timeout_s=fetch, scale=scale)
        return
    timing = Timing.of(fetch_timeout_s=fetch, scale=scale)
    for name, stage in STAGES.items():
        assert timing.soft_limit_s[name] == stage.soft_limit_s * scale < timing.hard_limit_s[name]
        assert timing.hard_limit_s[name] < timing.visibility_timeout_s
        assert timing.backoff_cap_s[name] + timing.visibility_timeout_s < timing.overdue_s[name]
