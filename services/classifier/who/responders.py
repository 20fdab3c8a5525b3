"""Who answers an act: police who arrest, soldiers who are sent, crews who rescue. By words: no label marks them.

sentences of an event ─▶ "<force> arrested …", "… arrested by <force>" ─▶ each force once, in reading order
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from services.classifier import lexicon
from services.classifier.sentences import Sentence
from services.classifier.who import naming
from shared.domain.vocabulary import Sector

#: Responders that are coded of an event.
MOST = 3
#: Words before and after the noun that belong to its name, and those between a force and what it did.
_BEFORE = r"(?:(?!The )[A-Z][\w.'-]+ |(?:riot|local|traffic|state|federal) (?=police\b)){0,4}"
_AFTER = r"(?: (?:Department|Force|Service|Command|Corps))?"
_BETWEEN = (
    r"(?: (?:who|which|also|then|now|still|since|later|[a-z]+ly|have|has|had|was|were|are|is|been|being"
    r"|said (?:they|it) had))*"
)


@dataclass(frozen=True, slots=True)
class Responder:
    """A force by the name that a sentence gives it."""

    name: str
    sector: Sector
    sentence: Sentence


def find(sentences: Sequence[Sentence]) -> tuple[Responder, ...]:
    """Return up to `MOST` who answered what the sentences tell, in reading order."""
    found: list[Responder] = []
    for responder in (r for s in sentences for r in _of(s)):
        words = naming.content(responder.name)
        if not any(words <= naming.content(r.name) for r in found):
            found = [r for r in found if not naming.content(r.name) < words]
            found.append(responder)
    return tuple(found[:MOST])


def _of(sentence: Sentence) -> Iterator[Responder]:
    sectors, acts, pattern = _patterns()
    for match in pattern.finditer(sentence.plain) if acts.search(sentence.lower) else ():
        name = match["subject"] or match["agent"]
        noun = match["noun"] or match["noun_"]
        start = match.start("subject" if match["subject"] else "agent")
        yield Responder(sentence.text[start : start + len(name)], sectors[noun.lower()], sentence)


@cache
def _patterns() -> tuple[dict[str, Sector], re.Pattern[str], re.Pattern[str]]:
    """Return the sector of each noun, the acts alone, which most sentences lack, and forces with their acts."""
    rows = lexicon.lists("responders.toml")
    sectors = {noun: Sector(sector) for sector, nouns in rows["nouns"].items() for noun in nouns}
    nouns = "|".join(re.escape(n) for n in sorted(sectors, key=len, reverse=True))
    active, passive = ("|".join(rows["acts"][voice]) for voice in ("active", "passive"))
    acts = re.compile(rf" (?:{active})\b|\b(?:{passive}) ")
    return (
        sectors,
        acts,
        re.compile(
            rf"\b(?P<subject>{_BEFORE}(?i:(?P<noun>{nouns})){_AFTER}){_BETWEEN} (?i:{active})\b"
            rf"|\b(?i:{passive}) (?:the )?(?P<agent>{_BEFORE}(?i:(?P<noun_>{nouns})){_AFTER})\b"
        ),
    )
