"""The dashboard of what became of submissions: how many, how they ended, how long it took, what failed."""

from services.setup.dashboards.board import Dashboard, Note, row
from services.setup.dashboards.lens import chart, count, figure, number, over_time, percentile, top
from services.setup.dashboards.searches import QUARANTINED
from services.setup.dashboards.views import ARTICLES, DELIVERIES, OUTCOMES

_COUNT = count("Submissions")
_DAY = over_time("ended_at", "Ended")
_HALF = number("median", "took_s", "Half ended within")
_MOST = percentile(95, "took_s", "95 of 100 ended within")

_NOTE = """
What has ended is shown here. What waits, and how long each step takes, is counted by the workers: see the dashboards of
Grafana, or `tocsin status`. From quarantine a submission may be sent back: `tocsin quarantine retry`.
"""

OPERATIONS = Dashboard(
    "tocsin-operations",
    "Tocsin: operations",
    "What became of what was submitted: throughput, outcomes, quarantine, alerts.",
    "now-7d",
    (
        row(
            6,
            figure(OUTCOMES, count("Ended")),
            figure(OUTCOMES, count("Indexed", "status: indexed")),
            figure(OUTCOMES, count("Discarded", "status: discarded")),
            figure(OUTCOMES, count("Quarantined", "status: quarantined")),
            figure(OUTCOMES, _HALF),
            figure(OUTCOMES, _MOST),
        ),
        row(
            13,
            chart("Throughput by outcome", OUTCOMES, "bars", _DAY, top("status", "Outcome"), _COUNT),
            chart("From acceptance to the end", OUTCOMES, "lines", _DAY, _HALF, _MOST),
        ),
        row(
            13,
            (24, chart("Why discarded", OUTCOMES, "bars", _DAY, top("reason", "Reason", 12), _COUNT)),
            chart("How it came in", OUTCOMES, "ring", top("source", "Source"), _COUNT),
            chart("Labels of submitters", OUTCOMES, "rows", top("labels", "Label"), _COUNT),
        ),
        row(
            13,
            chart("Quarantined, by step", OUTCOMES, "bars", _DAY, top("step", "Step"), _COUNT, kql=QUARANTINED.kql),
            (32, QUARANTINED),
        ),
        row(
            13,
            (
                24,
                chart(
                    "Articles of each publisher",
                    ARTICLES,
                    "table",
                    top("site", "Publisher", 20),
                    count("Articles"),
                    count("Relevant", "relevant: true"),
                    number("average", "score", "Mean score"),
                ),
            ),
            chart("Languages", ARTICLES, "ring", top("language", "Language", 8, other=True), count("Articles")),
            chart(
                "Deliveries of alerts",
                DELIVERIES,
                "bars",
                over_time("created_at", "Made"),
                top("status", "Status"),
                count("Deliveries"),
            ),
        ),
        row(5, Note(_NOTE)),
    ),
)
