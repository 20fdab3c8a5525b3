"""Who did it, to whom, at what and with what: the mentions in an event's sentences, gathered into parties.

mentions of each sentence ─▶ those of one name together ─▶ the sure ones ─▶ Actor, Target, Weapon, claimant
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from services.classifier import lexicon, numbers
from services.classifier.events import Happening
from services.classifier.network.heads import CLASSES, Array, Heads
from services.classifier.network.mentions import Mention
from services.classifier.sentences import Sentence
from shared.domain.event import Actor, Target, Weapon
from shared.domain.vocabulary import ActorKind, ActorRole, Sector

#: How sure a party must be, and how many are coded.
_SURE = {"perpetrator": 0.4, "victim": 0.4, "target": 0.15, "weapon": 0.12, "claimant": 0.4}
_MOST = {"perpetrator": 3, "victim": 6, "target": 4, "weapon": 4, "claimant": 1}
#: What a word of the name adds to the probability of the class that it tells.
_NAMED = 0.5
_FURTHER = re.compile(r"\b(?:of|from|in|at|on|near|who|belonging)\b")
#: Words after a group's name that speak of its people.
_MEMBERS = re.compile(
    r" (?:militants|rebels|fighters|guerrillas|gunmen|insurgents|members|terrorists|cadres)\Z", re.IGNORECASE
)
#: Longer names are clauses.
_LONGEST = 8
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    {"the", "a", "an", "of", "in", "on", "at", "and", "to", "for", "by", "his", "her", "their", "its", "other", "more"}
)
_COUNT = re.compile(rf"\b({numbers.NUMBER}|an?) (?:[\w-]+ )?\Z", re.IGNORECASE)
_COUNT_REACH = 30


@dataclass(slots=True)
class Party:
    """The mentions of one party, with how surely each fills the slot in this event."""

    words: frozenset[str]
    mentions: list[tuple[Sentence, Mention, float]] = field(default_factory=list)

    @property
    def sure(self) -> float:
        """How sure at least one of the mentions is."""
        return 1 - float(np.prod([1 - weight for _, _, weight in self.mentions]))

    @property
    def seen(self) -> Array:
        """What the heads see of it, on average."""
        return np.asarray(np.mean([m.seen for _, m, _ in self.mentions], axis=0))

    @property
    def known(self) -> tuple[str, Sector] | None:
        """The armed group that one of its names is known for."""
        return next(filter(None, (_known_group(m.text) for _, m, _ in self.mentions)), None)

    @property
    def name(self) -> str:
        """The fullest of its names that are short enough."""
        half = self.sure / 2
        best = max(self.mentions, key=lambda one: (len(_content(one[1].text)) * (one[2] > half), one[2]))
        return " ".join(best[1].text.split())

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names, in reading order."""
        names = dict.fromkeys(" ".join(m.text.split()) for _, m, _ in self.mentions)
        names.pop(self.name)
        return tuple(names)

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences that name it, the surest first."""
        return [s for s, _, _ in sorted(self.mentions, key=lambda one: -one[2])]


@dataclass(frozen=True, slots=True)
class Coded:
    """Parties and means of an event, with the sentences that name them by field of `Event`."""

    actors: tuple[Actor, ...]
    targets: tuple[Target, ...]
    weapons: tuple[Weapon, ...]
    claimed_by: str | None
    told_by: dict[str, list[Sentence]]


def of(happening: Happening, heads: Heads) -> Coded:
    """Return who and what an event's sentences name."""
    found = {slot: _parties(happening, slot) for slot in _SURE}
    perpetrators, victims = (_better_named(found[slot], heads) for slot in ("perpetrator", "victim"))
    people = [p for p in found["target"] if _answer(heads, "made_of", p) == "people"]
    aimed = [p for p in people if not any(p.words & v.words for v in victims)]
    targets = found["target"] or victims[:1]
    roles = (
        (ActorRole.PERPETRATOR, perpetrators),
        (ActorRole.VICTIM, victims),
        (ActorRole.TARGET, aimed),
        (ActorRole.CLAIMANT, found["claimant"]),
    )
    by_field = {
        "actors": [*perpetrators, *victims, *aimed],
        "targets": targets,
        "weapons": found["weapon"],
        "claimed_by": found["claimant"],
    }
    return Coded(
        actors=tuple(_actor(party, role, heads) for role, parties in roles for party in parties),
        targets=tuple(
            Target.model_validate({"name": p.name, "class": _answer(heads, "target_class", p)}) for p in targets
        ),
        weapons=tuple(
            Weapon.model_validate({"name": p.name, "class": _answer(heads, "weapon_class", p)}) for p in found["weapon"]
        ),
        claimed_by=found["claimant"][0].name if found["claimant"] else None,
        told_by={name: [s for p in parties for s in p.sentences[:1]] for name, parties in by_field.items() if parties},
    )


