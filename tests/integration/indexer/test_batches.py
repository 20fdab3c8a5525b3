"""Batches have the effect of one article after the other, at the price of one article."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.indexer.index import Locks, index
from shared.domain.coded import CodedArticle
from shared.domain.incident import IncidentStatus
from shared.domain.outcome import Filing
from shared.errors import Reason
from shared.incidents.store import Store
from shared.index import connect
from tests import examples
from tests.examples import NOON, coded, event, toll
from tests.integration.indexer import mixed
from tests.integration.indexer.conftest import Batch, File, Incidents, unnumbered
from tests.integration.indexer.faults import Proxy

LATER = NOON + timedelta(hours=1)

Both = Callable[[list[CodedArticle], list[list[CodedArticle]]], None]


def test_each_article_gets_its_filing_in_order(batch: Batch) -> None:
    articles = [coded(*[event()] * (number % 2), url=f"http://s{number}.example/x") for number in range(5)]
    filings = batch(*articles)
    assert [filing.article_id for filing in filings] == [article.article.id for article in articles]
    assert [filing.discard_reason for filing in filings] == [Reason.NOT_RELEVANT, None] * 2 + [Reason.NOT_RELEVANT]


def test_an_empty_batch_is_filed(batch: Batch) -> None:
    assert batch() == []


def test_one_happening_told_twice_in_a_batch_is_one_incident(batch: Batch, incidents: Incidents) -> None:
    first, second = batch(coded(event()), coded(event(), url="http://b.example/x"))
    assert first.incident_ids == second.incident_ids
    assert [one.reports for one in incidents()] == [2]


@pytest.mark.parametrize("hours", [(0, 1), (1, 0)])
def test_of_one_story_twice_in_a_batch_the_newest_fetch_is_filed(
    batch: Batch, incidents: Incidents, store: Store, hours: tuple[int, int]
) -> None:
    versions = [coded(event(killed=toll(hour + 2)), fetched_at=NOON + timedelta(hours=hour)) for hour in hours]
    first, second = batch(*versions)
    (incident,) = incidents()
    assert first == second == Filing(article_id=versions[0].article.id, incident_ids=(incident.id,))
    assert incident.killed == toll(3)
    assert store.articles([first.article_id])[first.article_id].fetched_at == LATER


def test_an_older_fetch_in_a_batch_gets_the_filing_of_the_stored_one(batch: Batch, file: File) -> None:
    newest = file(coded(event(injured=toll(2)), fetched_at=LATER))
    other, late = batch(coded(event(place=examples.BUKAVU), url="http://b.example/x"), coded(event(injured=toll(3))))
    assert late == newest
    assert other.incident_ids != newest.incident_ids


def test_what_a_batch_moves_away_is_not_joined_by_what_follows_in_it(
    batch: Batch, file: File, incidents: Incidents
) -> None:
    """The stored report still says Goma while the batch is worked on."""
    file(coded(event()))
    moved = coded(event(place=examples.BUKAVU), fetched_at=LATER)
    filings = batch(
        moved, coded(event(), url="http://b.example/x"), coded(event(place=examples.BUKAVU), url="http://c.example/x")
    )
    by_place = {one.place.name: one for one in incidents() if one.place and one.status is IncidentStatus.ACTIVE}
    assert {name: one.sites for name, one in by_place.items()} == {
        "Goma": ("b.example",),
        "Bukavu": ("c.example", "north.example"),
    }
    assert filings[0].incident_ids == filings[2].incident_ids == (by_place["Bukavu"].id,)


@pytest.fixture
def both(elasticsearch: Elasticsearch, index_prefix: str, other_prefix: str, locks: Locks) -> Both:
    """Files the first articles one by one under one prefix, and the second in batches under the other."""
    single, batched = Store(elasticsearch, index_prefix), Store(elasticsearch, other_prefix)

    def run(articles: list[CodedArticle], batches: list[list[CodedArticle]]) -> None:
        for article in articles:
            index([article], store=single, locks=locks)
        for together in batches:
            index(together, store=batched, locks=locks)

    return run


@pytest.mark.parametrize("seed", [4, 5, 11])
def test_batches_and_single_articles_give_the_very_same_incidents(
    both: Both, other_prefix: str, incidents: Incidents, seed: int
) -> None:
    """Twice over: the second time, many of the stories tell something else."""
    for hours in (0, 24):
        stories = {one.article.id: one for one in mixed.articles(seed + hours, 60)}
        articles = [_later(one, hours) for one in stories.values()]
        assert len(articles) >= 25
        both(articles, list(batches_of(16, articles)))
        assert unnumbered(incidents(other_prefix)) == unnumbered(incidents())
    assert any(one.status is IncidentStatus.WITHDRAWN for one in incidents())
    assert any(one.reports > 2 for one in incidents())


@pytest.mark.parametrize("seed", [1, 2])
def test_a_batch_files_what_is_newest_in_it_and_nothing_else(
    both: Both, other_prefix: str, incidents: Incidents, seed: int
) -> None:
    batches = list(batches_of(16, mixed.articles(seed, 64)))
    newest = [one for batch in batches for one in winners(batch)]
    assert len(newest) < 64
    both(newest, batches)
    assert unnumbered(incidents(other_prefix)) == unnumbered(incidents())


def batches_of(size: int, articles: list[CodedArticle]) -> Iterator[list[CodedArticle]]:
    """Cut articles into batches."""
    yield from (articles[start : start + size] for start in range(0, len(articles), size))


def winners(batch: list[CodedArticle]) -> list[CodedArticle]:
    """Of each story the newest fetch, at the place where the story first came."""
    order = list(dict.fromkeys(one.article.id for one in batch))
    by_hour = sorted(batch, key=lambda one: one.article.fetched_at)
    newest = {one.article.id: one for one in by_hour}
    return [newest[identifier] for identifier in order]


def _later(coded_article: CodedArticle, hours: int) -> CodedArticle:
    article = coded_article.article
    moved = article.model_copy(update={"fetched_at": article.fetched_at + timedelta(hours=hours)})
    return coded_article.model_copy(update={"article": moved})


@pytest.fixture
def documents(elasticsearch: Elasticsearch, index_prefix: str) -> Callable[[], dict[str, Any]]:
    """Everything stored: by index and id the document and, but for incidents, its version.

    Without a report's score and reason: what is filed again agrees best with itself.
    """

    def read() -> dict[str, Any]:
        elasticsearch.indices.refresh(index=f"{index_prefix}*")
        found = elasticsearch.search(index=f"{index_prefix}*", size=1000, version=True)["hits"]["hits"]
        for one in found:
            if "reports-v" in one["_index"]:
                del one["_source"]["score"], one["_source"]["reason"]
        return {
            f"{one['_index']}/{one['_id']}": (one["_source"], "incidents" in one["_index"] or one["_version"])
            for one in found
        }

    return read


def test_a_batch_delivered_again_changes_nothing(
    batch: Batch, file: File, documents: Callable[[], dict[str, Any]]
) -> None:
    articles = mixed.articles(6, 16)
    first = batch(*articles)
    before = documents()
    assert batch(*articles) == first
    assert documents() == before
    assert [file(article) for article in articles] == first
    assert documents() == before
    newest = max(one.article.fetched_at for one in articles if one.article.id == first[0].article_id)
    (version,) = [
        version for name, (_, version) in before.items() if "articles" in name and name.endswith(first[0].article_id)
    ]
    assert version == int(newest.timestamp() * 1000)


def test_the_number_of_calls_does_not_grow_with_the_batch(proxy: Proxy, index_prefix: str, locks: Locks) -> None:
    store = Store(connect(proxy.url), index_prefix)
    store.ready()
    counts = []
    for size in (1, 4, 16):
        articles = [coded(event(), url=f"http://s{size}-{number}.example/x") for number in range(size)]
        proxy.calls = 0
        index(articles, store=store, locks=locks)
        counts.append(proxy.calls)
    assert counts[0] == counts[1] == counts[2] <= 12
