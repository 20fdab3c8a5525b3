"""What speaks for and against a place's being that of an event: its words, its sentence, the article's other places.

told, found ─▶ of each mention, once an article: words around it, its sentence, the other places
happening ─▶ of each mention in reach: how far it stands from where the event is told
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.classifier import lexicon
from services.classifier.events import Happening
from services.classifier.told import Told
from services.classifier.where import unlisted
from services.classifier.where.candidates import holds
from services.classifier.where.folding import fold
from services.classifier.where.gazetteer import Entry, Gazetteer
from services.classifier.where.names import place_words
from services.classifier.where.places import Found
from shared.domain.vocabulary import PlacePrecision

#: Sentences of the body in which the place of an event is looked for; for what is told in passing, so many either side.
REACH, ASIDE_REACH = 30, 4
#: Code points before a name that are read, and from a trigger to it for near and far.
_BEFORE, _NEAR, _FAR = 60, 40, 100
_DATELINE_REACH = 20
#: Kilometres within which places speak for each other.
_AROUND_KM = 150.0
_EARTH_DIAMETER_KM = 12742
_AREAS = frozenset({PlacePrecision.COUNTRY, PlacePrecision.REGION, PlacePrecision.ADMIN1})
#: What says another thing of a wide area, and of a place that no gazetteer knows, than of a town.
_UNLIKE = frozenset(
    (
        "home",
        "people",
        "abroad",
        "times",
        "often",
        "titled",
        "tagged",
        "at",
        "own_sentence",
        "tells",
        "tells:first",
        "gap:main:0",
        "gap:main:1",
        "order",
    )
)
_PARTIES = ("perpetrator", "victim", "target", "claimant")
#: Words that touch a name on the left and weigh each on its own.
_PREPOSITIONS = frozenset(
    ("in", "at", "near", "of", "from", "to", "on", "and", "outside", "across", "around", "the", "off", "inside", "into")
)
_WORD = re.compile(r"[^\W\d_]{3,}")
#: From the first word with a capital to the last.
_PROPER, _ANY = re.compile(r"[A-Z][\w'-]+(?:.*\b[A-Z][\w'-]*)?"), re.compile(r".{3,}")
#: Between a place and one that holds it: "Paris, Texas", "the Feltonville section of Philadelphia".
_COMMA, _OF = re.compile(r"\.?, ?| \("), re.compile(r",?(?: [\w-]+){0,3} (?:in|of)(?: the)?(?: \w+){0,2} ")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"([\w'.-]+) \Z"), re.compile(r"[ -](\w+)")


def _before(key: str, filler: str, most: int) -> re.Pattern[str]:
    """Return a pattern for one of the phrases before a name, with up to `most` filling words between."""
    words = tomllib.loads(lexicon.data("placewords.toml"))
    phrases, between = "|".join(words[key]), "|".join(words[filler])
    return re.compile(rf"\b(?:{phrases})\b(?: (?:{between})){{0,{most}}} ?\Z", re.IGNORECASE)


_AT = _before("at", "between", 4)
_FROM = _before("elsewhere", "adjective", 2)
_SPEECH = re.compile(r"\b(?:told|spokes\w+|reporters|reporting|correspondent)\b", re.IGNORECASE)
_DATELINE = re.compile(r"\A[\w .,'-]{0,40}(?:\([^)]{1,30}\) ?)?(?:[-:]|--) ", re.ASCII)
#: A country's name before a noun is an adjective: "US embassy", "Israel army".
_ADJECTIVES = frozenset({"US", "U.S.", "UK", "U.K.", "UN", "UAE"})
_NOUN_AFTER = re.compile(r"(?:-\w+)? [a-z]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place name with its sentence, and what does not depend on the event."""

    found: Found
    told: Told
    at: int  #: number of its sentence
    signs: dict[str, float]


