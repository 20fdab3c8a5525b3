"""How names are compared: one form for all spellings of a name that differ only in case, accents and punctuation."""

import re
import unicodedata
from functools import lru_cache

_NOT_LETTERS = re.compile(r"[\W_]+")
#: Marks that are written or left out at will: "Ta'izz", "U.S.".
_SILENT = str.maketrans(dict.fromkeys("'`.\u2018\u2019\u02bf\u02be"))
#: Written out, as gazetteers have them.
_SHORT_FOR = {"st": "saint", "ft": "fort", "mt": "mount"}


# An article's names come again and again, in it and in the next one.
@lru_cache(8_000)
def fold(name: str) -> str:
    """Return a name without case, accents, marks: "Deir ez-Zōr" → "deir ez zor", "St. Ives" → "saint ives"."""
    if not name.isascii():
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    if name.isascii() and name.isalpha():
        return name.lower()
    folded = _NOT_LETTERS.sub(" ", name.translate(_SILENT)).strip().lower()
    first, space, rest = folded.partition(" ")
    return f"{_SHORT_FOR.get(first, first)} {rest}" if space else folded
