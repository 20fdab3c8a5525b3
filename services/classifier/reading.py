"""Everything that the rules see in one sentence, gathered once and handed to those who decide."""

import re
from dataclasses import dataclass
from datetime import date

from services.classifier import triggers
from services.classifier.lexicon import Lexicon
from services.classifier.sentences import Sentence
from services.classifier.triggers import Trigger
from services.classifier.when import dates
from services.classifier.when.dates import When
from shared.domain.vocabulary import Realis

#: Contexts in which the words of violence mean something else.
OTHER_MATTERS = ("court", "leisure", "history", "accident", "exercise", "figures", "cyber", "policy")
#: Body sentences that count as the lead: where news puts what it is about.
LEAD = 3
#: A line of so few words without a full stop is the name of a section.
_LABEL_WORDS = 2
#: "A judge who jailed a gang boss was shot": the trial tells who somebody is, not what happened.
_SOMEBODYS_PAST = re.compile(r"\bwho(?: [a-z]+){0,3}? (?:jailed|sentenced|convicted|acquitted|tried|prosecuted)\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence with its triggers, dates and contexts. `order` is 0 for the title, then 1, 2, 3 through the body."""

    sentence: Sentence
    order: int
    triggers: tuple[Trigger, ...]
    whens: tuple[When, ...]
    matters: dict[str, int]  #: how often each of `OTHER_MATTERS` is hinted at
    background: bool  #: whether it says of itself that it tells of another happening
    trial: bool  #: whether it tells a stage of a court case
    plot: bool  #: whether it tells of an attack in preparation
    sport: frozenset[str]  #: its words of play
    hard: bool  #: whether it names police, hospitals or victims
    denies: bool  #: whether it opens the story by saying that nothing happened

    @property
    def in_lead(self) -> bool:
        """Whether the sentence stands where a story says what it is about."""
        return self.order <= LEAD

    @property
    def facts(self) -> tuple[Trigger, ...]:
        """Its triggers, without what is only feared or planned."""
        return tuple(t for t in self.triggers if t.realis is not Realis.HYPOTHETICAL)


def read(sentences: tuple[Sentence, ...], lexicon: Lexicon, anchor: date | None) -> tuple[Reading, ...]:
    """Read each sentence; `anchor` is the day of publication."""
    readings: list[Reading] = []
    order, title = 0, next((s.lower for s in sentences if s.rank == 0), "")
    told: date | None = None
    for sentence in sentences:
        # The headline told again, and the name of the section above it, push no sentence out of the lead.
        if sentence.rank and not (sentence.lower == title or _is_label(sentence)):
            order += 1
        readings.append(_reading(sentence, order, lexicon, anchor, told))
        told = dates.last_day(readings[-1].whens, told)
    return tuple(readings)


def _is_label(sentence: Sentence) -> bool:
    return sentence.text[-1].isalnum() and len(sentence.text.split()) <= _LABEL_WORDS


def _reading(sentence: Sentence, order: int, lexicon: Lexicon, anchor: date | None, told: date | None) -> Reading:
    lower = sentence.lower
    matters = _matters(lower, lexicon)
    court = _SOMEBODYS_PAST.sub(" ", lower)
    of_court = matters if court == lower else _matters(court, lexicon)
    return Reading(
        sentence=sentence,
        order=order,
        triggers=triggers.find(sentence, lexicon),
        whens=dates.find(lower, anchor, told),
        matters={name: len((of_court if name == "court" else matters).get(name, ())) for name in OTHER_MATTERS},
        background=order > 1 and "background" in matters,
        trial="trial" in of_court,
        plot="plot" in matters,
        sport=frozenset(matters.get("sport", ())),
        hard="hard" in matters,
        denies=order <= 1 and triggers.denies(sentence, lexicon),
    )


def _matters(lower: str, lexicon: Lexicon) -> dict[str, list[str]]:
    """Return the words of a sentence that hint at each context."""
    found: dict[str, list[str]] = {}
    for name, match in lexicon.matters.find(lower):
        found.setdefault(name, []).append(match.group())
    return found
