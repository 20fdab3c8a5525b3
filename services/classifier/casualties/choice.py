"""Which of the rivals is the toll: a linear model weighs what is said of each, and of nothing being told.

rivals ─▶ features of each among all ─▶ the likeliest
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.classifier.casualties.clauses import Bound, Kind
from services.classifier.casualties.rivals import KINDS, Rival, Statement
from services.classifier.casualties.wording import Harm, Voice
from shared.domain.vocabulary import TYPE_OF, EventType, Subtype

_ATTRIBUTED = re.compile(r"\b(?:said|says|according to|reported|told|put the (?:death )?toll|claimed|sources?)\b")
WEIGHTS = Path(__file__).parents[1] / "weights" / "tolls.json"
_LEAD = 3
#: So many times its least number a vague one no longer means.
_VAGUEST = 10
#: Code points before a word of harm in which it is said to be why something else happened.
_BEFORE = 50


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of an event besides the numbers."""

    length: int  #: sentences that tell of it
    subtype: Subtype | None = None

    @property
    def type(self) -> EventType | None:
        """The family of its kind."""
        return TYPE_OF[self.subtype] if self.subtype else None


#: More incidents than one.
_SEVERAL = re.compile(
    r"\b(?:separate|different|various|several|multiple|two|three|four|five|six|[2-9]|other) (?:\w+ ){0,2}?(?:incidents|attacks"
    r"|shootings|places|areas|districts|villages|cities|towns|explosions|bombings|blasts|strikes|airstrikes|killings"
    r"|encounters|clashes|locations|accidents|operations|raids)\b"
)
#: Right before a word of harm: it is why something else happened.
_CAUSE = re.compile(
    r"\b(?:accused of|charged with|suspected of|convicted of|responsible for|in connection with|involve\w* in|over|for"
    r"|following|after|since|against|protest\w*|condemn\w*|avenge|investigat\w+|anniversary of|behind|in) "
    r"(?:(?:the|a|an|his|her|their|allegedly|recent|alleged|brutal|fatal) |\w+'s )*$"
)


def _cause(said: Statement) -> bool:
    lower = said.sentence.lower
    return all(_CAUSE.search(lower, max(0, c.verb - _BEFORE), c.verb) for c in said.counts)


def _beside(said: Statement, others: Sequence[Rival]) -> bool:
    """Tell whether the sentence also tells fewer of the other harm: "six shot, one dead"."""
    rank, shot = said.sentence.rank, sum(c.number for c in said.counts)
    less = shot - said.value if said.rest else None
    return any(
        s.sentence.rank == rank and 0 < r.value < shot and less in (None, r.value) for r in others for s in r.statements
    )


def _several(rival: Rival) -> bool:
    return all(_SEVERAL.search(s.sentence.lower) for s in rival.statements)


def _noun(said: Statement) -> bool:
    return all(c.voice in (Voice.NOUN, Voice.BODY, Voice.COUNTED, Voice.HINT) for c in said.counts)


def features(rival: Rival, rivals: Sequence[Rival], others: Sequence[Rival], story: Story) -> dict[str, float]:
    """Return what is said of a rival among `rivals`. `others`: those of the other harm."""
    harmed = any(r.value for r in others)
    if not rival.statements:
        return {
            "null": 1.0,
            # Where nobody was hurt it makes no difference what happened.
            f"null.{story.type}": 0.5 * any(r.value for r in rivals),
            f"null.of.{story.type}": float(all(_noun(s) for r in rivals for s in r.statements)),
            "null.cause": float(all(_cause(s) for r in rivals for s in r.statements)),
            "null.zero": float(not any(r.value for r in rivals)),
            "null.other": float(harmed),
            "null.other.zero": float(any(not r.value for r in others)),
        }
    said = rival.statements
    ranks = [s.sentence.rank for s in said]
    first = min(s.sentence.rank for r in rivals for s in r.statements)
    kind = min((s.kind for s in said), key=KINDS.index)
    numbers = [r for r in rivals if r.value and any(s.kind is Kind.NUMBER for s in r.statements)]
    own = {s.sentence.rank for s in said}
    found = {
        f"kind.{kind}": 1.0,
        "zero": float(rival.value == 0),
        "zero.rivalled": float(rival.value == 0 and any(r.value for r in rivals)),
        "zero.other": float(rival.value == 0 and harmed),
        "vague": float(rival.vague),
        "bound": float(all(c.bound is not Bound.EXACT for s in said for c in s.counts)),
        "shot": float(all(c.shot for s in said for c in s.counts)),
        "title": float(min(ranks) == 0),
        "lead": float(any(r <= _LEAD for r in ranks)),
        "first": float(first in ranks),
        "late": math.log1p(min(ranks)),
        "support": math.log(len(own)),
        "share": len(own) / len({s.sentence.rank for r in rivals for s in r.statements}),
        "largest": float(len(rivals) > 1 and rival.value == max(r.value for r in rivals)),
        "summed": float(all(s.summed for s in said)),
        "summed.more": float(all(s.summed and any(c.more for c in s.counts[1:]) for s in said)),
        "added": float(all(s.added for s in said)),
        "rest": float(all(s.rest for s in said)),
        "rest.same": float(all(s.rest for s in said) and any(_beside(s, others) for s in said)),
        "shot.same": float(any(all(c.shot for c in s.counts) and not s.rest and _beside(s, others) for s in said)),
        "more": float(all(s.counts[0].more for s in said)),
        "toll": float(any(c.voice is Voice.TOLL for s in said for c in s.counts)),
        "attributed": float(all(_ATTRIBUTED.search(s.sentence.lower) for s in said)),
        "one": float(rival.value == 1),
        "one.numbers": float(rival.value == 1 and bool([r for r in numbers if r.value > 1])),
        "size": math.log1p(rival.value),
        "rivals": math.log(len(rivals)),
        "of": float(all(_noun(s) for s in said)),
        "several": float(_several(rival) and not all(_several(r) for r in rivals)),
        "cause": float(all(_cause(s) for s in said)),
        "listed": float(all(s.listed for s in said)),
        "vague.met": float(rival.vague and any(r.value >= rival.value for r in numbers if not r.vague)),
        "meets": float(not rival.vague and kind is Kind.NUMBER and any(r.vague and r.value <= rival.value for r in rivals)),
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


def choose(harm: Harm, found: Mapping[Harm, Sequence[Rival]], story: Story, weigh: Mapping[str, float]) -> Rival | None:
    """Return the likeliest rival, or None when nothing is told."""
    rivals, others = found[harm], found[Harm.INJURED if harm is Harm.KILLED else Harm.KILLED]
    if not rivals:
        return None
    nothing = Rival(0, vague=False, statements=())

    def score(rival: Rival) -> float:
        return sum(weigh.get(name, 0.0) * value for name, value in features(rival, rivals, others, story).items())

    best = max((*rivals, nothing), key=score)
    exact = [r for r in rivals if _makes_exact(r, best)]
    return max(exact, key=score) if exact else best if best.statements else None


def _makes_exact(rival: Rival, vague: Rival) -> bool:
    """Tell whether a rival gives the number of what another tells as "dozens"."""
    told = any(s.kind is Kind.NUMBER and not (s.summed or s.added or s.rest) for s in rival.statements)
    return vague.vague and told and not rival.vague and vague.value <= rival.value < vague.value * _VAGUEST
