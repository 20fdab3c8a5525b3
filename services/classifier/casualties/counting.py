"""How many a sentence says were killed or injured.

    "killing at least two soldiers and wounding 10 others"
        │        │      │      └───────────┴─ Count(injured, 10)
        └────────┴──────┴─ Count(killed, 2, "at least", military)

Each count is one statement; `tolls` makes totals of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from services.classifier.casualties import clauses, phrases, subjects, tokens, wording
from services.classifier.casualties.counts import Bound, Count, Kind
from services.classifier.casualties.tokens import Token
from services.classifier.casualties.wording import Harm, Voice
from services.classifier.sentences import lowered


def find(text: str) -> tuple[Count, ...]:
    """Return what a sentence says of killed and injured, in order. Case tells names from other words."""
    lower = lowered(text)
    found = list(_zeros(lower))
    matches = list(wording.WORDS.finditer(lower))
    if not matches:
        return tuple(found)
    words = _marked(tokens.tokens(text), matches)
    mixed = any(t.named for t in words) or (lower != text and not text.isupper())
    for match in matches:
        if any(t.kind == "word" and t.start == match.start() for t in words) and match.lastgroup in _ADJECTIVES:
            continue
        harm, voice = (match.lastgroup or "").split("_")
        start, end = match.span()
        verb = clauses.Verb(
            Harm.INJURED if harm == wording.SHOT else Harm(harm),
            Voice(voice),
            harm == wording.SHOT,
            start,
            tuple(t for t in words if t.end <= start),
            tuple(t for t in words if t.start >= end),
            mixed,
        )
        _add(found, clauses.counts(verb, match))
    _add(found, _parts_of(lower, words, mixed=mixed))
    return tuple(sorted(found, key=lambda c: c.start))


#: Words of harm that also name those harmed: "two of the wounded".
_ADJECTIVES = frozenset({"killed_intransitive", "killed_transitive", "injured_transitive"})


def _marked(words: Sequence[Token], matches: Sequence[re.Match[str]]) -> tuple[Token, ...]:
    """Return the words with those of harm marked: they end groups, but "the wounded" are one."""
    verbs = {m.start(): m for m in matches if m.lastgroup and not m.lastgroup.endswith(("hint", "toll"))}
    marked = list(words)
    ends = 0
    for n, token in enumerate(words):
        match = verbs.get(token.start)
        if token.start < ends and token.kind not in ("count", "age"):
            marked[n] = token._replace(kind="break")  # "shot dead": nobody is "dead" here
            continue
        if match and match.lastgroup in _ADJECTIVES and n and words[n - 1].kind == "the" and _is_noun(words[n + 1 :]):
            marked[n] = token._replace(kind="word")
        elif match and token.kind not in ("count", "age"):
            marked[n], ends = token._replace(kind="break"), match.end()
    return tuple(marked)


def _is_noun(after: Sequence[Token]) -> bool:
    return not after or after[0].kind != "word"


def _add(found: list[Count], counts: Iterable[Count]) -> None:
    """Add what was not read before. Who is told to be hurt and dead is dead."""
    for count in counts:
        same = [c for c in found if count.start < c.end and c.start < count.end]
        if any(c.harm is count.harm or not c.number for c in same):
            continue
        if same and count.harm is Harm.INJURED:
            continue
        found[:] = [c for c in found if c not in same]
        found.append(count)


def _parts_of(lower: str, words: Sequence[Token], *, mixed: bool) -> Iterator[Count]:
    for match in wording.PART_OF.finditer(lower):
        harm = Harm.INJURED if match["v"] in ("injured", "wounded") else Harm.KILLED
        left, right = (t for t in words if t.end <= match.start()), tuple(t for t in words if t.start >= match.end())
        verb = clauses.Verb(harm, Voice.HINT, False, match.start(), tuple(left), right, mixed)
        after = [g for g in phrases.groups(right, closed=True) if not g.thing]
        before = [g for g in subjects.behind(verb.left) if g.number]
        if match.group().startswith("among"):
            for group in after:
                if group.counts:
                    yield replace(clauses.count(verb, group, group.counts, clauses.kind_of(group)), part=True)
        elif before and after:
            yield replace(
                clauses.count(verb, before[-1], before[-1].counts or 1, Kind.NUMBER), part=True, role=after[0].role
            )


def _zeros(lower: str) -> Iterator[Count]:
    for pattern, harms in wording.NOBODY:
        match = pattern.search(lower)
        for harm in harms if match else ():
            start, end = match.span() if match else (0, 0)
            yield Count(harm, 0, Bound.EXACT, None, part=False, kind=Kind.NUMBER, start=start, end=end, verb=start)
