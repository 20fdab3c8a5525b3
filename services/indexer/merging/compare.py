"""Decides which reports tell the same happening. Used by the live indexer and by `tocsin merge`.

A pair of reports is scored on time, place, kind, casualties and title; the score is a hand-set weighting until a
calibrated model takes its place. A report joins the incident whose reports it fits best on average. Reports that
contradict it count as nothing, and more than a few of them keep it out: A like B and B like C does not make A and C the
same, and one misread report does not close an incident to all others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.domain import earth
from shared.domain.event import Place, Toll
from shared.domain.incident import Report
from shared.domain.vocabulary import EventType, PlacePrecision, Subtype

#: Least mean score at which a report joins an incident.
THRESHOLD = 0.6
#: Days by which two tellings of one day may differ: time zones and "overnight".
SLACK_DAYS = 1
#: Kilometres within which two points are one town.
NEAR_KM = 25.0
#: Kilometres beyond which two fine places are not one happening.
FAR_KM = 60.0
#: Largest share of the reports of an incident that may contradict one that joins it.
CONTRADICTORY = 0.2
#: Tolls further apart than this factor, and by more than this number, do not look like tellings of one attack.
FAR_FACTOR = 3
FAR_BY = 5
#: What is left of a score when tolls or days differ and the titles have little in common, or no town is known to agree.
DOUBT = 0.7
#: Tolls that differ by no more are one: early counts are off by one or two.
MISCOUNT = 2

_FINE = frozenset({PlacePrecision.FACILITY, PlacePrecision.NEIGHBOURHOOD, PlacePrecision.CITY})
_ATTACK = frozenset({EventType.BATTLE, EventType.EXPLOSIVE_REMOTE, EventType.VIOLENCE_CIVILIANS})
_UNREST = frozenset({EventType.PROTEST, EventType.RIOT})
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "its", "of", "on", "the", "to", "was", "with")
)


@dataclass(frozen=True)
class Match:
    """How well two reports agree, 0 to 1, and the grounds in words. 0 is a contradiction."""

    score: float
    reason: str


@dataclass(frozen=True)
class Assignment:
    """The incident a report belongs to."""

    incident_id: str
    score: float
    reason: str


CONTRADICTION = Match(0.0, "contradiction")


def compare(one: Report, other: Report) -> Match:
    """Return how well two reports agree. Symmetric."""
    kind = _kind(one, other)
    if kind.score == 0:
        return CONTRADICTION
    # of one article it is an older reading, which may have told another event at this position
    alike = one.article_id != other.article_id or one.event == other.event
    if alike and one.fingerprint == other.fingerprint and one.position == other.position:
        return Match(1.0, "the same text")
    if not (comparable(one) and comparable(other)):
        return Match(0.3, "too little is known")
    parts = (kind, _time(one, other), _place(one.event.place, other.event.place), _toll(one, other))
    if any(part.score == 0 for part in parts):
        return CONTRADICTION
    title = _title(one.title, other.title)
    weights = (0.2, 0.25, 0.3, 0.15, 0.1)
    score = sum(weight * part.score for weight, part in zip(weights, (*parts, title), strict=True))
    score *= DOUBT if _doubtful(one, other, title) else 1
    return Match(round(score, 3), ", ".join(part.reason for part in (*parts, title) if part.reason))


def comparable(report: Report) -> bool:
    """Return whether country and days are known: without them only a verbatim copy is taken for the same."""
    place = report.event.place
    return bool(place and place.country and report.when_start and report.when_end)


def possible(one: Report, other: Report) -> bool:
    """Return whether two reports are worth comparing. All others contradict each other or are too little known."""
    if one.fingerprint == other.fingerprint:
        return True
    here, there = one.event.place, other.event.place
    if here is None or there is None or not (comparable(one) and comparable(other)):
        return False
    related = here.country == there.country and other.event.type in kin(one.event.type)
    return related and _gap_days(one, other) <= SLACK_DAYS


def assign(report: Report, incidents: Mapping[str, Sequence[Report]]) -> Assignment | None:
    """Return the incident that a report joins, None when it is a happening of its own."""
    best: Assignment | None = None
    for identifier in sorted(incidents):
        matches = [compare(report, other) for other in incidents[identifier]]
        against = sum(match.score == 0 for match in matches)
        if not matches or against > CONTRADICTORY * len(matches):
            continue
        mean = sum(match.score for match in matches) / len(matches)
        if mean >= THRESHOLD and (best is None or mean > best.score):
            closest = max(matches, key=lambda match: match.score)
            best = Assignment(identifier, round(mean, 3), closest.reason)
    return best


def settle(report: Report, assignment: Assignment | None) -> Report:
    """Return the report with its assignment written into it; without one it keeps the incident it founds."""
    if assignment is None:
        return report
    return report.model_copy(
        update={"incident_id": assignment.incident_id, "score": assignment.score, "reason": assignment.reason}
    )


def kin(kind: EventType) -> frozenset[EventType]:
    """Return the types that different tellings of one event of type `kind` may be coded as."""
    return next((family for family in (_ATTACK, _UNREST) if kind in family), frozenset({kind}))


def _kind(one: Report, other: Report) -> Match:
    a, b = one.event, other.event
    if a.subtype == b.subtype:
        return Match(1.0, "same kind")
    if a.type == b.type:
        return Match(0.7, "same type")
    if b.type not in kin(a.type):
        return CONTRADICTION
    # a bomb is not taken for a shooting; an attack of no stated means may be either
    vague = {Subtype.ARMED_ATTACK, Subtype.ARMED_CLASH, Subtype.ASSASSINATION}
    return Match(0.5, "") if a.type in _UNREST or {a.subtype, b.subtype} <= vague else CONTRADICTION


def _time(one: Report, other: Report) -> Match:
    gap = _gap_days(one, other)
    if gap > SLACK_DAYS:
        return CONTRADICTION
    if gap > 0:
        return Match(0.7, "a day apart")
    dated = one.event.date is not None and other.event.date is not None
    return Match(1.0, "same day") if dated else Match(0.6, "days that may be the same")


def _gap_days(one: Report, other: Report) -> int:
    """Return how many days lie between two intervals, 0 or less when they meet."""
    if not (one.when_start and one.when_end and other.when_start and other.when_end):
        return 0
    return max((other.when_start - one.when_end).days, (one.when_start - other.when_end).days)


def _doubtful(one: Report, other: Report, title: Match) -> bool:
    """Return whether two attacks of one kind in one town are the likelier reading, or two in one country.

    On one day: far tolls under unlike titles. A day apart, or where one does not tell its town: all but equal tolls, or
    like titles over like tolls. A country has several attacks on one day; a missing town is not any town.
    """
    pairs = ((one.event.killed, other.event.killed), (one.event.injured, other.event.injured))
    known = [(a, b) for a, b in ((_likeliest(x), _likeliest(y)) for x, y in pairs) if a is not None and b is not None]
    alike = title.score >= 0.5  # noqa: PLR2004 - half the words
    dated = one.event.date is not None and other.event.date is not None
    if (dated and _gap_days(one, other) > 0) or not _one_town(one.event.place, other.event.place):
        equal = any(a == b > 0 for a, b in known)
        return not equal and (not alike or any(abs(a - b) > MISCOUNT for a, b in known))
    return not alike and any(max(a, b) > FAR_FACTOR * min(a, b) and abs(a - b) > FAR_BY for a, b in known)


def _one_town(one: Place | None, other: Place | None) -> bool:
    return _place(one, other).score == 1


def _place(one: Place | None, other: Place | None) -> Match:
    if one is None or other is None:
        return Match(0.2, "")
    if one.country != other.country:
        return CONTRADICTION
    apart = distance_km(one, other)
    fine = one.precision in _FINE and other.precision in _FINE
    if fine and apart is not None and apart > FAR_KM:
        return CONTRADICTION
    if one.city and one.city == other.city:
        return Match(1.0, f"both in {one.city}")
    if apart is not None and apart <= NEAR_KM and fine:
        return Match(1.0, f"{apart:.1f} km apart")
    return Match(0.4, "same country")


def distance_km(one: Place, other: Place) -> float | None:
    """Return the great-circle distance of two places in kilometres, None when one has no coordinates."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    return earth.distance_km(one.lat, one.lon, other.lat, other.lon)


