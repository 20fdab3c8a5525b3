"""Place names in an article: which words may be one, and what the words around them say of it.

sentences ─▶ tokens ─▶ spans that the gazetteer knows, all lengths ─▶ cues: what a model weighs (`placing.py`)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from services.classifier import lexicon
from services.classifier.sentences import Sentence
from services.classifier.where.folding import fold
from services.classifier.where.gazetteer import Entry, Gazetteer

#: An accent may be a character of its own: "Me" and "rida" are one word where it stands between them.
_LETTERS = r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*"
TOKEN = re.compile(rf"(?:[A-Z]\.){{2,}}|{_LETTERS}(?:['-]{_LETTERS})*")
#: "Baghdad-based" is a name and a word; "Deir ez-Zor" and "Winston-Salem" are names.
_NAME_AND_WORD = re.compile(r"([A-Z][^\W_]+|(?:[A-Z]\.)+)-[a-z]{3,}\Z")
_POSSESSIVE = re.compile(r"'s?\Z")
_BREAKS = frozenset(',;:()\n"\u201c\u201d')
_MIXED_CASE = (0.01, 0.6)
#: In a headline with capitals throughout, this share of its longer words has one.
_TITLE_CASE, _LONGER = 0.8, 3
_ACRONYM = 4
_ARTICLE = frozenset({"the", "The"})
_TWO_WORDS = 2
#: Sentences, the title counted, in which a dateline may stand.
_FIRST_SENTENCES = 2
#: Names that an article may have: what follows in a longer list is not read.
_MOST_NAMES = 3_000
_DATELINE = re.compile(r"(?:, [\w.]+){0,2} ?(?:\([^)]{1,30}\) ?)?(?:--?|:|\u2014) ")
_OUTER = re.compile(r",? (?:in |the |\w+ )?(?:the )?|,? \(|/")
_COMMA = re.compile(r", ?|\. ?, ?| \(")

_Token = tuple[str, int, int]

#: What is told of a span by the words around it, in the order of the weights.
CUES = (
    *("one", "located", "loosely_located", "directed", "kind_of", "the", "title", "given_name", "capital_before"),
    *("capital_after", "generic_after", "institution_after", "says_after", "possessive", "before_comma", "after_comma"),
    *("starts", "dateline", "headline", "words_2", "words_3", "short", "acronym", "abbreviation", "is_given_name"),
    *("common", "stop", "lower_in_text", "surname_in_text", "located_in_text", "times", "lower_case", "part_of_longer"),
)


@dataclass(slots=True)
class Name:
    """A span that may be a place name, by code points of its sentence, with every place it may be."""

    sentence: Sentence
    text: str
    start: int
    end: int
    first: int  #: tokens it covers
    last: int
    key: str  #: folded
    candidates: tuple[Entry, ...]
    before: str = ""  #: the lower-cased word that touches it on the left
    after: str = ""
    kind_before: str = ""  #: "province" in "province of Kirkuk"
    cues: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Text:
    """The names of an article, and what all of it says."""

    names: tuple[Name, ...]
    mixed: bool  #: whether capital letters tell
    peoples: dict[str, int]  #: country → times that its people or adjective is named


@cache
def _place_words() -> dict[str, frozenset[str]]:
    """Return the lists in `data/placewords.toml`; "before": words that stand before a name and are no part of it."""
    lists = {kind: frozenset(words) for kind, words in lexicon.lists("placewords.toml").items()}
    return lists | {"before": lists["locative"] | lists["generic"] | lists["directions"]}


def place_words(kind: str) -> frozenset[str]:
    """Return one of the lists in `data/placewords.toml`."""
    return _place_words()[kind]


@cache
def _stop_names() -> frozenset[str]:
    return lexicon.words("stopnames.txt")


@cache
def _given_names() -> frozenset[str]:
    return lexicon.words("given_names.txt")


def read(sentences: Sequence[Sentence], gazetteer: Gazetteer, common: dict[str, float]) -> Text:
    """Return every span of an article that the gazetteer knows. `common`: how often a word stands without a capital."""
    mixed = is_mixed_case("".join(s.text for s in sentences if s.rank) or "".join(s.text for s in sentences))
    names: list[Name] = []
    peoples: dict[str, int] = {}
    small: set[str] = set()
    for sentence in sentences:
        words = _words(sentence.plain)
        capitals = mixed and not _is_title_case(words)
        small |= {w for w, _, _ in words if w[0].islower()}
        for _, _, country in gazetteer.peoples([word.lower() for word, _, _ in words]):
            peoples[country] = peoples.get(country, 0) + 1
        if len(names) < _MOST_NAMES:
            names += _spans(sentence, words, gazetteer, mixed=mixed, capitals=capitals, common=common)
    _look_around(names, small, mixed=mixed)
    return Text(tuple(names), mixed, peoples)


def _words(text: str) -> list[_Token]:
    words = []
    for match in TOKEN.finditer(text):
        word, start = match.group(), match.start()
        if "'" in word:
            word = _POSSESSIVE.sub("", word)
        if "-" in word and (parted := _NAME_AND_WORD.match(word)):
            word = parted[1]
        if word:
            words.append((word, start, start + len(word)))
    return words


def _spans(
    sentence: Sentence,
    words: list[_Token],
    gazetteer: Gazetteer,
    *,
    mixed: bool,
    capitals: bool,
    common: dict[str, float],
) -> Iterator[Name]:
    text, covered = sentence.plain, 0
    for position, (word, start, _) in enumerate(words):
        if word in _ARTICLE or (mixed and not word[0].isupper()):
            continue
        for length in range(min(gazetteer.longest(word), len(words) - position), 0, -1):
            last = position + length - 1
            end = words[last][2]
            name = text[start:end]
            if (mixed and not _is_capital(words[last][0])) or not _BREAKS.isdisjoint(name):
                continue
            if not mixed and length == 1 and (name.lower() in _stop_names() or len(name) <= _LONGER - 1):
                continue
            candidates = gazetteer.lookup(name)
            if candidates:
                found = Name(sentence, name, start, end, position, last, fold(name), candidates)
                _Setting(words, text, found, capitals=capitals).tell(common, inside=end <= covered)
                yield found
                covered = max(covered, end)


def _is_capital(word: str) -> bool:
    """Tell whether a word may end a name: "Zor", and "ez-Zor" too."""
    return word[0].isupper() or word.rpartition("-")[2][:1].isupper()


def is_mixed_case(text: str) -> bool:
    """Tell whether capital letters mean something in this text: some wires write all in one case."""
    letters = list(filter(str.isalpha, text))
    least, most = _MIXED_CASE
    return bool(letters) and least < sum(map(str.isupper, letters)) / len(letters) < most


def _is_title_case(words: list[_Token]) -> bool:
    longer = [word for word, _, _ in words if len(word) > _LONGER]
    return len(longer) > 1 and sum(word[0].isupper() for word in longer) > _TITLE_CASE * len(longer)


@dataclass(frozen=True, slots=True)
class _Setting:
    """A span among the words of its sentence."""

    words: list[_Token]
    text: str
    name: Name
    capitals: bool

    def tell(self, common: dict[str, float], *, inside: bool) -> None:
        """Write down the cues of the span; those that take the whole article are added later."""
        name, text = self.name, self.text
        before, after = self._before(1), self._after()
        name.before, name.after = before.lower(), after.lower()
        second = self._before(2).lower() if name.before == "of" else ""
        name.kind_before = second if second in place_words("generic") else ""
        words = name.last - name.first + 1
        single, lowered = words == 1, name.text.lower()
        capital_before = self.capitals and before[:1].isupper() and name.first > 1
        generic = place_words("generic")
        short = single and len(name.text) <= _LONGER - 1
        told = {
            "one": 1.0,
            "located": name.before in place_words("located"),
            "loosely_located": name.before in place_words("loose"),
            "directed": name.before in place_words("directions"),
            "kind_of": bool(name.kind_before),
            "the": name.before == "the",
            "title": name.before in place_words("titles"),
            "given_name": name.before in _given_names(),
            "capital_before": capital_before and name.before not in place_words("before"),
            "capital_after": self.capitals and after[:1].isupper() and name.after not in generic,
            "generic_after": name.after in generic,
            "institution_after": name.after in place_words("institutions"),
            "says_after": name.after in place_words("says"),
            "possessive": text.startswith(("'s", "' "), name.end),
            "before_comma": bool(re.match(r"\.?, [A-Z]", text[name.end : name.end + 4])),
            "after_comma": text[max(0, name.start - 2) : name.start] in (", ", "., "),
            "starts": name.first == 0,
            "dateline": name.first == 0
            and name.sentence.rank <= _FIRST_SENTENCES
            and bool(_DATELINE.match(text, name.end)),
            "headline": not self.capitals,
            "words_2": words == _TWO_WORDS,
            "words_3": words > _TWO_WORDS,
            "short": short,
            "acronym": single and name.text.isupper() and len(name.text) <= _ACRONYM and self.capitals,
            "abbreviation": text.startswith(".", name.end) and len(name.text) <= _ACRONYM + 1,
            "is_given_name": single and lowered in _given_names(),
            "common": common.get(lowered, 0.0) if single else 0.0,
            "stop": single and lowered in _stop_names(),
            "lower_case": name.text[0].islower(),
            "part_of_longer": inside,
        }
        name.cues = [float(told.get(cue, 0.0)) for cue in CUES]

    def _before(self, steps: int) -> str:
        """The word so many steps to the left, if only spaces lie between, or nothing."""
        at = self.name.first - steps
        if at < 0 or self.text[self.words[at][2] : self.words[at + 1][1]] != " ":
            return ""
        return self.words[at][0]

    def _after(self) -> str:
        """The word that follows after a space, or nothing."""
        at = self.name.last + 1
        if at < len(self.words) and self.text[self.words[at - 1][2] : self.words[at][1]] == " ":
            return self.words[at][0]
        return ""


_AT = {cue: at for at, cue in enumerate(CUES)}
_SURNAME = (_AT["title"], _AT["given_name"])
_LOCATED = (_AT["located"], _AT["kind_of"], _AT["generic_after"], _AT["dateline"])


def _look_around(names: Sequence[Name], small: set[str], *, mixed: bool) -> None:
    """Add to each span what the other spans of its name say."""
    surname: set[str] = set()
    located: set[str] = set()
    times: dict[str, int] = {}
    for name in names:
        times[name.key] = times.get(name.key, 0) + 1
        if any(name.cues[at] for at in _SURNAME):
            surname.add(name.key)
        if any(name.cues[at] for at in _LOCATED):
            located.add(name.key)
    for name in names:
        name.cues[_AT["surname_in_text"]] = float(name.key in surname)
        name.cues[_AT["located_in_text"]] = float(name.key in located)
        name.cues[_AT["times"]] = float(min(times[name.key], 5) - 1) / 4
        name.cues[_AT["lower_in_text"]] = float(mixed and name.text.lower() in small)


def holder(name: Name, following: Name) -> str:
    """Return how the next name follows: "," as in "Paris, Texas", " " as in "Dora in Baghdad", or nothing."""
    if following.sentence is not name.sentence or following.start < name.end:
        return ""
    gap = name.sentence.plain[name.end : following.start]
    if _COMMA.fullmatch(gap) or gap == "., ":
        return ","
    return " " if _OUTER.fullmatch(gap) else ""
