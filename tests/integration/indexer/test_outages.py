"""An Elasticsearch in trouble: real blocks, lost indices and mapping errors, and a network that fails at each call."""

from datetime import timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from services.indexer.index import Locks, index
from shared.documents import mapping
from shared.domain.incident import FiledArticle, Report
from shared.domain.outcome import Ending, Outcome, Status
from shared.errors import Outage, Reason
from shared.incidents.answers import Refused
from shared.incidents.fold import fold
from shared.incidents.store import Changes, Store
from shared.index import MappingMismatch, connect, ensure
from tests import examples
from tests.examples import NOON, coded, event, toll
from tests.integration.indexer.conftest import Batch, Incidents, unnumbered
from tests.integration.indexer.faults import Fault, Proxy

NOWHERE = examples.GOMA.model_copy(update={"geonames_id": 10**20})  # no long
INCIDENT = fold("TCN-X", [examples.report()])
ARTICLES = [
    coded(event(killed=toll(2))),
    coded(event(place=examples.BUKAVU), url="http://b.example/x"),
    coded(url="http://c.example/x"),
]


@pytest.mark.parametrize("block", ["write", "read_only", "read_only_allow_delete", "read"])
@pytest.mark.parametrize("name", ["articles", "reports", "incidents"])
def test_a_block_is_an_outage_and_then_passes(
    *, batch: Batch, elasticsearch: Elasticsearch, index_prefix: str, incidents: Incidents, block: str, name: str
) -> None:
    ensure(elasticsearch, index_prefix)
    target = f"{index_prefix}{name}-v1"
    elasticsearch.indices.put_settings(index=target, settings={f"index.blocks.{block}": True})
    with pytest.raises(Outage):
        batch(*ARTICLES)
    elasticsearch.indices.put_settings(index=target, settings={f"index.blocks.{block}": None})
    batch(*ARTICLES)
    assert sorted(one.place.name for one in incidents() if one.place) == ["Bukavu", "Goma"]


@pytest.mark.parametrize("name", ["articles", "reports", "incidents"])
def test_an_index_that_was_deleted_is_an_outage_and_then_made_anew(
    batch: Batch, elasticsearch: Elasticsearch, index_prefix: str, incidents: Incidents, name: str
) -> None:
    batch()
    elasticsearch.indices.delete(index=f"{index_prefix}{name}-v1")
    with pytest.raises(Outage):
        batch(*ARTICLES)
    assert not elasticsearch.indices.exists(index=f"{index_prefix}{name}")
    batch(*ARTICLES)
    assert len(incidents()) == 2
    mapping = elasticsearch.indices.get_mapping(index=f"{index_prefix}{name}")
    assert mapping[f"{index_prefix}{name}-v1"]["mappings"]["dynamic"] == "strict"


@pytest.mark.parametrize("name", ["articles", "reports", "incidents"])
def test_a_closed_index_is_an_outage(batch: Batch, elasticsearch: Elasticsearch, index_prefix: str, name: str) -> None:
    batch()
    elasticsearch.indices.close(index=f"{index_prefix}{name}-v1")
    for _ in range(2):
        with pytest.raises(Outage):
            batch(*ARTICLES)
    elasticsearch.indices.open(index=f"{index_prefix}{name}-v1")
    elasticsearch.cluster.health(index=f"{index_prefix}{name}-v1", wait_for_status="yellow")
    assert len(batch(*ARTICLES)) == 3


def test_an_elasticsearch_that_is_away_is_an_outage(locks: Locks) -> None:
    away = Store(connect("http://127.0.0.1:1"), "x-")
    with pytest.raises(Outage):
        index([coded(event())], store=away, locks=locks)


NEVER_ASKED = (Fault.TOO_MANY, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.GATEWAY_TIMEOUT, Fault.HANG, Fault.CUT)


@pytest.mark.parametrize("fault", NEVER_ASKED)
@pytest.mark.parametrize("call", [1, 10])
def test_a_fault_is_an_outage(proxy: Proxy, index_prefix: str, locks: Locks, fault: Fault, call: int) -> None:
    store = Store(Elasticsearch(proxy.url, request_timeout=2, max_retries=0), index_prefix)
    store.ready()
    proxy.break_at(call, fault)
    with pytest.raises(Outage):
        index(ARTICLES, store=store, locks=locks)
    assert proxy.calls == call


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LOST])
def test_wherever_it_fails_a_repeat_gives_the_same_incidents(
    *, proxy: Proxy, index_prefix: str, other_prefix: str, locks: Locks, incidents: Incidents, fault: Fault
) -> None:
    """Every call of a batch fails once, then every call of one that corrects, withdraws and moves what it told."""
    later: dict[str, Any] = {"fetched_at": NOON + timedelta(hours=1)}
    corrected = [
        coded(**later),
        coded(event(place=examples.GOMA), url="http://b.example/x", **later),
        coded(event(), url="http://c.example/x", **later),
    ]
    client = connect(proxy.url)
    for prefix, faulty in ((index_prefix, False), (other_prefix, True)):
        store = Store(client, prefix)
        store.ready()
        for articles in (ARTICLES, corrected):
            for call in range(1, 13) if faulty else ():
                proxy.break_at(call, fault)
                with pytest.raises(Outage):
                    index(articles, store=store, locks=locks)
            proxy.mend()
            index(articles, store=store, locks=locks)
            assert proxy.calls == 12
    assert unnumbered(incidents(other_prefix)) == unnumbered(incidents())


