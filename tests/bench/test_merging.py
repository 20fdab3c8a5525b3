"""What it costs to file reports among many incidents, against the same writes alone.

`TOCSIN_BENCH_INCIDENTS` says among how many (400, as in CI); `make bench-merge` files among 100,000. The target is
100 reports a second of one indexer on two quiet cores. Half of the news is of incidents that are filed already.
"""

import os
import random
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from redis import Redis

from services.indexer.index import index
from services.indexer.report import reports_of
from shared import pipeline
from shared.documents import document
from shared.domain.base import Model
from shared.domain.coded import CodedArticle
from shared.domain.incident import Report
from shared.incidents.changed import Changed
from shared.incidents.fold import fold
from shared.incidents.locks import redis_locks
from shared.incidents.store import Changes, Store
from shared.index import MODELS, VERSION, ensure
from tests.bench.cost import Cost
from tests.bench.news import Happening, Wire

COUNT = int(os.environ.get("TOCSIN_BENCH_INCIDENTS", "400"))
REPORTS = int(os.environ.get("TOCSIN_BENCH_REPORTS", "160"))
#: Batches that are filed before the measured ones: Python and the node compile what is asked often.
WARM = 5
#: Days before the last on which the happenings lie that the news goes on telling of.
RECENT = 30
#: Most that filing may cost, as a multiple of its writes alone, in seconds of processors.
CEILING = 12

Document = dict[str, Any]


class Written(Store):
    """A store that keeps what it writes."""

    def __init__(self, client: Elasticsearch, prefix: str, redis: Redis) -> None:
        super().__init__(client, prefix, note=Changed(redis).note)
        self.changes: list[Changes] = []

    def write(self, changes: Changes) -> None:
        """Write, and keep what it was."""
        self.changes.append(changes)
        super().write(changes)


def actions(prefix: str, models: Mapping[str, Iterable[Model]]) -> Iterator[Document]:
    """What a bulk of some models of each alias takes."""
    for alias, those in models.items():
        for one in those:
            held = document(one)
            yield {"_index": f"{prefix}{alias}", "_id": held["id"], "_source": held}


def founded(wire: Wire, happening: Happening) -> list[Report]:
    """The reports of a happening, in one incident."""
    told = [report for one in wire.tellings(happening) for report in reports_of(one)]
    return [one.model_copy(update={"incident_id": told[0].incident_id}) for one in told]


def fill(client: Elasticsearch, prefix: str, wire: Wire, count: int) -> list[Happening]:
    """File happenings and what is told of them, and return them. Articles are read by id alone: they are left out."""
    ensure(client, prefix)
    happened = list(wire.happenings(count))

    def filed() -> Iterator[Document]:
        for one in happened:
            reports = founded(wire, one)
            yield from actions(prefix, {"reports": reports, "incidents": [fold(reports[0].incident_id, reports)]})

    bulk(client.options(request_timeout=120), filed(), chunk_size=1000)
    client.indices.refresh(index=f"{prefix}*")
    return happened


def stream(wire: Wire, happened: Sequence[Happening], reports: int, seed: int = 11) -> list[list[CodedArticle]]:
    """Batches of news, as the indexer gets them: half of what happened lately, half of what nobody has told yet."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    last = max(one.day for one in happened)
    recent = [one for one in happened if (last - one.day).days < RECENT] or list(happened)
    told = [wire.telling(chance.choice(recent)) for _ in range(reports // 2)]
    for new in wire.happenings(reports, last_days=RECENT):
        told += wire.tellings(new) if len(told) < reports else []
    told = told[:reports]
    chance.shuffle(told)
    return [told[at : at + pipeline.BATCH] for at in range(0, len(told), pipeline.BATCH)]


@pytest.fixture
def bare_prefix(elasticsearch: Elasticsearch, index_prefix: str) -> Iterator[str]:
    """A second set of indices, empty."""
    prefix = f"{index_prefix}bare-"
    ensure(elasticsearch, prefix)
    yield prefix
    elasticsearch.indices.delete(index=[f"{prefix}{name}-v{VERSION}" for name in MODELS], ignore_unavailable=True)


def test_filing_costs_a_few_times_its_writes(
    elasticsearch: Elasticsearch, redis: Redis, index_prefix: str, bare_prefix: str
) -> None:
    wire = Wire()
    happened = fill(elasticsearch, index_prefix, wire, COUNT)
    batches = stream(wire, happened, REPORTS + WARM * pipeline.BATCH)
    number = sum(map(len, batches[WARM:]))
    filing, writing = measured(elasticsearch, redis, index_prefix, bare_prefix, batches)
    slowest = 1000 * statistics.quantiles(filing.turns_s, n=20)[-1]
    print(
        f"\n{number:,} reports filed among {COUNT:,} incidents, in batches of {pipeline.BATCH}: {filing.each(number)}"
    )
    print(f"p95 of a batch {slowest:.0f} ms; the same writes alone: {writing.each(number)}")
    ratio = filing.cpu_s / writing.cpu_s
    print(f"filing costs {ratio:.1f} times its writes (at most {CEILING}); target: 100 reports/s among 100,000")
    assert ratio < CEILING


def measured(
    client: Elasticsearch, redis: Redis, prefix: str, bare_prefix: str, batches: Sequence[Sequence[CodedArticle]]
) -> tuple[Cost, Cost]:
    """Return what it costs to file batches, and to do no more than their writes. Both in turn: load hits both alike."""
    store, locks = Written(client, prefix, redis), redis_locks(redis)
    filing, writing, joined = Cost(), Cost(), 0
    for turn, batch in enumerate(batches):
        cost, bare = (filing, writing) if turn >= WARM else (Cost(), Cost())
        with cost.of(client):
            index(batch, store=store, locks=locks)
        done = store.changes.pop()
        joined += sum(one.reason != "first report" for one in done.reports)
        with bare.of(client):
            models = {"reports": done.reports, "incidents": [one for one, _ in done.incidents]}
            bulk(client, actions(bare_prefix, {"articles": done.articles, **models}))
    assert joined  # else nothing was compared
    print(f"\n{joined} reports joined an incident")
    return filing, writing
