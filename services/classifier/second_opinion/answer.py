"""What a language model is asked of an article, and what its answer adds to our own coding. Pure.

article ─▶ Story ─▶ question ─▶ (chat) ─▶ read: schema, then each quote in the story ─▶ merged

The answer is a stranger's word, and so is the article that may have talked the model into it. It can carry values of
the vocabulary and spans of this article, nothing else, and it takes nothing away from what our own models coded.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError

from services.classifier import evidence
from services.classifier.sentences import Sentence
from shared.domain.article import Published
from shared.domain.base import Model
from shared.domain.coded import Coding, Opinion
from shared.domain.event import Event
from shared.domain.vocabulary import TYPE_OF, CodedBy, EventType, Realis, Subtype
from shared.errors import Reason, TocsinError
from shared.settings import Settings

#: Events of an answer, and quotes of an event, that are looked at.
MOST_EVENTS, MOST_QUOTES = 8, 5
#: Words of the shortest quote: fewer stand in any article and show nothing.
LEAST_WORDS = 3
#: Score from which an article that was turned away is read too. It is a probability: at this one, one in five is wrong.
NEAR = 0.2

#: Adds a second opinion to a coding: of the coding, its article's title and text, and when that was published.
Second = Callable[[Coding, str, str, Published | None], Coding]

#: Models type quotation marks and dashes as a typewriter has them. Of the same length, so that offsets hold.
_TYPEWRITER = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")
_SENTENCE = re.compile(r"\S(?:.*?[.!?]['\")\u2019\u201d]*(?=\s)|.*\S)")
_PIECE = re.compile(r"\s+|\S")


class Why(StrEnum):
    """Why there is no second opinion. What the log says."""

    TIMEOUT = "timeout"  #: the time of the article was used up
    UNREACHABLE = "unreachable"  #: no connection, or one that broke
    BUSY = "busy"  #: 429 or 5xx, also when asked once more where the time allowed it
    REFUSED = "refused"  #: another status that is not 200, redirects too
    OVERSIZE = "oversize"  #: an answer longer than is read
    UNREADABLE = "unreadable"  #: no JSON, cut short, or not of the schema
    UNQUOTED = "unquoted"  #: none of its quotes is in the article
    USED_UP = "used_up"  #: the tokens of the day
    UNCOUNTED = "uncounted"  #: the count of tokens cannot be reached


class NoOpinion(TocsinError):
    """There is no second opinion on this article. `billed` tells whether asking may have used tokens."""

    def __init__(self, why: Why, *, billed: bool = True, status: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.billed = billed
        self.status = status


class Told(Model):
    """One event, as the article tells it."""

    subtype: Subtype
    realis: Realis
    main: bool
    quotes: tuple[str, ...] = Field(description="Sentences of the article that say so, copied character by character.")


class Answer(Model):
    """The security events that the article tells."""

    events: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """An event of an answer, and where the article says so."""

    told: Told
    spans: tuple[tuple[int, int], ...]  #: code points of the text; none where only the title says so
    nearest: tuple[tuple[int, int], ...] = ()  #: where only the title does: the sentence of the text nearest to it

    @property
    def type(self) -> EventType:
        """The family of its subtype."""
        return TYPE_OF[self.told.subtype]


@dataclass(frozen=True, slots=True)
class Story:
    """What is sent of an article. Every character stands where it stands in the article."""

    title: str
    text: str
    published: date | None

    @classmethod
    def of(cls, title: str, text: str, published: date | None, *, max_chars: int) -> Self:
        """Return the first `max_chars` code points of title and text. Half characters become question marks."""
        title = title[:max_chars]
        text = text[: max_chars - len(title)]
        return cls(_whole(title), _whole(text), published)

    @property
    def as_data(self) -> str:
        """The story as a JSON object, in which no model finds the marks that part its messages.

        Many servers read `<|im_end|>` or `[INST]` in a message as the end of it; escaped, they are text.
        """
        day = self.published.isoformat() if self.published else None
        told = {"title": self.title, "published": day, "text": self.text}
        return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c").replace("[", "\\u005b")


def _whole(text: str) -> str:
    return text.encode(errors="replace").decode()


def is_due(coding: Coding) -> bool:
    """Tell whether an article is worth a second opinion: our models found it relevant, or nearly so."""
    near = coding.discard_reason is Reason.NOT_RELEVANT and (coding.score or 0) >= NEAR
    return coding.relevant or near


def question(story: Story, settings: Settings) -> bytes:
    """Return the body of the request that asks for an opinion."""
    schema = {"name": "events", "strict": True, "schema": Answer.model_json_schema()}
    body = {
        "model": settings.llm_model,
        "messages": [
            {"role": "system", "content": _instructions()},
            {"role": "user", "content": f"The article, as data:\n{story.as_data}"},
        ],
        "temperature": 0,
        "max_tokens": settings.llm_max_tokens,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }
    return json.dumps(body, ensure_ascii=False).encode()


@cache
def _instructions() -> str:
    return (Path(__file__).parent / "prompt.txt").read_text(encoding="utf-8")


def read(content: str, story: Story) -> tuple[Seen, ...]:
    """Return the events of an answer that quote the story, in its order.

    Raises:
        NoOpinion: it is not of the schema, or it has events and quotes the story for none.
    """
    try:
        told = Answer.model_validate_json(content, strict=True).events[:MOST_EVENTS]
    except ValidationError as error:
        raise NoOpinion(Why.UNREADABLE) from error
    text, title = _Squeezed.of(story.text), _Squeezed.of(story.title)
    seen = []
    for one in told:
        quotes = one.quotes[:MOST_QUOTES]
        spans = tuple(dict.fromkeys(span for quote in quotes if (span := text.find(quote))))
        titled = next(filter(title.find, quotes), None)
        if spans or titled:
            seen.append(Seen(one, spans, () if spans or not titled else _nearest(titled, story)))
    if told and not seen:
        raise NoOpinion(Why.UNQUOTED)
    return tuple(dict.fromkeys(seen))


def _nearest(quote: str, story: Story) -> tuple[tuple[int, int], ...]:
    body = [Sentence(m.group(), m.start(), rank) for rank, m in enumerate(_SENTENCE.finditer(story.text), 1)]
    return evidence.cite([Sentence(story.title, None, 0)], quote, body)


@dataclass(frozen=True, slots=True)
class _Squeezed:
    """A text in which each run of white space is one blank, and where its characters stand in the text itself."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        pieces = list(_PIECE.finditer(text.translate(_TYPEWRITER)))
        squeezed = "".join(" " if p.group().isspace() else p.group() for p in pieces)
        return cls(squeezed, tuple(p.start() for p in pieces))

    def find(self, quote: str) -> tuple[int, int] | None:
        """Return the span of the first place at which `quote` stands, in whole words; None when none or too short."""
        words = quote.translate(_TYPEWRITER).split()
        if len(words) < LEAST_WORDS:
            return None
        wanted, at = " ".join(words), -1
        while (at := self.text.find(wanted, at + 1)) >= 0:
            last = at + len(wanted) - 1
            if not _is_inside(self.text, at) and not _is_inside(self.text, last + 1):
                return self.starts[at], self.starts[last] + 1
        return None


