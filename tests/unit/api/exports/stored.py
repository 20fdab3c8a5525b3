"""Documents as exports read them."""

from typing import Any

from services.api.exports.documents import SEARCHED
from shared.domain.event import Event
from shared.domain.incident import Incident
from shared.incidents.fold import fold
from shared.index import document
from tests.examples import event, report


def stored(incident: Incident) -> dict[str, Any]:
    """An incident as Elasticsearch gives it to an export: without what is only searched."""
    kept = document(incident)
    for path in SEARCHED:
        name, _, inner = path.partition(".")
        if not inner:
            kept.pop(name)
            continue
        for one in kept[name] if isinstance(kept[name], list) else [kept[name] or {}]:
            one.pop(inner, None)
    return kept


def told(one: Event | None = None, **fields: Any) -> dict[str, Any]:
    """The stored incident of one report."""
    return stored(fold("TCN-0123456789", [report(told=one or event(), **fields)]))
