"""The toll of an event, from everything that its sentences say of the killed and the injured."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.classifier import casualties
from services.classifier.casualties import Bound, Count
from services.classifier.sentences import Sentence
from services.classifier.wording import Harm
from shared.domain.event import Toll
from shared.domain.vocabulary import CasualtyRole

_ATTRIBUTED = re.compile(r"\b(?:said|says|according to|reported|told|put the (?:death )?toll|claimed|sources?)\b")
#: How far a differing number may lie from the story's own and still be another count of the same harm.
_LIKELY = 3
#: Code points after a number in which its noun stands.
_HEAD_NOUN = 30


@dataclass(frozen=True, slots=True)
class Told:
    """A toll and the sentences that tell it, the likeliest first."""

    toll: Toll
    sentences: tuple[Sentence, ...]
    phrase: str  #: the words that give the number


def of(sentences: Sequence[Sentence], harm: Harm) -> Told | None:
    """Return the killed or injured that the sentences of one event tell, or None when they tell nothing.

    The first sentence with a number decides, as headline and lead come first; "a man" counts only where no number
    stands, and a whole number beats "dozens". Groups in that sentence add up. Later sentences that name a source and
    differ widen the range.
    """
    everything = [(s, casualties.find(s.lower)) for s in sentences]
    # "The staff are unhurt" speaks of the staff, where others are told to be hurt or dead.
    some = any(c.number for _, counts in everything for c in counts)
    told = [
        (s, [c for c in counts if c.harm is harm and not (some and _of_both(c, counts))]) for s, counts in everything
    ]
    told = [(s, counts) for s, counts in told if counts]
    if not told:
        return None
    sentence, counts = next(
        ((s, cs) for s, cs in told if any(not c.single and not c.part and c.number and _victim(c) for c in cs)),
        next(((s, cs) for s, cs in told if any(_victim(c) and not c.part for c in cs)), told[0]),
    )
    if all(c.bound is Bound.VAGUE for c in counts):
        sentence, counts = _exact(told, counts) or (sentence, counts)
    toll = _toll(counts, [cs for _, cs in told])
    if toll is None:
        return None
    others = _others(toll, told, sentence)
    phrase = sentence.text[counts[0].start : counts[-1].end + _HEAD_NOUN]
    return Told(_widened(toll, others), (sentence, *(s for s, _ in others)), phrase)


def _exact(told: list[tuple[Sentence, list[Count]]], vague: list[Count]) -> tuple[Sentence, list[Count]] | None:
    """Return the first statement of a whole number that may be what "dozens" stands for."""
    least = sum(c.number for c in vague)
    for sentence, counts in told:
        whole = [c for c in counts if c.bound is Bound.EXACT and not (c.part or c.single) and _victim(c)]
        if sum(c.number for c in whole) >= least:
            return sentence, whole
    return None


def _of_both(count: Count, counts: Sequence[Count]) -> bool:
    """Tell whether one phrase says "nobody" of killed and injured alike."""
    return not count.number and sum((c.start, c.end) == (count.start, count.end) for c in counts) > 1


def _victim(count: Count) -> bool:
    return count.role is not CasualtyRole.PERPETRATOR


def _toll(counts: list[Count], everything: list[list[Count]]) -> Toll | None:
    main = [c for c in counts if not c.part and _victim(c)]
    numbered = [c for c in main if not c.single and c.number] or [c for c in main if not c.single] or main[:1]
    total = sum(_distinct(numbered))
    roles = _roles(counts, [c for cs in everything for c in cs if c.part or not _victim(c)])
    if not numbered:
        return Toll(by_role=roles) if roles else None
    bounds = {c.bound for c in numbered}
    if Bound.MOST in bounds:
        return Toll(best=total, max=total, by_role=roles)
    if bounds == {Bound.VAGUE}:
        return Toll(min=total, by_role=roles)
    if bounds & {Bound.LEAST, Bound.VAGUE}:
        return Toll(min=total, best=total, by_role=roles)
    return Toll(min=total, best=total, max=total, by_role=roles)


def _distinct(counts: list[Count]) -> list[int]:
    """Numbers that add up: the same number told twice without another role is one, unless it is told in a row."""
    seen: dict[tuple[int, CasualtyRole | None, int | None], int] = {}
    for count in counts:
        seen.setdefault((count.number, count.role, count.start if count.joined else None), count.number)
    return list(seen.values())


def _roles(counts: list[Count], parts: list[Count]) -> dict[CasualtyRole, int]:
    roles: dict[CasualtyRole, int] = {}
    for count in [c for c in counts if not c.part and _victim(c)]:
        if count.role and count.number:
            roles[count.role] = roles.get(count.role, 0) + count.number
    for count in parts:
        if count.role and count.number:
            roles.setdefault(count.role, count.number)
    return roles


def _others(toll: Toll, told: list[tuple[Sentence, list[Count]]], first: Sentence) -> list[tuple[Sentence, int]]:
    best = toll.best
    if not best:
        return []
    found = []
    for sentence, counts in told:
        rivals = [c.number for c in counts if not (c.part or c.single or c.bound is not Bound.EXACT) and _victim(c)]
        if sentence is not first and len(rivals) == 1 and _ATTRIBUTED.search(sentence.lower):
            number = rivals[0]
            if number != best and best / _LIKELY < number < best * _LIKELY and number > 1:
                found.append((sentence, number))
    return found


def _widened(toll: Toll, others: list[tuple[Sentence, int]]) -> Toll:
    numbers = [n for _, n in others if toll.best is not None and n > toll.best]
    if not numbers or toll.max is None:
        return toll
    return toll.model_copy(update={"max": max(toll.max, *numbers)})
