"""Names of parties: what words they share, which are proper names, and what is left of one without its title."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from services.classifier import lexicon
from shared.domain.vocabulary import Sector


def _words(name: str) -> frozenset[str]:
    return frozenset(lexicon.lists("names.toml")[name])


#: Words after a group's name that speak of its people.
_MEMBERS = re.compile(
    r" (?:militants|rebels|fighters|guerrillas|gunmen|insurgents|members|terrorists|cadres)\Z", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+")
#: Words with which a name is read no further for what it is: "church of the army".
FURTHER = re.compile(r"\b(?:of|from|in|at|on|near|who|belonging)\b")
#: Nouns for many that do not look it.
_MANY = _words("many")
#: Those that may stand for any others.
_ANYBODY = _words("anybody")
_SMALL = frozenset(
    {"the", "a", "an", "of", "in", "on", "at", "and", "to", "for", "by", "his", "her", "their", "its", "other", "more"}
)
#: Before the names of people, beside the nouns for people.
_TITLES = _words("titles")
#: A person's name has at most so many words, and small words like these among them.
_LONGEST_NAME = 5
_PARTICLES = _words("particles")
#: Words that name nobody by themselves; "general" may.
_EMPTY = _SMALL | _PARTICLES | (_TITLES - lexicon.people().keys())
#: "National Liberation Army (ELN)", "ELN [National Liberation Army]".
_ASIDE = re.compile(r"\A(?P<name>[^()\[\]]{2,}?) ?[(\[](?P<other>[^()\[\]]{2,})[)\]]?\Z")
_SHORT = 3
#: Code points after a gap in which a further name begins.
_NEXT = 40
#: "Ana Ruiz and Ben Diaz", "a guard, a cook and two boys".
_AND = re.compile(r"(?:,| and\b| as well as\b|,? &)(?: (?:an?|the|their|his|her)\b)?(?: and)? ", re.IGNORECASE)


#: The same names are asked for in each sentence and event of an article.
_asked_again = lru_cache(maxsize=4096)


@_asked_again
def content(name: str) -> frozenset[str]:
    """Return the words by which a name is compared with others."""
    words = [w.lower() for w in _WORD.findall(name)]
    return frozenset(w.removesuffix("s") if len(w) > _SHORT else w for w in words if w not in _SMALL)


@_asked_again
def is_junk(name: str) -> bool:
    """Tell whether a name is a mere title or letter."""
    words = [w.lower() for w in _WORD.findall(name)]
    return all(len(w) == 1 or w in _EMPTY for w in words)


@_asked_again
def known_group(name: str) -> tuple[str, Sector] | None:
    """Return the usual name and the sector of a known armed group."""
    return lexicon.groups().get(_MEMBERS.sub("", name).lower())


def is_proper(name: str) -> bool:
    """Tell whether it is a proper name: no noun for people at its head, and a capital letter."""
    words = _WORD.findall(name)
    return any(w[0].isupper() for w in words) and words[-1].lower() not in lexicon.people()


def head(name: str) -> str:
    """Return the last noun of what a name is, in lower case: "guards" of "guards of the mill"."""
    words = _WORD.findall(FURTHER.split(name.lower())[0]) or _WORD.findall(name.lower())
    return words[-1] if words else ""


def is_many(name: str) -> bool:
    """Tell whether a noun stands for more than one: "guards", "crowd of youths"."""
    noun = head(name)
    return noun in _MANY or noun.endswith(("s", "men"))


def is_anybody(name: str) -> bool:
    """Tell whether a noun says no more than that they are people."""
    return head(name) in _ANYBODY


@_asked_again
def parties(name: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return for each party that a mention names where its names stand: two for one with another in brackets."""
    return tuple(_parties(name))


def _parties(name: str) -> Iterator[tuple[tuple[int, int], ...]]:
    aside = _ASIDE.match(name)
    listed = list(_AND.finditer(name))
    if aside:
        yield aside.span("name"), aside.span("other")
    elif known_group(name) or (len(listed) <= 1 and all(gap[0][0] == "," and "and" not in gap[0] for gap in listed)):
        # "Ana Ruiz, a teacher" is one.
        yield tuple(_between(name, listed[:1]))
    else:
        yield from ((span,) for span in _between(name, listed))


def _between(name: str, gaps: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in gaps:
        if content(name[start : gap.start()]) and content(name[gap.end() : gap.end() + _NEXT]):
            yield start, gap.start()
            start = gap.end()
    yield start, len(name)


def stands_for(short: str, name: str) -> bool:
    """Tell whether capitals are the initials of a name."""
    if len(short) < _SHORT or not short.isupper():
        return False
    words = [w for w in _WORD.findall(name) if w.lower() not in _SMALL and w.lower() not in _PARTICLES]
    return "".join(w[0] for w in words).upper() == short


def without_title(name: str) -> str:
    """Return a person's name without what the person is: "Ana Ruiz" of "student leader Ana Ruiz"."""
    words = list(_WORD.finditer(name))
    titles = [at for at, w in enumerate(words) if w[0].lower() in _TITLES or w[0].lower() in lexicon.people()]
    rest = words[titles[-1] + 1 :] if titles else []
    if not rest or len(rest) > _LONGEST_NAME:
        return name
    if not all(w[0][0].isupper() or w[0].lower() in _PARTICLES for w in rest):
        return name
    return name[rest[0].start() :]
