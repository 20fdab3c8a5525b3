"""How many a sentence says were killed or injured.

    "killing at least two soldiers and wounding 10 others"
        │        │      │      └───────────┴─ Count(injured, 10)
        └────────┴──────┴─ Count(killed, 2, "at least", military)

Each count is one statement; `tolls` makes totals of them.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from services.classifier import wording
from services.classifier.lexicon import people
from services.classifier.numbers import VAGUE, value
from services.classifier.wording import Harm
from shared.domain.vocabulary import CasualtyRole

#: Groups read under one verb, and code points that one may take.
_GROUPS, _REACH = 4, 60
#: Code points before a number in which "January" or "aged" stands.
_MONTH_REACH = 11
#: What stands right after a number that counts nobody.
_NOT_AFTER = re.compile(r"%|:|(?:st|nd|rd|th)\b|\.\d")
_NOUN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_PHRASE_ENDS = frozenset(
    {"and", "in", "at", "when", "after", "who", "were", "was", "including", "by", "with", "near", "from", "outside"}
    | {"inside", "on", "during", "while", "beside", "alongside", "guarding", "protecting", "escorting", "accompanying"}
)


class Bound(StrEnum):
    """What the words before a number make of it."""

    EXACT = "exact"
    LEAST = "least"
    MOST = "most"
    VAGUE = "vague"  #: "several", "dozens": a least number that is nobody's best guess


@dataclass(frozen=True, slots=True)
class Count:
    """One number told of the killed or the injured. `part` marks some of a total told beside it."""

    harm: Harm
    number: int
    bound: Bound
    role: CasualtyRole | None
    part: bool
    single: bool  #: one person told without a number ("a man was shot dead"): weaker than a count
    start: int  #: code points into the sentence
    end: int
    joined: bool = False  #: told in a row with another: "two Kenyans and two Somalis" are four
    low: int | None = None  #: where a range begins that ends at `number`: "three to nine"


def find(lower: str) -> tuple[Count, ...]:
    """Return what a lower-cased sentence says of killed and injured, in order, each stretch of text read once."""
    lower = wording.WHO.sub(lambda m: " " + "_" * (len(m.group()) - 1), lower)
    found: list[Count] = list(_zeros(lower))
    _parts_of(found, lower)
    verbs: set[int] = set()
    for harm in Harm:
        for match in wording.ACTIVE[harm].finditer(lower):
            verbs.add(match.start("v"))
            if _take(found, _counted(match, harm, lower)):
                _groups_after(found, match.end(), harm, lower)
    for harm in Harm:
        for match in wording.PASSIVE[harm].finditer(lower):
            # In "two gunmen killed four people" the verb has its object: the gunmen killed.
            if match.start("v") not in verbs and _take(found, _counted(match, harm, lower)):
                _groups_before(found, match.start(), harm, lower)
    found += [one for one in _singles(lower) if not any(c.harm is one.harm for c in found)]
    return tuple(sorted(found, key=lambda c: c.start))


def _take(found: list[Count], count: Count | None) -> bool:
    if count is None or any(count.start < c.end and c.start < count.end for c in found):
        return False
    found.append(count)
    return True


def _parts_of(found: list[Count], lower: str) -> None:
    for pattern in wording.PART_OF:
        for match in pattern.finditer(lower):
            harm = Harm.INJURED if match["v"] in ("injured", "wounded") else Harm.KILLED
            count = _counted(match, harm, lower)
            if count and count.role:
                _take(found, replace(count, part=True, single=False, end=match.end()))


def _groups_after(found: list[Count], end: int, harm: Harm, lower: str) -> None:
    first = len(found) - 1
    for _ in range(_GROUPS):
        more = wording.AFTER.match(lower, end)
        if not more or not _role(more["np"])[1] or wording.TAKEN.match(lower, more.end()):
            return
        if wording.SPEAKER.match(lower, more.end()):
            return
        count = _counted(more, harm, lower)
        if count and _take(
            found, replace(count, part=count.part or "including" in more["join"], single=False, joined=True)
        ):
            # "A guard and a driver" are counted, as "two men" are.
            found[first] = replace(found[first], single=False)
        end = more.end()


def _groups_before(found: list[Count], start: int, harm: Harm, lower: str) -> None:
    for _ in range(_GROUPS):
        offset = max(0, start - _REACH)
        more = wording.BEFORE.search(lower[offset:start])
        if not more or not _role(more["np"])[1]:
            return
        count = _counted(more, harm, lower[offset:start])
        if count:
            if "including" in more["join"] and found:
                found[-1] = replace(found[-1], part=True)
            _take(found, replace(count, single=False, joined=True, start=offset + count.start, end=offset + count.end))
        start = offset + more.start()


def _counted(match: re.Match[str], harm: Harm, lower: str) -> Count | None:
    word, nouns = match["n"], match["np"]
    role, person = _role(nouns)
    single = word in ("a", "an", "the")
    number = VAGUE[word] if word in VAGUE else 1 if single else value(word)
    if not number or (single and not person) or _other(word, nouns, lower, match.end("n"), single=single):
        return None
    if wording.NEGATED.search(lower[max(0, match.start() - _MONTH_REACH) : match.start()]):
        return None
    before = lower[: match.start("n")]
    part = bool(wording.PART_BEFORE.search(before[-45:]) or wording.PART_AFTER.match(lower[match.end("n") :]))
    start, end = match.start(), match.end("n")
    return Count(harm, number, _bound(word, match["q"] or ""), role, part, single, start, end, low=_low(match, number))


def _low(match: re.Match[str], number: int) -> int | None:
    """Return where a range begins; "rose from 5 to 12" is none."""
    word = match["low"] or match["least"]
    least = value(word) if word else None
    risen = match.string[: match.start("least")].endswith("from ") if match["least"] else False
    return least if least and least < number and not risen else None


def _bound(word: str, told: str) -> Bound:
    if word in VAGUE:
        return Bound.VAGUE
    if wording.AT_LEAST.fullmatch(told):
        return Bound.LEAST
    return Bound.MOST if wording.AT_MOST.fullmatch(told) else Bound.EXACT


def _other(word: str, nouns: str, lower: str, end: int, *, single: bool) -> bool:
    """Tell whether the number counts something else: years, miles, houses, or a day of a month."""
    after = lower[end : end + _REACH]
    if wording.AGE.match(after) or _NOT_AFTER.match(after):
        return not single
    if not single and wording.NOT_PEOPLE.match(nouns or after):
        return True
    start = end - len(word)
    # "12 dead, 30 wounded": an age would be set off by a second comma.
    if wording.VERB_NEXT.match(after):
        return False
    if word.isdigit() and wording.DAY_OR_AGE.search(lower[max(0, start - _MONTH_REACH) : start]):
        return not _role(nouns)[1]
    return bool(wording.NOT_COUNT.search(nouns))


def _role(nouns: str) -> tuple[CasualtyRole | None, bool]:
    """Return the role of the last noun for people in a phrase, and whether there is one."""
    known = people()
    best: tuple[CasualtyRole | None, bool] = (None, False)
    words = _NOUN.findall(nouns)
    for position, word in enumerate(words):
        pair = " ".join(words[position : position + 2])
        if word in _PHRASE_ENDS or pair in known:
            return (known[pair], True) if pair in known else best
        best = (known[word], True) if word in known else best
    return best


def _singles(lower: str) -> list[Count]:
    """Return one person per harm at most, told without a number."""
    found: dict[Harm, Count] = {}
    for pattern in wording.SINGLE:
        for match in pattern.finditer(lower):
            nouns = match.groupdict().get("np")
            role, person = _role(nouns) if nouns else (None, True)
            harm = Harm.INJURED if match["v"].startswith(("injur", "wound", "hurt")) else Harm.KILLED
            if person and not any(w.endswith("s") for w in (nouns or "").split()):
                count = Count(harm, 1, Bound.EXACT, role, part=False, single=True, start=match.start(), end=match.end())
                found.setdefault(harm, count)
    return list(found.values())


def _zeros(lower: str) -> list[Count]:
    told = [(pattern.search(lower), harms) for pattern, harms in wording.NOBODY]
    return [
        Count(harm, 0, Bound.EXACT, None, part=False, single=False, start=match.start(), end=match.end())
        for match, harms in told
        if match
        for harm in harms
    ]
