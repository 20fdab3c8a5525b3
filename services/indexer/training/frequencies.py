"""Counts how common words are, into the table that `services.indexer.merging.words` reads.

A word is as common as where it is most common: "deputies" tells nothing in American crime news and "militants" nothing
in that of Kashmir, however rare they are elsewhere.
"""

import gzip
import io
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from services.indexer.merging.words import RAREST, STEPS, words

#: A word in fewer texts, of all corpora, is as telling as one that was never seen.
LEAST = 3
_MOST_LEVEL = int(RAREST * STEPS)


def levels(texts: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return word → level, of (corpus, text)."""
    sizes: Counter[str] = Counter()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for corpus, text in texts:
        sizes[corpus] += 1
        counts[corpus].update(set(words(text)))
    total: Counter[str] = sum(counts.values(), Counter())
    known = sorted(word for word, n in total.items() if n >= LEAST)
    share = {word: max(counts[c][word] / sizes[c] for c in sizes) for word in known}
    return {word: min(_MOST_LEVEL, round(-math.log(share[word]) * STEPS)) for word in known}


def write(table: Mapping[str, int], path: Path) -> None:
    """Write the table: the same bytes for the same table."""
    with gzip.GzipFile(path, "wb", mtime=0) as packed, io.TextIOWrapper(packed, encoding="utf-8") as lines:
        lines.writelines(f"{word}\t{level}\n" for word, level in table.items())
