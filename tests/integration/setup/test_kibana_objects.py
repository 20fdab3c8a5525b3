"""What Kibana would ask, asked of a real Elasticsearch: every panel and search is answered, and none with nothing."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from shared.documents import document
from shared.index import MODELS, VERSION, ensure
from tests.integration.setup.record import record
from tests.unit.setup.asking import answers
from tests.unit.setup.reading import FILES, Objects, Question

QUESTIONS = list(Objects(FILES).questions())
Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def prefix(elasticsearch: Elasticsearch) -> Iterator[str]:
    """The prefix of indices that hold the record, with the real mappings."""
    prefix = f"test-{uuid4().hex[:8]}-"
    ensure(elasticsearch, prefix)
    names = {model: name for name, model in MODELS.items()}
    operations = [p for one in record() for p in ({"index": {"_index": prefix + names[type(one)]}}, document(one))]
    assert not elasticsearch.bulk(operations=operations, refresh=True)["errors"]
    yield prefix
    elasticsearch.indices.delete(index=[f"{prefix}{name}-v{VERSION}" for name in MODELS])


@pytest.fixture(scope="module")
def told(elasticsearch: Elasticsearch, prefix: str) -> Answers:
    """What Elasticsearch answers to all questions, asked at once, by where each stands."""
    searches: list[Any] = [part for one in QUESTIONS for part in ({"index": prefix + one.index}, one.whole())]
    found = elasticsearch.msearch(searches=searches)["responses"]
    return {one.where: answer for one, answer in zip(QUESTIONS, found, strict=True)}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.where)
def test_it_is_answered_with_something(question: Question, told: Answers) -> None:
    answer = told[question.where]
    assert answer["status"] == 200, answer
    assert answer["_shards"]["failed"] == 0
    assert answer["hits"]["total"]["value"] > 0
    assert answers(question.body.get("aggs", {}), answer.get("aggregations", {}))


def test_every_column_of_a_list_is_filled_somewhere(prefix: str, elasticsearch: Elasticsearch) -> None:
    """A column that no document of the index fills is misnamed."""
    filled: dict[str, set[str]] = {}
    for name in {one.index for one in QUESTIONS}:
        found = elasticsearch.search(index=prefix + name, size=500, source=False, fields=[{"field": "*"}])
        filled[name] = {field for hit in found["hits"]["hits"] for field in hit["fields"]}
    lists = [one for one in QUESTIONS if "fields" in one.body]
    empty = {(one.index, field) for one in lists for field in set(one.body["fields"]) - filled[one.index]}
    assert empty == {("decisions", "undoes")}  # the record holds no undoing
    assert len(lists) > 10


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("newest", {1, 2, 3}),
        ("protected", {1, 2}),
        ("children", {1, 2}),
        ("disputed", {1}),
        ("lone", {2}),
        ("unplaced", {4}),
    ],
)
def test_a_search_finds_what_its_title_says(search: str, titles: set[int], told: Answers) -> None:
    hits = told[f"tocsin-search-{search}"]["hits"]["hits"]
    assert {int(hit["fields"]["title"][0].split()[-1]) for hit in hits} == titles


def test_every_kind_of_object_was_asked() -> None:
    boards = {one.where.split("/")[0] for one in QUESTIONS}
    assert boards >= {"tocsin-overview", "tocsin-operations", "tocsin-quality", "tocsin-map-incidents"}
    assert len({one.where for one in QUESTIONS}) == len(QUESTIONS)
