"""Who did it, to whom, at what and with what: `of(happening, heads) -> Coded`.

mentions of each sentence ─▶ those of one party together ─▶ the likely ones ─▶ Actor, Target, Weapon, claimant
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from services.classifier import lexicon
from services.classifier.events import Happening
from services.classifier.network.heads import CLASSES, Array, Heads
from services.classifier.sentences import Sentence
from services.classifier.who import choice, claims, classes, grouping, merging, naming, responders
from services.classifier.who.choice import Candidate, told
from services.classifier.who.grouping import Named, Party
from services.classifier.who.responders import Responder
from shared.domain.event import Actor, Target, Weapon
from shared.domain.vocabulary import ActorKind, ActorRole, Sector

#: What is asked of the candidates of a slot.
_ASKED = {
    "perpetrator": ("kind", "sector"),
    "victim": ("kind", "sector", "target_class"),
    "target": ("kind", "sector", "target_class", "made_of"),
    "weapon": ("weapon_class",),
    "claimant": ("kind", "sector"),
}
#: What a word of the name adds to the probability of the class that it tells.
_NAMED = 0.5
#: Those who answer an act and are no force of a state.
_HELPERS = frozenset({Sector.MEDICAL, Sector.OFFICIAL, Sector.AID})


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
    models = choice.load()
    found = {slot: candidates(happening, slot, heads) for slot in choice.MOST}
    chosen = {slot: choice.choose(slot, found[slot], happening, models[slot]) for slot in choice.MOST}
    perpetrators, victims = (
        merging.merge(slot, chosen[slot])[: choice.MOST[slot]] for slot in ("perpetrator", "victim")
    )
    hit = [one for party in victims for one in party]
    targets, weapons = _of_classes("target", found, chosen, happening), _of_classes("weapon", found, chosen, happening)
    targets = targets or [(c, told(c, "target_class")) for c in hit[:1]]
    people = dict.fromkeys(c for c, _ in targets if c in found["target"] and told(c, "made_of") == "people")
    aimed = [[c] for c in people if not any(c.party.words & v.party.words for v in hit)]
    claimants = _claimants(chosen)
    roles = (
        (ActorRole.PERPETRATOR, perpetrators),
        (ActorRole.VICTIM, victims),
        (ActorRole.TARGET, aimed),
        (ActorRole.CLAIMANT, [[c] for c in claimants]),
    )
    acting = [c.party.words for party in (*perpetrators, *victims, *aimed) for c in party]
    answering = responders.find([t.reading.sentence for t in happening.told])
    answering = tuple(r for r in answering if not any(naming.content(r.name) <= words for words in acting))
    by_field = {
        "actors": [party[0] for party in (*perpetrators, *victims, *aimed)],
        "targets": [c for c, _ in targets],
        "weapons": [c for c, _ in weapons],
        "claimed_by": claimants,
    }
    told_by = {name: _naming([c.party for c in found]) for name, found in by_field.items() if found}
    if answering:
        told_by["actors"] = list(dict.fromkeys([*told_by.get("actors", ()), *(r.sentence for r in answering)]))
    return Coded(
        actors=tuple(_actor(party, role) for role, parties_ in roles for party in parties_)
        + tuple(map(_responder, answering)),
        targets=tuple(Target.model_validate({"name": c.party.name, "class": class_}) for c, class_ in targets),
        weapons=tuple(Weapon.model_validate({"name": c.party.name, "class": class_}) for c, class_ in weapons),
        claimed_by=claimants[0].party.name if claimants else None,
        told_by=told_by,
    )


def _of_classes(
    slot: str, found: Mapping[str, Sequence[Candidate]], chosen: Mapping[str, Sequence[Candidate]], happening: Happening
) -> list[tuple[Candidate, str]]:
    """Return what stands for the likely classes of a slot. Who was hit may be what was aimed at."""
    victims = found["victim"] if slot == "target" else ()
    likely = classes.choose(slot, found[slot], victims, happening, classes.load()[slot])
    return classes.named(slot, likely, [*found[slot], *victims], chosen[slot])


def _naming(parties: Sequence[Party]) -> list[Sentence]:
    """Return sentences that between them name every party, few of them, the headline only for whom no other names."""
    cited: list[Sentence] = []
    left = list(parties)
    while left:
        naming_ = Counter(s for party in left for s in dict.fromkeys(party.sentences))
        best = max(naming_, key=lambda s: (s.span is not None, naming_[s], -s.rank))
        cited.append(best)
        left = [party for party in left if best not in party.sentences]
    return cited


def candidates(happening: Happening, slot: str, heads: Heads) -> list[Candidate]:
    """Return everything that may fill a slot of an event, with what it is, in reading order."""
    found = grouping.gather(happening.told, slot, main=happening.main)
    if not found:
        return []
    seen = np.stack([p.seen for p in found])
    said = {question: heads.answers(question, seen) for question in _ASKED[slot]}
    rows = ({question: answers[at] for question, answers in said.items()} for at in range(len(found)))
    return [_candidate(party, answers) for party, answers in zip(found, rows, strict=True)]


def _candidate(party: Party, answers: dict[str, Array]) -> Candidate:
    listed = [_weigh_in(question, answers, party.name) for question in choice.CLASSED.values() if question in answers]
    return Candidate(party, answers, any(listed))


def _weigh_in(question: str, answers: Mapping[str, Array], name: str) -> bool:
    """Add what the words of a name tell to the answers; tell whether they do."""
    named = told_by_name(question, name.lower())
    if named:
        answers[question][CLASSES[question].index(named)] += _NAMED
    return named is not None


@lru_cache(maxsize=4096)
def told_by_name(question: str, name: str) -> str | None:
    """Return the class that the head noun of a name tells: "bus" in "army bus", "church" in "church of the army"."""
    pattern, told = lexicon.class_words(question)
    for part in (naming.FURTHER.split(name)[0], name):
        found = pattern.findall(part)
        if found:
            return told[found[-1]]
    return None


def _claimants(chosen: Mapping[str, Sequence[Candidate]]) -> list[Candidate]:
    """Return who says that it was theirs: so tagged, or a perpetrator who claims it in so many words."""
    claiming = [c for c in chosen["perpetrator"] if any(_claims(m) for m in c.party.mentions)]
    return [*chosen["claimant"], *claiming][: choice.MOST["claimant"]]


def _claims(named: Named) -> bool:
    return claims.claims(named.sentence.lower, named.mention.start, named.mention.end)


def _actor(merged: merging.Merged, role: ActorRole) -> Actor:
    """Return a party as it is coded."""
    candidate, *described = merged
    party, known = candidate.party, candidate.party.known
    said = {"sector": candidate.answers["sector"].copy()}
    _weigh_in("sector", said, party.name)
    kind = ActorKind.GROUP if known else ActorKind(told(candidate, "kind"))
    name = naming.without_title(party.name) if kind is ActorKind.PERSON else party.name
    also = [party.name, *party.others, *(other for c in described for other in (c.party.name, *c.party.others))]
    return Actor(
        name=name,
        role=role,
        kind=kind,
        sector=known[1] if known else Sector(CLASSES["sector"][int(np.argmax(said["sector"]))]),
        count=party.count,
        named=known is not None or naming.is_proper(name),
        aliases=tuple(dict.fromkeys(other for other in also if other != name)),
    )


def _responder(one: Responder) -> Actor:
    return Actor(
        name=one.name,
        role=ActorRole.RESPONDER,
        kind=ActorKind.GROUP if one.sector in _HELPERS else ActorKind.STATE_FORCE,
        sector=one.sector,
        named=naming.is_proper(one.name),
    )
