"""The dashboard of what happened: where, what, to how many, by whom, and who says so."""

from services.setup.dashboards.board import Choice, Dashboard, Note, Only, row
from services.setup.dashboards.lens import Chart, chart, count, figure, number, over_time, top
from services.setup.dashboards.maps import Map
from services.setup.dashboards.searches import NEWEST
from services.setup.dashboards.views import ALL_INCIDENTS, INCIDENTS

SINCE = "now-5y"

MAP = Map(
    "tocsin-map-incidents",
    "Where it happened",
    "Circles count incidents; from close by each is shown.",
    INCIDENTS,
    point="place.location",
    summed="killed.best",
    tooltip=("title", "date.start", "type", "subtype", "killed.best", "injured.best", "reports", "id"),
    since=SINCE,
)

_DAY = over_time("date.start", "Day")
_COUNT = count("Incidents")
_KILLED = number("sum", "killed.best", "Killed")
_INJURED = number("sum", "injured.best", "Injured")

_NOTE = """
Numbers are sums of the likeliest number told of each incident. An incident of which nobody tells the dead adds nothing:
unknown is not zero. Incidents without a day are outside every time range; the search *Without a day or a place* lists
them.
"""


def _ranked(title: str, field: str, size: int = 10) -> Chart:
    return chart(title, INCIDENTS, "rows", top(field, title, size), _COUNT)


OVERVIEW = Dashboard(
    "tocsin-overview",
    "Tocsin: overview",
    "What happened, where, to how many, by whom, and who says so.",
    SINCE,
    (
        row(
            6,
            figure(INCIDENTS, _COUNT),
            figure(INCIDENTS, number("sum", "killed.best", "Killed, likeliest number")),
            figure(INCIDENTS, number("sum", "injured.best", "Injured, likeliest number")),
            figure(INCIDENTS, count("Killed: not told", "not killed.best: *")),
            figure(INCIDENTS, number("unique_count", "sites", "Publishers")),
            figure(ALL_INCIDENTS, count("Without a day: not below", "not date.start: *")),
        ),
        row(
            20,
            (28, MAP),
            chart("Countries", INCIDENTS, "table", top("place.country", "Country", 15), _COUNT, _KILLED, _INJURED),
        ),
        row(
            13,
            chart("Types over time", INCIDENTS, "bars", _DAY, top("type", "Type"), _COUNT),
            chart(
                "Killed over time: fewest, likeliest and most told",
                INCIDENTS,
                "lines",
                _DAY,
                number("sum", "killed.min", "Fewest"),
                number("sum", "killed.best", "Likeliest"),
                number("sum", "killed.max", "Most"),
            ),
        ),
        row(
            13,
            (24, chart("Injured over time", INCIDENTS, "bars", _DAY, _INJURED)),
            _ranked("Subtypes", "subtype", 12),
            chart("Did it happen?", INCIDENTS, "ring", top("realis", "Realis"), _COUNT),
        ),
        row(
            13,
            _ranked("Named perpetrators", "perpetrators"),
            _ranked("What the victims were", "victim_sectors"),
            _ranked("Aimed at", "targets.class"),
            _ranked("Weapons", "weapons.class"),
        ),
        row(
            13,
            chart(
                "Sources",
                INCIDENTS,
                "table",
                top("sites", "Publisher", 20),
                _COUNT,
                count("Alone", "reports: 1"),
                number("average", "confidence", "Mean confidence"),
            ),
            chart("Reports over time", INCIDENTS, "bars", _DAY, number("sum", "reports", "Reports")),
        ),
        row(18, NEWEST),
        row(5, Note(_NOTE)),
    ),
    only=(Only(INCIDENTS, "status", "active"),),
    choices=(
        Choice(INCIDENTS, "place.country", "Country"),
        Choice(INCIDENTS, "type", "Type"),
        Choice(INCIDENTS, "perpetrators", "Perpetrator"),
        Choice(INCIDENTS, "sites", "Publisher"),
    ),
)
