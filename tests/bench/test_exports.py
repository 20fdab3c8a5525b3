"""What each format costs beside reading the same incidents and writing them as bare JSON, and what memory it takes.

`TOCSIN_BENCH_INCIDENTS` says how many are exported (8,000, as in CI). The target is 5,000 a second of any format on two
quiet cores, at flat memory: an export and Elasticsearch take turns, so that is 0.2 ms of both together for each.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from pydantic_core import to_json

from services.api.exports.documents import SEARCHED, chunks
from services.api.exports.formats import EXPORTERS, Format
from shared.documents import document
from shared.incidents.fold import worded
from shared.index import ensure
from shared.search.incidents import IncidentQuery
from shared.search.paging import scan
from tests.bench.cost import Cost
from tests.generated import incident

INCIDENTS = int(os.environ.get("TOCSIN_BENCH_INCIDENTS", "8000"))
#: Most that a format may cost this process, as a multiple of bare JSON of the same scan.
CEILINGS = {Format.CSV: 2.5, Format.JSONL: 1.6, Format.GEOJSON: 2.5, Format.ACLED: 2.5, Format.STIX: 4}
#: Megabytes by which memory may grow over an export: a page and a chunk, not the incidents, of 8 kB or more each.
GROWTH_MB = 30


@pytest.fixture
def prefix(elasticsearch: Elasticsearch, index_prefix: str) -> str:
    """Incidents in an index."""
    ensure(elasticsearch, index_prefix)
    alias = f"{index_prefix}incidents"
    bulk(
        elasticsearch.options(request_timeout=60),
        ({"_index": alias, "_id": n, "_source": document(worded(incident(n)))} for n in range(INCIDENTS)),
    )
    elasticsearch.indices.refresh(index=alias)
    return index_prefix


def bare(documents: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Write documents as they come."""
    for one in documents:
        yield to_json(one)


def resident_mb() -> float:
    """The resident megabytes of this process."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def test_exports(elasticsearch: Elasticsearch, prefix: str) -> None:
    def found() -> Iterator[dict[str, Any]]:
        return scan(elasticsearch, f"{prefix}incidents", IncidentQuery().clause(), excludes=SEARCHED)

    def spent(write: Any) -> tuple[Cost, float]:
        cost, before = Cost(), resident_mb()
        with cost.of(elasticsearch):
            size = sum(len(chunk) for chunk in chunks(write(found())))
        assert size > INCIDENTS
        return cost, resident_mb() - before

    spent(bare)
    base, _ = spent(bare)
    print(f"\nbare JSON of a scan of {INCIDENTS:,}: {base.each(INCIDENTS)}")
    for form, exporter in EXPORTERS.items():
        cost, growth = spent(exporter.write)
        ratio = cost.own_cpu_s / base.own_cpu_s
        print(f"{form}: {cost.each(INCIDENTS)}; {ratio:.1f} times bare; memory {growth:+.0f} MB")
        assert ratio < CEILINGS[form]
        assert growth < GROWTH_MB
