"""Words of a sentence, and the groups of people that a stretch of them names.

    "two soldiers, a guard from Mosul and their driver"
     └────┬─────┘  └──┬──┘            └─────┬────┘
     Group(2, military)  Group(1, single)   Group(1, single)

There is no parser: a group ends at a comma, "and" or a preposition; what a preposition opens names nobody; a verb in
the way drops the groups before it.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.classifier.lexicon import data, people
from services.classifier.numbers import NUMBER, VAGUE, is_plural, value
from shared.domain.vocabulary import CasualtyRole

_LISTS: dict[str, list[str]] = tomllib.loads(data("phrases.toml"))
_QUANTIFIER = "|".join(_LISTS["least"] + _LISTS["most"] + _LISTS["loose"])
#: What the words before a number make of it.
LEAST, MOST = frozenset(_LISTS["least"]), frozenset(_LISTS["most"])
_UNITS, _COMPANY = "|".join(_LISTS.pop("unit")), "|".join(_LISTS.pop("company"))

_CLASS = {word: name for name, words in _LISTS.items() for word in words}

#: With a straight apostrophe and a typographic one.
GENITIVE = ("'s", "\u2019s")
_AGE = rf"(?:\b(?:an? |the )?(?:{NUMBER}) ?[- ] ?(?:years?|months?|weeks?|days?) ?[- ] ?old\b|\baged? \d{{1,3}}\b)"
_BEFORE = r"(?<![\w$£€#./:,-])"
_COUNT = (
    rf"{_BEFORE}(?:(?P<told>{_QUANTIFIER}) (?:(?:the|a|about|some|another) )?)?"
    rf"(?:between (?P<low>{NUMBER}) and |(?<!from )(?P<least>{NUMBER})(?: to |-))?"
    rf"(?P<n>{NUMBER}|{'|'.join(VAGUE)})(?![\w%:]|[.,/:-]\d|-(?!\w*(?:man|woman|member|person))|['\u2019]s\b)"
    rf"(?! (?:{_UNITS})\b)"
)
_TOKEN = re.compile(
    rf"(?P<age>{_AGE})|(?P<count>{_COUNT})|(?P<comma>,)|(?P<company>\b(?:{_COMPANY})\b)"
    r"|(?P<word>[^\W_](?:[\w'\u2019-]*\w)?)"
    r"|(?P<stop>[;:.!?/]|--|-(?= ))|(?P<date>#+)"
)
#: Stretches that say more of somebody just named: blanked, they leave the sentence's skeleton.
_ASIDES = re.compile(
    r"\([^()]{0,120}\)|\[[^\[\]]{0,120}\]|, (?:aged |both |each )?\d{1,3}(?=[,.;]|\Z| and\b| was\b| were\b| died\b)"
    r"|, (?:who|whose|which) [^,;.]{1,100},(?= (?:was|were|died|has|had|have)\b)"
    r"| who [^;.]{1,80}?(?= (?:was|were|(?:has|have|had|was|were) be(?:en|ing)) (?:\w+ )?(?:killed|murdered|shot|injured|wounded"
    r"|hurt|found|gunned|stabbed|beaten|pronounced|executed|assassinated|slain|treated|taken|rushed|hospitali[sz]ed)\b)"
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


@dataclass(slots=True)
class Group:
    """People named together. `number` is None where none is told."""

    start: int
    end: int
    number: int | None = None
    low: int | None = None
    told: str = ""
    word: str = ""  #: the number as written
    role: CasualtyRole | None = None
    person: bool = False  #: whether one of its words means people
    plural: bool = False
    named: bool = False
    single: bool = False  #: one, told without a number: "a guard", "his driver", "Ana Ruiz"
    thing: bool = False  #: whether its last word means no people
    part: bool = False  #: some of a group told before
    more: bool = False  #: told as more than were told before: "another two", "two others"
    after_comma: bool = False
    after_and: bool = False
    company: bool = False  #: told to have been with the one before: "along with his wife"
    nobody: bool = False
    pronoun: str = ""
    words: int = 0

    @property
    def counts(self) -> int | None:
        """How many it is, where that is told."""
        if self.nobody or (self.thing and not self.person):
            return None
        if self.number is not None:
            return self.number
        return 1 if not self.plural and (self.single or self.person or self.named) else None


    @property
    def labels(self) -> bool:
        """Whether its number only says which: "a 911 call"."""
        several = self.number is not None and self.number > 1
        return several and bool(self.words) and not (self.plural or self.person or self.named)


def tokens(text: str) -> tuple[Token, ...]:
    """Return the words of a sentence, asides left out. Positions count code points of `text`."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(c.lower()[:1] for c in text)
    bare = _ASIDES.sub(_blank, lower)
    bare = _DAY.sub(lambda m: "#" * len(m.group()), bare)
    mixed = lower != text and not text.isupper() and sum(c.isupper() for c in text) < len(text) / 2
    return _described([_token(m, text, mixed=mixed) for m in _TOKEN.finditer(bare)])


