"""What speaks for and against a place's being that of an event: its words, its sentence, the article's other places.

told, found ─▶ of each mention, once an article: words around it, its sentence, the other places
happening ─▶ of each mention in reach: how far it stands from where the event is told
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.classifier.events import Happening
from services.classifier.told import Told
from services.classifier.where import implied, names, unlisted, wording
from services.classifier.where.candidates import holds
from services.classifier.where.gazetteer import Entry, Gazetteer
from services.classifier.where.places import Found
from shared.domain import earth
from shared.domain.vocabulary import PlacePrecision

#: Sentences of the body in which the place of an event is looked for; for what is told in passing, so many either side.
REACH, ASIDE_REACH = 30, 4
#: Code points from a trigger to a name for near and far.
_NEAR, _FAR = 40, 100
#: Kilometres within which places speak for each other.
_AROUND_KM = 150.0
#: Places with which each is compared: a list of a thousand towns tells nothing of any.
_MOST_OTHERS = 100
_NEARBY_KM = 30.0
_AREAS = frozenset({PlacePrecision.COUNTRY, PlacePrecision.REGION, PlacePrecision.ADMIN1})
#: What says another thing of a wide area, and of a place that no gazetteer knows, than of a town.
_UNLIKE = (
    *("home", "people", "abroad", "times", "often", "titled", "tagged", "at", "own_sentence", "tells", "tells:first"),
    *("gap:main:0", "gap:main:1", "order"),
)
_PARTIES = ("perpetrator", "victim", "target", "claimant")
#: Between a place and one that holds it: "Paris, Texas", "the Feltonville section of Philadelphia".
_COMMA, _OF = re.compile(r"\.?, ?| \("), re.compile(r",?(?: [\w-]+){0,3} (?:in|of)(?: the)?(?: \w+){0,2} ")


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
        adjectives = list(implied.peoples([t for t in told if t.reading.order <= REACH], gazetteer))
        listed = list(implied.at_home(listed, Counter(f.entry.country for f in adjectives if f.entry)))
        self.countries = Counter(f.entry.country for f in listed if f.entry and f.entry.country)
        self.people = Counter(f.entry.country for f in adjectives if f.entry and f.entry.country)
        named = {f.entry.country for f in listed if f.entry and f.entry.precision is PlacePrecision.COUNTRY}
        self.implied = frozenset(adjectives)
        new = [f for f in adjectives if f.entry and f.entry.country not in named]
        more = [
            f
            for t in told
            for f in implied.unknown(t, [p for p in listed if p.sentence is t.reading.sentence], gazetteer)
        ]
        self.tagged_only = frozenset(more)
        self.found = sorted((*listed, *new, *more), key=lambda f: (f.sentence.rank, f.start))
        self._times = Counter(implied.key(f) for f in self.found)
        self._titled = {implied.key(f) for f in self.found if f.sentence.rank == 0}
        self._first = next((f for f in self.found if f.sentence.rank), None)
        self._capitals = not names.is_mixed_case("".join(t.reading.sentence.text for t in told if t.reading.order))
        self._here: dict[int, dict[Entry, None]] = {}  #: the places of each sentence, every one once
        for each in self.found:
            self._here.setdefault(each.sentence.rank, {}).update({each.entry: None} if each.entry else {})
        self._signs_of: dict[Entry, tuple[tuple[str, float], ...]] = {}
        self._entries = [f.entry for f in self.found if f.entry][:_MOST_OTHERS]
        self._made: dict[int, Mention] = {}  # of long articles most places are out of reach

    @property
    def home(self) -> str | None:
        """The country of which it speaks most."""
        spoken = self.countries + self.people
        return max(spoken, key=lambda c: spoken[c], default=None)

    def shown(self, chosen: Found) -> Found:
        """Return the mention to cite for a place: for the headline's, the first of the body that names the same."""
        if chosen.sentence.span:
            return chosen
        same = (f for f in self.found if f.sentence.span and implied.key(f) == implied.key(chosen))
        return next(same, chosen)

    def _mention(self, n: int) -> Mention:
        """Return one of its mentions of places with all that does not depend on the event."""
        if n not in self._made:
            found = self.found[n]
            told = self.told[self.sentences[found.sentence.rank]]
            key = implied.key(found)
            signs = {"any": 1.0, "first": float(found is self._first), "titled": float(key in self._titled)}
            signs["times"] = math.log(self._times[key])
            signs["often"] = self._times[key] / len(self.found)
            signs |= dict(_of_kind(found))
            signs["implied"] = float(found in self.implied)
            signs["tagged_only"] = float(found in self.tagged_only)
            signs |= dict(wording.signs(found))
            signs |= dict(self._of_sentence(told, found))
            signs |= dict(self._among(n, found))
            self._made[n] = Mention(found, told, self.sentences[found.sentence.rank], signs)
        return self._made[n]

    def _of_sentence(self, told: Told, found: Found) -> Iterator[tuple[str, float]]:
        order = told.reading.order
        yield f"order:{min(order, 4)}", 1.0
        yield "order", min(order, REACH) / REACH
        yield "own", told.own
        yield "aside", told.aside
        yield "core", told.core
        if told.tagged:
            shares = told.tagged.shares(found.start, found.end)
            yield "tagged", shares["place"]
            yield "party", max(shares[slot] for slot in _PARTIES)
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
        yield from self._of_entry(entry)
        here = self._here[found.sentence.rank]
        if wording.is_dateline(found):
            # It says where the reporter was: where it hit, too, unless the sentence names somewhere else.
            named = (f for f in self.found if f.sentence is found.sentence and wording.is_at(f))
            elsewhere = float(any(f.entry and f.entry != entry and _is_apart(entry, f.entry) for f in named))
            yield "dateline", 1.0
            yield "dateline:others", elsewhere
            yield "dateline:capitals", float(self._capitals)
            yield "dateline:capitals:others", elsewhere * self._capitals
        yield "holds:here", float(any(holds(entry, e) for e in here if e != entry))
        yield "held:here", float(any(holds(e, entry) for e in here if e != entry))
        for name, other in (("next", n + 1), ("previous", n - 1)):
            neighbour = self.found[other] if 0 <= other < len(self.found) else None
            if neighbour is None or neighbour.sentence is not found.sentence or neighbour.entry in (None, entry):
                continue
            if not wording.is_dateline(neighbour):
                (inner, outer) = (found, neighbour) if name == "next" else (neighbour, found)
                gap = inner.sentence.plain[inner.end : outer.start]
                how = "comma" if _COMMA.fullmatch(gap) else "of" if _OF.fullmatch(gap) else "apart"
                held = inner.entry and outer.entry and holds(outer.entry, inner.entry)
                yield f"{how}:{name}:{'held' if held else 'free'}", 1.0

    def _of_entry(self, entry: Entry) -> tuple[tuple[str, float], ...]:
        """Return what the article's other places say of one, whatever mention of it is asked for."""
        if entry not in self._signs_of:
            others = [e for e in self._entries if e != entry]
            signs = [("holds", float(any(holds(entry, e) for e in others)))]
            if entry.precision not in _AREAS:
                fine = [e for e in others if e.precision not in _AREAS]
                close = sum(distance_km(entry, e) <= _AROUND_KM for e in fine)
                signs.append(("around", close / len(fine) if fine else 0.0))
            self._signs_of[entry] = tuple(signs)
        return self._signs_of[entry]

    def signs(self, happening: Happening) -> Iterator[tuple[Mention, dict[str, float]]]:
        """Yield the mentions in reach of an event with all that speaks for and against them."""
        own = {t.reading.sentence.rank for t in happening.told}
        telling = [r.sentence.rank for r in happening.telling]
        at = [self.sentences[rank] for rank in telling]
        around = [self.sentences[rank] for rank in own]
        told = {f.entry for f in self.found if f.sentence.rank in telling and f.entry}
        placed = any(f.entry and f not in self.implied for f in self.found if f.sentence.rank in own)
        for n, found in enumerate(self.found):
            rank = found.sentence.rank
            if happening.main:
                near = self.told[self.sentences[rank]].reading.order <= REACH
            elif happening.date:
                near = rank in own if placed else min(abs(self.sentences[rank] - a) for a in around) <= ASIDE_REACH
            else:  # without a date and a named place of its own it is no event
                near = rank in own and found not in self.implied | self.tagged_only
            if near or (rank in own and happening.main):
                mention = self._mention(n)
                if mention.signs.get("dateline:others") and not self._capitals:
                    continue  # the sentence itself says that it hit elsewhere
                signs = {"own_sentence": float(rank in own), "tells": float(rank in telling)}
                signs[f"{'main' if happening.main else 'aside'}:other_act"] = float(rank in happening.others)
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
    return earth.distance_km(one.lat, one.lon, other.lat, other.lon)


def _is_apart(town: Entry, other: Entry) -> bool:
    """Tell whether a place lies neither in a town, nor around it, nor near it."""
    near = other.precision not in _AREAS and distance_km(town, other) <= _NEARBY_KM
    return not (near or holds(town, other) or holds(other, town))


def _step(gap: int) -> str:
    return next((str(most) for most in (0, 1, 2, 5, 10) if abs(gap) <= most), "more")


def _of_kind(found: Found) -> Iterator[tuple[str, float]]:
    kind = found.entry.precision if found.entry else unlisted.precision(found)
    yield f"kind:{kind}" if found.entry else f"unlisted:{kind}", 1.0
    yield "sure", min(10.0, found.sure) / 10 if found.entry else 0.0