def _parties(happening: Happening, slot: str) -> list[Party]:
    """Return the parties of a slot that are sure enough, in reading order."""
    groups: list[Party] = []
    for sentence, mention, weight in sorted(_weighed(happening, slot), key=lambda one: -len(_content(one[1].text))):
        words = _content(mention.text)
        known = _known_group(mention.text)
        group = next((g for g in groups if words <= g.words or (known and known == g.known)), None)
        if group is None:
            group = Party(words)
            groups.append(group)
        group.mentions.append((sentence, mention, weight))
    sure = sorted((g for g in groups if g.sure >= _SURE[slot]), key=lambda g: -g.sure)[: _MOST[slot]]
    return sorted(sure, key=lambda g: min((s.rank, m.start) for s, m, _ in g.mentions))


def _weighed(happening: Happening, slot: str) -> Iterator[tuple[Sentence, Mention, float]]:
    for told in happening.told:
        weight = told.own if happening.main else told.aside
        for mention in told.tagged.mentions(slot) if told.tagged else ():
            if mention.text.count(" ") < _LONGEST and _content(mention.text):
                yield told.reading.sentence, mention, weight * mention.score


def _known_group(name: str) -> tuple[str, Sector] | None:
    return lexicon.groups().get(_MEMBERS.sub("", name).lower())


def _content(name: str) -> frozenset[str]:
    words = [w.lower() for w in _WORD.findall(name)]
    return frozenset(w.removesuffix("s") if len(w) > 3 else w for w in words if w not in _SMALL)  # noqa: PLR2004


def _answer(heads: Heads, question: str, party: Party) -> str:
    """Return what a party is: as the heads say, helped by the words of its name."""
    said = heads.answer(question, party.seen).copy()
    named = _told_by_name(question, party.name.lower())
    if named:
        said[CLASSES[question].index(named)] += _NAMED
    return CLASSES[question][int(np.argmax(said))]


def _told_by_name(question: str, name: str) -> str | None:
    """Return the class that the head noun of a name tells: "bus" in "army bus", "church" in "church of the army"."""
    pattern, told = lexicon.class_words(question)
    for part in (_FURTHER.split(name)[0], name):
        found = pattern.findall(part)
        if found:
            return told[found[-1]]
    return None


def _better_named(parties: list[Party], heads: Heads) -> list[Party]:
    """Leave out "gunmen" and "the suspect" where somebody better is named: they are other words for the same people."""
    named = [p for p in parties if p.known or _is_named(p.name)]
    known = [p for p in parties if _answer(heads, "kind", p) != ActorKind.UNKNOWN]
    counted = [p for p in parties if p not in named and (_count(p) or 0) > 1]
    return named + counted if named else known or parties


def _actor(party: Party, role: ActorRole, heads: Heads) -> Actor:
    known = party.known
    return Actor(
        name=party.name,
        role=role,
        kind=ActorKind.GROUP if known else ActorKind(_answer(heads, "kind", party)),
        sector=known[1] if known else Sector(_answer(heads, "sector", party)),
        count=_count(party),
        named=known is not None or _is_named(party.name),
        aliases=party.aliases,
    )


def _count(party: Party) -> int | None:
    """Return the number before the surest mention that has one."""
    for sentence, mention, _ in sorted(party.mentions, key=lambda one: -one[2]):
        before = _COUNT.search(sentence.lower[max(0, mention.start - _COUNT_REACH) : mention.start])
        if before:
            return numbers.value(before[1])
    return None


def _is_named(name: str) -> bool:
    """Tell whether it is a proper name: no noun for people at its head, and a capital letter."""
    words = _WORD.findall(name)
    return any(w[0].isupper() for w in words) and words[-1].lower() not in lexicon.people()
