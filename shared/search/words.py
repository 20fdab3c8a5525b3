"""Full text as Elasticsearch is asked it: any string is a search, and none is a slow one.

    word          found as English prose (bombs, bombing), and among names also without accents and slightly misspelt
    "some words"  in this order
    begin*        words that begin so, from three letters on
    -word         not this; NOT word, too
    a | b         one of both; a OR b, too. Everything else must hold together; AND and + say so as well
    ( )           what belongs together

What is left of a sign without its partner counts for nothing. There is no other syntax: no leading wildcard, no regular
expression, no field name. Elasticsearch's own simple query cannot be misspelt only where names stand, and over fields
that are stemmed and fields that are not it asks for "the" as well: hence a parser of our own.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from shared.spelling import plain, without_accents

#: Most words, phrases and beginnings of one search: what a headline has, twice.
MOST_WORDS = 64
#: Most of them that are beginnings of words: each is looked for among all words there are.
MOST_PREFIXES = 4
#: Shortest beginning: what begins with two letters is half the dictionary.
SHORTEST_PREFIX = 3
#: Deepest brackets that count; Elasticsearch takes 30 levels.
DEEPEST = 8
#: From how many letters on one letter of a name may be wrong, and two: Hamas is not Hama, nor Iraq Iran.
FUZZINESS = "AUTO:6,10"
#: Longest word that may be misspelt, in characters.
LONGEST_FUZZY = 32

#: Where words were found, for people to read. Escaped as HTML: they are strangers' words.
HIGHLIGHT: dict[str, Any] = {
    "encoder": "html",
    "require_field_match": False,  # a name is found in its plain spelling, and shown as it is written
    "max_analyzed_offset": 100_000,
    "fields": {
        "title": {"number_of_fragments": 0},
        "summary": {"number_of_fragments": 0},
        "text": {"number_of_fragments": 3, "fragment_size": 160, "order": "score"},
    },
}

_TOKEN = re.compile(r'"[^"]*"?|[()|]|[^\s()|"]+')
_NUMBER = re.compile(r"TCN-[0-9A-Z]{10}", re.IGNORECASE)
_OPERATORS = {"AND": "+", "OR": "|", "NOT": "-"}

Clause = dict[str, Any]


class Fields:
    """Where is searched: prose with its weights, names in their plain spelling, and the number of a record."""

    def __init__(self, prose: Sequence[str], names: Sequence[str] = (), number: str | None = None) -> None:
        self.prose, self.names, self.number = list(prose), list(names), number


def tokens(q: str) -> list[str]:
    """Return the words, phrases and signs of a search."""
    found: list[str] = []
    for token in _TOKEN.findall(q):
        while token[0] in "+-" and len(token) > 1:
            found, token = [*found, token[0]], token[1:]  # noqa: PLW2901 - a sign stands before its word
        found.append(_OPERATORS.get(token, token))
    return found


def weight(q: str) -> tuple[int, int]:
    """Return how many words and phrases a search has, and how many of them are beginnings."""
    words = [token for token in tokens(q) if _is_word(token)]
    return len(words), sum(token.endswith("*") for token in words)


def clause(q: str, fields: Fields) -> Clause:
    """Return the query for a string: a search without a word in it finds nothing."""
    return _Reader(tokens(q), fields).read() or {"match_none": {}}


def _is_word(token: str) -> bool:
    return any(c.isalnum() for c in token)


class _Reader:
    """Reads a search from left to right."""

    def __init__(self, found: list[str], fields: Fields) -> None:
        self._left, self._fields, self._depth = found[::-1], fields, 0

    def read(self) -> Clause | None:
        parts: list[Clause] = []
        while self._left:
            if part := self._either():
                parts.append(part)
            if self._left:
                self._left.pop()  # a bracket that was never opened
        return _joined("must", parts)

    def _either(self) -> Clause | None:
        sides = [self._together()]
        while self._next("|"):
            sides.append(self._together())
        return _joined("should", [side for side in sides if side])

    def _together(self) -> Clause | None:
        parts: list[Clause] = []
        while self._left and self._left[-1] not in ("|", ")"):
            negated = False
            while self._left and self._left[-1] in ("+", "-"):
                negated ^= self._left.pop() == "-"
            if not self._left or self._left[-1] in ("|", ")"):
                break
            if part := self._one():
                parts.append({"bool": {"must_not": [part]}} if negated else part)
        return _joined("must", parts)

    def _one(self) -> Clause | None:
        token = self._left.pop()
        if token != "(":  # noqa: S105 - a bracket
            return _leaf(token, self._fields) if _is_word(token) else None
        if self._depth == DEEPEST:
            return None
        self._depth += 1
        inner = self._either()
        self._depth -= 1
        self._next(")")
        return inner

    def _next(self, sign: str) -> bool:
        if self._left and self._left[-1] == sign:
            self._left.pop()
            return True
        return False


def _joined(how: str, parts: list[Clause]) -> Clause | None:
    if len(parts) < 2:  # noqa: PLR2004 - one needs no joining
        return parts[0] if parts else None
    return {"bool": {how: parts} | ({"minimum_should_match": 1} if how == "should" else {})}


def _leaf(token: str, fields: Fields) -> Clause:
    if token.startswith('"'):
        return _spelt(token.strip('"'), lambda words: _prose(words, fields, type="phrase"))
    if fields.number and _NUMBER.fullmatch(token):
        return {"term": {fields.number: {"value": token.upper(), "boost": 10}}}
    word = token.strip("*")
    if token.endswith("*") and len(word) >= SHORTEST_PREFIX and plain(word).isalnum():
        begun = [{"prefix": {name.split("^")[0]: {"value": plain(word)}}} for name in (*fields.prose, *fields.names)]
        return {"dis_max": {"queries": [_prose(word, fields), *begun]}}
    exact = _spelt(word, lambda words: _prose(words, fields, operator="and"))
    if not fields.names:
        return exact
    named = {"query": plain(word), "fields": fields.names, "operator": "and"}
    fuzzy = {"fuzziness": FUZZINESS, "prefix_length": 1, "max_expansions": 20} if len(word) <= LONGEST_FUZZY else {}
    return {"dis_max": {"queries": [exact, {"multi_match": named | fuzzy}]}}


def _spelt(words: str, ask: Callable[[str], Clause]) -> Clause:
    """Ask for the words as they are typed, and without their accents: the record has a copy without any."""
    spellings = dict.fromkeys((words, without_accents(words)))
    asked = [ask(spelling) for spelling in spellings]
    return asked[0] if len(asked) == 1 else {"dis_max": {"queries": asked}}


def _prose(words: str, fields: Fields, **options: str) -> Clause:
    # a word that English leaves out ("the") holds everywhere
    return {"multi_match": {"query": words, "fields": fields.prose, "zero_terms_query": "all", **options}}
