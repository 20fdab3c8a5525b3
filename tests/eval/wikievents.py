"""WikiEvents: are those who acted, those hit, the means and the places of its acts of violence found by name?

Counted over the article, not by trigger: systems that publish are given the triggers. Wanted: an entity (the mentions
that corefer) that is an argument of an attack, a death, an injury or an arrest. Right: a name of ours that shares at
least half of its words (Dice) with a mention of the entity; each entity and each name counts once.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Beginning of an event type → its arguments → ours.
ROLES = {
    "Conflict.Attack": {
        "Attacker": "perpetrator",
        "Target": "victim",
        "ExplosiveDevice": "weapon",
        "Instrument": "weapon",
        "Place": "place",
    },
    "Life.Die": {"Killer": "perpetrator", "Victim": "victim", "Place": "place"},
    "Life.Injure": {"Injurer": "perpetrator", "Victim": "victim", "Place": "place"},
    "Justice.ArrestJailDetain": {"Detainee": "victim", "Place": "place"},
}
SLOTS = ("perpetrator", "victim", "weapon", "place")
#: Our role of an actor → slot.
_OURS = {"perpetrator": "perpetrator", "victim": "victim", "target": "victim"}
_SMALL = frozenset(("the", "a", "an", "of", "and", "in", "on", "by", "to", "s", "some", "their", "his", "her", "its"))
_HALF = 0.5

#: The mentions of one entity.
Entity = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One article and the entities wanted of each slot."""

    name: str
    text: str
    wanted: dict[str, list[Entity]]


def read(data: Path) -> Iterator[Document]:
    """Yield the articles of the development part."""
    folder = data / "wikievents_rams"
    chains = {r["doc_key"]: r["clusters"] for r in _lines(folder / "wikievents_coref_dev.jsonlines")}
    for row in _lines(folder / "wikievents_dev.jsonl"):
        yield document(row, chains.get(row["doc_id"], []))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def document(row: dict[str, Any], chains: Sequence[Sequence[str]]) -> Document:
    """Return an article with its entities: mentions of one chain are one entity."""
    said = {mention["id"]: mention["text"] for mention in row["entity_mentions"]}
    chain_of = {mention: number for number, chain in enumerate(chains) for mention in chain}
    wanted: dict[str, dict[int | str, Entity]] = {slot: {} for slot in SLOTS}
    for event in row["event_mentions"]:
        roles = next((r for start, r in ROLES.items() if event["event_type"].startswith(start)), {})
        for argument in event["arguments"]:
            slot, mention = roles.get(argument["role"]), argument["entity_id"]
            if slot:
                chain = chain_of.get(mention, mention)
                members = chains[chain] if isinstance(chain, int) else ()
                wanted[slot][chain] = (argument["text"], *(said[m] for m in members if m in said))
    return Document(row["doc_id"], row["text"], {slot: list(found.values()) for slot, found in wanted.items()})


def claimed(coded: dict[str, Any]) -> dict[str, list[str]]:
    """Return the names that `tocsin classify` gives for each slot, each once."""
    names: dict[str, dict[str, None]] = {slot: {} for slot in SLOTS}
    for event in coded["events"]:
        for actor in event["actors"]:
            if actor["role"] in _OURS:
                names[_OURS[actor["role"]]][actor["name"]] = None
        names["victim"] |= {target["name"]: None for target in event["targets"]}
        names["weapon"] |= {weapon["name"]: None for weapon in event["weapons"]}
        if event["place"]:
            names["place"][event["place"]["name"]] = None
    return {slot: list(found) for slot, found in names.items()}


def alike(ours: str, theirs: str) -> bool:
    """Tell whether two names share at least half of their words."""
    a, b = (set(re.findall(r"[^\W_]+", name.lower())) - _SMALL for name in (ours, theirs))
    return bool(a and b) and 2 * len(a & b) >= _HALF * (len(a) + len(b))


def unit(names: Sequence[str], wanted: Sequence[Entity]) -> tuple[int, int, int]:
    """Return right, claimed and wanted of one slot of one article."""
    free = list(wanted)
    for name in names:
        match = next((entity for entity in free if any(alike(name, mention) for mention in entity)), None)
        if match:
            free.remove(match)
    return len(wanted) - len(free), len(names), len(wanted)
