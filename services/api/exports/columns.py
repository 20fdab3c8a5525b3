"""A flat row of an incident: what each column means, and where its value comes from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.api.exports.documents import Document, within
from shared import countries
from shared.domain.vocabulary import ActorRole

#: A cell. None is unknown, which is empty in a table.
Cell = str | int | float | None

#: Between the values of one cell. In a value it becomes a comma.
SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    meaning: str  #: as docs/exports.md has it
    value: Callable[[Document], Cell]


def row(columns: Sequence[Column], document: Document) -> Iterator[tuple[str, Cell]]:
    """Yield name and value of each cell of an incident."""
    return ((column.name, column.value(document)) for column in columns)


def together(values: Iterable[str]) -> str | None:
    """Return several values in one cell, each once; None when there is none."""
    return SEPARATOR.join(dict.fromkeys(value.replace(";", ",") for value in values if value)) or None


def parties(document: Document, *roles: ActorRole) -> list[dict[str, Any]]:
    """Return who had any of some roles, those named most often first."""
    return [party for party in document.get("actors") or () if party["role"] in roles]


def _at(name: str, meaning: str, *path: str) -> Column:
    return Column(name, meaning, lambda document: within(document, *(path or (name,))))


def _named(name: str, meaning: str, role: ActorRole) -> Column:
    return Column(name, meaning, lambda document: together(party["name"] for party in parties(document, role)))


def _each(name: str, meaning: str, field: str, of: str) -> Column:
    return Column(name, meaning, lambda document: together(str(thing[of]) for thing in document.get(field) or ()))


def _roles(name: str, meaning: str, field: str) -> Column:
    def told(document: Document) -> str | None:
        found = within(document, field, "by_role") or {}
        return together(f"{role}={number}" for role, number in found.items() if number is not None)

    return Column(name, meaning, told)


#: The columns of CSV, and the properties of GeoJSON.
FLAT: tuple[Column, ...] = (
    _at("id", "Permanent number of the incident."),
    _at("revision", "Counts its changes."),
    _at("status", "Whether it stands: `active`."),
    _at("type", "Family of the event."),
    _at("subtype", "What was done."),
    _at("realis", "Whether it happened."),
    Column("confidence", "That of the surest report, 0 to 1.", lambda document: document.get("confidence")),
    _at("title", "Headline of the report that knows most, or one composed."),
    Column("summary", "Two sentences made of the coded fields.", lambda document: document.get("summary") or None),
    _at("date_start", "First day on which it may have happened.", "date", "start"),
    _at("date_end", "Last such day.", "date", "end"),
    _at("date_precision", "How wide the date is.", "date", "precision"),
    _at("place_name", "The finest named place.", "place", "name"),
    _at("city", "The town it is in, or near.", "place", "city"),
    _at("admin1", "State or province.", "place", "admin1"),
    _at("country", "ISO 3166-1 alpha-2.", "place", "country"),
    Column("country_name", "The same in English.", lambda d: countries.name(within(d, "place", "country"))),
    _at("lat", "Latitude in degrees, WGS 84.", "place", "lat"),
    _at("lon", "Longitude in degrees, WGS 84.", "place", "lon"),
    _at("radius_km", "Radius of uncertainty in kilometres.", "place", "radius_km"),
    _at("place_precision", "How fine the place is.", "place", "precision"),
    _at("geonames_id", "Number of the place in GeoNames.", "place", "geonames_id"),
    _at("killed_min", "Fewest killed that are told.", "killed", "min"),
    _at("killed_best", "Likeliest number of the killed.", "killed", "best"),
    _at("killed_max", "Most killed that are told; empty: no upper end.", "killed", "max"),
    _roles("killed_by_role", "Who the killed were: `civilian=2; child=1`. Roles may overlap.", "killed"),
    _at("injured_min", "Fewest injured that are told.", "injured", "min"),
    _at("injured_best", "Likeliest number of the injured.", "injured", "best"),
    _at("injured_max", "Most injured that are told; empty: no upper end.", "injured", "max"),
    _roles("injured_by_role", "Who the injured were, as above.", "injured"),
    _named("perpetrators", "Who did it, or is said to have.", ActorRole.PERPETRATOR),
    _named("victims", "Who was killed, hurt, taken or robbed.", ActorRole.VICTIM),
    _named("targeted", "Who was aimed at and not harmed, or detained.", ActorRole.TARGET),
    _named("responders", "Who acted after or against it.", ActorRole.RESPONDER),
    _at("claimed_by", "Who said that it was theirs."),
    _each("sectors", "Walks of life of all who took part.", "actors", "sector"),
    _each("target_classes", "Classes of what was aimed at.", "targets", "class"),
    _each("targets", "What was aimed at, in the words of the reports.", "targets", "name"),
    _each("weapon_classes", "Classes of the means used or seized.", "weapons", "class"),
    _each("weapons", "Those means, in the words of the reports.", "weapons", "name"),
    _at("reports", "How many articles tell it."),
    Column("publishers", "Who tells it.", lambda document: together(document.get("sites") or ())),
    _each("urls", "The articles it rests on, at most 100.", "sources", "url"),
    _at("first_published", "First day of publication."),
    _at("last_published", "Last day of publication."),
    _at("updated_at", "When the newest of its pages was fetched, UTC."),
)
