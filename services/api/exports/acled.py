"""The columns of ACLED's event files, filled through the crosswalk. What is unknown stays empty, and never 0.

The crosswalk loses detail (docs/vocabulary.md), and these rows are no data of ACLED: they were coded by other rules.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from services.api.exports.columns import Cell, Column, parties, together
from services.api.exports.documents import Document, within
from shared import countries
from shared.domain.crosswalk import crosswalk
from shared.domain.vocabulary import ActorKind, ActorRole, EventType, PlacePrecision, Realis, Sector, Subtype

_BATTLES, _REMOTE, _CIVILIANS = "Battles", "Explosions/Remote violence", "Violence against civilians"
_PROTESTS, _RIOTS, _STRATEGIC = "Protests", "Riots", "Strategic developments"
_VIOLENCE, _DEMONSTRATIONS = "Political violence", "Demonstrations"

#: ACLED's event type and disorder type of each of its sub-event types that the crosswalk names.
SUB_EVENT_TYPES: Mapping[str, tuple[str, str]] = {
    "Armed clash": (_BATTLES, _VIOLENCE),
    "Government regains territory": (_BATTLES, _VIOLENCE),
    "Non-state actor overtakes territory": (_BATTLES, _VIOLENCE),
    "Remote explosive/landmine/IED": (_REMOTE, _VIOLENCE),
    "Suicide bomb": (_REMOTE, _VIOLENCE),
    "Shelling/artillery/missile attack": (_REMOTE, _VIOLENCE),
    "Air/drone strike": (_REMOTE, _VIOLENCE),
    "Grenade": (_REMOTE, _VIOLENCE),
    "Chemical weapon": (_REMOTE, _VIOLENCE),
    "Attack": (_CIVILIANS, _VIOLENCE),
    "Abduction/forced disappearance": (_CIVILIANS, _VIOLENCE),
    "Sexual violence": (_CIVILIANS, _VIOLENCE),
    "Peaceful protest": (_PROTESTS, _DEMONSTRATIONS),
    "Protest with intervention": (_PROTESTS, _DEMONSTRATIONS),
    "Excessive force against protesters": (_PROTESTS, f"{_VIOLENCE}; {_DEMONSTRATIONS}"),
    "Violent demonstration": (_RIOTS, _DEMONSTRATIONS),
    "Mob violence": (_RIOTS, _VIOLENCE),
    "Looting/property destruction": (_STRATEGIC, _STRATEGIC),
    "Arrests": (_STRATEGIC, _STRATEGIC),
    "Disrupted weapons use": (_STRATEGIC, _STRATEGIC),
    "Agreement": (_STRATEGIC, _STRATEGIC),
    "Change to group/activity": (_STRATEGIC, _STRATEGIC),
    "Headquarters or base established": (_STRATEGIC, _STRATEGIC),
    "Non-violent transfer of territory": (_STRATEGIC, _STRATEGIC),
    "Other": (_STRATEGIC, _STRATEGIC),
}

_CIVILIAN = "Civilians"
#: ACLED's actor type of a sector; those missing here depend on the role, or are unknown.
_INTER: Mapping[str, str] = {
    Sector.MILITARY: "State forces",
    Sector.POLICE: "State forces",
    Sector.INTELLIGENCE: "State forces",
    Sector.PEACEKEEPER: "External/Other forces",
    Sector.REBEL: "Rebel group",
    Sector.MILITIA: "Political militia",
    Sector.GANG: "Political militia",
}
_UNARMED = frozenset(Sector) - set(_INTER) - {Sector.CRIMINAL, Sector.PROTESTER, Sector.UNKNOWN}

_WEEK = 7  #: days
_GEO_PRECISION = {
    PlacePrecision.FACILITY: 1,
    PlacePrecision.NEIGHBOURHOOD: 1,
    PlacePrecision.CITY: 1,
    PlacePrecision.ADMIN2: 2,
    PlacePrecision.ADMIN1: 3,
    PlacePrecision.COUNTRY: 3,
    PlacePrecision.REGION: 3,
}

Party = Mapping[str, Any]


def _sub_event_type(document: Document) -> str:
    return crosswalk()[Subtype(document["subtype"])]["ACLED"] or "Other"


def _year(document: Document) -> int | None:
    start = within(document, "date", "start")
    return int(start[:4]) if start else None


def _time_precision(document: Document) -> int | None:
    dates = document.get("date")
    if not dates:
        return None
    days = (date.fromisoformat(dates["end"]) - date.fromisoformat(dates["start"])).days + 1
    return 1 if days == 1 else 2 if days <= _WEEK else 3


def _sides(document: Document) -> tuple[list[Party], list[Party]]:
    """Return both sides of an event, each with its main party first."""
    makers = parties(document, ActorRole.PERPETRATOR)
    others = parties(document, ActorRole.VICTIM) + parties(document, ActorRole.TARGET)
    if document["type"] == EventType.ENFORCEMENT:
        makers = parties(document, ActorRole.RESPONDER) or makers
    if document["subtype"] == Subtype.ARMED_CLASH and len(makers) > 1:  # neither began it: both are its makers
        return [makers[0]], [makers[1]]
    return list(makers), list(others)


def _inter(document: Document, side: list[Party]) -> str | None:
    if not side:
        return None
    party = side[0]
    sector, crowd = party["sector"], party["kind"] == ActorKind.CROWD
    if sector == Sector.PROTESTER or crowd:
        return {EventType.PROTEST: "Protesters", EventType.RIOT: "Rioters"}.get(document["type"])
    if party["kind"] == ActorKind.STATE_FORCE:
        return _INTER.get(sector, "State forces")
    harmed = party["role"] in (ActorRole.VICTIM, ActorRole.TARGET)
    return _INTER.get(sector) or (_CIVILIAN if harmed and sector in _UNARMED else None)


def _interaction(document: Document) -> str | None:
    kinds = [_inter(document, side) for side in _sides(document)]
    return "-".join(kind for kind in kinds if kind) if all(kinds) else None


def _civilian_targeting(document: Document) -> str | None:
    kind, disorder = SUB_EVENT_TYPES[_sub_event_type(document)]
    against = kind == _CIVILIANS or _inter(document, _sides(document)[1]) == _CIVILIAN
    return "Civilian targeting" if against and _VIOLENCE in disorder else None


def _fatalities(document: Document) -> int | None:
    best: int | None = within(document, "killed", "best")
    least: int | None = within(document, "killed", "min")
    return best if best is not None else least


def _country(document: Document) -> str | None:
    code: str | None = within(document, "place", "country")
    return code


def _tags(document: Document) -> str | None:
    doubted = [] if document["realis"] == Realis.ACTUAL else [str(document["realis"])]
    claimant = document.get("claimed_by")
    return together([*doubted, *([f"claimed by {claimant}"] if claimant else [])])


def _named(side: Iterable[Party]) -> str | None:
    return together(str(party["name"]) for party in side)


def _geo_precision(document: Document) -> int | None:
    precision = within(document, "place", "precision")
    return _GEO_PRECISION[PlacePrecision(precision)] if precision else None


def _nothing(_: Document) -> Cell:
    return None


#: In the order of ACLED's own files.
COLUMNS: tuple[Column, ...] = (
    Column("event_id_cnty", "Permanent number of the incident.", lambda d: d["id"]),
    Column("event_date", "First day on which it may have happened.", lambda d: within(d, "date", "start")),
    Column("year", "Its year.", _year),
    Column("time_precision", "1: a day; 2: up to a week; 3: more.", _time_precision),
    Column("disorder_type", "ACLED's, of the sub-event type.", lambda d: SUB_EVENT_TYPES[_sub_event_type(d)][1]),
    Column("event_type", "ACLED's, of the sub-event type.", lambda d: SUB_EVENT_TYPES[_sub_event_type(d)][0]),
    Column("sub_event_type", "From the crosswalk of subtypes.", _sub_event_type),
    Column("actor1", "The first maker; in `enforcement` the first responder.", lambda d: _named(_sides(d)[0][:1])),
    Column("assoc_actor_1", "The other makers.", lambda d: _named(_sides(d)[0][1:])),
    Column("inter1", "Kind of actor1, where its sector tells.", lambda d: _inter(d, _sides(d)[0])),
    Column("actor2", "The first victim or target; in a clash the other side.", lambda d: _named(_sides(d)[1][:1])),
    Column("assoc_actor_2", "The other victims and targets.", lambda d: _named(_sides(d)[1][1:])),
    Column("inter2", "Kind of actor2, where its sector tells.", lambda d: _inter(d, _sides(d)[1])),
    Column("interaction", "inter1 and inter2, where both are known.", _interaction),
    Column("civilian_targeting", "`Civilian targeting`, or empty.", _civilian_targeting),
    Column("iso", "ISO 3166-1 numeric code.", lambda d: countries.number(_country(d))),
    Column("region", "Always empty.", _nothing),
    Column("country", "Name of the country, as GeoNames has it.", lambda d: countries.name(_country(d))),
    Column("admin1", "State or province.", lambda d: within(d, "place", "admin1")),
    Column("admin2", "Always empty.", _nothing),
    Column("admin3", "Always empty.", _nothing),
    Column("location", "The finest named place.", lambda d: within(d, "place", "name")),
    Column("latitude", "Degrees, WGS 84.", lambda d: within(d, "place", "lat")),
    Column("longitude", "Degrees, WGS 84.", lambda d: within(d, "place", "lon")),
    Column("geo_precision", "1: a town or finer; 2: a district; 3: wider.", _geo_precision),
    Column("source", "Who tells it.", lambda d: together(d.get("sites") or ())),
    Column("source_scale", "Always empty.", _nothing),
    Column("notes", "The summary.", lambda d: d.get("summary") or None),
    Column("fatalities", "The likeliest number of the killed, else the fewest told.", _fatalities),
    Column("tags", "Realis other than `actual`; who claims it.", _tags),
    Column(
        "timestamp",
        "Seconds since 1970 at which the newest page was fetched.",
        lambda d: int(datetime.fromisoformat(d["updated_at"]).timestamp()),
    ),
)
