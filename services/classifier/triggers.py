"""What a sentence says happened: triggers, and whether they are fact."""

import re
from dataclasses import dataclass

from services.classifier.lexicon import STRENGTHS, Lexicon
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import Realis, Subtype

#: "Gunmen" shows as surely as "shot dead" that something happened, but not what.
STRONG, ACTOR, WEAK = 3.0, 2.9, 1.0
_WEIGHT = dict(zip(STRENGTHS, (STRONG, ACTOR, WEAK), strict=True))
#: Code points around a trigger in which a cue changes its realis: a clause, not a sentence.
_BEFORE, _AFTER = 45, 40
#: "No shots were fired", "nobody was shot", "there was not any attack": nothing of the kind happened.
_NONE = re.compile(
    r"(?:(?:\b(?:no|without|never|not)|n't)(?: an?| any)?"
    r"|\b(?:no ?one|nobody|none)(?: was| were| has been| had been)?) \Z"
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """One word or phrase that tells of an incident. `subtype` is None for an attack of unnamed kind."""

    subtype: Subtype | None
    weight: float  #: STRONG, ACTOR or WEAK
    start: int  #: code points into the sentence
    end: int
    realis: Realis


def find(sentence: Sentence, lexicon: Lexicon) -> tuple[Trigger, ...]:
    """Return the triggers of a sentence in order, without those inside a strong one and those that a "no" undoes."""
    lower = sentence.lower
    for match in list(lexicon.figurative.finditer(lower)):
        lower = f"{lower[: match.start()]}{' ' * len(match.group())}{lower[match.end() :]}"
    found: list[Trigger] = []
    for (how, subtype), match in lexicon.triggers.find(lower):
        if not _covered(match.span(), found) and not _undone(lower, match.start()):
            realis = _realis(lower, match.span(), subtype, lexicon)
            found.append(Trigger(subtype, _WEIGHT[how], match.start(), match.end(), realis))
    return tuple(sorted(found, key=lambda t: t.start))


def denies(sentence: Sentence, lexicon: Lexicon) -> bool:
    """Tell whether a sentence says that nothing of the kind happened: a "no" before a strong trigger, or a denial."""
    lower = sentence.lower
    if lexicon.contexts["denied"].search(lower):
        return True
    return any(how == STRENGTHS[0] and _undone(lower, m.start()) for (how, _), m in lexicon.triggers.find(lower))


def _undone(lower: str, start: int) -> bool:
    return bool(_NONE.search(lower[max(0, start - _BEFORE) : start]))


def _covered(span: tuple[int, int], found: list[Trigger]) -> bool:
    return any(t.start <= span[0] and span[1] <= t.end and t.weight >= STRONG for t in found)


def _realis(lower: str, span: tuple[int, int], subtype: Subtype | None, lexicon: Lexicon) -> Realis:
    before, after = lower[max(0, span[0] - _BEFORE) : span[0]], lower[span[1] : span[1] + _AFTER]
    # Only the clause counts: a cue beyond a comma or semicolon speaks of something else.
    before, after = before.rsplit(";", 1)[-1].rsplit(", ", 1)[-1], after.split(";", 1)[0].split(", ", 1)[0]
    near = before + lower[span[0] : span[1]] + after
    if subtype is Subtype.THREAT_HOAX:
        return Realis.THREATENED
    if lexicon.contexts["denied"].search(near):
        return Realis.DENIED
    if subtype is not Subtype.ARREST and lexicon.contexts["attempted"].search(near):
        return Realis.ATTEMPTED
    if lexicon.contexts["threatened"].search(before):
        return Realis.THREATENED
    return Realis.HYPOTHETICAL if lexicon.contexts["hypothetical"].search(before) else Realis.ACTUAL
