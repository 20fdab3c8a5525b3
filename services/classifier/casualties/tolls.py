"""The tolls of an event, from everything that its sentences say of the killed and the injured.

counts of each sentence ─▶ rivals ─▶ the likeliest ─▶ bounds, roles, the sentences to cite
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.classifier.casualties import choice, counting, rivals
from services.classifier.casualties.counts import Bound, Count, Kind
from services.classifier.casualties.rivals import Rival, Statement
from services.classifier.casualties.wording import ATTRIBUTED, Harm
from services.classifier.sentences import Sentence
from shared.domain.event import Toll
from shared.domain.vocabulary import CasualtyRole, Subtype

#: How far a differing number may lie from the story's own and still be another count of the same harm.
_LIKELY = 3
#: Sentences that one toll may rest on: as many as are cited.
_MOST_CITED = 3
#: Code points after a number in which its noun stands.
_HEAD_NOUN = 30


_Told = Sequence[tuple[Sentence, list[Count]]]


@dataclass(frozen=True, slots=True)
class Told:
    """A toll and the sentences that tell it, the likeliest first."""

    toll: Toll
    sentences: tuple[Sentence, ...]
    phrase: str  #: the words that give the number
    titled: bool  #: whether the number itself stands in the title alone


def of(sentences: Sequence[Sentence], subtype: Subtype) -> dict[Harm, Told | None]:
    """Return the killed and the injured that the sentences of one event tell; None for what they do not tell."""
    told = read(sentences, subtype)
    found = rivals.of(told)
    return {harm: _told(choice.choose(harm, found, subtype), told[harm]) for harm in Harm}


def read(sentences: Sequence[Sentence], subtype: Subtype) -> dict[Harm, list[tuple[Sentence, list[Count]]]]:
    """Return what each sentence says of each harm."""
    everything = [(s, _sides(counting.find(s.plain), subtype)) for s in sentences]
    return {harm: [(s, mine) for s, cs in everything if (mine := [c for c in cs if c.harm is harm])] for harm in Harm}


def _sides(counts: Sequence[Count], subtype: Subtype) -> Sequence[Count]:
    """Return the counts of a clash without attackers: both sides fight, and the dead of both are counted."""
    if subtype is not Subtype.ARMED_CLASH:
        return counts
    fought = {n for n, c in enumerate(counts) if rivals.is_attacker(c) and c.kind is not Kind.PRONOUN}
    return [replace(c, role=CasualtyRole.ARMED_GROUP) if n in fought else c for n, c in enumerate(counts)]


def _told(chosen: Rival | None, told: _Told) -> Told | None:
    """Return the toll of the chosen rival with its roles and range; None where not even a part is told."""
    said = min(chosen.statements, key=_clearness) if chosen else None
    toll = _toll(said) if said else None
    cited = [_shown(chosen, said)] if chosen and said else []
    whole = _roles(chosen) if chosen else {}
    roles = _with_parts(whole, told, cited)
    if not cited or (toll is None and not roles):
        return None
    toll = toll.model_copy(update={"by_role": roles}) if toll else Toll(by_role=roles)
    first = said.sentence if said else cited[0]
    others = [(s, n) for s, n in _others(toll, told, first) if s in cited or len(cited) < _MOST_CITED]
    others = others[: _MOST_CITED - len(cited)]
    cited += [s for s, _ in others if s not in cited]
    counts = said.counts if said else next(cs for s, cs in told if s is first)
    mine = [c for c in counts if first.text[c.start : c.end]]
    phrase = first.text[mine[0].start : mine[-1].end + _HEAD_NOUN]
    return Told(_widened(toll, others), tuple(cited), phrase, cited[0].span is None)


def _clearness(said: Statement) -> tuple[int, bool, int]:
    return list(Kind).index(said.kind), said.summed or said.added or said.rest or said.sides, said.sentence.rank


def _shown(chosen: Rival, said: Statement) -> Sentence:
    """Return the sentence to cite: for one of the title, the first of the body that says the same number."""
    if said.sentence.span:
        return said.sentence
    same = [s for s in chosen.statements if s.sentence.span and _same_roles(s, said)]
    return min(same, key=lambda s: (s.kind is not said.kind, s.sentence.rank), default=said).sentence


def _same_roles(one: Statement, other: Statement) -> bool:
    return {c.role for c in other.counts} <= {c.role for c in one.counts}


def _toll(said: Statement) -> Toll:
    """Return a statement's numbers with their bounds. Nothing is raised: bounds that cross are put in order."""
    total = said.value
    if any(c.low for c in said.counts):
        return Toll(min=min(total, sum(c.low or c.number for c in said.counts)), max=total)
    bounds = {c.bound for c in said.counts}
    if Bound.MOST in bounds:
        return Toll(best=total, max=total)
    if bounds == {Bound.VAGUE}:
        return Toll(min=total)
    if bounds & {Bound.LEAST, Bound.VAGUE}:
        return Toll(min=total, best=total)
    return Toll(min=total, best=total, max=total)


def _roles(chosen: Rival) -> dict[CasualtyRole, int]:
    """Return the roles of whole groups, from the statement that tells most of them."""
    told: list[dict[CasualtyRole, int]] = []
    for said in chosen.statements:
        roles: dict[CasualtyRole, int] = {}
        for count in said.counts:
            if count.role and count.number and not said.rest:
                roles[count.role] = roles.get(count.role, 0) + count.number
        told.append(roles)
    return max(told, key=lambda roles: sum(roles.values()), default={})


def _with_parts(roles: Mapping[CasualtyRole, int], told: _Told, cited: list[Sentence]) -> dict[CasualtyRole, int]:
    """Return the roles with those of parts and attackers that any sentence tells, and add it to those cited."""
    everything = dict(roles)
    for sentence, counts in sorted(told, key=lambda one: not cited or one[0] is not cited[0]):
        if sentence.span is None and sentence not in cited and cited:
            continue  # the body is cited in place of the headline
        new = {c.role: c.number for c in reversed(counts) if (c.part or rivals.is_attacker(c)) and c.role and c.number}
        new = {role: number for role, number in new.items() if role not in everything}
        if new and sentence not in cited and len(cited) >= _MOST_CITED:
            continue
        everything |= new
        if new and sentence not in cited:
            cited.append(sentence)
    return everything


def _others(toll: Toll, told: _Told, first: Sentence) -> list[tuple[Sentence, int]]:
    """Return the sentences in which a source gives another number of the same harm."""
    best = toll.best
    if not best:
        return []
    found = []
    for sentence, counts in told:
        numbers = [c.number for c in rivals.victims(counts) if not (c.single or c.low or c.bound is not Bound.EXACT)]
        if sentence is not first and len(numbers) == 1 and ATTRIBUTED.search(sentence.lower):
            number = numbers[0]
            if number != best and best / _LIKELY < number < best * _LIKELY and number > 1:
                found.append((sentence, number))
    return found


def _widened(toll: Toll, others: list[tuple[Sentence, int]]) -> Toll:
    numbers = [n for _, n in others if toll.best is not None and n > toll.best]
    if not numbers or toll.max is None:
        return toll
    return toll.model_copy(update={"max": max(toll.max, *numbers)})
