"""The toll of an event, from everything that its sentences say of the killed and the injured."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.classifier import casualties
from services.classifier.casualties import Bound, Count
from services.classifier.sentences import Sentence
from services.classifier.wording import Harm
from shared.domain.event import Toll
from shared.domain.vocabulary import CasualtyRole

_ATTRIBUTED = re.compile(r"\b(?:said|says|according to|reported|told|put the (?:death )?toll|claimed|sources?)\b")
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
    toll = _toll(counts)
    shown = _shown(sentence, toll, told)
    cited = [shown]
    whole = (toll and toll.by_role) or next((t.by_role for s, cs in told if s is shown and (t := _toll(cs))), {})
    roles = _with_parts(whole, told, cited)
    if toll is None and not roles:
        return None
    toll = toll.model_copy(update={"by_role": roles}) if toll else Toll(by_role=roles)
    others = [(s, n) for s, n in _others(toll, told, sentence) if s in cited or len(cited) < _MOST_CITED]
    others = others[: _MOST_CITED - len(cited)]
    cited += [s for s, _ in others if s not in cited]
    phrase = sentence.text[counts[0].start : counts[-1].end + _HEAD_NOUN]
    return Told(_widened(toll, others), tuple(cited), phrase, shown.span is None)


def _shown(sentence: Sentence, toll: Toll | None, told: _Told) -> Sentence:
    """Return the sentence to cite for a number: for one of the title, the first of the body that says the same."""
    if sentence.span or toll is None:
        return sentence
    for candidate, counts in told:
        said = _toll(counts)
        if (
            candidate.span
            and said
            and _numbers(said) == _numbers(toll)
            and toll.by_role.items() <= said.by_role.items()
        ):
            return candidate
    return sentence


def _numbers(toll: Toll) -> frozenset[int | None]:
    return frozenset({toll.min, toll.best, toll.max} - {None})


def _with_parts(roles: Mapping[CasualtyRole, int], told: _Told, cited: list[Sentence]) -> dict[CasualtyRole, int]:
    """Return the roles with those of parts and attackers that any sentence tells, and add it to those cited."""
    everything = dict(roles)
    for sentence, other in sorted(told, key=lambda one: one[0] is not cited[0]):
        if sentence.span is None and sentence not in cited:
            continue  # the body is cited in place of the headline
        new = {c.role: c.number for c in reversed(other) if (c.part or not _victim(c)) and c.role and c.number}
        new = {role: number for role, number in new.items() if role not in everything}
        if new and sentence not in cited and len(cited) >= _MOST_CITED:
            continue
        everything |= new
        if new and sentence not in cited:
            cited.append(sentence)
    return everything


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


def _toll(counts: list[Count]) -> Toll | None:
    """Return what the counts of one sentence add up to, with the roles of whole groups; None for parts alone."""
    main = [c for c in counts if not c.part and _victim(c)]
    numbered = [c for c in main if not c.single and c.number] or [c for c in main if not c.single] or main[:1]
    if not numbered:
        return None
    total, roles = sum(_distinct(numbered)), _roles(main)
    if any(c.low for c in numbered):
        least = sum(_distinct([replace(c, number=c.low or c.number) for c in numbered]))
        return Toll(min=least, max=total)
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


def _roles(counts: list[Count]) -> dict[CasualtyRole, int]:
    roles: dict[CasualtyRole, int] = {}
    for count in counts:
        if count.role and count.number:
            roles[count.role] = roles.get(count.role, 0) + count.number
    return roles


def _others(toll: Toll, told: list[tuple[Sentence, list[Count]]], first: Sentence) -> list[tuple[Sentence, int]]:
    best = toll.best
    if not best:
        return []
    found = []
    for sentence, counts in told:
        rivals = [
            c.number for c in counts if not (c.part or c.single or c.low or c.bound is not Bound.EXACT) and _victim(c)
        ]
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
