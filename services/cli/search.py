"""`tocsin search`: incidents by the conditions of `GET /v1/incidents`."""

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.client import Client
from services.cli.conditions import asking
from services.cli.options import Json
from services.cli.options import client as _client

#: Most incidents of one answer of the API.
MOST = 100

Conditions = dict[str, Any]


@asking
def search(
    *,
    near: Annotated[str | None, typer.Option(metavar="LAT,LON", help="--lat and --lon in one.")] = None,
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
    query: Conditions,
) -> None:
    """Search incidents. Subtypes, sectors and classes are listed in docs/vocabulary.md."""
    asked = {**query, **_point(near), "sort": sort, "order": order}
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
