"""What each format costs beside reading the same incidents and writing them as bare JSON, and what memory it takes."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from pydantic_core import to_json

from services.api.exports.documents import SEARCHED, chunks
from services.api.exports.formats import EXPORTERS, Format
from shared.incidents.fold import worded
from shared.index import document, ensure
from shared.search.incidents import IncidentQuery
from shared.search.paging import scan
from tests.generated import incident

INCIDENTS = 20_000
#: Most that a format may cost, as a multiple of bare JSON of the same scan. STIX is written by a library that checks
#: every object.
CEILINGS = {Format.CSV: 2.5, Format.JSONL: 1.6, Format.GEOJSON: 2.5, Format.ACLED: 2.5, Format.STIX: 14}
#: Megabytes by which memory may grow over an export: a page and a chunk, not the incidents, which are ten times that.
GROWTH_MB = 40


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

    def seconds(write: Any) -> tuple[float, float]:
        started, before = time.process_time(), resident_mb()
        size = sum(len(chunk) for chunk in chunks(write(found())))
        assert size > INCIDENTS
        return time.process_time() - started, resident_mb() - before

    seconds(bare)
    base, _ = seconds(bare)
    print(f"\nbare JSON of a scan: {INCIDENTS / base:,.0f} incidents/s of processor time")
    for form, exporter in EXPORTERS.items():
        spent, growth = seconds(exporter.write)
        print(f"{form}: {INCIDENTS / spent:,.0f} incidents/s, {spent / base:.1f} times bare, memory {growth:+.0f} MB")
        assert spent / base < CEILINGS[form]
        assert growth < GROWTH_MB
