"""The URL a story is known by. Two fetches of one story must agree on it, and two stories must not.

courlan is not used here: it drops `cid`, `eid` and `uid` and parameters without a value, and `story.php?cid=41` and
`story.php?1234` are how many small papers name their stories.
"""

import re
from datetime import date
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(utm_.*|mc_[ce]id|(fbc|gc|dc|twc|yc|ttc)lid|(msclk|gbra|wbra|igsh|li_fat_)id|_ga|_gl|at_(medium|campaign|custom\d*)"
    r"|ito|ocid|cmpid|cmp|ns_(campaign|mchannel|source|linkname)|smid|xtor|mkt_tok|vero_(id|conv)|wt\.mc_id|s_cid|sr_share)",
    re.IGNORECASE,
)
_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?=[/_-])")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def site(url: str) -> str | None:
    """Return the host of `url` without a leading www., with its port when that is unusual; None without a host."""
    parts = _split(url)
    return _site(parts) if parts else None


def clean(url: str) -> str:
    """Return `url` in one spelling: scheme and host in lower case, no default port, fragment or tracking parameters.

    What is no http(s) URL comes back as it is.
    """
    parts = _split(url)
    if parts is None:
        return url.strip()
    kept = [pair for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])]
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return urlunsplit((parts.scheme, host.rstrip(".") + port, parts.path or "/", "&".join(kept), ""))


def day_in(url: str) -> date | None:
    """Return the day in the path of `url` (/2022/01/13/, /2022-01-13-), which publishers count by their own clock."""
    match = _DAY.search(url)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def canonical(url: str, claims: list[str]) -> str:
    """Return the first of `claims` (absolute or relative to `url`) that stays on the site of `url`, else `url`; clean.

    A page may speak for its own site only: else anybody could overwrite another publisher's story with his own.
    A claim of the site's front page is the fault of a template, and would make one story of all.
    """
    own = _split(url)
    for claim in claims:
        parts = _split(_join(url, claim)) if claim else None
        if own and parts and _site(parts) == _site(own) and _specific(parts) >= _specific(own):
            return clean(urlunsplit(parts))
    return clean(url)


def _specific(parts: SplitResult) -> bool:
    return parts.path not in ("", "/") or bool(parts.query)


def _join(base: str, url: str) -> str:
    try:
        return urljoin(base, url.strip())
    except ValueError:
        return ""


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, half an IPv6 address
        return None
    return parts if usable else None


def _site(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{parts.port}"
