"""What is said of each rival among all, as features of the linear model in `choice`. Only what holds is named."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.classifier.casualties.counts import Bound, Kind
from services.classifier.casualties.rivals import KINDS, Rival, Statement
from services.classifier.casualties.wording import ATTRIBUTED, Voice
from shared.domain.vocabulary import TYPE_OF, Subtype

_LEAD = 3
_WORD = re.compile(r"[\w'-]+")
_ANYBODY = frozenset(
    {"a", "an", "the", "his", "her", "their", "he", "she", "him", "them", "they", "who", "old", "year"}
)
#: More incidents than one.
_SEVERAL = re.compile(
    r"\b(?:separate|different|various|several|multiple|two|three|four|five|six|[2-9]|other) (?:\w+ ){0,2}?(?:incidents"
    r"|attacks|shootings|places|areas|districts|villages|cities|towns|explosions|bombings|blasts|strikes|airstrikes"
    r"|killings|encounters|clashes|locations|accidents|operations|raids)\b"
)
#: Right before a word of harm: it is why something else happened.
_CAUSE = re.compile(
    r"\b(?:accused of|charged with|suspected of|convicted of|responsible for|in connection with|involve\w* in|over|for"
    r"|following|after|since|against|protest\w*|condemn\w*|avenge|investigat\w+|anniversary of|behind|in) "
    r"(?:(?:the|a|an|his|her|their|allegedly|recent|alleged|brutal|fatal) |\w+'s )*$"
)
#: Code points before a word of harm in which a cause is looked for.
_BEFORE = 50


@dataclass(frozen=True)
class _Said:
    """A rival with what its own statements say, looked up once."""

    rival: Rival

    @cached_property
    def ranks(self) -> frozenset[int]:
        return frozenset(s.sentence.rank for s in self.rival.statements)

    @cached_property
    def kind(self) -> Kind:
        return min((s.kind for s in self.rival.statements), key=KINDS.index)

    @cached_property
    def numbered(self) -> bool:
        return bool(self.rival.value) and any(s.kind is Kind.NUMBER for s in self.rival.statements)

    @cached_property
    def single(self) -> bool:
        return self.rival.value == 1 and self.kind is not Kind.NUMBER

    @cached_property
    def shot(self) -> bool:
        return all(c.shot for s in self.rival.statements for c in s.counts)

    @cached_property
    def words(self) -> frozenset[str]:
        """Return the words by which single persons are told, without those that tell nobody apart."""
        told = (s.sentence.lower[c.start : c.end] for s in self.rival.statements for c in s.counts if c.single)
        return frozenset(w.removesuffix("'s") for text in told for w in _WORD.findall(text)) - _ANYBODY

    @cached_property
    def several(self) -> bool:
        return all(_SEVERAL.search(s.sentence.lower) for s in self.rival.statements)

    @cached_property
    def cause(self) -> bool:
        return all(_is_cause(s) for s in self.rival.statements)

    @cached_property
    def noun(self) -> bool:
        return all(_is_noun(s) for s in self.rival.statements)

    @cached_property
    def joined(self) -> bool:
        return any(_is_joined(s) for s in self.rival.statements)


def of(rivals: Sequence[Rival], others: Sequence[Rival], subtype: Subtype) -> list[Mapping[str, float]]:
    """Return the features of each rival, and last of nothing being told. `others`: those of the other harm."""
    said, beside = [_Said(r) for r in rivals], [_Said(r) for r in others]
    everywhere = {rank for one in said for rank in one.ranks}
    rows = [_words(one) | _place(one, everywhere) | _among(one, said) | _beside(one, beside) for one in said]
    return [
        {name: float(value) for name, value in row.items() if value} for row in (*rows, _null(said, beside, subtype))
    ]


def _null(said: Sequence[_Said], others: Sequence[_Said], subtype: Subtype) -> dict[str, float]:
    family = TYPE_OF[subtype]
    hurt = any(one.rival.value for one in said)
    return {
        "null": 1.0,
        # Where nobody was hurt it makes no difference what happened.
        f"null.{family}": 0.5 * hurt,
        f"null.of.{family}": all(one.noun for one in said),
        f"null.{family}.{subtype}": 0.5 * hurt,
        "null.cause": all(one.cause for one in said),
        "null.zero": not hurt,
        "null.other": any(one.rival.value for one in others),
        "null.other.zero": any(not one.rival.value for one in others),
        "null.shot": hurt and all(one.shot or not one.rival.value for one in said),
        "null.single": hurt and all(one.single or not one.rival.value for one in said),
        "null.met": hurt and all(_meets(one, others) or not one.rival.value for one in said),
    }


def _words(one: _Said) -> dict[str, float]:
    """Return how a rival is told, whatever else is told."""
    said = one.rival.statements
    return {
        f"kind.{one.kind}": 1.0,
        "zero": one.rival.value == 0,
        "vague": one.rival.vague,
        "bound": all(c.bound is not Bound.EXACT for s in said for c in s.counts),
        "shot": one.shot,
        "shot.single": one.shot and one.single,
        "sides": all(s.sides for s in said),
        "summed": all(s.summed for s in said),
        "summed.more": all(s.summed and any(c.more for c in s.counts[1:]) for s in said),
        "added": all(s.added for s in said),
        "listed": all(s.listed for s in said),
        "rest": all(s.rest for s in said),
        "joined": one.joined,
        "more": all(s.counts[0].more for s in said),
        "toll": any(c.voice is Voice.TOLL for s in said for c in s.counts),
        "of": one.noun,
        "cause": one.cause,
        "attributed": all(ATTRIBUTED.search(s.sentence.lower) for s in said),
        "one": one.rival.value == 1,
        "size": math.log1p(one.rival.value),
    }


def _place(one: _Said, everywhere: set[int]) -> dict[str, float]:
    """Return where a rival is told. `everywhere`: the ranks of all sentences that tell one."""
    return {
        "title": min(one.ranks) == 0,
        "lead": any(r <= _LEAD for r in one.ranks),
        "first": min(everywhere) in one.ranks,
        "late": math.log1p(min(one.ranks)),
        "support": math.log(len(one.ranks)),
        "share": len(one.ranks) / len(everywhere),
    }


def _among(one: _Said, said: Sequence[_Said]) -> dict[str, float]:
    """Return how a rival stands among all of its harm."""
    value, vague = one.rival.value, one.rival.vague
    exact = [r for r in said if r.numbered and not r.rival.vague]
    return {
        "rivals": math.log(len(said)),
        "largest": len(exact) > 1 and value == max(r.rival.value for r in exact),
        "zero.rivalled": value == 0 and any(r.rival.value for r in said),
        "one.joined": value == 1 and any(r.joined for r in said),
        "one.numbers": value == 1 and any(r.numbered and r.rival.value > 1 for r in said),
        "several": one.several and not all(r.several for r in said),
        "vague.met": vague and any(r.rival.value >= value for r in exact),
        "meets": one.kind is Kind.NUMBER and not vague and any(r.rival.vague and r.rival.value <= value for r in said),
    }


def _beside(one: _Said, others: Sequence[_Said]) -> dict[str, float]:
    """Return how a rival stands beside those of the other harm."""
    value, said = one.rival.value, one.rival.statements
    return {
        "zero.other": value == 0 and any(r.rival.value for r in others),
        "other.one": value == 1 and any(r.rival.value == 1 for r in others),
        "other.single": one.kind is not Kind.NUMBER
        and any(s.kind is not Kind.NUMBER for r in others for s in r.rival.statements),
        "other.met": _meets(one, others),
        "other.apart": one.single and any(r.single for r in others) and not _meets(one, others),
        "other.equal": value > 1 and any(r.rival.value == value for r in others),
        "other.less": value > 1 and any(0 < r.rival.value < value for r in others),
        "other.same": any(one.ranks & r.ranks for r in others),
        "rest.same": all(s.rest for s in said) and any(_tells_fewer(s, others) for s in said),
        "shot.same": any(all(c.shot for c in s.counts) and not s.rest and _tells_fewer(s, others) for s in said),
    }


def _meets(one: _Said, others: Sequence[_Said]) -> bool:
    """Tell whether the one person may be one of the other harm: told by the same words, or by no word of its own."""
    return one.single and any(r.single and (not one.words or one.words & r.words) for r in others)


def _is_cause(said: Statement) -> bool:
    lower = said.sentence.lower
    return all(_CAUSE.search(lower, max(0, c.verb - _BEFORE), c.verb) for c in said.counts)


def _is_noun(said: Statement) -> bool:
    return all(c.voice in (Voice.NOUN, Voice.BODY, Voice.COUNTED, Voice.HINT) for c in said.counts)


def _is_joined(said: Statement) -> bool:
    """Tell whether one word of harm has several groups: "a man and his son were killed"."""
    return len(said.counts) > 1 and not (said.summed or said.added or said.listed or said.sides)


def _tells_fewer(said: Statement, others: Sequence[_Said]) -> bool:
    """Tell whether the sentence also tells fewer of the other harm: "six shot, one dead"."""
    shot = sum(c.number for c in said.counts)
    less = shot - said.value if said.rest else None
    return any(
        said.sentence.rank in r.ranks and 0 < r.rival.value < shot and less in (None, r.rival.value) for r in others
    )
