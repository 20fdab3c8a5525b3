"""`tocsin search`: incidents by the conditions of `GET /v1/incidents`."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.client import Client
from services.cli.options import Json
from services.cli.options import client as _client
from shared.domain.incident import IncidentStatus
from shared.domain.vocabulary import (
    ActorKind,
    ActorRole,
    EventType,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)
from shared.search.conditions import Unknown
from shared.search.incidents import IncidentQuery

DAY = ["%Y-%m-%d"]
#: Most incidents of one answer of the API.
MOST = 100

Conditions = dict[str, Any]


def search(
    q: Annotated[str | None, typer.Argument(help='Words; "a phrase", -not, begin*, one | other, ( ).')] = None,
    *,
    kind: Annotated[list[EventType] | None, typer.Option("--type", help="May be repeated, as all lists.")] = None,
    subtype: Annotated[list[Subtype] | None, typer.Option(metavar="SUBTYPE", help="What was done.")] = None,
    realis: Annotated[list[Realis] | None, typer.Option(help="Whether it happened.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="ISO alpha-2.")] = None,
    admin1: Annotated[list[str] | None, typer.Option(help="State or province.")] = None,
    city: Annotated[list[str] | None, typer.Option(help="Town; accents may miss.")] = None,
    bbox: Annotated[str | None, typer.Option(help="west,south,east,north in degrees.")] = None,
    near: Annotated[str | None, typer.Option(metavar="LAT,LON", help="A point, for --km and --sort distance.")] = None,
    km: Annotated[float | None, typer.Option(help="At most so far from it.")] = None,
    from_: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="First day.")] = None,
    to: Annotated[datetime | None, typer.Option(formats=DAY, help="Last day.")] = None,
    killed_min: Annotated[int | None, typer.Option(min=0, help="So many or more may be dead.")] = None,
    killed_max: Annotated[int | None, typer.Option(min=0, help="So many or fewer may be.")] = None,
    killed_unknown: Annotated[Unknown | None, typer.Option(help="Those of unknown toll.")] = None,
    injured_min: Annotated[int | None, typer.Option(min=0, help="So many or more may be injured.")] = None,
    injured_max: Annotated[int | None, typer.Option(min=0, help="So many or fewer may be.")] = None,
    injured_unknown: Annotated[Unknown | None, typer.Option(help="Those of unknown toll.")] = None,
    actor: Annotated[list[str] | None, typer.Option(help="A party's name, or words of it.")] = None,
    role: Annotated[list[ActorRole] | None, typer.Option(help="That party's part.")] = None,
    actor_kind: Annotated[list[ActorKind] | None, typer.Option(help="That party's kind.")] = None,
    sector: Annotated[list[Sector] | None, typer.Option(metavar="SECTOR", help="That party's walk of life.")] = None,
    target: Annotated[list[TargetClass] | None, typer.Option(metavar="CLASS", help="What was aimed at.")] = None,
    weapon: Annotated[list[WeaponClass] | None, typer.Option(metavar="CLASS", help="The means used.")] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="SITE", help="Told by this site.")] = None,
    min_reports: Annotated[int | None, typer.Option(min=1, help="Told by so many articles or more.")] = None,
    min_confidence: Annotated[float | None, typer.Option(min=0, max=1, help="At least so sure.")] = None,
    status: Annotated[list[IncidentStatus] | None, typer.Option(help="By default active.")] = None,
    sort: Annotated[
        str | None, typer.Option(help="relevance, date, killed, injured, reports, updated or distance.")
    ] = None,
    order: Annotated[str | None, typer.Option(help="asc or desc.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=MOST, help="Most incidents shown.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Incidents passed over.")] = 0,
    everything: Annotated[
        bool, typer.Option("--all", help="All that match, page after page; with --json a line each.")
    ] = False,
    json: Json = False,
) -> None:
    """Search incidents. Subtypes, sectors and classes are listed in docs/vocabulary.md."""
    asked: Conditions = {name: value for name, value in locals().items() if name in _SAME}
    asked |= {"type": kind, **_days(from_, to), **_point(near)}
    with _client() as api:
        if everything:
            _all(api, asked, as_json=json)
            return
        found = api.incidents(**asked, limit=limit, offset=offset or None, facets=None if json else "none")
    if json:
        show.as_json(found)
        return
    show.incidents(found["hits"])
    show.out.print(f"{len(found['hits'])} of {found['total']}")


#: Options that the API knows by the same name.
_SAME = (set(IncidentQuery.model_fields) - {"type", "lat", "lon", "from_", "to"}) | {"sort", "order"}


def _days(first: datetime | None, last: datetime | None) -> Conditions:
    days = {"from": first, "to": last}
    return {name: moment.date().isoformat() for name, moment in days.items() if moment}


def _point(near: str | None) -> Conditions:
    if near is None:
        return {}
    lat, comma, lon = near.partition(",")
    if not comma:
        raise typer.BadParameter("a point is LAT,LON", param_hint="--near")
    return {"lat": lat.strip(), "lon": lon.strip()}


def _all(api: Client, asked: Conditions, *, as_json: bool) -> None:
    """Print all that matches, each page as it comes."""
    if as_json:
        for hit in _pages(api, asked):
            sys.stdout.write(json.dumps(hit, ensure_ascii=False) + "\n")
        return
    hits = list(_pages(api, asked))
    show.incidents(hits)
    show.out.print(f"{len(hits)} of {len(hits)}")


def _pages(api: Client, asked: Conditions) -> Iterator[dict[str, Any]]:
    cursor: str | None = "*"
    while cursor:
        found = api.incidents(**asked, limit=MOST, facets="none", cursor=cursor)
        yield from found["hits"]
        cursor = found["next"]
