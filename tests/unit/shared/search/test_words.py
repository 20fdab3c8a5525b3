"""Any string is a search, and none is a slow one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search import words
from shared.search.incidents import FIELDS, IncidentQuery

PROSE = words.Fields(prose=["text"])


def shape(q: str) -> Any:
    """The query as nested lists: words, and what joins them."""
    return _shape(words.clause(q, PROSE))


def _shape(clause: dict[str, Any]) -> Any:
    (kind, body), *_ = clause.items()
    if kind == "bool":
        how = next(name for name in ("must", "should", "must_not") if name in body)
        return [how, *map(_shape, body[how])]
    if kind == "dis_max":
        return ["any", *map(_shape, body["queries"])]
    if kind == "multi_match":
        return f'"{body["query"]}"' if body.get("type") == "phrase" else body["query"]
    return kind if kind == "match_none" else f"{body['text']['value']}*"


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("bomb", "bomb"),
        ("bomb market", ["must", "bomb", "market"]),
        ("bomb AND +market", ["must", "bomb", "market"]),
        ("bomb | market", ["should", "bomb", "market"]),
        ("a OR b c", ["should", "a", ["must", "b", "c"]]),
        ("(a OR b) c", ["must", ["should", "a", "b"], "c"]),
        ("bomb -hoax", ["must", "bomb", ["must_not", "hoax"]]),
        ("NOT (a | b)", ["must_not", ["should", "a", "b"]]),
        ("--a", "a"),
        ('"two words" x', ["must", '"two words"', "x"]),
        ('"never closed', '"never closed"'),
        ("al-Zawahiri", "al-Zawahiri"),
        ("bomb*", ["any", "bomb", "bomb*"]),
        ("bo*", "bo"),
        ("*bomb", "bomb"),
        ("/b.*b/", "/b.*b/"),
        ("text:bomb", "text:bomb"),
        ("Medellín", ["any", "Medellín", "Medellin"]),
        ("a ) b", ["must", "a", "b"]),
        ("((a", "a"),
        ("a |", "a"),
        ("| NOT ! ()", "match_none"),
        ("", "match_none"),
    ],
)
def test_a_string_is_read(q: str, expected: Any) -> None:
    assert shape(q) == expected


def test_names_may_be_misspelt_from_six_letters_on() -> None:
    (_, named) = words.clause("Zawahri", FIELDS)["dis_max"]["queries"]
    assert named["multi_match"]["fuzziness"] == "AUTO:6,10"
    assert named["multi_match"]["query"] == "zawahri"
    (_, long) = words.clause("z" * 33, FIELDS)["dis_max"]["queries"]
    assert "fuzziness" not in long["multi_match"]


def test_the_number_of_an_incident_is_looked_up() -> None:
    assert words.clause("tcn-0123456789", FIELDS)["term"]["id"]["value"] == "TCN-0123456789"


def test_brackets_are_deep_only_so_far() -> None:
    assert shape("(" * 400 + "bomb | (gas" + ")" * 400) == ["should", "bomb", "gas"]
    assert depth(words.clause("((a | b) c | d) e " * 8 + "(" * 30 + "x|y", PROSE)) < 30


@pytest.mark.parametrize(("q", "why"), [("a " * 65, "64 words"), ("bomb* " * 5, "4 words with")])
def test_too_many_words_are_refused_by_name(q: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        IncidentQuery(q=q)


def depth(value: Any) -> int:
    """How deep the boolean queries of a clause are nested."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    below = max((depth(one) for one in inner), default=0)
    return below + (isinstance(value, dict) and "bool" in value)


@given(st.text(alphabet='ab()"|+-*~ \\/', max_size=400))
def test_no_string_fails_or_makes_a_query_that_elasticsearch_refuses(q: str) -> None:
    clause = words.clause(q, FIELDS)
    assert depth(clause) < 30
    assert "regexp" not in json.dumps(clause)
    assert "wildcard" not in json.dumps(clause)
