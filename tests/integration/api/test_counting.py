"""Questions that ask how many: of what, when, where, and how many people it cost."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from services.cli.embedded.instance import Servers
from shared.domain.event import DateRange, Place, Toll
from shared.domain.incident import Incident
from shared.domain.vocabulary import DatePrecision, PlacePrecision
from tests.examples import day
from tests.integration.api.happenings import api_over, incident

FEBRUARY = DateRange(start=date(2017, 2, 1), end=date(2017, 2, 28), precision=DatePrecision.MONTH)
ILLINOIS: dict[str, Any] = {"country": "US", "admin1": "Illinois", "from": "2017-02-01", "to": "2017-02-28"}


def shooting(name: str, city: str, when: DateRange, *, state: str = "Illinois", **told: Any) -> Incident:
    """A shooting in a town of a state."""
    place = Place(name=city, city=city, admin1=state, country="US", precision=PlacePrecision.CITY)
    return incident(
        name, told.pop("subtype", "armed_attack"), sites=("wire.example",), title=f"Gunfire in {city}", place=place,
        date=when, **told,
    )  # fmt: skip


def dead(count: int) -> Toll:
    """So many."""
    return Toll(min=count, best=count, max=count)


@pytest.fixture(scope="module")
def api(elasticsearch: Elasticsearch, servers: Servers) -> Iterator[TestClient]:
    """The API over nine shootings, of which three are killings in Illinois in February 2017."""
    feb, march = day(date(2017, 2, 14)), day(date(2017, 3, 1))
    told = [
        shooting("one", "Chicago", feb, killed=dead(1)),
        shooting("two", "Peoria", day(date(2017, 2, 28)), killed=Toll(min=2, best=3, max=3), injured=dead(4)),
        shooting("month", "Chicago", FEBRUARY, killed=dead(1)),
        shooting("hurt", "Chicago", feb, killed=dead(0), injured=dead(2)),
        shooting("unknown", "Chicago", feb, injured=dead(1)),
        shooting("later", "Chicago", march, killed=dead(1)),
        shooting("before", "Chicago", day(date(2017, 1, 31)), killed=dead(1)),
        shooting("elsewhere", "Gary", feb, state="Indiana", killed=dead(5)),
        shooting("none", "Chicago", feb, killed=dead(1), status="retracted"),
    ]
    with api_over(elasticsearch, servers.redis_url, told) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        # how many killings in 02/2017 in Illinois?
        ({"killed_min": 1}, 3),
        # in Chicago? with two dead or more? with nobody dead? with anybody hurt, as far as is known?
        ({"killed_min": 1, "city": "Chicago"}, 2),
        ({"killed_min": 2}, 1),
        ({"killed_max": 0}, 1),
        ({"injured_min": 1}, 3),
        # how many shootings at all, whatever they cost? of how many is the toll not told?
        ({"subtype": "armed_attack"}, 5),
        ({"killed_unknown": "only"}, 1),
        # on the day of Saint Valentine? what is told of the month alone may have been then
        ({"killed_min": 1, "from": "2017-02-14", "to": "2017-02-14"}, 2),
        # and the neighbours? in the whole of the year?
        ({"killed_min": 1, "admin1": "indiana"}, 1),
        ({"killed_min": 1, "from": "2017-01-01", "to": "2017-12-31"}, 5),
    ],
)
def test_how_many_killings_is_one_request_without_hits(api: TestClient, asked: dict[str, Any], total: int) -> None:
    answer = api.get("/v1/incidents", params=ILLINOIS | {"limit": 0} | asked).json()
    assert (answer["total"], answer["hits"]) == (total, [])


def test_the_same_answer_says_where_and_when(api: TestClient) -> None:
    asked = ILLINOIS | {"killed_min": 1, "limit": 0, "interval": "month"}
    answer = api.get("/v1/incidents", params=asked).json()
    assert answer["facets"]["city"] == {"Chicago": 2, "Peoria": 1}
    assert answer["histogram"] == {"interval": "month", "counts": {"2017-02": 3}}


def test_how_many_people_were_killed_is_the_sum_over_its_pages(api: TestClient) -> None:
    tolls: list[dict[str, Any]] = []
    cursor = "*"
    while cursor:
        asked = ILLINOIS | {"killed_min": 1, "limit": 2, "facets": "none", "cursor": cursor}
        page = api.get("/v1/incidents", params=asked).json()
        tolls += [hit["killed"] for hit in page["hits"]]
        cursor = page["next"]
    assert {end: sum(toll[end] for toll in tolls) for end in ("min", "best", "max")} == {"min": 4, "best": 5, "max": 5}
