"""What the words right before and after a name say of it: who acts, who is acted on, who only speaks."""

import re
from collections.abc import Iterator

#: Code points read on either side.
_REACH = 45
_HARM = (
    r"(?:kill|shot|shoot|wound|injur|hurt|attack|ambush|assault|kidnap|abduct|seiz|captur|murder|execut|assassinat"
    r"|stab|beat|behead|raid|storm|burn|torch|raped?|rob|hijack|target|hit|struck|bomb|slain|massacr|hack|gunned"
    r"|detain|arrest|held|rescu|freed|releas|tortur|ransack|loot|gassed|explod|detonat|fir|open|threw|hurl|launch|laid"
    r"|plant|carr|clash|fought|marche?|protest|block)"
)
_BE = r"(?:was|were|been|being|is|are|be|got)"
_PATTERNS = {
    "before": {
        "by": r"\bby (?:[\w-]+ ){0,3}\Z",
        "acted": rf"\b{_HARM}\w* (?:[\w,-]+ ){{0,3}}\Z",
        "against": r"\b(?:against|at|into|on|near|towards?|between|with) (?:[\w-]+ ){0,2}\Z",
        "blamed": r"\b(?:blam\w+|accus\w+|suspect\w*|charg\w+|alleg\w+|claim\w*|responsib\w+|identified)\b[^.]{0,25}\Z",
        "of": r"\b(?:of|among) (?:[\w-]+ ){0,2}\Z",
        "including": r"\b(?:including|includes?|identified as|named as|as) (?:[\w-]+ ){0,2}\Z",
    },
    "after": {
        "acts": rf"\A[^.;]{{0,18}}?\b(?<!was )(?<!were ){_HARM}\w*",
        "is acted on": rf"\A(?: [\w-]+)?,? (?:(?:had|have|has|who|that|also) )*{_BE} (?:[\w-]+ ){{0,2}}{_HARM}\w*",
        "suffers": r"\A(?: [\w-]+)? (?:died|dead|lost|suffered|succumbed|remains?|escaped|survived|missing)\b",
        "speaks": r"\A[^.;]{0,12}? (?:said|says|told|announced|confirmed|reported|added|warned|condemned)\b",
        "claims": r"\A[^.;]{0,20}? (?:claim\w*|admit\w*|den(?:y|ied)|has taken|took) ",
        "of": r"\A (?:of|from|in|belonging)\b",
        "possessive": r"\A['\u2019]s?\b",
    },
}
#: "The Front said it carried out the attack" is no claim in words; "claimed responsibility" and its like are.
_CLAIMS = re.compile(
    r"\A[^.;]{0,60}?\b(?:claim\w*|admit\w*|accept\w*|took|taken|acknowledg\w*)\b[^.;]{0,40}"
    r"\b(?:responsib|credit|attack|bomb|kill)\w*"
)
_CLAIMED_BY = re.compile(r"(?:responsibility|credit|claimed)\b[^.;]{0,60}\bby (?:[\w-]+ ){0,4}\Z")
#: Code points read on either side for a claim.
_CLAIM_REACH = 130
_COMPILED = {side: {name: re.compile(p) for name, p in rows.items()} for side, rows in _PATTERNS.items()}


def around(lower: str, start: int, end: int) -> Iterator[str]:
    """Yield what the words around a name say. `lower`: its sentence in lower case."""
    sides = {"before": lower[max(0, start - _REACH) : start], "after": lower[end : end + _REACH]}
    for side, words in sides.items():
        yield from (f"{side}:{name}" for name, pattern in _COMPILED[side].items() if pattern.search(words))


def claims(lower: str, start: int, end: int) -> bool:
    """Tell whether the words around a name say that the act was claimed in it. `lower`: as above."""
    before, after = lower[max(0, start - _CLAIM_REACH) : start], lower[end : end + _CLAIM_REACH]
    return bool(_CLAIMS.search(after) or _CLAIMED_BY.search(before))
