"""What a step counts: each way a delivery may end, once, by labels that are bounded."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from shared import pipeline
from shared.domain.base import Model
from shared.domain.outcome import Ending, Outcome, Status
from shared.errors import Discard, Outage, Reason, Transient
from shared.metrics.catalogue import VERDICTS
from tests import examples
from tests.unit.shared.bench import Bench, raising


def told(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def verdicts(step: str) -> dict[str, float]:
    return {one: told("tocsin_step_articles_total", step=step, verdict=one) for one in VERDICTS}


@pytest.mark.parametrize(
    ("verdict", "body"),
    [
        ("passed", lambda _: examples.article()),
        ("discarded", raising(Discard(Reason.EMPTY))),
        ("put_off", raising(Transient("busy"))),
        ("waited_out", raising(Outage("away"))),
        ("quarantined", raising(ValueError("a bug"))),
    ],
)
def test_each_delivery_counts_once_by_how_it_ended(verdict: str, body: Callable[[Any], Model | None]) -> None:
    before, timed = verdicts("extract"), told("tocsin_step_seconds_count", step="extract")
    Bench(pipeline.EXTRACT, body).deliver(examples.page())
    assert {one: count - before[one] for one, count in verdicts("extract").items() if count != before[one]} == {
        verdict: 1
    }
    assert told("tocsin_step_seconds_count", step="extract") == timed + 1


def test_an_outcome_counts_where_it_is_recorded_with_what_it_took() -> None:
    bench = Bench(pipeline.RECORD, lambda _: None)
    outcome = Outcome.of(bench.submission, Status.DISCARDED, step="fetch", reason=Reason.ROBOTS)
    labels = {"step": "fetch", "status": "discarded", "reason": "robots"}
    before = told("tocsin_outcomes_total", **labels), told("tocsin_submission_seconds_count", status="discarded")
    bench.deliver(Ending(outcome=outcome))
    assert told("tocsin_outcomes_total", **labels) == before[0] + 1
    assert told("tocsin_submission_seconds_count", status="discarded") == before[1] + 1


def test_an_outcome_that_could_not_be_written_does_not_count() -> None:
    bench = Bench(pipeline.RECORD, raising(Outage("away")))
    outcome = Outcome.of(bench.submission, Status.DISCARDED, step="fetch", reason=Reason.OVERSIZE)
    bench.deliver(Ending(outcome=outcome))
    assert told("tocsin_outcomes_total", step="fetch", status="discarded", reason="oversize") == 0
    assert len(bench.delayed) == 1