def test_outcomes_are_stored_once_each_by_one_call(
    proxy: Proxy, elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    store = Store(connect(proxy.url), index_prefix)
    store.ready()
    outcomes = [
        Outcome.of(
            examples.submission(f"http://s{number}.example/"), Status.DISCARDED, step="fetch", reason=Reason.ROBOTS
        )
        for number in range(15)
    ]
    # ended earlier by the clock of its worker, but in a later run
    later = outcomes[0].model_copy(update={"step": "later", "ended_at": outcomes[0].ended_at - timedelta(hours=1)})
    first = [Ending(outcome=one) for one in outcomes]
    second = Ending(outcome=later, run=7)
    for same in ([second, *first], [*first, second], [*first, second]):
        proxy.calls = 0
        store.record(same)
        assert proxy.calls == 1
    elasticsearch.indices.refresh(index=f"{index_prefix}outcomes")
    hits = elasticsearch.search(index=f"{index_prefix}outcomes", size=100)["hits"]["hits"]
    steps = {hit["_id"]: hit["_source"]["step"] for hit in hits}
    assert steps == {one.submission_id: "fetch" for one in outcomes} | {later.submission_id: "later"}


def test_an_index_that_was_deleted_is_not_guessed_anew(
    store: Store, elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    outcome = Outcome.of(examples.submission(), Status.INDEXED, step="index")
    store.ready()
    elasticsearch.indices.delete(index=f"{index_prefix}outcomes-v1")
    with pytest.raises(Outage):
        store.record([Ending(outcome=outcome)])
    assert not elasticsearch.indices.exists(index=f"{index_prefix}outcomes")
    store.ready()
    store.record([Ending(outcome=outcome)])


def unfit(**fields: Any) -> FiledArticle:
    """An article with a field that does not fit its mapping."""
    good: dict[str, Any] = examples.article().model_dump() | {"relevant": True, "model": "m"}
    return FiledArticle.model_construct(**(good | fields))


def test_a_document_that_does_not_fit_is_refused(store: Store) -> None:
    store.ready()
    with pytest.raises(Refused, match="score"), pytest.warns(UserWarning, match="score"):
        store.write(Changes(articles=[unfit(score="high")]))


def test_a_number_that_no_field_holds_is_refused(batch: Batch, incidents: Incidents, store: Store) -> None:
    article = coded(event(place=NOWHERE))
    with pytest.raises(Refused, match="geonames_id"):
        batch(article)
    assert incidents() == []
    assert store.articles([article.article.id]) == {}


def test_while_one_index_is_blocked_a_document_that_does_not_fit_waits(
    store: Store, elasticsearch: Elasticsearch, index_prefix: str
) -> None:
    """What is final is said when nothing passing stands in the way."""
    store.ready()
    report = examples.report(told=event(place=NOWHERE))
    elasticsearch.indices.put_settings(index=f"{index_prefix}incidents-v1", settings={"index.blocks.write": True})
    with pytest.raises(Outage):
        store.write(Changes(reports=[report], incidents=[(INCIDENT, None)]))
    elasticsearch.indices.put_settings(index=f"{index_prefix}incidents-v1", settings={"index.blocks.write": None})
    with pytest.raises(Refused):
        store.write(Changes(reports=[report], incidents=[(INCIDENT, None)]))


def test_a_field_that_came_later_is_added_to_the_index(
    batch: Batch, elasticsearch: Elasticsearch, index_prefix: str, incidents: Incidents
) -> None:
    before = mapping(Report)
    del before["properties"]["event"]["properties"]["coded_by"]
    name = f"{index_prefix}reports-v1"
    elasticsearch.indices.create(index=name, mappings=before, aliases={f"{index_prefix}reports": {}})
    batch(*ARTICLES)
    assert len(incidents()) == 2
    assert elasticsearch.indices.get_mapping(index=name)[name]["mappings"]["dynamic"] == "strict"


def test_fields_that_a_later_tocsin_has_added_are_no_articles_fault(
    batch: Batch, elasticsearch: Elasticsearch, index_prefix: str, incidents: Incidents, locks: Locks
) -> None:
    """Both run during an upgrade that keeps the version: the older one, also newly started, goes on filing."""
    batch(*ARTICLES)
    for name in ("articles", "reports", "incidents", "outcomes"):
        elasticsearch.indices.put_mapping(index=f"{index_prefix}{name}", properties={"later": {"type": "keyword"}})
    for name in ("articles", "reports", "incidents"):
        elasticsearch.indices.refresh(index=f"{index_prefix}{name}")
        for hit in elasticsearch.search(index=f"{index_prefix}{name}")["hits"]["hits"]:
            one = {"_index": hit["_index"], "_id": hit["_id"]}
            elasticsearch.update(index=one["_index"], id=one["_id"], doc={"later": "x"}, refresh=True)
    older = Store(elasticsearch, index_prefix)
    again = coded(event(killed=toll(2)), url="http://d.example/x")
    (filing,) = index([again], store=older, locks=locks)
    assert filing.incident_ids
    assert sorted(one.reports for one in incidents()) == [1, 2]
    properties = elasticsearch.indices.get_mapping(index=f"{index_prefix}incidents-v1")
    assert "later" in properties[f"{index_prefix}incidents-v1"]["mappings"]["properties"]


def test_another_mapping_under_our_name_is_noticed(elasticsearch: Elasticsearch, index_prefix: str) -> None:
    elasticsearch.indices.create(
        index=f"{index_prefix}articles-v1",
        mappings={"properties": {"title": {"type": "keyword"}}},
        aliases={f"{index_prefix}articles": {}},
    )
    with pytest.raises(MappingMismatch, match="articles-v1 differs from its model in title"):
        ensure(elasticsearch, index_prefix)
    with pytest.raises(Outage, match="differs from its model"):  # no article's fault
        Store(elasticsearch, index_prefix).ready()
