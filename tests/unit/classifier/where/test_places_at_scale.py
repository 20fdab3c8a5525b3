"""Texts full of names, texts made to hurt, and forked workers: what the index and the models of places bear."""

import os
import sqlite3
import time
from itertools import pairwise

import pytest

from services.classifier import sentences
from services.classifier.models import Models
from services.classifier.where import places
from services.classifier.where.places import Found

#: What a text made to hurt may cost, against an ordinary one that is as long and full of names. Measured: 6.
MOST = 20
#: What looking up a name may cost, against the bare query of the index. Measured: 1.3.
MOST_OF_QUERY = 4

_TOWNS = ("Mosul", "Kirkuk", "Tikrit", "Ramadi", "Basra", "Najaf", "Karbala", "Erbil", "Samarra", "Fallujah")


def timed(models: Models, text: str) -> tuple[list[Found], float]:
    """Return the places of a text and the processor seconds that they cost."""
    read = sentences.read("", text, models.splitter)
    started = time.process_time()
    found = list(places.find(read, models.gazetteer))
    return found, time.process_time() - started


_LINES = [f"Convoys left {one} for {other} in Iraq." for one in _TOWNS for other in _TOWNS[:5]]


@pytest.fixture(scope="module")
def ordinary_s(models: Models) -> float:
    """Processor seconds of the longest story that is read, full of names."""
    line = f"Convoys drove from {', to '.join(_TOWNS)} and back to the border with Jordan, officials in Iraq said."
    text = "\n".join([line] * sentences.READ_CHARS)[: sentences.READ_CHARS]
    return min(timed(models, text)[1] for _ in range(3))


def test_five_hundred_names_are_found(models: Models) -> None:
    found, _ = timed(models, "\n".join(line for line in _LINES for _ in range(5)))
    assert len(found) >= 500
    assert {f.entry.country for f in found if f.entry} == {"IQ"}


@pytest.mark.parametrize(
    "text",
    [
        "San Jose, " * 4_000,
        "SAN ANTONIO AND SAN JUAN AND SANTA ROSA AND LA PAZ. " * 800,
        "St. " * 10_000,
        "A " * 20_000,
        "X" * 40_000,
        "\x00\ud800" * 20_000,
        "In \U0001f1fa\U0001f1f8 " * 8_000,
        "\u0130stanbul'da, " * 3_000,
        "",
    ],
)
def test_no_text_is_a_problem(models: Models, ordinary_s: float, text: str) -> None:
    found, spent = timed(models, text)
    assert spent < MOST * ordinary_s
    assert all(0 <= f.start < f.end <= len(f.sentence.text) for f in found)


def test_spans_do_not_overlap(models: Models) -> None:
    found, _ = timed(models, "He moved from New York City, New York, to Walker County, Texas, and West Virginia.")
    assert len(found) > 2
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_reads_the_index_for_itself(models: Models) -> None:
    assert models.gazetteer.lookup("Mosul")
    child = os.fork()
    if child == 0:
        read = models.gazetteer.lookup("Mosul") and models.gazetteer.lookup("Zamboanga")
        os._exit(0 if read else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_name_that_was_not_asked_for_before_costs_little(models: Models) -> None:
    index = sqlite3.connect(f"{models.gazetteer.path.as_uri()}?immutable=1", uri=True)
    names = [name for (name,) in index.execute("SELECT DISTINCT folded FROM name WHERE place % 50 = 7 LIMIT 5000")]
    query = "SELECT place.* FROM name JOIN place ON place.id = name.place WHERE folded = ? ORDER BY weight DESC"
    started = time.process_time()
    assert all(index.execute(query, (name,)).fetchall() for name in names[::2])
    bare = time.process_time() - started
    index.close()
    started = time.process_time()
    assert all(models.gazetteer.lookup(name) for name in names[1::2])
    assert time.process_time() - started < MOST_OF_QUERY * bare
