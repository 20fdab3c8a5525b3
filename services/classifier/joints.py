"""Where one sentence ends and the next begins: what a splitter that goes by full stops gets wrong."""

from collections.abc import Iterable

from services.classifier import lexicon

Bounds = tuple[int, int]

_KNOWN: dict[str, list[str]] = lexicon.lists("abbreviations.toml")
_BEFORE_NAMES, _BEFORE_NUMBERS = (
    frozenset(form for word in _KNOWN[kind] for form in (word, word.upper())) for kind in ("names", "numbers")
)
#: Marks that open what follows them, and those that may as well close what stands before.
_OPENING, _EITHER = "\u201c\u2018\u00ab([", "\"'"
_AROUND_WORDS = _OPENING + _EITHER + "\u201d\u2019\u00bb)]"


def mended(piece: str, bounds: Iterable[Bounds]) -> list[Bounds]:
    """Return the bounds of the sentences of `piece`: their opening marks are theirs, no abbreviation ends them."""
    whole: list[Bounds] = []
    for start, end in bounds:
        if not whole:
            whole.append((start, end))
            continue
        before, until = whole.pop()
        begin = _opened(piece, before, until) if until == start else start
        until = min(until, before + len(piece[before:begin].rstrip()))
        goes_on = _goes_on(piece[before:until], piece[begin:end])
        whole += [(before, end)] if goes_on else [(before, until), (begin, end)]
    return whole


def _opened(piece: str, start: int, end: int) -> int:
    """Return where the opening marks at the end of a sentence begin: `end` if it has none, or has nothing else."""
    at = end
    while at > start and piece[at - 1] in _OPENING + _EITHER:
        at -= 1
    if at > start and not piece[at - 1].isspace():
        at = end - len(piece[at:end].lstrip(_EITHER))
    return at if piece[start:at].strip() else end


def _goes_on(sentence: str, following: str) -> bool:
    """Tell whether what was taken for the end of a sentence is that of an abbreviation."""
    last = sentence.rsplit(None, 1)[-1:]
    word = last[0].strip(_AROUND_WORDS) if last else ""
    return word in _BEFORE_NAMES or (word in _BEFORE_NUMBERS and following[:1].isdecimal())
