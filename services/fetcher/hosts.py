"""How long fetching takes, by kind of host: a label for each host would be as many series as there are sites."""

import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from shared.errors import Discard
from shared.metrics.catalogue import FETCH_SECONDS

#: Kinds of hosts by the last part of their names; any other part of two letters is a country's.
_KINDS = {
    "com": "com",
    "net": "net",
    "org": "org",
    "int": "org",
    "gov": "government",
    "mil": "government",
    "edu": "academic",
}
#: Second parts under a country's that say more than the country: gov.uk, ac.ke, com.br.
_SECOND = {
    "gov": "government",
    "gob": "government",
    "go": "government",
    "mil": "government",
    "ac": "academic",
    "edu": "academic",
    "com": "com",
    "co": "com",
    "org": "org",
    "or": "org",
    "net": "net",
}
#: All that `kind` may return.
KINDS = ("academic", "address", "com", "country", "government", "net", "org", "other")


def kind(url: str) -> str:
    """Return what kind of host a URL names: one of `KINDS`."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return "other"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        *_, second, last = ("", "", *host.split("."))
        if len(last) == 2 and last.isalpha():  # noqa: PLR2004 - what a country's code is
            return _SECOND.get(second, "country")
        return _KINDS.get(last, "other")
    return "address"


@contextmanager
def timed(url: str) -> Iterator[None]:
    """Note how long the block took for the host of `url`, and whether it brought a page, was refused or failed."""
    start, ended = time.perf_counter(), "failed"
    try:
        yield
        ended = "page"
    except Discard:
        ended = "refused"
        raise
    finally:
        FETCH_SECONDS.labels(kind(url), ended).observe(time.perf_counter() - start)
