"""What an article tells of places beyond the names that are listed: peoples, and names that only the network knows.

And less: a name that is another place's second name, far from all that the article speaks of, is not that place.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.classifier.told import Told
from services.classifier.where.folding import fold
from services.classifier.where.gazetteer import Gazetteer
from services.classifier.where.places import Found

_WORD = re.compile(r"[^\W\d_]{3,}")
#: From the first word with a capital to the last.
_PROPER, _ANY = re.compile(r"[A-Z][\w'-]+(?:.*\b[A-Z][\w'-]*)?"), re.compile(r".{3,}")


def peoples(told: Sequence[Told], gazetteer: Gazetteer) -> Iterator[Found]:
    """Yield the adjectives of countries and names of peoples as mentions of the country: "Salvadoran"."""
    for sentence in (t.reading.sentence for t in told):
        words = list(_WORD.finditer(sentence.lower))
        for first, last, country in gazetteer.peoples([w.group() for w in words]):
            entry = gazetteer.countries.get(country)
            if entry:
                yield Found(entry.name, sentence, words[first].start(), words[last].end(), entry)


def at_home(listed: Sequence[Found], people: Mapping[str | None, int]) -> Iterator[Found]:
    """Yield the places; one that is known by another name, in a country that nothing else speaks of, is not known."""
    spoken = Counter(f.entry.country for f in {key(f): f for f in listed}.values() if f.entry)
    for found in listed:
        entry = found.entry
        stranger = entry and entry.country and spoken[entry.country] + people.get(entry.country, 0) == 1
        if stranger and entry and len(spoken) > 1 and fold(found.name) != fold(entry.name):
            yield replace(found, entry=None)
        else:
            yield found


def unknown(told: Told, listed: Sequence[Found], gazetteer: Gazetteer) -> Iterator[Found]:
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
