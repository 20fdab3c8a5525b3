"""Folds reports into an incident. Pure: the same reports give the same incident, in whatever order they come.

    field      from
    ---------  -----------------------------------------------------------------------------------------
    title      the usable headline of the report with most fields known, then the first published; else composed
    kind       the type and subtype most voices give
    realis     the realis most voices give
    date       the narrowest that most voices share
    place      the finest that most voices share
    tolls      best: the number most voices give, of equals the newest; min and max: the extremes
    parties    all that any voice names, those that most name first; a party is one by role and name or alias
    claimed_by the name most voices give
    confidence that of the surest report
    summary    two sentences made of all that

A voice is a publisher: its newest report speaks for it, so that a correction takes the place of what it corrects, and
verbatim copies of one text are one voice.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from shared.domain.event import DateRange, Place, Toll
from shared.domain.incident import Incident, IncidentStatus, Report, Source
from shared.domain.vocabulary import CasualtyRole, PlacePrecision
from shared.incidents import parties
from shared.incidents.summary import summary, title, usable
from shared.spelling import without_accents

#: Most articles listed in one incident; all are counted.
LISTED = 100

_FINENESS = {precision: rank for rank, precision in enumerate(PlacePrecision)}

T = TypeVar("T")


def fold(incident_id: str, reports: Sequence[Report]) -> Incident:
    """Return the incident that `reports` tell. Raises ValueError without a report."""
    if not reports:
        raise ValueError("an incident without reports is withdrawn, not folded")
    ordered = sorted(reports, key=_age)
    voices = _voices(ordered)
    events = [voice.event for voice in voices]
    subtype = _common([event.subtype for event in events])
    published = [report.published for report in ordered if report.published]
    headlined = [voice for voice in voices if usable(voice.title)]
    folded = Incident(
        id=incident_id,
        status=IncidentStatus.ACTIVE,
        title=max(headlined, key=_known).title if headlined else "",
        type=next(event.type for event in events if event.subtype == subtype),
        subtype=subtype,
        realis=_common([event.realis for event in events]),
        date=_date([event.date for event in events if event.date]),
        place=_place([event.place for event in events if event.place]),
        killed=toll([event.killed for event in events if event.killed]),
        injured=toll([event.injured for event in events if event.injured]),
        confidence=max((e.confidence for e in events if e.confidence is not None), default=None),
        actors=parties.actors(events),
        targets=parties.named([event.targets or () for event in events]),
        weapons=parties.named([event.weapons or () for event in events]),
        claimed_by=_most([e.claimed_by for e in events if e.claimed_by], rank=lambda _: 0),
        text=_text(ordered),
        reports=len(ordered),
        sites=tuple(sorted({report.site for report in ordered if report.site})),
        sources=tuple(_source(report) for report in ordered[:LISTED]),
        first_published=min(published, default=None),
        last_published=max(published, default=None),
        updated_at=max(report.fetched_at for report in ordered),
    )
    return worded(folded)


def worded(incident: Incident) -> Incident:
    """Return an incident with the summary of its fields, and a title composed of them where it has none."""
    return incident.model_copy(update={"title": incident.title or title(incident), "summary": summary(incident)})


def withdraw(incident: Incident) -> Incident:
    """Return the incident as it stands when its last report is gone. Its number stays taken."""
    emptied = {"status": IncidentStatus.WITHDRAWN, "reports": 0, "sites": (), "sources": (), "summary": ""}
    return incident.model_copy(update=emptied)  # a summary counts the reports


def revised(new: Incident, old: Incident | None) -> Incident:
    """Return an incident with its changes counted on from what is stored. Without a change the revision stays."""
    if old is None:
        return new
    same = new.model_copy(update={"revision": old.revision})
    return same if same == old else new.model_copy(update={"revision": old.revision + 1})


def _age(report: Report) -> tuple[date, datetime, str]:
    return report.published or date.max, report.fetched_at.astimezone(UTC), report.id


def _voices(ordered: Sequence[Report]) -> list[Report]:
    by_site = {report.site or report.article_id: report for report in ordered}  # the newest of each stays
    by_text: dict[str, Report] = {}
    for report in sorted(by_site.values(), key=_age):
        by_text.setdefault(report.fingerprint, report)
    return list(by_text.values())


def _known(report: Report) -> int:
    event = report.event
    return sum(value is not None for value in (event.date, event.place, event.killed, event.injured))


def _common(values: Sequence[T]) -> T:
    """Return the most frequent value, of equally frequent ones the first."""
    return Counter(values).most_common(1)[0][0]


def _most(values: Sequence[T], *, rank: Callable[[T], float]) -> T | None:
    """Return the lowest-ranked of the values, of those the most frequent."""
    if not values:
        return None
    least = min(rank(value) for value in values)
    return _common([value for value in values if rank(value) == least])


def _date(dates: Sequence[DateRange]) -> DateRange | None:
    return _most(dates, rank=lambda d: (d.end - d.start).days)


def _place(places: Sequence[Place]) -> Place | None:
    return _most(places, rank=lambda p: _FINENESS[p.precision] + (100 if p.lat is None else 0))


def toll(tolls: Sequence[Toll]) -> Toll | None:
    """Return the range of several tellings, the oldest first: never a sum."""
    if not tolls:
        return None
    bests = [t.best for t in tolls if t.best is not None]
    votes = Counter(bests)
    best = max(bests, key=lambda n: (votes[n], len(bests) - bests[::-1].index(n))) if bests else None
    lows = [n for t in tolls for n in (t.min, t.best, t.max) if n is not None]
    # "at least five" has no upper end: a range that one source leaves open ends at the highest number told
    low, high = (min(lows), max(lows)) if lows else (None, None)
    newest = tolls[-1]
    outgrown = newest.best is None and newest.min is not None and (best is None or newest.min > best)
    if outgrown:  # "dozens dead" after "five dead" says that five is no longer true
        best = newest.min
    open_above = outgrown or all(t.max is None for t in tolls)
    if all(t.min is None and t.best is None for t in tolls):  # "up to nine", and nobody who says how few
        low = None
    roles: dict[CasualtyRole, int] = {}
    for one in tolls:
        roles |= one.by_role
    return Toll(min=low, best=best, max=None if open_above else high, by_role=roles)


def _text(reports: Sequence[Report]) -> tuple[str, ...]:
    """Return each thing said once, in order of appearance."""
    said: dict[str, None] = {}
    for report in reports[:LISTED]:
        place = report.event.place
        names = [place.name, place.city, place.admin1] if place else []
        names += [name for actor in report.event.actors or () for name in (actor.name, *actor.aliases)]
        quoted = (quote for quotes in report.quotes.values() for quote in quotes)
        said |= dict.fromkeys(text for text in (report.title, *names, *quoted) if text)
    # who types Medellin or Dusseldorf wants Medellín and Düsseldorf, too
    return tuple(dict.fromkeys((*said, *(without_accents(text) for text in said))))


def _source(report: Report) -> Source:
    return Source(
        report_id=report.id,
        article_id=report.article_id,
        url=report.url,
        site=report.site,
        title=report.title,
        published=report.published,
        killed=report.event.killed,
        injured=report.event.injured,
        quotes=report.quotes,
    )
