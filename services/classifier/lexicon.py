"""The word lists: compiled once from the files in `data/`, which say where their words come from."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from services.classifier.spotting import Spotter, Words, any_of, beginnings, spotter
from shared.domain.vocabulary import CasualtyRole, Sector, Subtype

#: What the words "attack" and "killed" are filed under until the words around them tell the subtype.
GENERIC = "generic"
#: How a trigger tells of its act: it names it, names those who do it whatever they did this time, or hints at it.
STRENGTHS = ("strong", "actors", "weak")
#: Contexts that change what a trigger in their clause means; all others are looked for in whole sentences.
_IN_CLAUSES = frozenset({"figurative", "denied", "attempted", "threatened", "hypothetical"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns for triggers and for the contexts that change what they mean."""

    #: By how they tell, in the order of `STRENGTHS`, and by subtype; None: an attack of unnamed kind.
    triggers: Spotter[tuple[str, Subtype | None]]
    contexts: dict[str, re.Pattern[str]]
    matters: Spotter[str]  #: those contexts that are looked for in every sentence
    figurative: Words  #: what is never violence


def data(name: str) -> str:
    """Return the contents of a file in `data/`."""
    return files(__package__).joinpath("data", name).read_text(encoding="utf-8")


def table(name: str) -> list[list[str]]:
    """Return the rows of a tab-separated file in `data/`, comments left out."""
    return [line.split("\t") for line in data(name).splitlines() if line and not line.startswith("#")]


def words(name: str) -> frozenset[str]:
    """Return the words of a plain list in `data/`, comments left out."""
    return frozenset(w for line in data(name).splitlines() if not line.startswith("#") for w in line.split())


@cache
def lists(name: str) -> dict[str, Any]:
    """Return the lists of a TOML file in `data/` by their names. Not to be changed."""
    return tomllib.loads(data(name))


@cache
def lexicon() -> Lexicon:
    """Return the trigger and context patterns."""
    triggers = lists("triggers.toml")
    contexts = lists("contexts.toml")
    keys = {name: None if name == GENERIC else Subtype(name) for name in triggers}
    listed = {name: rows["patterns"] for name, rows in contexts.items()}
    return Lexicon(
        triggers=spotter(
            {(how, keys[name]): rows[how] for how in STRENGTHS for name, rows in triggers.items() if how in rows}
        ),
        contexts={name: any_of(patterns) for name, patterns in listed.items()},
        figurative=Words(any_of(listed["figurative"]), beginnings(listed["figurative"])),
        matters=spotter({name: patterns for name, patterns in listed.items() if name not in _IN_CLAUSES}),
    )


@cache
def people() -> dict[str, CasualtyRole | None]:
    """Return nouns for people, one and many, with the casualty role that each implies."""
    rows = lists("people.toml")
    nouns: dict[str, CasualtyRole | None] = dict.fromkeys(rows["plain"]["nouns"])
    for role, names in rows["roles"].items():
        nouns.update(dict.fromkeys(names, CasualtyRole(role)))
    return nouns | {plural(noun): role for noun, role in nouns.items()}


@cache
def class_words(question: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of the words that tell the answer to a question of `heads.CLASSES`, and what each tells."""
    rows: dict[str, list[str]] = lists("classes.toml").get(question, {})
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