def _toll(one: Report, other: Report) -> Match:
    killed = _agree(one.event.killed, other.event.killed)
    injured = _agree(one.event.injured, other.event.injured)
    known = [value for value in (killed, injured) if value is not None]
    if not known:
        return Match(0.5, "")
    # never a contradiction: the toll of a great attack grows for days
    score = max(0.1, sum(known) / len(known))
    return Match(score, "same toll" if min(known) == 1 else "")


def _agree(one: Toll | None, other: Toll | None) -> float | None:
    """Return 1 for equal numbers, less the further they are apart, 0 past a factor of two; None if one is unknown."""
    a, b = _likeliest(one), _likeliest(other)
    if a is None or b is None:
        return None
    low, high = sorted((a, b))
    if high - low <= MISCOUNT:
        return 1.0 - 0.25 * (high - low)
    return max(0.0, 2 * low / high - 1) if low else 0.0


def _likeliest(toll: Toll | None) -> int | None:
    if toll is None:
        return None
    return toll.best if toll.best is not None else toll.min if toll.min is not None else toll.max


def _title(one: str, other: str) -> Match:
    a, b = _words(one), _words(other)
    common = len(a & b) / max(1, min(len(a), len(b)))
    return Match(max(0.01, common), "like titles" if common >= 0.5 else "")  # noqa: PLR2004 - half the words


def _words(title: str) -> frozenset[str]:
    words = "".join(c if c.isalnum() else " " for c in title.casefold()).split()
    return frozenset(word[:6] for word in words if word not in _SMALL_WORDS)
