"""The gazetteer: how names are folded, what is listed, and that it loads cheaply."""

import re
import resource
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.models import Models
from services.classifier.where.folding import fold
from shared.domain.vocabulary import PlacePrecision

#: What a fresh process that loads it may take, against one that only imports it: processor time (measured: 1.5), and
#: kilobytes more.
MOST_CPU, MOST_KB = 5, 100_000
_IMPORT = "from services.classifier.where import gazetteer; "


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Deir ez-Zōr", "deir ez zor"),
        ("Ta'izz", "taizz"),
        ("U.S.", "us"),
        ("Baghdad", "baghdad"),
        ("São Paulo", "sao paulo"),
        ("N'Djamena", "ndjamena"),
        ("  Goma ", "goma"),
        ("", ""),
        ("...", ""),
    ],
)
def test_a_name_is_folded(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text(max_size=30))
def test_folding_ends_without_edges(name: str) -> None:
    folded = fold(name)
    assert folded == folded.strip()
    assert "_" not in folded


@pytest.mark.parametrize(
    ("name", "country", "precision"),
    [
        ("Quetta", "PK", PlacePrecision.CITY),
        ("Bombay", "IN", PlacePrecision.CITY),
        ("Green Zone", "IQ", PlacePrecision.NEIGHBOURHOOD),
        ("Kenya", "KE", PlacePrecision.COUNTRY),
        ("Texas", "US", PlacePrecision.ADMIN1),
    ],
)
def test_known_places_are_listed(models: Models, name: str, country: str, precision: PlacePrecision) -> None:
    assert any(e.country == country and e.precision is precision for e in models.gazetteer.lookup(name))


def test_an_article_before_a_name_is_dropped_only_where_it_helps(models: Models) -> None:
    assert models.gazetteer.lookup("The Hague")
    assert {e.country for e in models.gazetteer.lookup("al Mosul")} == {"IQ"}
    assert models.gazetteer.lookup("Qxqxq") == ()


def test_towns_have_numbers_and_points(models: Models) -> None:
    index = sqlite3.connect(f"{models.gazetteer.path.as_uri()}?immutable=1", uri=True)
    city = list(PlacePrecision).index(PlacePrecision.CITY)
    towns = index.execute("SELECT geonames_id, lat, lon FROM place WHERE kind = ?", (city,)).fetchall()
    index.close()
    assert len({number for number, _, _ in towns}) > 200_000
    assert sum(not number for number, _, _ in towns) < 5  # ours
    assert all(-90 <= lat <= 90 and -180 <= lon <= 180 for _, lat, lon in towns)


def test_a_province_is_named_in_english(models: Models) -> None:
    (town,) = [e for e in models.gazetteer.lookup("Chicago") if e.weight > 1_000_000]
    assert models.gazetteer.province_of(town) == "Illinois"


def spent(script: str) -> tuple[float, int]:
    """Return processor seconds and peak kilobytes of a fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    script += "print(open('/proc/self/status').read())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, timeout=120)
    peak = re.search(r"VmHWM:\s+(\d+) kB", told.stdout)
    assert peak
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, int(peak[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads its peak from /proc")
def test_loading_is_cheap(models: Models) -> None:
    assert models.gazetteer.path.exists()  # it was built before
    bare, loading = (min(spent(_IMPORT + call) for _ in range(3)) for call in ("", "gazetteer.load();"))
    assert loading[0] < MOST_CPU * bare[0]
    assert loading[1] < bare[1] + MOST_KB


def test_peoples_of_several_words_are_theirs(models: Models) -> None:
    words = ["nine", "south", "sudanese", "soldiers", "and", "a", "syrian"]
    assert list(models.gazetteer.peoples(words)) == [(1, 2, "SS"), (6, 6, "SY")]
