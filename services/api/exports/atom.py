"""An Atom feed (RFC 4287) of incidents with GeoRSS points."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from services.api.exports.documents import Document, within

MEDIA_TYPE = "application/atom+xml"

_ATOM, _GEORSS = "http://www.w3.org/2005/Atom", "http://www.georss.org/georss"
_NAMESPACE = UUID("2b1f7f9e-35c4-5d0b-8f0e-6a1f0c9f4f11")
#: What XML 1.0 has no place for, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A feed of nothing has a date too.
_NEVER = "1970-01-01T00:00:00Z"
#: Most articles that an entry links to.
_LINKED = 20

ET.register_namespace("", _ATOM)
ET.register_namespace("georss", _GEORSS)


def feed(documents: Sequence[Document], *, url: str, base: str) -> bytes:
    """Return the feed at `url` of some incidents, whose pages are under `base`."""
    root = ET.Element(_tag("feed"))
    _add(root, "id", uuid5(_NAMESPACE, url).urn)
    _add(root, "title", "Tocsin: incidents")
    _add(root, "updated", max(map(_changed, documents), default=_NEVER))
    _add(root, "link", rel="self", href=url, type=MEDIA_TYPE)
    _add(_add(root, "author"), "name", "Tocsin")
    for document in documents:
        _entry(root, document, base)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _changed(document: Document) -> str:
    """Return when an incident changed, as readers of feeds compare it: every revision is later than the one before.

    The time of its newest page and a millisecond a revision, as in STIX: what people correct fetches no page.
    """
    fetched = datetime.fromisoformat(document["updated_at"])
    return (fetched + timedelta(milliseconds=document.get("revision") or 1)).isoformat(timespec="milliseconds")


def _entry(root: ET.Element, document: Document, base: str) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", uuid5(_NAMESPACE, document["id"]).urn)
    _add(entry, "title", document["title"] or document["id"])
    _add(entry, "updated", _changed(document))
    if document.get("first_published"):
        _add(entry, "published", f"{document['first_published']}T00:00:00Z")
    _add(entry, "link", rel="alternate", href=f"{base}/{document['id']}", type="application/json")
    for source in (document.get("sources") or ())[:_LINKED]:
        _add(entry, "link", rel="related", href=source["url"], title=source["title"])
    for field in ("type", "subtype", "realis"):
        _add(entry, "category", term=document[field], label=field)
    _add(entry, "summary", document.get("summary") or document["title"] or document["id"])
    lat, lon = within(document, "place", "lat"), within(document, "place", "lon")
    if lat is not None:
        ET.SubElement(entry, f"{{{_GEORSS}}}point").text = f"{lat} {lon}"


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, _tag(name), {key: _legal(value) for key, value in attributes.items()})
    child.text = None if text is None else _legal(text)
    return child


def _tag(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
