"""The part of Kibana's query language that our objects use, as the queries that Kibana makes of it.

    either ::= both ("or" both)*        both ::= one ("and" one)*
    one    ::= "not" one | "(" either ")" | field ":" "*" | field ":" value | field ":" "(" value ("or" value)* ")"
               | field (">" | ">=" | "<" | "<=") value

Kibana's own reader is JavaScript; this one reads no more than what stands in our files, and raises on the rest.
"""

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r"\s*(\(|\)|>=|<=|>|<|:|\"[^\"]*\"|[^\s():<>=\"]+)")
_RANGES = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_WORDS = ("and", "or", "not", "(", ")", ":", *_RANGES)

Query = dict[str, Any]


class KqlError(ValueError):
    """Not of the part of the language that is read here."""


def query(kql: str) -> Query:
    """Return what Kibana asks Elasticsearch. Raises KqlError."""
    if not kql.strip():
        return {"match_all": {}}
    return _Reader(kql).whole()


def conditions(kql: str) -> list[tuple[str, str]]:
    """Return every field that is asked about, and how: `exists`, `match` or `range`."""
    return list(leaves(query(kql)))


def leaves(node: Any) -> Iterator[tuple[str, str]]:
    """Yield every field that a query asks about, and how."""
    if isinstance(node, list):
        for one in node:
            yield from leaves(one)
    elif isinstance(node, dict):
        for kind, inside in node.items():
            if kind == "exists":
                yield inside["field"], kind
            elif kind in ("match", "range"):
                yield next(iter(inside)), kind
            else:
                yield from leaves(inside)


class _Reader:
    def __init__(self, kql: str) -> None:
        self._tokens = _TOKEN.findall(kql)
        if "".join(self._tokens) != re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", kql):
            raise KqlError(f"cannot be read: {kql}")

    def whole(self) -> Query:
        found = self._either()
        if self._tokens:
            raise KqlError(f"not expected: {self._tokens[0]}")
        return found

    def _next(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _take(self, wanted: str = "") -> str:
        if not self._tokens or (wanted and self._tokens[0] != wanted):
            raise KqlError(f"{self._next() or 'the end'} where {wanted or 'something'} is expected")
        return str(self._tokens.pop(0))

    def _either(self) -> Query:
        ways = [self._both()]
        while self._next() == "or":
            self._take()
            ways.append(self._both())
        return ways[0] if len(ways) == 1 else _any(ways)

    def _both(self) -> Query:
        needed = [self._one()]
        while self._next() == "and":
            self._take()
            needed.append(self._one())
        return needed[0] if len(needed) == 1 else {"bool": {"filter": needed}}

    def _one(self) -> Query:
        if self._next() == "not":
            self._take()
            return {"bool": {"must_not": self._one()}}
        if self._next() == "(":
            self._take()
            inside = self._either()
            self._take(")")
            return inside
        field, sign = self._value(), self._take()
        if sign in _RANGES:
            return _any([{"range": {field: {_RANGES[sign]: self._value()}}}])
        if sign != ":":
            raise KqlError(f"{sign} after {field}")
        return _any([_match(field, value) for value in self._values()])

    def _values(self) -> list[str]:
        if self._next() != "(":
            return [self._value()]
        self._take()
        values = [self._value()]
        while self._next() == "or":
            self._take()
            values.append(self._value())
        self._take(")")
        return values

    def _value(self) -> str:
        word = self._take()
        if word in _WORDS:
            raise KqlError(f"{word} where a name or a value is expected")
        return word.strip('"')


def _match(field: str, value: str) -> Query:
    return {"exists": {"field": field}} if value == "*" else {"match": {field: value}}


def _any(ways: list[Query]) -> Query:
    return {"bool": {"should": ways, "minimum_should_match": 1}}
