"""The reader of Kibana's query language that the tests of its objects rest on."""

import pytest

from tests.unit.setup.kql import KqlError, conditions, query


def any_of(*ways: object) -> dict[str, object]:
    return {"bool": {"should": list(ways), "minimum_should_match": 1}}


@pytest.mark.parametrize(
    ("kql", "asks"),
    [
        ("", {"match_all": {}}),
        ("status: active", any_of({"match": {"status": "active"}})),
        ("a.b: *", any_of({"exists": {"field": "a.b"}})),
        ('who: "Ada Obi"', any_of({"match": {"who": "Ada Obi"}})),
        ("n >= 3", any_of({"range": {"n": {"gte": "3"}}})),
        ("a: (x or y)", any_of({"match": {"a": "x"}}, {"match": {"a": "y"}})),
        ("not a: 1", {"bool": {"must_not": any_of({"match": {"a": "1"}})}}),
        ("a: 1 and b: 2", {"bool": {"filter": [any_of({"match": {"a": "1"}}), any_of({"match": {"b": "2"}})]}}),
        ("a: 1 or b: 2", any_of(any_of({"match": {"a": "1"}}), any_of({"match": {"b": "2"}}))),
    ],
)
def test_what_kibana_asks(kql: str, asks: object) -> None:
    assert query(kql) == asks


def test_and_binds_closer_than_or() -> None:
    assert query("a: 1 or b: 2 and c: 3") == query("a: 1 or (b: 2 and c: 3)")
    assert query("a: 1 or b: 2 and c: 3") != query("(a: 1 or b: 2) and c: 3")


def test_every_field_is_named_with_how_it_is_asked() -> None:
    kql = "status: active and (not place.location: * or killed.best > 3)"
    assert conditions(kql) == [("status", "match"), ("place.location", "exists"), ("killed.best", "range")]


@pytest.mark.parametrize("kql", ["a:", "a: 1 b: 2", "(a: 1", "a: (x and y)", "word", "a: 1 or", 'a: "x', "a: {b: 1}"])
def test_what_is_not_read_is_refused(kql: str) -> None:
    with pytest.raises(KqlError):
        query(kql)
