"""Sentences of an article, with their place in its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.language import Language

from services.classifier import furniture, joints, splitting

#: Code points of text that are read. News stories end far earlier; what follows is lists and comments, and the cost
#: of a hostile text stays bounded.
READ_CHARS = 40_000
#: Code points of one piece handed to the sentence splitter: its tokenizer is slow on long runs of punctuation.
PIECE_CHARS = 1_000
#: Share of letters, digits and spaces in a piece that can be prose. Less is ruling lines and hostile input.
_PROSE = 0.6
#: Sentences that are read. The rest of a long text adds background, not the story.
READ_SENTENCES = 250

#: Typographic quotes and dashes, and what a typewriter has for them: patterns know only these.
_TYPEWRITER = str.maketrans("\u2018\u2019\u2013\u2014", "''--")
_PARAGRAPH = re.compile(r"[^\n]+")
#: Half a character: JSON can carry it, UTF-8 cannot.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


#: Characters that are neither letters, digits nor spaces.
_MARK = re.compile(r"[^\w\s]|_")


# No slots: what is derived is kept, as every step asks for it.
@dataclass(frozen=True)
class Sentence:
    """One sentence. `start` counts code points of the article's text, and is None in the title, which is not text."""

    text: str
    start: int | None
    rank: int  #: 0 for the title, then 1, 2, 3 in reading order

    @property
    def span(self) -> tuple[int, int] | None:
        """Where it stands in the article's text; None in the title."""
        return None if self.start is None else (self.start, self.start + len(self.text))

    @cached_property
    def plain(self) -> str:
        """The text with typewriter quotes and dashes, of the same length."""
        return self.text.translate(_TYPEWRITER)

    @cached_property
    def lower(self) -> str:
        """The plain text in lower case, of the same length."""
        return lowered(self.plain)


def lowered(text: str) -> str:
    """Return a text in lower case, of the same length: "İ" grows when lowered, and offsets must hold."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower()[:1] for c in text)


def read(title: str, text: str, splitter: Language) -> tuple[Sentence, ...]:
    """Return the title, if any, and the sentences of `text`: at most `READ_SENTENCES` of its first `READ_CHARS`."""
    title, text = (_LONE_SURROGATE.sub("\ufffd", part) for part in (title[:READ_CHARS], text[:READ_CHARS]))
    sentences = [Sentence(title.strip()[:PIECE_CHARS], None, 0)] if title.strip() else []
    for start, piece in _sentences(text, splitter):
        if len(sentences) > READ_SENTENCES:
            break
        sentences.append(Sentence(piece, start, len(sentences) + (0 if title.strip() else 1)))
    return tuple(sentences)


def _sentences(text: str, splitter: Language) -> Iterator[tuple[int, str]]:
    for offset, piece, bounds in _split(text, splitter):
        for start, end in bounds:
            sentence = piece[start:end].strip()
            if furniture.is_note(sentence):
                if furniture.corrects(sentence):
                    break
                continue
            begin = furniture.begin(sentence) if start == 0 and text[offset - 1 : offset] in ("", "\n") else 0
            if sentence and begin is not None:
                yield text.index(sentence, offset + start) + begin, sentence[begin:]


def _split(text: str, splitter: Language) -> list[tuple[int, str, list[joints.Bounds]]]:
    """Return the pieces of prose with the bounds of their sentences."""
    # The zone frees the strings of this text: a worker reads for days. One for all pieces: their words are the same.
    with splitter.memory_zone():
        paragraphs = (p.span() for p in _PARAGRAPH.finditer(text) if not furniture.fills(p[0]))
        return [found for start, end in paragraphs for found in _pieces(text, start, end, splitter)]


def _pieces(text: str, start: int, end: int, splitter: Language) -> Iterator[tuple[int, str, list[joints.Bounds]]]:
    """Yield the pieces of a paragraph. A sentence that the end of one cuts is left to the next, if it is not alone."""
    while start < end:
        cut = min(start + PIECE_CHARS, end)
        if cut < end:
            space = text.rfind(" ", start, cut)
            cut = space if space > start else cut
        piece = text[start:cut]
        bounds: list[joints.Bounds] = []
        if _is_prose(piece):
            bounds = joints.mended(piece, splitting.bounds(piece, splitter))
        if cut < end and len(bounds) > 1:
            cut = start + bounds.pop()[0]
        yield start, piece, bounds
        start = cut


def _is_prose(piece: str) -> bool:
    return len(piece) - len(_MARK.findall(piece)) >= _PROSE * len(piece)