class Scene:
    """The places that an article names, ready to be asked for the place of each of its events."""

    def __init__(self, told: Sequence[Told], found: Sequence[Found], gazetteer: Gazetteer) -> None:
        self.told = told
        self.sentences = {t.reading.sentence.rank: at for at, t in enumerate(told)}
        listed = [f for f in found if f.sentence.rank in self.sentences]
        adjectives = list(_adjectives(told, gazetteer)) if told else []
        listed = list(_at_home(listed, Counter(f.entry.country for f in adjectives if f.entry)))
        self.countries = Counter(f.entry.country for f in listed if f.entry and f.entry.country)
        self.people = Counter(f.entry.country for f in adjectives if f.entry and f.entry.country)
        named = {f.entry.country for f in listed if f.entry and f.entry.precision is PlacePrecision.COUNTRY}
        self.implied = frozenset(id(f) for f in adjectives)
        new = [f for f in adjectives if f.entry and f.entry.country not in named]
        more = [
            f for t in told for f in _unknown(t, [p for p in listed if p.sentence is t.reading.sentence], gazetteer)
        ]
        self.tagged_only = frozenset(id(f) for f in more)
        self.found = sorted((*listed, *new, *more), key=lambda f: (f.sentence.rank, f.start))

    @property
    def home(self) -> str | None:
        """The country of which it speaks most."""
        spoken = self.countries + self.people
        return max(spoken, key=lambda c: spoken[c], default=None)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """Its mentions of places in reading order."""
        times = Counter(key(f) for f in self.found)
        titled = {key(f) for f in self.found if f.sentence.rank == 0}
        first = next((f for f in self.found if f.sentence.rank), None)
        made = []
        for n, found in enumerate(self.found):
            at = self.sentences[found.sentence.rank]
            signs = {"any": 1.0, "first": float(found is first), "titled": float(key(found) in titled)}
            signs["times"] = math.log(times[key(found)])
            signs["often"] = times[key(found)] / len(self.found)
            signs |= dict(_of_kind(found))
            signs["implied"] = float(id(found) in self.implied)
            signs["tagged_only"] = float(id(found) in self.tagged_only)
            signs |= dict(_of_words(found))
            signs |= dict(self._of_sentence(self.told[at], found))
            signs |= dict(self._among(n, found))
            made.append(Mention(found, self.told[at], at, signs))
        return tuple(made)

    def _of_sentence(self, told: Told, found: Found) -> Iterator[tuple[str, float]]:
        order = told.reading.order
        yield f"order:{min(order, 4)}", 1.0
        yield "order", min(order, REACH) / REACH
        yield "own", told.own
        yield "aside", told.aside
        yield "core", told.core
        if told.tagged:
            yield "tagged", told.tagged.share("place", found.start, found.end)
            yield "party", max(told.tagged.share(slot, found.start, found.end) for slot in _PARTIES)
        gaps = [(max(found.start - t.end, t.start - found.end), t.end <= found.start) for t in told.reading.facts]
        if gaps:
            nearest, after = min(gaps)
            yield f"trigger:{'near' if nearest <= _NEAR else 'far' if nearest <= _FAR else 'off'}", 1.0
            yield "trigger:before", float(after)

    def _among(self, n: int, found: Found) -> Iterator[tuple[str, float]]:
        """Yield how a place stands to the others: in their country, near them, holding them, held by them."""
        entry = found.entry
        if entry is None:
            return
        if entry.country:
            yield "home", self.countries[entry.country] / max(1, self.countries.total())
            yield "people", self.people[entry.country] / (self.people.total() + 1)
            yield "abroad", float(entry.country != self.home)
        yield "nowhere", float(entry.country is None)
        others = [f.entry for f in self.found if f.entry and f.entry != entry]
        if entry.precision not in _AREAS:
            fine = [e for e in others if e.precision not in _AREAS]
            close = sum(distance_km(entry, e) <= _AROUND_KM for e in fine)
            yield "around", close / len(fine) if fine else 0.0
        yield "holds", float(any(holds(entry, e) for e in others))
        beside = [f for f in self.found if f.sentence is found.sentence and f.entry and f.entry != entry]
        dateline = _is_dateline(found)
        yield "dateline", float(dateline)
        # A dateline says where the reporter was, unless nothing else is named.
        yield "dateline:others", float(dateline and any(_is_at(f) for f in beside))
        yield "holds:here", float(any(holds(entry, f.entry) for f in beside if f.entry))
        yield "held:here", float(any(holds(f.entry, entry) for f in beside if f.entry))
        for name, other in (("next", n + 1), ("previous", n - 1)):
            neighbour = self.found[other] if 0 <= other < len(self.found) else None
            if neighbour in beside and neighbour and neighbour.entry:
                (inner, outer) = (found, neighbour) if name == "next" else (neighbour, found)
                gap = inner.sentence.plain[inner.end : outer.start]
                how = "comma" if _COMMA.fullmatch(gap) else "of" if _OF.fullmatch(gap) else "apart"
                held = inner.entry and outer.entry and holds(outer.entry, inner.entry)
                yield f"{how}:{name}:{'held' if held else 'free'}", 1.0

    def signs(self, happening: Happening) -> Iterator[tuple[Mention, dict[str, float]]]:
        """Yield the mentions in reach of an event with all that speaks for and against them."""
        own = {t.reading.sentence.rank for t in happening.told}
        telling = [r.sentence.rank for r in happening.telling]
        at = [self.sentences[rank] for rank in telling]
        around = [self.sentences[rank] for rank in own]
        told = {f.entry for f in self.found if f.sentence.rank in telling and f.entry}
        for mention in self.mentions:
            rank = mention.found.sentence.rank
            if happening.main:
                near = mention.told.reading.order <= REACH
            else:  # without a date and a place of its own it is no event
                near = happening.date is not None and min(abs(mention.at - a) for a in around) <= ASIDE_REACH
            if near or rank in own:
                signs = {"own_sentence": float(rank in own), "tells": float(rank in telling)}
                signs["tells:first"] = float(rank == telling[0])
                entry = mention.found.entry
                signs["holds:told"] = float(entry is not None and any(holds(entry, e) for e in told))
                signs["shows"] = mention.told.shows(happening.subtype) * mention.told.core
                gap = min((mention.at - a for a in at), key=abs)
                side = "main" if happening.main else "aside"
                signs[f"gap:{side}:{_step(gap)}"] = 1.0
                if gap:
                    signs["gap:after"] = float(gap > 0)
                if happening.date:
                    signs["dated"] = float(any(w.range == happening.date for w in mention.told.reading.whens))
                signs = mention.signs | signs
                if entry and entry.precision in _AREAS:
                    signs |= {f"area:{name}": signs[name] for name in _UNLIKE if name in signs}
                elif entry is None:
                    signs |= {f"unlisted:{name}": signs[name] for name in _UNLIKE if name in signs}
                yield mention, signs