def _described(words: list[Token]) -> tuple[Token, ...]:
    """Return the words with participles told from verbs by what stands around them: "his estranged wife"."""
    for n, (before, token, after) in enumerate(zip(words, words[1:], words[2:], strict=False), 1):
        if token.kind == "word" and token.text.endswith("ed") and before.kind == "and" and after.kind in ("one", "the"):
            words[n] = token._replace(kind="verb")  # "… and accused the rebels"
        elif token.kind == "verb" and after.kind == "word" and before.kind in ("one", "the", "count"):
            words[n] = token._replace(kind="word")
    return tuple(words)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _token(match: re.Match[str], text: str, *, mixed: bool) -> Token:
    kind, word, (start, end) = match.lastgroup or "", match.group(), match.span()
    if match["count"]:
        number = VAGUE[match["n"]] if match["n"] in VAGUE else value(match["n"])
        low = match["low"] or match["least"]
        return Token("count", match["n"], start, end, number, value(low) if low else None, match["told"] or "")
    if kind != "word":
        return Token(kind, word, start, end)
    known = people()
    kind = _CLASS.get(word) or ("word" if word in known else _ending(word))
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


def groups(words: Sequence[Token], *, closed: bool) -> list[Group]:
    """Return the groups that a stretch of words names. `closed`: end at the first preposition, as an object does."""
    found: list[Group] = []
    reader = _Reader(found)
    for n, token in enumerate(words):
        if token.text in _SPEECH and found and found[-1].after_comma:
            found.pop()  # ", a doctor said"
        if token.kind == "stop" or (closed and token.kind in _ENDS):
            break
        reader.take(token, words[n + 1] if n + 1 < len(words) else _NOTHING)
    for group in found:
        group.thing = group.thing or group.labels
    return [g for g in found if g.words or g.number is not None or g.pronoun]


_NOTHING = Token("stop", "", 0, 0)
_SPEECH = frozenset({"said", "says", "told", "added", "reported", "announced"})
_ENDS = frozenset({"place", "break", "verb", "aux", "skip"})