def _is_inside(text: str, at: int) -> bool:
    """Tell whether a word goes on from before a code point to it."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def merged(coding: Coding, seen: Sequence[Seen], *, model: str) -> Coding:
    """Return the coding with what both saw marked, what only the opinion saw added, and whether they agree.

    What was coded keeps its values and its place. What is added is never main, so it makes no incident: it has no date,
    place or toll by which to tell it from what is known already, and the article may have talked the model into it.
    """
    events = tuple(_marked(event, seen) for event in coding.events)
    added = tuple(_event(one) for one in seen if not any(_same(event, one) for event in coding.events))
    ours = {(event.type, event.realis) for event in coding.events if event.main}
    theirs = {(one.type, one.told.realis) for one in seen if one.told.main}
    opinion = Opinion(model=model, agrees=ours == theirs)
    return coding.model_copy(update={"events": events + added, "opinion": opinion})


def _same(event: Event, one: Seen) -> bool:
    """Tell whether both mean one happening: of one family, and the story's own or told in the same words."""
    if event.type is not one.type:
        return False
    own = [span for spans in event.evidence.values() for span in spans]
    return (event.main and one.told.main) or any(a < d and c < b for a, b in own for c, d in one.spans)


def _marked(event: Event, seen: Sequence[Seen]) -> Event:
    both = any(_same(event, one) and event.main == one.told.main for one in seen)
    return event.model_copy(update={"coded_by": CodedBy.BOTH}) if both else event


def _event(one: Seen) -> Event:
    return Event(
        type=one.type,
        subtype=one.told.subtype,
        realis=one.told.realis,
        main=False,
        coded_by=CodedBy.LLM,
        evidence={"type": spans} if (spans := one.spans or one.nearest) else {},
        headline=() if one.spans else ("type",),
    )
