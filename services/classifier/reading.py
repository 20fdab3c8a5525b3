"""Everything that the rules see in one sentence, gathered once and handed to those who decide."""

from dataclasses import dataclass
from datetime import date

from services.classifier import dates, triggers
from services.classifier.dates import When
from services.classifier.lexicon import Lexicon
from services.classifier.sentences import Sentence
from services.classifier.triggers import Trigger
from shared.domain.vocabulary import Realis

#: Contexts in which the words of violence mean something else.
OTHER_MATTERS = ("court", "leisure", "history", "accident", "exercise", "policy")
#: Body sentences that count as the lead: where news puts what it is about.
LEAD = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence with its triggers, dates and contexts. `order` is 0 for the title, then 1, 2, 3 through the body."""

    sentence: Sentence
    order: int
    triggers: tuple[Trigger, ...]
    whens: tuple[When, ...]
    matters: dict[str, int]  #: how often each of `OTHER_MATTERS` is hinted at
    background: bool  #: whether it says of itself that it tells of another happening

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
    titled = bool(sentences) and sentences[0].rank == 0
    return tuple(_reading(s, position + (0 if titled else 1), lexicon, anchor) for position, s in enumerate(sentences))


def _reading(sentence: Sentence, order: int, lexicon: Lexicon, anchor: date | None) -> Reading:
    lower = sentence.lower
    return Reading(
        sentence=sentence,
        order=order,
        triggers=triggers.find(sentence, lexicon),
        whens=dates.find(lower, anchor),
        matters={name: len(lexicon.contexts[name].findall(lower)) for name in OTHER_MATTERS},
        background=order > 1 and bool(lexicon.contexts["background"].search(lower)),
    )
