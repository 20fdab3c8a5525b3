"""The data views: one for each index that people look into."""

from services.setup.dashboards.objects import View
from services.setup.kibana import PREFIX

_LINK = {"id": "url", "params": {}}
_DURATION = {
    "id": "duration",
    "params": {
        "inputFormat": "seconds",
        "outputFormat": "humanizePrecise",
        "outputPrecision": 1,
        "useShortSuffix": True,
    },
}

INCIDENTS = View("tocsin-incidents", "Incidents", f"{PREFIX}incidents", "date.start", formats={"sources.url": _LINK})
#: A time range leaves out what has no day, so there is a view without one.
ALL_INCIDENTS = View(
    "tocsin-incidents-all",
    "Incidents, also without a day",
    f"{PREFIX}incidents",
    formats={"sources.url": _LINK},
)
REPORTS = View("tocsin-reports", "Reports", f"{PREFIX}reports", "fetched_at", formats={"url": _LINK})
ARTICLES = View("tocsin-articles", "Articles", f"{PREFIX}articles", "fetched_at", formats={"url": _LINK})
OUTCOMES = View(
    "tocsin-outcomes",
    "Outcomes of submissions",
    f"{PREFIX}outcomes",
    "ended_at",
    formats={"url": _LINK, "took_s": _DURATION},
)
HISTORY = View("tocsin-history", "History of people's decisions", f"{PREFIX}decisions", "at")
DELIVERIES = View("tocsin-deliveries", "Deliveries of alerts", f"{PREFIX}deliveries", "created_at")

VIEWS = (INCIDENTS, ALL_INCIDENTS, REPORTS, ARTICLES, OUTCOMES, HISTORY, DELIVERIES)
