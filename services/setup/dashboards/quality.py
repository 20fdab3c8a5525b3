"""The dashboard of how far the record can be trusted: confidence, disagreement, precision, and what people mended."""

from services.setup.dashboards.board import Dashboard, row
from services.setup.dashboards.lens import Chart, Column, cases, chart, count, figure, number, over_time, steps, top
from services.setup.dashboards.searches import DECIDED, DIFFERING, DISPUTED, NEARLY
from services.setup.dashboards.views import ARTICLES, HISTORY, INCIDENTS, REPORTS

_STANDS = "status: active"
_COUNT = count("Incidents")
_TENTHS = tuple(n / 10 for n in range(11))
_SCORE = steps("score", "Score", _TENTHS)

#: How many reports an incident rests on.
_REPORTS = {
    "one": "reports: 1",
    "two": "reports: 2",
    "three to five": "reports >= 3 and reports <= 5",
    "more": "reports > 5",
}


def _incidents(title: str, drawn: str, *columns: Column) -> Chart:
    return chart(title, INCIDENTS, drawn, *columns, kql=_STANDS)


QUALITY = Dashboard(
    "tocsin-quality",
    "Tocsin: quality",
    "How far the record can be trusted: confidence, disagreement, precision, and what people mended.",
    "now-5y",
    (
        row(
            6,
            figure(INCIDENTS, number("average", "confidence", "Mean confidence of incidents"), _STANDS),
            figure(INCIDENTS, count("Told by one report alone", "reports: 1"), _STANDS),
            figure(INCIDENTS, count("Tolls told differently", "killed.spread > 0 or injured.spread > 0"), _STANDS),
            figure(ARTICLES, count("Second opinions that differ", "opinion.agrees: false")),
            figure(REPORTS, count("Reports that people moved", "assigned_id: *")),
            figure(HISTORY, count("Decisions of people")),
        ),
        row(
            13,
            _incidents("Confidence of incidents", "bars", steps("confidence", "Confidence", _TENTHS), _COUNT),
            _incidents("Confidence by type", "rows", top("type", "Type"), number("average", "confidence", "Mean")),
            chart(
                "Score of articles",
                ARTICLES,
                "bars",
                _SCORE,
                top("relevant", "Relevant", data="boolean"),
                count("Articles"),
            ),
        ),
        row(
            13,
            (
                20,
                _incidents(
                    "How far tolls lie apart, over time",
                    "lines",
                    over_time("date.start", "Day"),
                    number("average", "killed.spread", "Killed, mean"),
                    number("max", "killed.spread", "Killed, most"),
                    number("average", "injured.spread", "Injured, mean"),
                ),
            ),
            DISPUTED,
        ),
        row(
            13,
            _incidents("How many reports", "ring", cases("Reports", _REPORTS), _COUNT),
            _incidents("How fine the place is", "ring", top("place.precision", "Place"), _COUNT),
            _incidents("How fine the day is", "ring", top("date.precision", "Day"), _COUNT),
            chart("How well reports fit their incident", REPORTS, "bars", _SCORE, count("Reports")),
        ),
        row(
            13,
            (
                20,
                chart(
                    "Second opinions",
                    ARTICLES,
                    "shares",
                    over_time("fetched_at", "Fetched"),
                    top("opinion.agrees", "Agrees", data="boolean"),
                    count("Articles"),
                ),
            ),
            DIFFERING,
        ),
        row(
            13,
            (
                20,
                chart(
                    "What people decided",
                    HISTORY,
                    "bars",
                    over_time("at", "Day"),
                    top("kind", "Kind"),
                    count("Decisions"),
                ),
            ),
            DECIDED,
        ),
        row(13, (20, _incidents("Fields that people set", "rows", top("edited", "Field", 12), _COUNT)), NEARLY),
    ),
)