def distance_km(one: Entry, other: Entry) -> float:
    """Return the distance of two places along the earth."""
    a, b, c, d = map(math.radians, (one.lat, one.lon, other.lat, other.lon))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return _EARTH_DIAMETER_KM * math.asin(min(1.0, math.sqrt(h)))


def _adjectives(told: Sequence[Told], gazetteer: Gazetteer) -> Iterator[Found]:
    """Yield the adjectives of countries and names of peoples in reach as mentions of the country: "Salvadoran"."""
    for sentence in (t.reading.sentence for t in told if t.reading.order <= REACH):
        for word in _WORD.finditer(sentence.lower):
            country = gazetteer.demonyms.get(word.group())
            entry = gazetteer.countries.get(country or "")
            if entry:
                yield Found(entry.name, sentence, word.start(), word.end(), entry)


def _at_home(listed: Sequence[Found], people: Mapping[str | None, int]) -> Iterator[Found]:
    """Yield the places; one that is known by another name, in a country that nothing else speaks of, is not known."""
    spoken = Counter(f.entry.country for f in {key(f): f for f in listed}.values() if f.entry)
    for found in listed:
        entry = found.entry
        stranger = entry and entry.country and spoken[entry.country] + people.get(entry.country, 0) == 1
        if stranger and entry and len(spoken) > 1 and fold(found.name) != fold(entry.name):
            yield replace(found, entry=None)
        else:
            yield found


def _unknown(told: Told, listed: Sequence[Found], gazetteer: Gazetteer) -> Iterator[Found]:
    """Yield the names that the network takes for places of an event and the gazetteer does not know."""
    sentence = told.reading.sentence
    cased = any(c.islower() for c in sentence.text) and any(c.isupper() for c in sentence.text)
    for mention in told.tagged.mentions("place") if told.tagged else ():
        name = _PROPER.search(mention.text) if cased else _ANY.search(mention.text)
        if name:
            start, end = mention.start + name.start(), mention.start + name.end()
            adjective = name.group().lower().rpartition(" ")[2] in gazetteer.demonyms
            if not adjective and not any(start < f.end and f.start < end for f in listed):
                yield Found(name.group(), sentence, start, end, None)


def key(found: Found) -> tuple[object, ...]:
    """Return what two mentions of one place share."""
    entry = found.entry
    return (entry.precision, entry.country, entry.lat, entry.lon) if entry else (found.name.lower(),)


def is_adjective(found: Found) -> bool:
    """Tell whether a country's short name goes with the noun after it: "the US base", "UK officials"."""
    return found.name in _ADJECTIVES and bool(_NOUN_AFTER.match(found.sentence.plain, found.end))


def _step(gap: int) -> str:
    return next((str(most) for most in (0, 1, 2, 5, 10) if abs(gap) <= most), "more")


def _of_kind(found: Found) -> Iterator[tuple[str, float]]:
    kind = found.entry.precision if found.entry else unlisted.precision(found)
    yield f"kind:{kind}" if found.entry else f"unlisted:{kind}", 1.0
    yield "sure", min(10.0, found.sure) / 10 if found.entry else 0.0


def _of_words(found: Found) -> Iterator[tuple[str, float]]:
    """Yield what the words around a name say."""
    plain = found.sentence.plain
    before = plain[max(0, found.start - _BEFORE) : found.start]
    left, right = _WORD_BEFORE.search(before), _WORD_AFTER.match(plain, found.end)
    word = left[1].lower() if left else ""
    yield f"before:{word if word in _PREPOSITIONS else 'other' if word else 'none'}", 1.0
    after = right[1].lower() if right else ""
    for name in ("generic", "institutions", "says"):
        yield f"after:{name}", float(after in place_words(name))
    yield "after:possessive", float(plain.startswith(("'s", "' "), found.end))
    yield "directed", float(word in place_words("directions"))
    yield "adjective", float(is_adjective(found))
    yield "from", float(bool(_FROM.search(before)))
    yield "at", float(_is_at(found))
    yield "speech", float(bool(_SPEECH.search(before)))


def _is_at(found: Found) -> bool:
    return bool(_AT.search(found.sentence.plain[max(0, found.start - _BEFORE) : found.start]))


def _is_dateline(found: Found) -> bool:
    return found.start < _DATELINE_REACH and bool(_DATELINE.match(found.sentence.plain))
