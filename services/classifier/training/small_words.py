"""How often a word that is also the name of a place stands in small letters: "nice", "mobile", "reading"."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from services.classifier.training import corpora
from services.classifier.where.gazetteer import Gazetteer
from services.classifier.where.names import TOKEN

#: Corpora in which capitals tell, none of them with marked places.
CORPORA = ("gva", "guardian", "fundus", "aeb")
#: A word is judged from so many times on, and listed from this share of small letters on.
_LEAST, _SHARE = 8, 0.05


def texts(data: Path) -> Iterable[str]:
    """Yield the texts of the corpora."""
    for corpus in CORPORA:
        yield from (story.text for story in corpora.read(corpus, data))


def shares(from_: Iterable[str], gazetteer: Gazetteer) -> dict[str, float]:
    """Return word → share of its uses in small letters, for names of one word. The first word of a text is left out."""
    small: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for text in from_:
        for token in list(TOKEN.finditer(text))[1:]:
            word = token.group()
            before = text[max(0, token.start() - 2) : token.start()]
            if word.isalpha() and before[-1:] == " " and before[:1] not in '.!?"\u201d\u2019' and not word.isupper():
                every[word.lower()] += 1
                small[word.lower()] += word[0].islower()
    found = {}
    for word, times in sorted(every.items()):
        share = small[word] / times
        if times >= _LEAST and share >= _SHARE and gazetteer.lookup(word):
            found[word] = round(share, 2)
    return found
