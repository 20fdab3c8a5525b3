"""Documents as exports read them."""

from typing import Any

from services.api.exports.documents import SEARCHED
from shared.documents import document
from shared.domain.event import Event
from shared.domain.incident import Incident
from shared.incidents.fold import fold
from tests.examples import event, report


def stored(incident: Incident) -> dict[str, Any]:
    """An incident as Elasticsearch gives it to an export: without what is only searched."""
    kept = document(incident)
    for path in SEARCHED:
        _drop(kept, path)
    return kept


def _drop(kept: Any, path: str) -> None:
    name, _, inner = path.partition(".")
    for one in kept if isinstance(kept, list) else [kept or {}]:
        if inner:
            _drop(one.get(name), inner)
        else:
            one.pop(name, None)


def told(one: Event | None = None, **fields: Any) -> dict[str, Any]:
    """The stored incident of one report."""
    return stored(fold("TCN-0123456789", [report(told=one or event(), **fields)]))
