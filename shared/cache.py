"""Where what is built once is kept between runs: the embedded Elasticsearch, the index of places."""

import os
from pathlib import Path


def folder() -> Path:
    """Return the cache folder: TOCSIN_CACHE, for root /var/cache/tocsin, else that of the user.

    Root's own is of no use: another user runs Elasticsearch, and cannot read what lies under root's home.
    """
    given = os.environ.get("TOCSIN_CACHE")
    if given:
        return Path(given).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/tocsin")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tocsin"
