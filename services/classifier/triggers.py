"""What a sentence says happened: triggers, and whether they are fact."""

from dataclasses import dataclass

from services.classifier.lexicon import Lexicon
from services.classifier.sentences import Sentence
from shared.domain.vocabulary import Realis, Subtype

STRONG, WEAK = 3.0, 1.0
#: Code points around a trigger in which a cue changes its realis: a clause, not a sentence.
_BEFORE, _AFTER = 45, 40


@dataclass(frozen=True, slots=True)
class Trigger:
    """One word or phrase that tells of an incident. `subtype` is None for an attack of unnamed kind."""

    subtype: Subtype | None
    weight: float
    start: int  #: code points into the sentence
    end: int
    realis: Realis


def find(sentence: Sentence, lexicon: Lexicon) -> tuple[Trigger, ...]:
    """Return the triggers of a sentence in order; a weak one inside a strong one of its kind is left out."""
    lower = lexicon.contexts["figurative"].sub(lambda m: " " * len(m.group()), sentence.lower)
    found: list[Trigger] = []
    for weight, patterns in ((STRONG, lexicon.strong), (WEAK, lexicon.weak)):
        for subtype, pattern in patterns.items():
            for match in pattern.finditer(lower):
                if not _covered(match.span(), found):
                    realis = _realis(lower, match.span(), subtype, lexicon)
                    found.append(Trigger(subtype, weight, match.start(), match.end(), realis))
    return tuple(sorted(found, key=lambda t: t.start))


def _covered(span: tuple[int, int], found: list[Trigger]) -> bool:
    return any(t.start <= span[0] and span[1] <= t.end and t.weight >= STRONG for t in found) and bool(found)


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