class _Reader:
    """Gathers groups word by word."""

    def __init__(self, found: list[Group]) -> None:
        self.found = found
        self.group: Group | None = None
        self.of = self.skipping = self.fresh = self.part = self.comma = self.conjoined = self.company = False

    def take(self, token: Token, following: Token) -> None:
        """Read one more word."""
        kind = token.kind
        if kind in ("break", "verb", "aux", "stop", "date"):
            self._end(kind)
        elif kind in ("comma", "and", "company"):
            self._close()
            self.comma, self.conjoined, self.company = kind == "comma", kind == "and", kind == "company"
        elif kind == "part":
            self._begin_parts(token, following)
        elif kind == "place" or (kind == "skip" and not self._describes(token)):
            self._close()
            self.skipping, self.fresh = True, token.text != "who"
        elif token.text == "of":
            self.of = self.group is not None
            self.skipping = self.fresh = self.group is None
        elif kind == "count" and self._is_age(following):
            return
        elif kind in ("count", "age", "one", "the"):
            self._open(token)
        elif kind != "loose_word":
            self._word(token)

    def _end(self, kind: str) -> None:
        if kind not in ("aux", "date"):
            self.found.clear()
        self._close()
        self.part = self.part and kind == "date"

    def _begin_parts(self, token: Token, following: Token) -> None:
        self._close()
        if token.text == "among" and following.kind == "count":
            for group in self.found:  # "three children among five dead"
                group.part = True
        else:
            self.part = True

    def _describes(self, token: Token) -> bool:
        """Tell whether a participle belongs to the noun that follows: "a mining engineer"."""
        return token.text.endswith("ing") and self.group is not None and not self.group.words

    def _is_age(self, following: Token) -> bool:
        """Tell whether a bare number says how old the one before is: "Navin Rao 42 and"."""
        group = self.group
        one = group is not None and bool(group.words) and (group.single or group.named or group.number == 1)
        return one and not self.of and following.kind != "word"

    def _close(self) -> None:
        self.group = None
        self.of = self.skipping = self.fresh = False

    def _start(self, token: Token) -> Group:
        # A second bare group right behind the first is one with it, unless something joins them.
        self.group = Group(token.start, token.end, part=self.part, after_comma=self.comma)
        self.group.after_and, self.group.company = self.conjoined, self.company
        self.found.append(self.group)
        self.comma = self.conjoined = self.company = False
        return self.group

    def _open(self, token: Token) -> None:
        if self.fresh and token.kind != "age":
            self.fresh = False
            return
        self.skipping = self.fresh = False
        group = self.group
        if self.of and group is not None:
            if token.kind == "count" and group.single and not group.person:
                self._number(group, token)  # "a total of 58", "a family of seven"
            return
        fits = group is not None and group.number is None and not group.words
        if group is None or (token.kind != "age" and not fits):
            group = self._start(token)
        group.end = token.end
        if token.kind == "count":
            self._number(group, token)
        elif token.kind == "one":
            group.single = True
            group.more = group.more or token.text == "another"
        elif token.kind == "age":
            group.person = True
            group.single = group.number is None
            group.words += 1

    @staticmethod
    def _number(group: Group, token: Token) -> None:
        group.number, group.low, group.told, group.word = token.number, token.low, token.told, token.text
        group.more = group.more or token.told in ("another", "other", "a further")
        group.single = False
        group.end = token.end

    def _word(self, token: Token) -> None:
        if self.skipping:
            self.fresh = False
            return
        group = self.group or self._start(token)
        word = token.text.removesuffix(GENITIVE[0]).removesuffix(GENITIVE[1])
        if self.of and word in ("them", "those") and group.after_comma and group.number is not None:
            group.part = True  # "30 people, 12 of them children"
            self.of = False
            return
        if token.kind == "nobody":
            group.nobody = True
            return
        if token.kind == "pronoun":
            group.pronoun = word
        known = people()
        pair = f"{known and self._last(group, token)} {word}"
        if self.of and (group.person or (group.thing and group.number is not None)):
            return
        if pair in known or word in known:
            group.role = known[pair] if pair in known else known[word]
            group.person, group.thing = True, False
            group.plural = is_plural(word)
        elif token.kind == "thing":
            group.thing = not group.person
        elif not group.person:
            group.thing = False
            group.plural = is_plural(word) and not token.named
        group.named = group.named or token.named
        group.more = group.more or token.kind == "more"
        group.words += 1
        group.end = token.end
        self._before = word

    _before = ""

    def _last(self, group: Group, token: Token) -> str:
        return self._before if group.words and group.end + 1 >= token.start else ""
