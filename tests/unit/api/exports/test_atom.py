"""The feed: well-formed whatever the news, with ids that stay."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from services.api.exports import atom
from shared.domain.incident import Incident
from tests.examples import event
from tests.generated import incidents
from tests.unit.api.exports.stored import stored, told

SPACES = {"a": "http://www.w3.org/2005/Atom", "g": "http://www.georss.org/georss"}
URL, BASE = "http://127.0.0.1:8000/v1/incidents/feed?country=CD&q=a%22b", "http://127.0.0.1:8000/v1/incidents"


def feed(*documents: dict[str, object]) -> ET.Element:
    """The feed of some incidents, parsed."""
    return ET.fromstring(atom.feed(documents, url=URL, base=BASE))  # noqa: S314 - our own


@given(st.lists(incidents(), max_size=3))
def test_a_feed_is_well_formed_and_whole(found: list[Incident]) -> None:
    root = feed(*map(stored, found))
    assert root.findtext("a:id", namespaces=SPACES)
    assert root.findtext("a:updated", namespaces=SPACES)
    assert root.findtext("a:author/a:name", namespaces=SPACES)
    entries = root.findall("a:entry", SPACES)
    assert len(entries) == len(found)
    for entry in entries:
        for name in ("id", "title", "updated", "summary"):
            assert entry.findtext(f"a:{name}", namespaces=SPACES)


def test_an_entry_leads_to_the_incident_and_its_articles() -> None:
    (entry,) = feed(told()).findall("a:entry", SPACES)
    links = {(link.get("rel"), link.get("href")) for link in entry.findall("a:link", SPACES)}
    assert links == {("alternate", f"{BASE}/TCN-0123456789"), ("related", "http://north.example/story")}
    assert entry.findtext("g:point", namespaces=SPACES) == "-1.67 29.23"
    assert [one.get("term") for one in entry.findall("a:category", SPACES)] == ["explosive_remote", "bombing", "actual"]


def test_an_entry_keeps_its_id_when_the_incident_changes() -> None:
    first, later = (feed(told(title=title)).findtext("a:entry/a:id", namespaces=SPACES) for title in ("A", "B"))
    assert first == later
    assert str(first).startswith("urn:uuid:")


def test_feeds_of_two_searches_are_two_feeds() -> None:
    other = ET.fromstring(atom.feed([], url=URL + "x", base=BASE))  # noqa: S314 - our own
    assert feed().findtext("a:id", namespaces=SPACES) != other.findtext("a:id", namespaces=SPACES)


def test_what_has_no_coordinates_has_no_point_and_what_xml_forbids_is_left_out() -> None:
    root = feed(told(event(place=None), title="bell\x07 & <b>"))
    assert root.find("a:entry/g:point", SPACES) is None
    assert root.findtext("a:entry/a:title", namespaces=SPACES) == "bell & <b>"


def test_a_feed_is_as_new_as_its_newest_entry() -> None:
    newer = {**told(), "updated_at": "2026-03-09T12:00:00Z"}
    assert feed(told(), newer).findtext("a:updated", namespaces=SPACES) == "2026-03-09T12:00:00.001+00:00"
    assert feed().findtext("a:updated", namespaces=SPACES) == "1970-01-01T00:00:00Z"


def test_each_revision_is_newer_for_readers_than_the_one_before() -> None:
    times = [
        feed({**told(), "revision": revision}).findtext("a:entry/a:updated", namespaces=SPACES)
        for revision in (1, 2, 999, 1000, 1001)
    ]
    assert times == sorted(set(map(str, times)))
