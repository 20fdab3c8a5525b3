"""Every metric that a process counts itself. What all of them share, the queues, beat tells: `backlog`.

Labels are bounded: steps, verdicts, reasons, routes and kinds of hosts, never a URL, a host or a number of anything.
All have labels, so that no value is made before a worker has said where its children keep theirs (`slots`).
"""

from typing import Final

from prometheus_client import Counter, Histogram

from shared.domain.outcome import Status
from shared.pipeline import FLOW, INDEX, RECORD, Stage

#: Seconds from a lookup in memory to the longest step.
_STEP = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 90)
_REQUEST = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
#: Seconds from two hops to an outage of a day.
_JOURNEY = (1, 3, 10, 30, 100, 300, 1000, 3600, 14400, 86400)
_FETCH = (0.1, 0.3, 1, 3, 10, 30)
_SHARES = tuple(n / 10 for n in range(1, 11))

#: How a delivery of one article to a step may end.
PASSED, DISCARDED, QUARANTINED, PUT_OFF, WAITED_OUT = "passed", "discarded", "quarantined", "put_off", "waited_out"
VERDICTS: Final = (PASSED, DISCARDED, QUARANTINED, PUT_OFF, WAITED_OUT)

STEP_ARTICLES = Counter(
    "tocsin_step_articles_total", "Deliveries of an article to a step, by how they ended.", ["step", "verdict"]
)
STEP_SECONDS = Histogram(
    "tocsin_step_seconds",
    "Work of a step on one article; of a batch that is done together, its share.",
    ["step"],
    buckets=_STEP,
)
OUTCOMES = Counter(
    "tocsin_outcomes_total",
    "Outcomes recorded, by the step they ended at, status and reason.",
    ["step", "status", "reason"],
)
SUBMISSION_SECONDS = Histogram(
    "tocsin_submission_seconds",
    "From accepting a submission to recording its outcome.",
    ["status"],
    buckets=_JOURNEY,
)
FETCH_SECONDS = Histogram(
    "tocsin_fetch_seconds",
    "Getting one page with robots.txt and redirects, by kind of host and how it ended.",
    ["hosts", "ended"],
    buckets=_FETCH,
)
CONFIDENCE = Histogram(
    "tocsin_classifier_confidence",
    "Strength of the verdict on an article, 0 to 1, by the verdict.",
    ["relevant"],
    buckets=_SHARES,
)
MERGE_DECISIONS = Counter(
    "tocsin_merge_decisions_total", "Reports filed, by whether they founded an incident or joined one.", ["decision"]
)
MERGE_SCORE = Histogram(
    "tocsin_merge_score", "How well a report fits the incident that it joined, 0 to 1.", ["decision"], buckets=_SHARES
)
ELASTICSEARCH_REFUSALS = Counter(
    "tocsin_elasticsearch_refusals_total",
    "Calls of the indexer and the notifier that Elasticsearch did not take, by what came of it.",
    ["verdict"],
)
REQUEST_SECONDS = Histogram(
    "tocsin_http_request_seconds",
    "Requests to the API until the answer was sent, by route and class of status.",
    ["method", "route", "status"],
    buckets=_REQUEST,
)
INTAKE_REFUSED = Counter(
    "tocsin_intake_refused_total",
    "Requests that were answered 429, by the limit that was reached.",
    ["limit"],
)


def begin(stages: list[Stage]) -> None:
    """Set at zero what a worker of `stages` will count: Prometheus takes no first value for an increase."""
    for stage in stages:
        for verdict in VERDICTS:
            STEP_ARTICLES.labels(stage.name, verdict)
        if stage is RECORD:
            OUTCOMES.labels(INDEX.name, Status.INDEXED.value, "")
            for step in FLOW:
                OUTCOMES.labels(step.name, Status.QUARANTINED.value, "")
        if stage is INDEX:
            for decision in ("founded", "joined"):
                MERGE_DECISIONS.labels(decision)
            for verdict in ("Outage", "Transient", "Refused"):
                ELASTICSEARCH_REFUSALS.labels(verdict)
