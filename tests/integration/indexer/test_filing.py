"""Filing articles in a real Elasticsearch, with locks in a real Redis."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.indexer.batch import group
from services.indexer.fold import fold
from services.indexer.index import index
from services.indexer.locks import redis_locks
from services.indexer.report import reports_of
from services.indexer.store import CANDIDATES, Held, Refused, Store
from shared.domain.coded import CodedArticle
from shared.domain.incident import FiledArticle, Incident, IncidentStatus
from shared.domain.outcome import Filing, Outcome, Status
from shared.errors import Reason, Transient
from shared.index import MappingMismatch, connect, ensure, from_document
from tests import examples
from tests.examples import NOON, coded, event, toll

File = Callable[[CodedArticle], Filing]


@pytest.fixture
def store(elasticsearch: Elasticsearch, index_prefix: str) -> Store:
    """The indices of this test."""
    return Store(elasticsearch, index_prefix)


@pytest.fixture
def file(store: Store, redis: Redis) -> File:
    """The indexer of this test."""
    return lambda article: index(article, store=store, locks=redis_locks(redis))


@pytest.fixture
def incidents(elasticsearch: Elasticsearch, index_prefix: str) -> Callable[[], list[Incident]]:
    """Every incident there is."""

    def read() -> list[Incident]:
        elasticsearch.indices.refresh(index=f"{index_prefix}incidents")
        hits = elasticsearch.search(index=f"{index_prefix}incidents", size=100, sort="id")["hits"]["hits"]
        return [from_document(Incident, hit["_source"]) for hit in hits]

    return read


Incidents = Callable[[], list[Incident]]


def test_an_article_becomes_an_incident(file: File, incidents: Incidents, store: Store) -> None:
    article = coded(event(killed=toll(3)))
    filing = file(article)
    (incident,) = incidents()
    assert filing == Filing(article_id=article.article.id, incident_ids=(incident.id,))
    assert incident.killed == toll(3)
    filed = store.article(article.article.id)
    assert filed is not None
    assert (filed.relevant, filed.events) == (True, article.coding.events)


def test_an_irrelevant_article_is_kept_without_an_incident(file: File, incidents: Incidents, store: Store) -> None:
    article = coded()
    assert file(article) == Filing(article_id=article.article.id, discard_reason=Reason.NOT_RELEVANT)
    assert incidents() == []
    filed = store.article(article.article.id)
    assert filed is not None
    assert filed.text == article.article.text


def test_filing_twice_changes_nothing(file: File, incidents: Incidents) -> None:
    article = coded(event(killed=toll(3)))
    assert file(article) == file(article)
    (incident,) = incidents()
    assert incident.reports == 1


def test_three_tellings_become_one_incident_with_a_range(file: File, incidents: Incidents) -> None:
    for letter, killed in (("a", 2), ("b", 3), ("c", 3)):
        file(coded(event(killed=toll(killed)), url=f"http://{letter}.example/x"))
    (incident,) = incidents()
    assert incident.reports == 3
    assert incident.killed is not None
    assert (incident.killed.min, incident.killed.best, incident.killed.max) == (2, 3, 3)


def test_fifty_articles_at_once_on_four_indexers_become_one_incident(
    elasticsearch: Elasticsearch, index_prefix: str, redis: Redis, incidents: Incidents
) -> None:
    ensure(elasticsearch, index_prefix)
    articles = [coded(event(), url=f"http://site{number}.example/x") for number in range(50)]
    indexers = [Store(elasticsearch, index_prefix) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(index, article, store=indexers[number % 4], locks=redis_locks(redis))
            for number, article in enumerate(articles)
        ]
        for job in jobs:
            job.result()
    (incident,) = incidents()
    assert incident.reports == 50


def test_a_correction_replaces_what_it_corrects_and_keeps_the_number(file: File, incidents: Incidents) -> None:
    file(coded(event(injured=toll(3))))
    (before,) = incidents()
    file(coded(event(injured=toll(2)), fetched_at=NOON + timedelta(hours=1)))
    (after,) = incidents()
    assert (after.id, after.injured, after.reports) == (before.id, toll(2), 1)


def test_an_older_fetch_that_comes_late_changes_nothing(file: File, incidents: Incidents) -> None:
    newest = file(coded(event(injured=toll(2)), fetched_at=NOON + timedelta(hours=1)))
    assert file(coded(event(injured=toll(3)))) == newest
    assert [incident.injured for incident in incidents()] == [toll(2)]


def test_a_story_that_is_no_news_after_all_withdraws_its_incident(file: File, incidents: Incidents) -> None:
    file(coded(event()))
    (before,) = incidents()
    file(coded(fetched_at=NOON + timedelta(hours=1)))
    (after,) = incidents()
    assert (after.id, after.status, after.reports) == (before.id, IncidentStatus.WITHDRAWN, 0)


def test_a_story_that_now_tells_something_else_leaves_its_incident_to_the_others(
    file: File, incidents: Incidents
) -> None:
    file(coded(event()))
    file(coded(event(), url="http://b.example/x"))
    file(coded(event(place=examples.BUKAVU), fetched_at=NOON + timedelta(hours=1)))
    by_place = {incident.place.name: incident for incident in incidents() if incident.place}
    assert {name: incident.reports for name, incident in by_place.items()} == {"Goma": 1, "Bukavu": 1}
    assert by_place["Goma"].sites == ("b.example",)


def test_two_events_of_one_article_are_two_incidents(file: File, incidents: Incidents) -> None:
    filing = file(coded(event(), event()))
    assert len(filing.incident_ids) == 2
    assert len(incidents()) == 2


def test_background_makes_no_incident(file: File, incidents: Incidents) -> None:
    file(coded(event(), event(place=examples.BUKAVU, main=False)))
    assert len(incidents()) == 1


def test_the_likeliest_candidates_come_first_on_a_crowded_day(store: Store) -> None:
    store.ready()
    elsewhere = examples.GOMA.model_copy(update={"name": "Elsewhere", "city": "Elsewhere"})
    crowd = [
        examples.report(f"http://s{number}.example/x", event(place=elsewhere), title="Raid in the hills")
        for number in range(CANDIDATES + 50)
    ]
    right = examples.report("http://right.example/x")
    filed = FiledArticle(**examples.article().model_dump(), relevant=True, model="m")
    store.write(filed, [*crowd, right], [], [])
    store.refresh_reports()
    (found,) = store.candidates([examples.report()])
    assert len(found) == CANDIDATES
    assert found[0].id == right.id


class FailsOnce(Store):
    """A store whose first change of a known incident comes too late, after its reports have been written."""

    failed = False

    def _guarded(self, incident: Incident, held: Held | None) -> dict[str, object]:
        operation = super()._guarded(incident, held)
        if held is not None and not self.failed:
            self.failed = True
            return {**operation, "if_seq_no": held.seq_no + 1000}
        return operation


def fails_half_way(store: Store, redis: Redis, later: CodedArticle) -> None:
    """File an article whose write fails after its reports, then file it again."""
    with pytest.raises(Transient):
        index(later, store=store, locks=redis_locks(redis))
    index(later, store=store, locks=redis_locks(redis))


@pytest.fixture
def failing(elasticsearch: Elasticsearch, index_prefix: str) -> Store:
    """A store that fails once."""
    return FailsOnce(elasticsearch, index_prefix)


def test_a_move_that_fails_half_way_leaves_no_ghost(
    file: File, failing: Store, redis: Redis, incidents: Incidents
) -> None:
    file(coded(event(killed=toll(30))))
    moved = event(place=examples.BUKAVU, killed=toll(30))
    fails_half_way(failing, redis, coded(moved, fetched_at=NOON + timedelta(hours=1)))
    standing = [one for one in incidents() if one.status is IncidentStatus.ACTIVE]
    assert [one.place and one.place.name for one in standing] == ["Bukavu"]


def test_a_withdrawal_that_fails_half_way_leaves_no_ghost(
    file: File, failing: Store, redis: Redis, incidents: Incidents
) -> None:
    file(coded(event(killed=toll(30))))
    fails_half_way(failing, redis, coded(fetched_at=NOON + timedelta(hours=1)))
    assert [one.status for one in incidents()] == [IncidentStatus.WITHDRAWN]


def test_reports_that_a_failed_write_left_are_cleared_by_a_later_version(
    store: Store, file: File, incidents: Incidents
) -> None:
    """The first version was filed up to its article; the next is no news."""
    store.ready()
    first = coded(event())
    (left,) = reports_of(first)
    store._bulk([  # noqa: SLF001 - what `write` does before it is cut off
        store._versioned("reports", left.id, left, 1),  # noqa: SLF001
        store._guarded(fold(left.incident_id, [left]), None),  # noqa: SLF001
    ])  # fmt: skip
    store.refresh_reports()
    file(coded(fetched_at=NOON + timedelta(hours=1)))
    assert [one.status for one in incidents()] == [IncidentStatus.WITHDRAWN]
    store.refresh_reports()
    assert store.reports_of_article(first.article.id) == []


def test_the_live_indexer_and_the_batch_agree_on_daily_attacks(file: File, incidents: Incidents) -> None:
    told = [
        coded(
            event(date=examples.day(date(2026, 3, number)), killed=toll(5 * number)),
            url=f"http://s{number}.example/x",
            title=f"Shells hit Goma, {5 * number} dead",
        )
        for number in range(1, 7)
    ]
    for article in told:
        file(article)
    batch = group([report for article in told for report in reports_of(article)])
    assert len(incidents()) == len({report.incident_id for report in batch}) == len(told)


def test_an_outcome_is_stored_once(store: Store, elasticsearch: Elasticsearch, index_prefix: str) -> None:
    outcome = Outcome.of(examples.submission(), Status.DISCARDED, step="fetch", reason=Reason.ROBOTS)
    store.ready()
    for _ in range(2):
        store.record(outcome)
    elasticsearch.indices.refresh(index=f"{index_prefix}outcomes")
    assert elasticsearch.count(index=f"{index_prefix}outcomes")["count"] == 1


def test_elasticsearch_away_is_transient(redis: Redis) -> None:
    away = Store(connect("http://127.0.0.1:1"), "x-")
    with pytest.raises(Transient):
        index(coded(event()), store=away, locks=redis_locks(redis))


def test_a_held_lock_is_waited_for_and_then_free(redis: Redis) -> None:
    locks = redis_locks(redis)
    with locks(["b", "a"]):
        assert len(redis.keys("tocsin:lock:*")) == 2
    assert redis.keys("tocsin:lock:*") == []


def test_an_index_that_was_deleted_is_not_guessed_anew(
    store: Store, elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    store.ready()
    elasticsearch.indices.delete(index=f"{index_prefix}outcomes-v1")
    with pytest.raises(Transient):
        store.record(Outcome.of(examples.submission(), Status.INDEXED, step="index"))
    assert not elasticsearch.indices.exists(index=f"{index_prefix}outcomes")


def test_a_document_that_does_not_fit_is_refused(store: Store) -> None:
    store.ready()
    fields = examples.article().model_dump() | {"relevant": True, "model": "m", "score": "high"}
    with pytest.raises(Refused, match="score"), pytest.warns(UserWarning, match="score"):
        store.write(FiledArticle.model_construct(**fields), [], [], [])


def test_another_mapping_under_our_name_is_noticed(elasticsearch: Elasticsearch, index_prefix: str) -> None:
    elasticsearch.indices.create(
        index=f"{index_prefix}articles-v1",
        mappings={"properties": {"title": {"type": "keyword"}}},
        aliases={f"{index_prefix}articles": {}},
    )
    with pytest.raises(MappingMismatch, match="articles"):
        ensure(elasticsearch, index_prefix)
