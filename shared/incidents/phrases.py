"""Places and tolls as phrases of a sentence. What is unknown is no phrase, and never a zero."""

from collections.abc import Sequence

from shared import countries
from shared.domain.event import Place, Toll
from shared.domain.vocabulary import PlacePrecision
from shared.incidents.wording import ROLES

#: Longest name that fits a sentence, in characters.
NAME_CHARS = 80


def said(name: str | None) -> str:
    """Return a name as a sentence can hold it: on one line; nothing when it is none, or too long for one."""
    plain = " ".join((name or "").split())
    return plain if len(plain) <= NAME_CHARS else ""


def listed(things: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join(part for part in (", ".join(things[:-1]), *things[-1:]) if part)


def where(place: Place | None) -> str:
    """Return "in Goma, North Kivu, the Democratic Republic of the Congo"; nothing when unknown."""
    if place is None:
        return ""
    names = [said(one) for one in (place.name, place.city, place.admin1)]
    country = countries.in_a_sentence(place.country)
    different: dict[str, str] = {}
    for one in (*names, country):
        if one:
            different.setdefault(one.casefold().removeprefix("the "), one)
    if country:  # as the sentence needs it, not as the article spells it: "in the Philippines"
        different[country.casefold().removeprefix("the ")] = country
    at = "at" if place.precision is PlacePrecision.FACILITY and names[0] else "in"
    return f"{at} {', '.join(different.values())}" if different else ""


def count(toll: Toll) -> tuple[str, bool] | None:
    """Return how many as words, "2 to 5", and whether that is more than one. None where only roles are told."""
    low, best, high = toll.min, toll.best, toll.max
    likely = f" (most likely {best:,})" if best is not None else ""
    if low is not None and low == high:
        return f"{low:,}", low != 1
    if low is not None and high is not None:
        return f"{low:,} to {high:,}{likely}", True
    if low is not None:
        return f"at least {low:,}{likely if best != low else ''}", low != 1
    if high is not None:
        return f"up to {high:,}{likely if best != high else ''}", high != 1
    return None if best is None else (f"{best:,}", best != 1)


def roles(toll: Toll) -> str:
    """Return "2 civilians and 1 child": who was, where nobody tells how many in all."""
    return listed([f"{n:,} {ROLES[role][n != 1]}" for role, n in toll.by_role.items() if n])


def nobody(toll: Toll | None) -> bool:
    """Return whether it is told that nobody was."""
    return toll is not None and toll.max == 0


def range_of(toll: Toll) -> str:
    """Return how many in few words: "2 to 5", "at least 3"; nothing where only roles are told."""
    found = count(toll.model_copy(update={"best": None}) if (toll.min, toll.max) != (None, None) else toll)
    return found[0] if found else ""
