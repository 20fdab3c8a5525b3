"""The saved searches."""

from services.setup.dashboards.objects import Search
from services.setup.dashboards.views import ALL_INCIDENTS, ARTICLES, HISTORY, INCIDENTS, OUTCOMES, REPORTS

_INCIDENT = ("title", "type", "subtype", "place.country", "place.name", "killed.best", "injured.best", "reports")
_ARTICLE = ("title", "site", "language", "score", "discard_reason", "url")
_OUTCOME = ("url", "step", "reason", "detail", "labels", "took_s")

NEWEST = Search(
    "tocsin-search-newest", "Incidents, the newest first", "Every incident that stands.",
    INCIDENTS, "status: active", _INCIDENT, "date.start",
)  # fmt: skip
PROTECTED = Search(
    "tocsin-search-protected",
    "Attacks on aid, health, schools and the press",
    "What was aimed at, or whom it hit, has a protection of its own.",
    INCIDENTS,
    "status: active and (targets.class: (aid or health or education or media)"
    " or victim_sectors: (aid or medical or education or media))",
    (*_INCIDENT, "targets.class", "victim_sectors"),
    "date.start",
)
CHILDREN = Search(
    "tocsin-search-children", "Children among the victims", "Coded as victims, or counted among the dead and injured.",
    INCIDENTS,
    "status: active and (victim_sectors: child or killed.by_role.child > 0 or injured.by_role.child > 0)",
    (*_INCIDENT, "killed.by_role.child", "injured.by_role.child"), "date.start",
)  # fmt: skip
DISPUTED = Search(
    "tocsin-search-disputed",
    "Tolls told differently",
    "The lowest and the highest number of dead or injured lie apart.",
    INCIDENTS,
    "status: active and (killed.spread > 0 or injured.spread > 0)",
    ("title", "killed.min", "killed.best", "killed.max", "injured.min", "injured.best", "injured.max", "sites"),
    "date.start",
)
LONE = Search(
    "tocsin-search-lone", "Many dead, one source", "Ten or more killed, told by a single report: worth a second look.",
    INCIDENTS, "status: active and reports: 1 and killed.best >= 10", (*_INCIDENT, "sites"), "killed.best",
)  # fmt: skip
UNPLACED = Search(
    "tocsin-search-unplaced",
    "Without a day or a place",
    "What the time range or the map leaves out.",
    ALL_INCIDENTS,
    "status: active and (not date.start: * or not place.location: *)",
    (*_INCIDENT, "date.start", "updated_at"),
    "updated_at",
)
NEARLY = Search(
    "tocsin-search-nearly", "Articles that were nearly relevant", "Discarded as no news, with a score of 0.2 or more.",
    ARTICLES, "discard_reason: not_relevant and score >= 0.2", _ARTICLE, "score",
)  # fmt: skip
DIFFERING = Search(
    "tocsin-search-differing", "A second opinion differs", "The language model found other news than our models did.",
    ARTICLES, "opinion.agrees: false", (*_ARTICLE, "relevant", "opinion.model"), "fetched_at",
)  # fmt: skip
MOVED = Search(
    "tocsin-search-moved", "Reports that people moved", "Where the model had them is `assigned_id`.",
    REPORTS, "assigned_id: *", ("title", "site", "incident_id", "assigned_id", "score", "reason"), "fetched_at",
)  # fmt: skip
QUARANTINED = Search(
    "tocsin-search-quarantined", "Quarantined", "What failed for good, and the error.",
    OUTCOMES, "status: quarantined", _OUTCOME, "ended_at",
)  # fmt: skip
REFUSED = Search(
    "tocsin-search-refused", "Refused by publishers", "Pages that we may not read.",
    OUTCOMES, "status: discarded and reason: (robots or forbidden)", _OUTCOME, "ended_at",
)  # fmt: skip
DECIDED = Search(
    "tocsin-search-history", "What people decided", "Merges, splits, moves, edits, retractions, locks, undoing.",
    HISTORY, "", ("kind", "incident_ids", "who", "why", "into", "undoes"), "at",
)  # fmt: skip

SEARCHES = (
    NEWEST, PROTECTED, CHILDREN, DISPUTED, LONE, UNPLACED, NEARLY, DIFFERING, MOVED, QUARANTINED, REFUSED, DECIDED,
)  # fmt: skip
