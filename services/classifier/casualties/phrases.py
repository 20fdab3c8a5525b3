"""The groups of people that a stretch of words names.

    "two soldiers, a guard from Mosul and their driver"
     └────┬─────┘  └──┬──┘            └─────┬────┘
     Group(2, military)  Group(1, single)   Group(1, single)

There is no parser: a group ends at a comma, "and" or a preposition; what a preposition opens names nobody; a verb in
the way drops the groups before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.classifier.casualties.tokens import GENITIVE, KIN, Token
from services.classifier.lexicon import people
from services.classifier.numbers import is_plural
from shared.domain.vocabulary import CasualtyRole


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
    before_comma: bool = False
    after_and: bool = False
    company: bool = False  #: told to have been with the one before: "along with his wife"
    nobody: bool = False
    pronoun: str = ""
    words: int = 0
    bare: bool = False  #: told without an article: "leader of the party"
    kin: bool = False  #: somebody beside another: "bodyguard"

    @property
    def counts(self) -> int | None:
        """How many it is, where that is told."""
        if self.nobody or (self.thing and not self.person):
            return None
        if self.number is not None:
            return self.number
        return 1 if not self.plural and (self.single or self.person or self.named) else None

    @property
    def addressed(self) -> bool:
        """Whether it may be whom somebody told what follows: "the press"."""
        return not (self.bare or self.person or self.single or self.named) and self.number is None

    @property
    def labels(self) -> bool:
        """Whether its number only says which: "a 911 call"."""
        several = self.number is not None and self.number > 1
        return several and bool(self.words) and not (self.plural or self.person or self.named)


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
        if token.text == "another" and following.kind != "word" and self.group is None:
            self._one_more(token)
        elif kind in ("break", "verb", "aux", "stop", "date"):
            self._end(kind)
        elif kind in ("comma", "and", "company"):
            self._join(kind)
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

    def _join(self, kind: str) -> None:
        if kind == "comma" and self.found:
            self.found[-1].before_comma = True
        self._close()
        self.comma, self.conjoined, self.company = kind == "comma", kind == "and", kind == "company"

    def _end(self, kind: str) -> None:
        if kind not in ("aux", "date"):
            self.found.clear()
        self._close()
        self.part = self.part and kind == "date"

    def _one_more(self, token: Token) -> None:
        """Begin the group of "one soldier was killed and another wounded"."""
        if not self.skipping:
            group = self._start(token)
            group.single = group.person = group.more = True
            group.words = 1

    def _begin_parts(self, token: Token, following: Token) -> None:
        self._close()
        if token.text == "among" and following.kind in ("count", "the"):
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
        if token.kind == "count" and group is not None and not self.of and group.words and group.addressed:
            self.found.remove(group)  # "told the press 12 rebels were killed"
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
        group = self.group
        if group is None:
            group = self._start(token)
            group.bare = True
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
        if self.of and (group.person or (group.thing and group.number is not None)):
            return
        self._mean(group, token, word)
        if group.single:
            group.plural = is_plural(word)  # "a police technician"
        group.kin = group.kin or word in KIN
        if token.text in ("couple", "twins") and group.number is None:
            group.number = 2
        group.named = group.named or token.named
        group.more = group.more or token.kind == "more"
        group.words += 1
        group.end = token.end
        self._before = word

    def _mean(self, group: Group, token: Token, word: str) -> None:
        """Write down what a word says of a group: whether it is of people, how many, of which role."""
        known = people()
        pair = f"{known and self._last(group, token)} {word}"
        if word not in known and "-" in word:
            word = word.rpartition("-")[2]  # "ex-wife", "co-worker"
        if pair in known or word in known:
            group.role = known[pair] if pair in known else known[word]
            group.person, group.thing = True, False
            group.plural = is_plural(word)
        elif token.kind == "thing":
            group.thing = not group.person
        elif not group.person:
            group.thing = False
            group.plural = is_plural(word) and not token.named

    _before = ""

    def _last(self, group: Group, token: Token) -> str:
        return self._before if group.words and group.end + 1 >= token.start else ""
