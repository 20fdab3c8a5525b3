"""Who says in so many words that an act was theirs: "claimed responsibility", "responsibility was claimed by"."""

import re

#: Code points read on either side of a name.
_REACH = 130
_CLAIMS = re.compile(
    r"\A[^.;]{0,60}?\b(?:claim\w*|admit\w*|accept\w*|took|taken|acknowledg\w*)\b[^.;]{0,40}"
    r"\b(?:responsib|credit|attack|bomb|kill)\w*"
)
_CLAIMED_BY = re.compile(r"(?:responsibility|credit|claimed)\b[^.;]{0,60}\bby (?:[\w-]+ ){0,4}\Z")


def claims(lower: str, start: int, end: int) -> bool:
    """Tell whether the words around a name say so. `lower`: its sentence in lower case."""
    before, after = lower[max(0, start - _REACH) : start], lower[end : end + _REACH]
    return bool(_CLAIMS.search(after) or _CLAIMED_BY.search(before))
