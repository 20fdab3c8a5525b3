"""A title and two sentences made of an incident's coded fields. Pure; nothing is said that they do not hold.

    sentence  says
    --------  ----------------------------------------------------------------------------------------------
    first     how many, in what, against whom, by whom, with what, where, when: coded fields alone
    second    how many reports and publishers say so, when they did, whether they differ on tolls, who claims it

What is unknown is left out, never zero. A named party is one to which the deed is attributed, not its maker.
"""

import re
from collections.abc import Sequence
from datetime import date

from shared.domain.event import Actor, Toll
from shared.domain.incident import Incident, Source
from shared.domain.vocabulary import ActorRole, EventType, Realis, Subtype
from shared.incidents import days, phrases
from shared.incidents.wording import AIMED, BETWEEN, BLAMELESS, IMPLIED, KINDS, QUALITIES, TARGETS, VICTIMS, WEAPONS

#: Longest headline taken for a title, in characters.
HEADLINE_CHARS = 200
#: Most parties, targets or weapons that a sentence names of a kind.
NAMED = 2

#: A full stop between two sentences, not one of an abbreviation: a word stands before it.
_STOP = re.compile(r"[a-z]{4,}\.[^\w\s]*\s+\S")


def usable(headline: str) -> bool:
    """Return whether a headline can be a title: it has words, and no more of them than a sentence."""
    plain = headline.strip()
    return bool(re.search(r"\w", plain)) and len(plain) <= HEADLINE_CHARS and not _STOP.search(plain)


def title(incident: Incident) -> str:
    """Return a title for an incident whose reports have no usable headline: "Bombing in Goma: 3 killed"."""
    _, noun = KINDS[incident.subtype]
    words = _joined(_quality(incident), noun, phrases.where(incident.place))
    told = [(toll, verb) for toll, verb in _tolls(incident) if not phrases.nobody(toll)]
    tolls = [f"{number} {verb}" for toll, verb in told if (number := phrases.range_of(toll))]
    name = f"{words}: {', '.join(tolls)}" if tolls else words
    return f"Denied: {name}" if incident.realis is Realis.DENIED else _capital(name)


def summary(incident: Incident) -> str:
    """Return the two sentences."""
    return f"{_capital(_happened(incident))}. {_capital(_told(incident))}."


def _happened(incident: Incident) -> str:
    clause = _harm(incident)
    scene = _joined(_deed(incident), _around(incident))
    denied = incident.realis is Realis.DENIED
    if clause:
        told = f"{clause} in {scene}"
        return f"reports that {told} were denied" if denied else told
    if denied:
        return f"reports of {scene} were denied"
    return _joined(_deed(incident).rstrip(","), "was reported", _around(incident))


def _around(incident: Incident) -> str:
    where, when = phrases.where(incident.place), days.days(incident.date)
    return f"{where}, {when}" if where and when and "," in where else _joined(where, when)


def _deed(incident: Incident) -> str:
    article, noun = KINDS[incident.subtype]
    quality = _quality(incident)
    if article and quality:
        article = "an" if quality[0] in "aeiou" else "a"
    victims = _victims(incident)
    return _joined(
        article, quality, noun, victims, *_targets(incident, people=not victims), _by(incident), _weapons(incident)
    )


def _quality(incident: Incident) -> str:
    said_already = incident.subtype is Subtype.THREAT_HOAX and incident.realis is Realis.THREATENED
    return "" if said_already else QUALITIES.get(incident.realis, "")


def _victims(incident: Incident) -> str:
    if incident.subtype is Subtype.ARREST:
        preposition, parties = "against", _parties(incident, ActorRole.TARGET)
    else:
        preposition, parties = VICTIMS.get(incident.subtype, ""), _parties(incident, ActorRole.VICTIM)
    return f"{preposition} {phrases.listed(_names(parties))}" if preposition and _names(parties) else ""


def _targets(incident: Incident, *, people: bool) -> Sequence[str]:
    if incident.type not in AIMED:
        return ()
    told = dict.fromkeys(TARGETS[one.class_] for one in incident.targets if one.class_ in TARGETS)
    against = people and incident.type is not EventType.BATTLE
    return [phrase for phrase in told if against or phrase.startswith("at ")][:1]


