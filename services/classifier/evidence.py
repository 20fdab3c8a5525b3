"""The sentences that say so: spans of the text for each coded value."""

import re
from collections.abc import Iterable, Sequence

from services.classifier.sentences import Sentence

_WORD = re.compile(r"[^\W_]{3,}")


def cite(sentences: Iterable[Sentence], phrase: str, body: Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    """Return the spans of the sentences that lie in the text.

    What only the title says has no span of its own: then the body sentence that shares most words with `phrase`, next
    with the title, is cited, the earliest of equals. A text without sentences cites nothing.
    """
    own = tuple(span for span in dict.fromkeys(s.span for s in sentences) if span)
    return own or _support(phrase, " ".join(s.text for s in sentences), body)


def _support(phrase: str, title: str, body: Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    wanted, around = _content(phrase), _content(title)
    best = max(
        body, key=lambda s: (len(wanted & _content(s.text)), len(around & _content(s.text)), -s.rank), default=None
    )
    return (best.span,) if best and best.span else ()


def _content(text: str) -> frozenset[str]:
    return frozenset(w.removesuffix("s") for w in _WORD.findall(text.lower())) - _SMALL


_SMALL = frozenset(
    {"the", "and", "for", "with", "that", "this", "from", "was", "were", "has", "have", "had", "including"}
)
