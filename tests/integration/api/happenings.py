"""Six incidents that differ in everything that can be asked for, in an index of their own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import uuid4

from elasticsearch import Elasticsearch
from fastapi import FastAPI
from fastapi.testclient import TestClient
from redis import Redis

from services.api.app import create_app
from services.api.dependencies import Services
from shared.delivery.ledger import Ledger
from shared.documents import document
from shared.domain.event import Actor, DateRange, Place, Target, Toll, Weapon
from shared.domain.incident import FiledArticle, Incident, Report
from shared.domain.vocabulary import Subtype
from shared.incidents.fold import fold
from shared.index import MODELS, VERSION, ensure
from tests import examples

Named = dict[str, Incident]


def number(name: str) -> str:
    """The number of the incident of a name."""
    return f"TCN-{name.upper():0>10}"


def _party(name: str, role: str, sector: str, kind: str = "group", aliases: Sequence[str] = ()) -> Actor:
    return Actor.model_validate(
        {"name": name, "role": role, "kind": kind, "sector": sector, "named": True, "aliases": tuple(aliases)}
    )


def _place(city: str, admin1: str, country: str, lat: float, lon: float) -> Place:
    return examples.GOMA.model_copy(
        update={"name": city, "city": city, "admin1": admin1, "country": country, "lat": lat, "lon": lon}
    )


def incident(name: str, subtype: str, *, sites: Sequence[str], title: str, text: str = "", **fields: Any) -> Incident:
    """An incident as it is folded, told by some sites, with what is asked about it set."""
    reports = [
        examples.report(
            f"http://{site}/{name}",
            examples.event(Subtype(subtype), place=fields.get("place"), actors=fields.get("actors")),
            title=title,
            text=text or title,
        )
        for site in sites
    ]
    folded = fold(number(name), reports)
    told = {
        "id": number(name),
        "killed": None,
        "injured": None,
        "updated_at": datetime(2026, 3, 4, tzinfo=UTC),
        "summary": "",  # a composed one has words of its own, such as "March"
    } | fields
    return Incident.model_validate({**folded.model_dump(), **told})


def six() -> Named:
    """Goma, Medellin, Suva, Apia, one without a place, and one that was merged into Goma's."""
    adf = _party("Allied Democratic Forces", "perpetrator", "rebel", aliases=("ADF", "Madina at Tauheed"))
    return {
        "goma": incident(
            "goma", "bombing", sites=("north.example", "south.example"), title="Bombs tear through a market in Goma",
            place=_place("Goma", "North Kivu", "CD", -1.67, 29.23), killed=Toll(min=3, best=4, max=5),
            actors=(adf, _party("traders", "victim", "civilian", "person")), confidence=0.9,
            targets=(Target.model_validate({"name": "market", "class": "market"}),),
            weapons=(Weapon.model_validate({"name": "device", "class": "ied"}),),
        ),
        "medellin": incident(
            "medellin", "grenade", sites=("west.example",), title="Granada contra <b>bar</b> en Medellín",
            place=_place("Medellín", "Antioquia", "CO", 6.25, -75.56), injured=Toll(min=2, best=2, max=2),
            date=DateRange(start=date(2026, 2, 1), end=date(2026, 2, 7), precision="week"), realis="attempted",
            actors=(_party("Ayman al-Zawahiri", "victim", "rebel", "person"),), confidence=0.4,
            summary="A peace march passed by.", weapons=(Weapon.model_validate({"name": "g", "class": "grenade"}),),
        ),
        "suva": incident(
            "suva", "armed_clash", sites=("west.example",), title="Clash near Suva", killed=Toll(min=10, best=10),
            place=_place("Suva", "Central", "FJ", -18.14, 178.44), confidence=0.6,
            date=examples.day(date(2025, 12, 31)),
            actors=(_party("Islamic State in Khorasan", "perpetrator", "rebel"),),
        ),
        "apia": incident(
            "apia", "peaceful_protest", sites=("east.example",), title="March in Apia", confidence=None, date=None,
            place=_place("Apia", "Tuamasaga", "WS", -13.83, -171.76), killed=Toll(min=0, best=0, max=0),
            updated_at=datetime(2026, 5, 1, tzinfo=UTC),
        ),
        "nowhere": incident(
            "nowhere", "arrest", sites=("east.example",), title="Fighters held", place=None, confidence=0.7,
            date=examples.day(date(2026, 3, 10)), killed=Toll.model_validate({"by_role": {"police": 1}}),
            actors=(
                _party("Allied Democratic Forces", "target", "rebel", aliases=("ADF",)),
                _party("officers", "responder", "police"),
            ),
        ),
        "merged": incident(
            "merged", "bombing", sites=("north.example",), title="A bomb in Goma", status="merged",
            merged_into=number("goma"),
        ),
    }  # fmt: skip


def behind_of(api: TestClient) -> Services:
    """What is behind the API of a client."""
    services: Services = cast("FastAPI", api.app).state.services
    return services


@contextmanager
def api_over(
    client: Elasticsearch, redis_url: str, things: Sequence[Incident | FiledArticle | Report]
) -> Iterator[TestClient]:
    """The API over an index that holds just these."""
    prefix = f"test-{uuid4().hex[:8]}-"
    ensure(client, prefix)
    names = {model: name for name, model in MODELS.items()}
    operations = [
        part
        for one in things
        for part in ({"index": {"_index": prefix + names[type(one)], "_id": one.id}}, document(one))
    ]
    assert not (operations and client.bulk(operations=operations, refresh=True)["errors"])
    redis = Redis.from_url(redis_url)
    services = Services(
        redis=redis, ledger=Ledger(redis), elasticsearch=client, index_prefix=prefix,
        send=lambda _stage, _items: None, pressure=lambda: None,
    )  # fmt: skip
    with TestClient(create_app(services), base_url=examples.API, raise_server_exceptions=False) as api:
        yield api
    redis.close()
    client.indices.delete(index=[f"{prefix}{name}-v{VERSION}" for name in MODELS])