def _by(incident: Incident) -> str:
    enforced = incident.type is EventType.ENFORCEMENT
    parties = _parties(incident, ActorRole.RESPONDER if enforced else ActorRole.PERPETRATOR)
    names = _names(parties)
    if not names:
        return ""
    if incident.subtype in BETWEEN and len(names) > 1:
        return f"between {phrases.listed(names)}"
    if incident.subtype in BETWEEN:
        return f"involving {names[0]}"
    blamed = incident.type not in BLAMELESS and any(party.named for party in parties)
    return f"{'attributed to' if blamed else 'by'} {phrases.listed(names)}"


def _weapons(incident: Incident) -> str:
    told = dict.fromkeys(
        WEAPONS[one.class_]
        for one in incident.weapons
        if one.class_ in WEAPONS and (incident.subtype, one.class_) not in IMPLIED
    )
    if not told or incident.subtype is Subtype.ARREST:
        return ""
    return f"{'involving' if incident.type in BLAMELESS else 'with'} {phrases.listed(list(told)[:NAMED])}"


def _parties(incident: Incident, role: ActorRole) -> list[Actor]:
    return [party for party in incident.actors if party.role is role and phrases.said(party.name)][:NAMED]


def _names(parties: Sequence[Actor]) -> list[str]:
    return list(dict.fromkeys(phrases.said(party.name) for party in parties))


def _tolls(incident: Incident) -> list[tuple[Toll, str]]:
    """Return what is told of killed and injured. Nobody has come to harm yet by what is only threatened or thought."""
    if incident.realis in (Realis.THREATENED, Realis.HYPOTHETICAL):
        return []
    return [(toll, verb) for toll, verb in ((incident.killed, "killed"), (incident.injured, "injured")) if toll]


def _harm(incident: Incident) -> str:
    """Return "at least 3 people were killed and 5 injured"; nothing where no number is told."""
    tolls = _tolls(incident)
    none = [verb for toll, verb in tolls if phrases.nobody(toll)]
    clauses: list[str] = []
    before: bool | None = None
    for toll, verb in tolls:
        found = phrases.count(toll)
        if verb in none or (found is None and not phrases.roles(toll)):
            continue
        number, several = found or (phrases.roles(toll), sum(toll.by_role.values()) != 1)
        people = "" if found is None or clauses else (" people" if several else " person")
        be = "" if several is before else (" were" if several else " was")
        clauses.append(f"{_of_people(number, people)}{be} {verb}")
        before = several
    if none:
        clauses.append(f"no one was {' or '.join(none)}")
    return " and ".join(clauses)


def _of_people(number: str, people: str) -> str:
    """Return "2 to 5 people (most likely 3)": what is counted stands before what is thought of the count."""
    head, bracket, tail = number.partition(" (")
    return f"{head}{people}{bracket}{tail}"


def _told(incident: Incident) -> str:
    if not incident.reports:
        return "no report of it is left"
    several = incident.reports != 1
    words = _joined(
        f"{incident.reports:,} reports" if several else "one report",
        _publishers(incident.sites),
        _published(incident.first_published, incident.last_published),
        "tell of it" if several else "tells of it",
    )
    differing = [verb for verb in ("killed", "injured") if _differ(incident, verb)]
    if differing:
        words += f", and they differ on how many people were {' and '.join(differing)}"
    claimant = phrases.said(incident.claimed_by)
    return f"{words}; {claimant} claimed responsibility" if claimant else words


def _publishers(sites: Sequence[str]) -> str:
    if len(sites) == 1 and phrases.said(sites[0]):
        return f"by {phrases.said(sites[0])}"
    return f"by {len(sites):,} publishers" if len(sites) > 1 else ""


def _published(first: date | None, last: date | None) -> str:
    return f"published {days.between(min(first, last), max(first, last))}" if first and last else ""


def _differ(incident: Incident, verb: str) -> bool:
    """Return whether publishers differ on a toll. Who corrects what they said before does not differ from others."""
    if verb not in [told for _, told in _tolls(incident)]:
        return False
    newest = {source.site or source.article_id: source for source in incident.sources}
    return len({best for source in newest.values() if (best := _best(source, verb)) is not None}) > 1


def _best(source: Source, verb: str) -> int | None:
    toll = source.killed if verb == "killed" else source.injured
    return toll.best if toll else None


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
