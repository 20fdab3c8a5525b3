"""Which of the numbers that a story tells is its toll: every reading is a rival, a linear model weighs them.

sentences ─▶ statements ─▶ rivals, by value (and "nothing is told") ─▶ features ─▶ the likeliest
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from services.classifier.casualties.clauses import Bound, Count, Kind
from services.classifier.casualties.wording import Harm, Voice
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import CasualtyRole

_ATTRIBUTED = re.compile(r"\b(?:said|says|according to|reported|told|put the (?:death )?toll|claimed|sources?)\b")
WEIGHTS = Path(__file__).parents[1] / "weights" / "tolls.json"
_LEAD = 3
#: Rivals that are weighed: a list of a hundred attacks has no toll of its own.
_MOST = 24
#: Sentences beyond which length says nothing more: few labelled events are told in as many.
_LONG = 20
_KINDS = (Kind.NUMBER, Kind.PERSON, Kind.NAMED, Kind.PRONOUN, Kind.HINT)

Told = Sequence[tuple[Sentence, Sequence[Count]]]


@dataclass(frozen=True, slots=True)
class Statement:
    """What one sentence says: `value` is the sum of `counts`."""

    sentence: Sentence
    counts: tuple[Count, ...]
    value: int
    summed: bool = False  #: over more than one word of harm
    added: bool = False  #: to what another sentence said: "two others died"
    rest: bool = False  #: those shot without those killed

    @property
    def kind(self) -> Kind:
        """Its strongest way of telling."""
        return min((c.kind for c in self.counts), key=_KINDS.index)

    @property
    def vague(self) -> bool:
        """Whether it gives no number: "dozens"."""
        return bool(self.value) and all(c.bound is Bound.VAGUE for c in self.counts)


@dataclass(frozen=True, slots=True)
class Rival:
    """One value that may be the toll, with all that say it. No statements: that nothing is told."""

    value: int
    vague: bool
    statements: tuple[Statement, ...]


def victims(counts: Sequence[Count]) -> list[Count]:
    """Return the counts that a total is made of: no parts, no attackers."""
    return [c for c in counts if not c.part and c.role is not CasualtyRole.PERPETRATOR]


def find(told: Told, dead: frozenset[int] = frozenset()) -> list[Rival]:
    """Return the rivals that sentences tell of one harm, in the order in which they are told.

    `dead`: how many may have been killed, to be taken from those shot.
    """
    statements = [s for sentence, counts in told for s in _statements(sentence, victims(counts))]
    statements += _added(statements)
    statements += _rest(statements, dead)
    grouped: dict[tuple[int, bool], list[Statement]] = {}
    for statement in statements:
        grouped.setdefault((statement.value, statement.vague), []).append(statement)
    return [Rival(value, vague, tuple(said)) for (value, vague), said in grouped.items()][:_MOST]


def _statements(sentence: Sentence, counts: list[Count]) -> list[Statement]:
    found = []
    for verb in dict.fromkeys(c.verb for c in counts):
        mine = tuple(c for c in counts if c.verb == verb)
        found.append(Statement(sentence, mine, sum(c.number for c in mine)))
    if len(found) > 1:
        found.append(Statement(sentence, tuple(counts), sum(_distinct(counts)), summed=True))
    return found


def _distinct(counts: Sequence[Count]) -> list[int]:
    """Numbers that add up: the same number told twice without another role is one, unless under one verb."""
    seen: dict[tuple[int, CasualtyRole | None], tuple[int, int]] = {}
    numbers = []
    for count in counts:
        known = seen.get((count.number, count.role))
        if known is None or known[0] == count.verb:
            numbers.append(count.number)
            seen[count.number, count.role] = (count.verb, count.number)
    return numbers


def _added(statements: Sequence[Statement]) -> list[Statement]:
    """Return the sums of what was told before and those told as more: "two others died"."""
    found = []
    for at, statement in enumerate(statements):
        if statement.counts[0].more and not statement.summed and at:
            base = next((s for s in statements if s.value and not s.counts[0].more), None)
            if base and base.sentence is not statement.sentence:
                value = base.value + statement.value
                found.append(Statement(statement.sentence, base.counts + statement.counts, value, added=True))
    return found


def _rest(statements: Sequence[Statement], dead: frozenset[int]) -> list[Statement]:
    """Return those shot and not killed: "nine people were shot, one of them died"."""
    return [
        replace(s, value=s.value - killed, rest=True)
        for s in statements
        if all(c.shot for c in s.counts)
        for killed in sorted(dead)
        if 0 < killed < s.value
    ]


def _killed(told: Mapping[Harm, Told]) -> Told:
    """Return what is told of the killed, less "nobody hurt" where somebody was: those unhurt are not all there were."""
    injured = [c for _, counts in told[Harm.INJURED] for c in counts]
    if not any(c.number for c in injured):
        return told[Harm.KILLED]
    both = {(c.start, c.end) for c in injured if not c.number}
    kept = [(s, [c for c in counts if c.number or (c.start, c.end) not in both]) for s, counts in told[Harm.KILLED]]
    return [(s, counts) for s, counts in kept if counts]


def of(told: Mapping[Harm, Told]) -> dict[Harm, list[Rival]]:
    """Return the rivals for each harm."""
    killed = find(_killed(told))
    return {
        Harm.KILLED: killed,
        Harm.INJURED: find(told[Harm.INJURED], frozenset(r.value for r in killed)),
    }


def features(rival: Rival, rivals: Sequence[Rival], others: Sequence[Rival], length: int) -> dict[str, float]:
    """Return what is said of a rival among `rivals`. `others`: those of the other harm. `length`: sentences read."""
    harmed = any(r.value for r in others)
    if not rival.statements:
        return {
            "null": 1.0,
            "null.length": math.log1p(min(length, _LONG)),
            "null.other": float(harmed),
            "null.other.zero": float(any(not r.value for r in others)),
        }
    said = rival.statements
    ranks = [s.sentence.rank for s in said]
    first = min(s.sentence.rank for r in rivals for s in r.statements)
    kind = min((s.kind for s in said), key=_KINDS.index)
    numbers = [r for r in rivals if r.value and any(s.kind is Kind.NUMBER for s in r.statements)]
    own = {s.sentence.rank for s in said}
    found = {
        f"kind.{kind}": 1.0,
        "zero": float(rival.value == 0),
        "zero.rivalled": float(rival.value == 0 and any(r.value for r in rivals)),
        "zero.other": float(rival.value == 0 and harmed),
        "vague": float(rival.vague),
        "vague.rivalled": float(rival.vague and len(numbers) > 1),
        "bound": float(all(c.bound is not Bound.EXACT for s in said for c in s.counts)),
        "shot": float(all(c.shot for s in said for c in s.counts)),
        "title": float(min(ranks) == 0),
        "lead": float(any(r <= _LEAD for r in ranks)),
        "first": float(first in ranks),
        "late": math.log1p(min(ranks)),
        "support": math.log(len(own)),
        "share": len(own) / len({s.sentence.rank for r in rivals for s in r.statements}),
        "largest": float(rival.value == max(r.value for r in rivals)),
        "summed": float(all(s.summed for s in said)),
        "added": float(all(s.added for s in said)),
        "rest": float(all(s.rest for s in said)),
        "more": float(all(s.counts[0].more for s in said)),
        "toll": float(any(c.voice is Voice.TOLL for s in said for c in s.counts)),
        "attributed": float(all(_ATTRIBUTED.search(s.sentence.lower) for s in said)),
        "one": float(rival.value == 1),
        "one.numbers": float(rival.value == 1 and bool([r for r in numbers if r.value > 1])),
        "size": math.log1p(rival.value),
        "rivals": math.log(len(rivals)),
        "of": float(all(c.voice in (Voice.NOUN, Voice.BODY, Voice.COUNTED) for s in said for c in s.counts)),
        "other.one": float(rival.value == 1 and any(r.value == 1 for r in others)),
        "other.single": float(
            kind is not Kind.NUMBER and any(s.kind is not Kind.NUMBER for r in others for s in r.statements)
        ),
        "other.same": float(any(s.sentence.rank in own for r in others for s in r.statements)),
    }
    return {name: value for name, value in found.items() if value}


@cache
def weights() -> Mapping[Harm, Mapping[str, float]]:
    """Return the shipped weights of the features."""
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {harm: stored[harm] for harm in Harm}


def choose(harm: Harm, found: Mapping[Harm, Sequence[Rival]], length: int, weigh: Mapping[str, float]) -> Rival | None:
    """Return the likeliest rival, or None when nothing is told."""
    rivals, others = found[harm], found[Harm.INJURED if harm is Harm.KILLED else Harm.KILLED]
    if not rivals:
        return None
    nothing = Rival(0, vague=False, statements=())

    def score(rival: Rival) -> float:
        return sum(weigh.get(name, 0.0) * value for name, value in features(rival, rivals, others, length).items())

    best = max((*rivals, nothing), key=score)
    return best if best.statements else None
