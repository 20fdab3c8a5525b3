"""The numbers that may be a toll: every reading of a story is a rival, `choice` weighs them.

sentences ─▶ statements ─▶ sums over sentences ─▶ rivals, by value
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.classifier.casualties.counts import Bound, Count, Kind
from services.classifier.casualties.wording import Harm
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import CasualtyRole

#: Rivals that are weighed: a list of a hundred attacks has no toll of its own.
_MOST = 24
#: Sums beyond this count nobody: what is left stays well below what `Toll` allows.
_MOST_PEOPLE = 100_000_000
KINDS = (Kind.NUMBER, Kind.PERSON, Kind.NAMED, Kind.PRONOUN, Kind.HINT)

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
    listed: bool = False  #: persons told one by one, over several sentences
    sides: bool = False  #: of parties that sentences tell apart: "nine rebels were killed", "two soldiers died"

    @property
    def kind(self) -> Kind:
        """Its strongest way of telling."""
        return min((c.kind for c in self.counts), key=KINDS.index)

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
    return [c for c in counts if not c.part and not is_attacker(c)]


def is_attacker(count: Count) -> bool:
    """Tell whether those counted are told to have attacked."""
    return count.role is CasualtyRole.PERPETRATOR


def find(told: Told, dead: frozenset[int] = frozenset()) -> list[Rival]:
    """Return the rivals that sentences tell of one harm, in the order in which they are told.

    `dead`: how many may have been killed, to be taken from those shot.
    """
    statements = [s for sentence, counts in told for s in _statements(sentence, victims(counts))]
    statements += _added(statements)
    statements += _rest(statements, dead)
    statements += _listed(statements) + _sides(statements)
    grouped: dict[tuple[int, bool], list[Statement]] = {}
    for statement in (s for s in statements if s.value <= _MOST_PEOPLE):
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
    """Return the sums of what was told first and those told as more: "two others died", "a guard was also killed"."""
    base = next((s for s in statements if s.value and not s.counts[0].more), None)
    found: list[Statement] = []
    for statement in statements if base else ():
        if base and statement.counts[0].more and not statement.summed and base.sentence is not statement.sentence:
            for before in (base, *found[-1:]):
                value, counts = before.value + statement.value, before.counts + statement.counts
                found.append(Statement(statement.sentence, counts, value, added=True))
    return found


def _listed(statements: Sequence[Statement]) -> list[Statement]:
    """Return the sum of the persons that several sentences tell one by one: by name, or each as somebody new."""
    persons: dict[Kind, dict[str, tuple[Sentence, Count]]] = {Kind.NAMED: {}, Kind.PERSON: {}}
    for statement in statements:
        for count in statement.counts if not statement.summed else ():
            words = statement.sentence.plain[count.start : count.end].split()
            if words and count.kind is Kind.NAMED and not words[-1].islower():
                persons[Kind.NAMED].setdefault(words[-1].lower().removesuffix("'s"), (statement.sentence, count))
            elif words and count.kind is Kind.PERSON and words[0].lower() in _NEW:
                persons[Kind.PERSON].setdefault(" ".join(words[1:]).lower(), (statement.sentence, count))
    found = max(persons.values(), key=len)
    sentences = [sentence for sentence, _ in found.values()]
    if len({s.rank for s in sentences}) < _SEVERAL:
        return []
    counts = tuple(count for _, count in found.values())
    return [Statement(s, counts, len(counts), listed=True) for s in dict.fromkeys(sentences)][:_CITED]


def _sides(statements: Sequence[Statement]) -> list[Statement]:
    """Return the sum of what sentences tell first of each party, where they tell of more than one."""
    first: dict[CasualtyRole | None, Statement] = {}
    for statement in statements:
        roles = {c.role for c in statement.counts}
        plain = not (statement.summed or statement.added or statement.rest or statement.listed)
        if plain and len(roles) == 1 and statement.value and statement.kind is Kind.NUMBER:
            first.setdefault(statement.counts[0].role, statement)
    told = list({s.sentence.rank: s for s in first.values()}.values())
    if len(told) < _SEVERAL or not any(first):
        return []
    value, counts = sum(s.value for s in told), tuple(c for s in told for c in s.counts)
    return [Statement(told[-1].sentence, counts, value, sides=True)]


_NEW = frozenset({"a", "an", "another"})
_SEVERAL, _CITED = 2, 3


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
