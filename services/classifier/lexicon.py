"""The word lists: compiled once from the files in `data/`, which say where their words come from."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shared.domain.vocabulary import CasualtyRole, Sector, Subtype

#: What the words "attack" and "killed" are filed under until the words around them tell the subtype.
GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns for triggers and for the contexts that change what they mean."""

    strong: dict[Subtype | None, re.Pattern[str]]  #: None: an attack of unnamed kind
    actors: dict[Subtype | None, re.Pattern[str]]  #: "gunmen": who does it, whatever they did this time
    weak: dict[Subtype | None, re.Pattern[str]]
    contexts: dict[str, re.Pattern[str]]


def data(name: str) -> str:
    """Return the contents of a file in `data/`."""
    return files(__package__).joinpath("data", name).read_text(encoding="utf-8")


def table(name: str) -> list[list[str]]:
    """Return the rows of a tab-separated file in `data/`, comments left out."""
    return [line.split("\t") for line in data(name).splitlines() if line and not line.startswith("#")]


def words(name: str) -> frozenset[str]:
    """Return the words of a plain list in `data/`, comments left out."""
    return frozenset(w for line in data(name).splitlines() if not line.startswith("#") for w in line.split())


def any_of(patterns: list[str]) -> re.Pattern[str]:
    """Return one pattern that matches any of `patterns` where a word begins."""
    return re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")(?:(?!\w)|(?<=\W))")


@cache
def lexicon() -> Lexicon:
    """Return the trigger and context patterns."""
    triggers = tomllib.loads(data("triggers.toml"))
    contexts = tomllib.loads(data("contexts.toml"))
    keys = {name: None if name == GENERIC else Subtype(name) for name in triggers}
    return Lexicon(
        strong={keys[name]: any_of(rows["strong"]) for name, rows in triggers.items()},
        actors={keys[name]: any_of(rows["actors"]) for name, rows in triggers.items() if "actors" in rows},
        weak={keys[name]: any_of(rows["weak"]) for name, rows in triggers.items() if "weak" in rows},
        contexts={name: any_of(rows["patterns"]) for name, rows in contexts.items()},
    )


@cache
def people() -> dict[str, CasualtyRole | None]:
    """Return nouns for people, one and many, with the casualty role that each implies."""
    rows = tomllib.loads(data("people.toml"))
    nouns: dict[str, CasualtyRole | None] = dict.fromkeys(rows["plain"]["nouns"])
    for role, names in rows["roles"].items():
        nouns.update(dict.fromkeys(names, CasualtyRole(role)))
    return nouns | {plural(noun): role for noun, role in nouns.items()}


@cache
def class_words(question: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of the words that tell the answer to a question of `heads.CLASSES`, and what each tells."""
    rows: dict[str, list[str]] = tomllib.loads(data("classes.toml")).get(question, {})
    told = {word: answer for answer, words_ in rows.items() for word in words_}
    longest_first = "|".join(re.escape(word) for word in sorted(told, key=len, reverse=True))
    return re.compile(rf"(?<!\w)({longest_first or '(?!)'})(?:s|es)?(?!\w)"), told


@cache
def groups() -> dict[str, tuple[str, Sector]]:
    """Return the known armed groups by each of their names in lower case: the usual name, and the sector."""
    rows = ((name, Sector(sector), [name, *others.split("|")]) for name, sector, others in table("groups.tsv"))
    return {each.lower(): (name, sector) for name, sector, names in rows for each in names if each}


def plural(noun: str) -> str:
    """Return the regular English plural: policeman → policemen, civilian → civilians."""
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if noun.endswith(("s", "ch", "sh", "x")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun.removesuffix("wife") + "wives" if noun.endswith("wife") else noun + "s"
