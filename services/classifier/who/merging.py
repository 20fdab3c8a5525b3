"""Chosen parties that are one: the named boy and "the schoolboy", "gunmen" and "the attackers".

No word of the one stands in the other, so that `grouping` cannot tell. Only those that were chosen are compared, and
what they are decides: a story seldom tells of two parties so much alike without naming both.
"""

from collections.abc import Callable, Sequence

from services.classifier.who import naming
from services.classifier.who.choice import Candidate, told
from shared.domain.vocabulary import ActorKind

#: A party by its candidates: the first is what it is coded as, the others are other words for it.
Merged = list[Candidate]


def merge(slot: str, chosen: Sequence[Candidate]) -> list[Merged]:
    """Return the parties of a slot, in reading order; those of other slots than people's as they are."""
    if slot == "perpetrator":
        return _perpetrators(chosen)
    return _victims(chosen) if slot == "victim" else [[c] for c in chosen]


def _perpetrators(chosen: Sequence[Candidate]) -> list[Merged]:
    kept = _better_named(chosen)
    merged = [[c] for c in kept if c.party.proper]
    for plain in (c for c in kept if not c.party.proper):
        _join(merged, plain, _same_side)
    if len(kept) == 1:
        merged[0] += [c for c in chosen if c not in kept]
    return sorted(merged, key=lambda party: party[0].party.place)


def _better_named(chosen: Sequence[Candidate]) -> list[Candidate]:
    """Return those who are named best: "gunmen" and "the suspect" are other words for them."""
    if any(c.party.proper for c in chosen):
        return [c for c in chosen if c.party.proper or (c.party.count or 0) > 1]
    return [c for c in chosen if told(c, "kind") != ActorKind.UNKNOWN] or list(chosen)


def _same_side(one: Candidate, plain: Candidate) -> bool:
    """Tell whether nothing says that two unnamed parties are not on one side."""
    if one.party.proper:
        return False
    return ActorKind.UNKNOWN in (told(one, "kind"), told(plain, "kind")) or told(one, "sector") == told(plain, "sector")


def _victims(chosen: Sequence[Candidate]) -> list[Merged]:
    """Put together a person's name and what the person is, unnamed persons, and people told twice."""
    merged: list[Merged] = [[c] for c in chosen if c.party.proper]
    persons = [p for p in merged if told(p[0], "kind") == ActorKind.PERSON and (p[0].party.count or 0) <= 1]
    for plain in (c for c in chosen if not c.party.proper):
        if _is_many(plain):
            _join(merged, plain, _same_people)
        elif persons:
            _nearest(persons, plain).append(plain)
        else:
            _join(merged, plain, _same_person)
    return sorted(merged, key=lambda party: party[0].party.place)


def _join(merged: list[Merged], plain: Candidate, same: Callable[[Candidate, Candidate], bool]) -> None:
    """Add a candidate to the first party that it is, else as one of its own."""
    party = next((p for p in merged if same(p[0], plain)), None)
    if party is None:
        merged.append([plain])
    else:
        party.append(plain)


def _is_many(candidate: Candidate) -> bool:
    return (candidate.party.count or 0) > 1 or naming.is_many(candidate.party.name)


def _same_people(one: Candidate, other: Candidate) -> bool:
    if one.party.proper or not _is_many(one):
        return False
    anybody = naming.is_anybody(one.party.name) or naming.is_anybody(other.party.name)
    return anybody or (one.party.count is not None and one.party.count == other.party.count)


def _same_person(one: Candidate, other: Candidate) -> bool:
    return not (one.party.proper or _is_many(one)) and (one.party.count is None or other.party.count is None)


def _nearest(parties: Sequence[Merged], other: Candidate) -> Merged:
    return min(parties, key=lambda party: _apart(party[0], other))


def _apart(one: Candidate, other: Candidate) -> tuple[int, int]:
    """Return how far apart two are first named: in sentences, then in code points."""
    (rank, start), (rank_, start_) = one.party.place, other.party.place
    return abs(rank - rank_), abs(start - start_)
