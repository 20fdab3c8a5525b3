"""Four indexers at once."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.indexer.index import index
from shared.domain.coded import CodedArticle
from shared.domain.event import Place
from shared.domain.incident import IncidentStatus
from shared.errors import Transient
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.index import ensure
from tests import examples
from tests.examples import coded, event
from tests.integration.indexer import mixed
from tests.integration.indexer.conftest import Incidents


def file_at_once(
    articles: list[CodedArticle], size: int, elasticsearch: Elasticsearch, prefix: str, redis: Redis
) -> int:
    """File batches on four indexers. Returns how many had to be filed again, as the policy would: one by one."""
    ensure(elasticsearch, prefix)
    indexers = [(Store(elasticsearch, prefix), redis_locks(redis)) for _ in range(4)]

    def work(number: int, batch: list[CodedArticle]) -> int:
        store, locks = indexers[number % 4]
        try:
            index(batch, store=store, locks=locks)
        except Transient:
            if len(batch) == 1:
                return 1 + work(number, batch)
            return 1 + sum(work(number, [article]) for article in batch)
        return 0

    batches = [articles[start : start + size] for start in range(0, len(articles), size)]
    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(work, range(len(batches)), batches))


def fifty(place: Place) -> list[CodedArticle]:
    """Fifty reports of one attack."""
    return [coded(event(place=place), url=f"http://{place.name}{number}.example/x") for number in range(50)]


#: How often four indexers race; more on demand, as `TOCSIN_RACES=100`.
RACES = int(os.environ.get("TOCSIN_RACES", "2"))


@pytest.mark.parametrize("race", range(RACES))
def test_however_they_race_it_is_two_incidents(
    elasticsearch: Elasticsearch, index_prefix: str, redis: Redis, incidents: Incidents, race: int
) -> None:
    """Batches of all sizes, in an order of their own in each race."""
    choose = random.Random(race)  # noqa: S311 - reproducible
    articles = [*fifty(examples.GOMA), *fifty(examples.BUKAVU)]
    choose.shuffle(articles)
    file_at_once(articles, choose.choice((3, 7, 16, 25)), elasticsearch, index_prefix, redis)
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
