"""How news words a toll: the patterns behind `casualties`, built from the phrases in `data/casualties.toml`.

Every repetition is bounded, so the cost of a search is linear in the sentence.
"""

import re
from enum import StrEnum

from services.classifier.lexicon import lists
from services.classifier.spotting import Words, beginnings

_PHRASES: dict[str, dict[str, list[str]]] = lists("casualties.toml")

#: Words by which a sentence says whose number it tells.
ATTRIBUTED = re.compile(r"\b(?:said|says|according to|reported|told|put the (?:death )?toll|claimed|sources?)\b")


class Harm(StrEnum):
    """What became of them. The values name the fields of `Event`."""

    KILLED = "killed"
    INJURED = "injured"


class Voice(StrEnum):
    """Where those harmed stand beside a word of harm. In the order in which the words are looked for."""

    HINT = "hint"
    TOLL = "toll"
    INTRANSITIVE = "intransitive"
    TRANSITIVE = "transitive"
    ACTIVE = "active"
    COUNTED = "counted"
    BODY = "body"
    NOUN = "noun"


#: Hit by a bullet: hurt, unless told to be dead.
SHOT = "shot"


def _any(group: str, name: str) -> str:
    return f"(?:{'|'.join(_PHRASES[group][name])})"


_BEFORE, _AFTER = r"(?<![\w-])", r"(?![\w])"
_BY_VOICE = {
    f"{harm}_{voice}": _PHRASES[harm][voice] for voice in Voice for harm in (*Harm, SHOT) if _PHRASES[harm][voice]
}
_GROUPS = "|".join(f"(?P<{name}>{'|'.join(words)})" for name, words in _BY_VOICE.items())
#: Any word of harm. The name of the group that matched is the harm, or `SHOT`, and the voice: `killed_active`.
WORDS = Words(
    re.compile(f"{_BEFORE}(?:{_GROUPS}){_AFTER}"),
    beginnings([word for words in _BY_VOICE.values() for word in words], _BEFORE, _AFTER),
)

NOBODY = (
    (re.compile(rf"\b{_any('nobody', 'both')}\b"), tuple(Harm)),
    (re.compile(rf"\b{_any('nobody', 'killed')}\b"), (Harm.KILLED,)),
    (re.compile(rf"\b{_any('nobody', 'injured')}\b"), (Harm.INJURED,)),
)

#: "Three of the dead were children", "among the wounded were two nurses": some of a total told elsewhere.
PART_OF = re.compile(
    rf"\b(?:of|among) (?:the |those |its )?(?:[a-z]+ )?(?P<v>{_any('other', 'casualties')})\b"
    rf"(?:,| was\b| were\b| is\b| are\b)"
)
