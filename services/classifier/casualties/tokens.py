"""Words of a sentence, each with its part in telling of people: a number, an age, a noun, where a clause begins.

Stretches that say more of somebody just named, and dates, are left out. Word lists: `data/phrases.toml`.
"""

import re
from typing import NamedTuple

from services.classifier.lexicon import lists, people
from services.classifier.numbers import NUMBER, VAGUE, value
from services.classifier.sentences import lowered

_LISTS: dict[str, list[str]] = dict(lists("phrases.toml"))
_QUANTIFIER = "|".join(_LISTS["least"] + _LISTS["most"] + _LISTS["loose"])
#: What the words before a number make of it.
LEAST, MOST = frozenset(_LISTS["least"]), frozenset(_LISTS["most"])
_UNITS, _COMPANY = "|".join(_LISTS.pop("unit")), "|".join(_LISTS.pop("company"))
_SHORT = "".join(rf"(?<!\b{word})" for word in _LISTS.pop("short"))
#: "both" before a noun is a number, before a genitive of other nouns: "both countries' soldiers".
_BOTH = r"both(?= (?:of )?(?:the |these |those |his |her |their )?[a-z]+(?:s|men)\b(?!['\u2019]))"
#: Who is told beside somebody, and is no office of his.
KIN = frozenset(_LISTS.pop("kin"))

_CLASS = {word: name for name, words in _LISTS.items() for word in words}

#: With a straight apostrophe and a typographic one.
GENITIVE = ("'s", "\u2019s")
_AGE = rf"(?:\b(?:an? |the )?(?:{NUMBER}) ?[- ] ?(?:years?|months?|weeks?|days?) ?[- ] ?old\b|\baged? \d{{1,3}}\b)"
_BEFORE = r"(?<![\w$£€#./:,-])"
_COUNT = (
    rf"{_BEFORE}(?:(?P<told>{_QUANTIFIER}) (?:(?:the|a|about|some|another) )?)?"
    rf"(?:between (?P<low>{NUMBER}) and |(?<!from )(?P<least>{NUMBER})(?: to |(?<=\d)-(?=\d)))?"
    rf"(?P<n>{NUMBER}|{_BOTH}|{'|'.join(VAGUE)})(?![\w%:]|[.,/:-]\d|-(?!\w*(?:man|woman|member|person))|['\u2019]s\b)"
    rf"(?! (?:{_UNITS})\b)"
)
_TOKEN = re.compile(
    rf"(?P<age>{_AGE})|(?P<count>{_COUNT})|(?P<comma>,)|(?P<company>\b(?:{_COMPANY})\b)"
    r"|(?P<word>[^\W_](?:[\w'\u2019-]*\w)?)"
    rf"|(?P<stop>[;:!?/]|{_SHORT}\.|--|-(?= ))|(?P<date>#+)"
)
#: Stretches that say more of somebody just named: blanked, they leave the sentence's skeleton.
_ASIDES = re.compile(
    r"\([^()]{0,120}\)|\[[^\[\]]{0,120}\]|, (?:aged |both |each )?\d{1,3}(?=[,.;]|\Z| and\b| was\b| were\b| died\b)"
    r"|, (?:who|whose|which) (?!(?:\w+ ){0,2}(?:left|killed|claimed|injured|wounded)\b)[^,;.]{1,100},"
    r"(?= (?:later )?(?:was|were|died|has|had|have)\b)"
    r"| who [^;.]{1,80}?(?= (?:was|were|(?:has|have|had|was|were) be(?:en|ing)) (?:\w+ )?(?:killed|murdered|shot"
    r"|injured|wounded|hurt|found|gunned|stabbed|beaten|pronounced|executed|assassinated|slain|treated|taken|rushed"
    r"|hospitali[sz]ed)\b)"
    r"|,? (?:later |both |who (?:was|were) )?(?:identified|named|known)(?: by \w+)? as [^;.]{1,160}?"
    r"(?=,? (?:was|were|died|has|had|have)\b|[.;]|\Z| (?:in|at|on|near|by|when)\b)"
    r"| --? [^-.;]{1,80}? --?(?= (?:was|were|died|have|has)\b)"
)
_DAY = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\.? \d{1,2}(?:,? \d{4})?\b(?! (?:people|persons|civilians|soldiers))"
    r"|\b\d{1,2}(?:st|nd|rd|th)? (?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december)(?:,? \d{4})?\b|\b(?:in|since|of|by|from) (?:19|20)\d\d\b"
)


class Token(NamedTuple):
    """One word, number or mark. `kind` is the name of the list it stands in, or what the pattern found."""

    kind: str
    text: str
    start: int  #: code points into the sentence
    end: int
    number: int | None = None
    low: int | None = None
    told: str = ""  #: the words that bound a number: "at least"
    named: bool = False  #: written as names are, where the sentence has lower case too


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a sentence, asides left out. Positions count code points of `text`."""
    lower = lowered(text)
    bare = _ASIDES.sub(_blank, lower)
    bare = _DAY.sub(lambda m: "#" * len(m.group()), bare)
    mixed = lower != text and not text.isupper() and sum(c.isupper() for c in text) < len(text) / 2
    return _described([_token(m, text, mixed=mixed) for m in _TOKEN.finditer(bare)])


def _described(words: list[Token]) -> tuple[Token, ...]:
    """Return the words with participles told from verbs by what stands around them: "his estranged wife"."""
    for n, (before, token, after) in enumerate(zip(words, words[1:], words[2:], strict=False), 1):
        if token.kind == "word" and token.text.endswith("ed") and before.kind == "and" and after.kind in ("one", "the"):
            words[n] = token._replace(kind="verb")  # "… and accused the rebels"
        elif token.text in ("in", "to") and before.text.startswith(_OUTCOME):
            words[n] = token._replace(kind="verb")  # "resulting in two guards being hurt"
        elif token.kind == "verb" and after.kind == "word" and before.kind in ("one", "the", "count"):
            words[n] = token._replace(kind="word")
        elif token.kind == "verb" and after.text in people() and before.kind in ("and", "comma"):
            words[n] = token._replace(kind="word")  # "and trapped miners"
    return tuple(words)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _token(match: re.Match[str], text: str, *, mixed: bool) -> Token:
    kind, word, (start, end) = match.lastgroup or "", match.group(), match.span()
    if match["count"]:
        number = VAGUE[match["n"]] if match["n"] in VAGUE else 2 if match["n"] == "both" else value(match["n"])
        low = match["low"] or match["least"]
        return Token("count", match["n"], start, end, number, value(low) if low else None, match["told"] or "")
    if kind != "word":
        return Token(kind, word, start, end)
    known = people()
    kind = _CLASS.get(word) or ("word" if word in known else _ending(word))
    if word == "said" and mixed and start and text[start].isupper():
        kind = "word"  # "Omar Said"
    # Text in one case has no names to see: an unknown word may be one.
    named = text[start].isupper() and start > 0 if mixed else kind == "word" and word not in known
    if kind == "word" and word.endswith("ly") and word not in known and not (mixed and named):
        return Token("loose_word", word, start, end)
    return Token(kind, word, start, end, named=named)


def _ending(word: str) -> str:
    """Return the kind that a word's ending makes likely."""
    if word.endswith("ed"):
        return "verb"
    return "skip" if word.endswith("ing") and len(word) > _PARTICIPLE else "word"


_PARTICIPLE = 5
#: Words that open a clause with the preposition behind them, for all that they look like.
_OUTCOME = ("result", "leading", "led")
