"""Four indexers at once."""

import multiprocessing
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import chain

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.cli.embedded.instance import Servers
from shared.domain.coded import CodedArticle
from shared.domain.event import Place
from shared.domain.incident import IncidentStatus
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import connect, ensure
from tests import examples
from tests.examples import coded, event
from tests.integration.indexer import mixed, racing
from tests.integration.indexer.conftest import Incidents


def file_at_once(
    articles: list[CodedArticle], size: int, elasticsearch: Elasticsearch, prefix: str, redis: Redis
) -> int:
    """File batches on four indexers. Returns how many had to be filed again, as the policy would: one by one."""
    ensure(elasticsearch, prefix)
    indexers = [(Store(elasticsearch, prefix), redis_locks(redis)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        numbered = enumerate(cut(articles, size))
        return sum(pool.map(lambda one: racing.file(one[1], *indexers[one[0] % 4]), numbered))


def cut(articles: list[CodedArticle], size: int) -> list[list[CodedArticle]]:
    """Return the articles as batches of a size."""
    return [articles[start : start + size] for start in range(0, len(articles), size)]


def fifty(place: Place) -> list[CodedArticle]:
    """Fifty reports of one attack."""
    return [coded(event(place=place), url=f"http://{place.name}{number}.example/x") for number in range(50)]


#: How often four indexers race; more on demand, as `TOCSIN_RACES=100`.
RACES = int(os.environ.get("TOCSIN_RACES", "2"))


@pytest.fixture(scope="module")
def racers() -> Iterator[ProcessPoolExecutor]:
    """Four indexers, each a process of its own, for all races: each begins when all four stand ready."""
    spawn = multiprocessing.get_context("spawn")
    start = (spawn.Barrier(racing.RACERS),)
    with ProcessPoolExecutor(racing.RACERS, spawn, racing.stand_ready, start) as pool:
        yield pool


@pytest.mark.parametrize("race", range(RACES))
def test_however_four_processes_race_it_is_two_incidents(
    servers: Servers, index_prefix: str, incidents: Incidents, racers: ProcessPoolExecutor, race: int
) -> None:
    """Batches of all sizes, in an order of their own in each race."""
    choose = random.Random(race)  # noqa: S311 - reproducible
    articles = [*fifty(examples.GOMA), *fifty(examples.BUKAVU)]
    choose.shuffle(articles)
    with connect(servers.elasticsearch_url) as elasticsearch:
        ensure(elasticsearch, index_prefix)
    batches = [[one.model_dump_json() for one in batch] for batch in cut(articles, choose.choice((3, 7, 16, 25)))]
    shares = [batches[number :: racing.RACERS] for number in range(racing.RACERS)]
    urls = (servers.elasticsearch_url, servers.redis_url)
    done = [racers.submit(racing.race, *urls, index_prefix, share) for share in shares]
    assert len({one.result()[0] for one in done}) == racing.RACERS, "a process filed for two"
    assert {one.place.name: one.reports for one in incidents() if one.place} == {"Goma": 50, "Bukavu": 50}
    assert len(incidents()) == 2


@pytest.mark.parametrize("size", [1, 16])
def test_fifty_reports_among_fifty_of_a_look_alike_become_two_incidents(
    elasticsearch: Elasticsearch, index_prefix: str, redis: Redis, incidents: Incidents, size: int
) -> None:
    articles = list(chain.from_iterable(zip(fifty(examples.GOMA), fifty(examples.BUKAVU), strict=True)))
    repeated = file_at_once(articles, size, elasticsearch, index_prefix, redis)
    assert repeated == 0
    found = {one.place.name: one.reports for one in incidents() if one.place}
    assert found == {"Goma": 50, "Bukavu": 50}
    assert len(incidents()) == 2


@pytest.mark.parametrize("seed", [7, 8])
def test_batches_that_share_stories_and_countries_count_each_report_once(
    elasticsearch: Elasticsearch, index_prefix: str, redis: Redis, incidents: Incidents, seed: int
) -> None:
    articles = mixed.articles(seed, 100)
    file_at_once(articles, 9, elasticsearch, index_prefix, redis)
    store = Store(elasticsearch, index_prefix)
    store.refresh_reports()
    filed = store.articles(one.article.id for one in articles)
    assert filed.keys() == {one.article.id for one in articles}
    for identifier, article in filed.items():
        newest = max(one.article.fetched_at for one in articles if one.article.id == identifier)
        assert article.fetched_at == newest
    standing = {one.id: one.reports for one in incidents() if one.status is IncidentStatus.ACTIVE}
    assert sum(standing.values()) == sum(event.main for article in filed.values() for event in article.events)
    assert {number for article in filed.values() for number in article.incident_ids} == standing.keys()
