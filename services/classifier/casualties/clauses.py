"""How many one word of harm tells of: who stands where its voice puts those harmed.

"two men were killed" (behind), "killing two men" (before), "the death of two men" (after "of").
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.classifier.casualties import phrases, subjects
from services.classifier.casualties.auxiliaries import (
    AUX,
    BE,
    BE_MANY,
    BE_ONE,
    FIRING,
    HELD,
    HIM,
    MAYBE,
    NOT,
    SELF,
    UNDONE,
)
from services.classifier.casualties.counts import Bound, Count, Kind
from services.classifier.casualties.phrases import Group
from services.classifier.casualties.tokens import GENITIVE, LEAST, MOST, Token
from services.classifier.casualties.wording import Harm, Voice
from services.classifier.lexicon import people
from services.classifier.numbers import VAGUE
from shared.domain.vocabulary import CasualtyRole


@dataclass(frozen=True, slots=True)
class Verb:
    """A word of harm with the words around it."""

    harm: Harm
    voice: Voice
    shot: bool
    start: int
    left: tuple[Token, ...]
    right: tuple[Token, ...]
    mixed: bool


_OUTCOMES = frozenset({"to", "of", "including"})
_MULTIPLE = {"double": 2, "triple": 3, "quadruple": 4}
#: Words in which the number of a toll and its parts stand.
_TOLL_REACH = 14


def counts(verb: Verb, match: re.Match[str]) -> Iterator[Count]:
    """Yield what one word of harm says of how many."""
    if verb.left and verb.left[-1].text in UNDONE and verb.voice in (Voice.NOUN, Voice.COUNTED):
        return
    if verb.voice is Voice.HINT:
        several = _MULTIPLE.get(match.group().partition(" ")[0], 1)
        yield count(verb, Group(match.start(), match.end()), several, Kind.HINT)
    elif verb.voice is Voice.TOLL:
        told = [g for g in phrases.groups(verb.right[:_TOLL_REACH], closed=True) if g.number is not None]
        yield from _numbers(verb, [g for n, g in enumerate(told) if n == 0 or g.part])
    elif verb.voice is Voice.ACTIVE:
        yield from _active(verb, match.group())
    elif verb.voice in (Voice.NOUN, Voice.BODY):
        yield from _noun(verb)
    elif verb.voice is Voice.COUNTED:
        numbered = list(_counted(verb))
        yield from numbered or _noun(verb)
    else:
        yield from _participle(verb)
    if verb.voice in (Voice.ACTIVE, Voice.TRANSITIVE, Voice.INTRANSITIVE):
        yield from _company(verb)


def _active(verb: Verb, word: str) -> Iterator[Count]:
    last = verb.left[-1] if verb.left else None
    if last and last.kind == "count" and word.endswith("s"):
        if len(verb.left) > 1 and verb.left[-2].text in _OUTCOMES:
            yield from _counted(verb)  # "led to six murders", but "the city had 61 murders in 2016"
    elif verb.right and verb.right[0].text == "of":
        yield from _noun(replace(verb, voice=Voice.NOUN))
    elif not (last and last.text in MAYBE | NOT) and not (word == "shooting" and _is_noun(verb)):  # "tried to kill"
        yield from _object(verb, verb.right)


def _is_noun(verb: Verb) -> bool:
    """Tell whether a word in -ing is what happened, and nobody is its object: "heavy shooting continues"."""
    if not verb.left or (verb.right and verb.right[0].kind in ("count", "one", "the", "age")):
        return False
    before = verb.left[-1]
    return before.kind in ("the", "one") or (before.kind == "word" and before.text not in people())


def _company(verb: Verb) -> Iterator[Count]:
    """Yield those who were with the ones harmed: "was killed on Monday along with three others"."""
    for n, token in enumerate(verb.right):
        if token.kind in ("stop", "break", "verb"):
            return
        if token.kind == "company":
            told = phrases.groups(verb.right[n + 1 :], closed=True)
            yield from (count(verb, g, g.counts, kind_of(g)) for g in told if g.counts and (g.person or g.more))
            return


def _participle(verb: Verb) -> Iterator[Count]:
    left = list(verb.left)
    aux = set()
    while left and (left[-1].text in AUX or left[-1].text.endswith("ly") or left[-1].kind == "loose_word"):
        aux.add(left.pop().text)
    be = aux & BE
    doubted = aux & MAYBE - {"to"} if aux & HELD else aux & MAYBE
    if aux & NOT or (doubted and (be or not aux & {"have"})):
        return
    numbered = bool(left) and left[-1].kind == "count" and not aux
    if verb.shot and numbered and any(t.text in FIRING for t in left[-2:-1]):
        return
    if verb.voice is Voice.TRANSITIVE and not be and not numbered and _begins_object(verb):
        yield from _object(verb, verb.right)
        return
    many = True if aux & BE_MANY else False if aux & BE_ONE else None
    attribute = verb.right[0] if verb.right and not be else None
    if attribute and attribute.kind == "word" and left and left[-1].kind in ("count", "one", "the"):
        word = phrases.groups([left[-1], attribute], closed=True)
        if word and word[0].person:
            yield from _numbers(verb, word)
            return
    bare = verb.voice is Voice.TRANSITIVE and not aux - {"being"}
    found = subjects.antecedent(left) or (bare and subjects.with_them(left)) or subjects.behind(left)
    if numbered and not any(g.number for g in found):
        found = phrases.groups(left[-1:], closed=True)  # "buried the four dead"
    if left and (left[-1].kind == "and" or not found):
        before, number = subjects.subject_before(left, many)
        found, many = (before, number) if before else (found, many)
    told = _people(verb, found, many=many)
    yield from (replace(c, more=True) for c in told) if "also" in aux else told
    yield from _included(verb)


def _included(verb: Verb) -> Iterator[Count]:
    """Yield the parts told behind the verb: "nine were killed, including two nurses"."""
    right = verb.right[1:] if verb.right and verb.right[0].kind == "comma" else verb.right
    if right and right[0].text == "including":
        for group in phrases.groups(right, closed=True):
            if group.counts:
                yield replace(count(verb, group, group.counts, kind_of(group)), part=True)


def _begins_object(verb: Verb) -> bool:
    """Tell whether the next words are what the verb acts on: "killed two men", but "killed in a raid"."""
    if not verb.right:
        return False
    first = verb.right[0]
    if first.kind in ("count", "one", "the", "age"):
        return True
    if first.text in HIM | SELF | {"them", "another"}:
        return True
    return (
        first.kind == "word"
        and (first.named or first.text in people() or not verb.mixed)
        and not (first.text.endswith("ly"))
    )


def _object(verb: Verb, right: Sequence[Token]) -> Iterator[Count]:
    if right and right[0].text in HIM:
        following = right[1] if len(right) > 1 else None
        if following is None or following.kind != "word":
            yield count(verb, Group(right[0].start, right[0].end), 1, Kind.PRONOUN)
            return
    if right and right[0].text in SELF:
        if verb.harm is Harm.KILLED:
            yield count(verb, Group(right[0].start, right[0].end, role=CasualtyRole.PERPETRATOR), 1, Kind.PRONOUN)
        if len(right) > 1 and right[1].kind in ("and", "company") and _ends_with_them(right[2:]):
            yield from _people(verb, phrases.groups(right[2:], closed=True), many=None)
        return
    found = phrases.groups(right, closed=True)
    yield from _people(verb, found, many=None)


def _ends_with_them(rest: Sequence[Token]) -> bool:
    """Tell whether nothing more is said of those named next: "himself and two others", but "and two others escaped"."""
    first = next((t for t in rest if t.kind in ("place", "break", "verb", "aux", "skip", "stop")), None)
    return first is None or first.kind in ("place", "stop")


def _counted(verb: Verb) -> Iterator[Count]:
    """Yield the number right before a noun: "two fatalities", "28 bodies"."""
    if verb.left and verb.left[-1].kind == "count":
        told = phrases.groups(verb.left[-1:], closed=True)  # "two graves with 11 bodies"
    else:
        told = [g for g in subjects.behind(verb.left) if g.number is not None][-1:]
    if told and not told[0].plural and told[0].number:
        yield count(verb, told[0], told[0].number, Kind.NUMBER)  # "two dismembered bodies"


def _noun(verb: Verb) -> Iterator[Count]:
    if verb.right and verb.right[0].text == "of":
        yield from _people(verb, phrases.groups(verb.right[1:], closed=True), many=None)
    elif verb.left:
        last = verb.left[-1]
        if last.text in ("his", "her", "whose"):
            yield count(verb, Group(last.start, last.end), 1, Kind.PRONOUN)
        elif last.text.endswith(GENITIVE) and (last.named or last.text[:-2] in people()):
            yield count(verb, Group(last.start, last.end, words=1), 1, Kind.NAMED)
        elif last.text == "to" and verb.right and verb.right[0].kind == "count":
            yield from _object(verb, verb.right)


def _people(verb: Verb, found: Sequence[Group], *, many: bool | None) -> Iterator[Count]:
    """Yield the groups of those harmed. `many`: what the auxiliary says, None where it is silent."""
    parts = [g for g in found if g.part and g.counts]
    main = [g for n, g in enumerate(found) if not g.part and not _apposed(found, n, many=many)]
    if any(g.nobody for g in (main if many is False else main[:1])):
        return
    if many is False:
        main = [g for g in main if not g.thing or g.person]
        if main and main[0].pronoun not in ("it", "they", "we", "you", "i"):
            with_him = next((n for n, g in enumerate(main) if n and g.company), len(main))
            for group in [main[0], *(g for g in main[with_him:] if g.counts)]:
                yield count(verb, group, group.number or 1, kind_of(group))
    else:
        told = [g for g in main if g.counts]
        if not told and main and not verb.mixed and many is None and verb.voice is not Voice.HINT:
            told = [g for g in main if not (g.plural or g.thing or g.nobody or g.pronoun)]
            told = told[:1] if verb.voice is Voice.INTRANSITIVE else told
        if many and sum(g.counts or 1 for g in told) == 1:
            told = [g for g in told if g.number is not None]
        if not told and many is None and main and main[0].pronoun in ("he", "she", "one"):
            told = main[:1]
        for group in told:
            yield count(verb, group, group.counts or 1, kind_of(group))
    for group in parts:
        yield replace(count(verb, group, group.counts or 1, kind_of(group)), part=True)


def _apposed(found: Sequence[Group], at: int, *, many: bool | None) -> bool:
    """Tell whether a group says more of the one before: "Ana Ruiz, a nurse", "two brothers, Ali and Omar"."""
    group = found[at]
    first = next((n for n in range(at, 0, -1) if found[n].after_comma), None)
    if first is None:
        return False
    before, rest = found[first - 1], found[first:]
    if at == first and before.named and before.number is None and group.word == "one" and not group.after_and:
        return True  # "Jo Ruiz, one of the oldest nurses"
    if group.number is not None:
        return False
    if before.number is not None and before.number > 1:
        others = any(g.role and before.role and g.role is not before.role for g in rest)
        # "two villagers, a man and a woman, were killed", but "two men, a woman and a child were killed"
        others = others or bool(many and not rest[-1].before_comma and all(g.single and not g.named for g in rest))
        return len(rest) == before.number and all(g.number is None for g in rest) and not others
    told_of = found[first : at + 1]
    offices = before.named and not many and all(g.bare and g.person and not (g.named or g.kin) for g in told_of)
    if at != first or before.counts != 1:
        return at != first and offices  # "Ana Ruiz, teacher and mayor of the town"
    listed = any(g.after_and for g in rest)
    return many is False or not listed or offices or (before.named and group.single and not group.named)


def _numbers(verb: Verb, found: Sequence[Group]) -> Iterator[Count]:
    for group in found:
        if group.counts:
            yield count(verb, group, group.counts, kind_of(group))


def kind_of(group: Group) -> Kind:
    """Return how a group is told."""
    if group.number is not None:
        return Kind.NUMBER
    if group.pronoun:
        return Kind.PRONOUN
    return Kind.PERSON if group.person and not group.named else Kind.NAMED


def count(verb: Verb, group: Group, number: int, kind: Kind) -> Count:
    """Return the count of a group under a word of harm."""
    return Count(
        harm=verb.harm,
        number=number,
        bound=_bound(group),
        role=group.role,
        part=group.part,
        kind=kind,
        start=group.start,
        end=group.end,
        verb=verb.start,
        voice=verb.voice,
        low=group.low if group.low and group.low < number else None,
        more=group.more,
        shot=verb.shot,
    )


def _bound(group: Group) -> Bound:
    if group.word in VAGUE:
        return Bound.VAGUE
    if group.told in LEAST:
        return Bound.LEAST
    return Bound.MOST if group.told in MOST else Bound.EXACT
