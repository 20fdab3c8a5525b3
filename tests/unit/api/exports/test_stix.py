"""STIX: what OASIS's library reads, and writes again as it was, with ids that follow from content.

The library checks what the standard asks of each object: what must be there, in which form, and nothing else.
"""

import json
from typing import Any

import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st

from services.api.exports import stix
from shared.domain.event import Actor, Toll
from shared.domain.incident import Incident
from shared.domain.vocabulary import ActorKind, ActorRole, Sector
from tests import examples
from tests.examples import event
from tests.generated import incidents
from tests.unit.api.exports.stored import stored, told

FRONT = Actor(
    name="Owl Front", role=ActorRole.PERPETRATOR, kind=ActorKind.GROUP, sector=Sector.REBEL, named=True, aliases=("OF",)
)


def bundle(*documents: dict[str, Any]) -> dict[str, Any]:
    """The bundle of some incidents."""
    found: dict[str, Any] = json.loads(b"".join(stix.write(documents)))
    return found


def read_again(written: dict[str, Any]) -> dict[str, Any]:
    """What the library writes of what it has read. It raises what does not fit the standard."""
    again: dict[str, Any] = json.loads(stix2.parse(written, allow_custom=False).serialize())
    return again


def of_type(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The objects of one type."""
    return [one for one in found["objects"] if one["type"] == kind]


@given(st.lists(incidents(), max_size=3, unique_by=lambda one: one.id))
def test_a_bundle_is_valid_and_every_reference_leads_to_an_object_before(found: list[Incident]) -> None:
    written = bundle(*map(stored, found))
    assert read_again(written) == written
    known: set[str] = set()
    for one in written["objects"]:
        references = [value for name, value in one.items() if name.endswith("_ref")]
        assert set(references) <= known
        assert set(one.get("extensions", {})) <= known
        known.add(one["id"])
    shared = [one["id"] for one in written["objects"] if one["type"] not in ("incident", "relationship")]
    assert len(shared) == len(set(shared))


@given(incidents())
def test_the_extension_holds_what_it_declares_and_nothing_unknown(incident: Incident) -> None:
    found = bundle(stored(incident))
    (definition,) = of_type(found, "extension-definition")
    (one,) = of_type(found, "incident")
    held = one["extensions"][definition["id"]]
    assert set(held) - {"extension_type"} <= set(stix.EXTENSION)
    assert all(f"{name}: " in definition["schema"] for name in held if name != "extension_type")
    assert ("killed" in held) == (incident.killed is not None)
    assert "null" not in json.dumps(held).replace('"null"', "")


def test_two_exports_are_one() -> None:
    assert bundle(told()) == bundle(told())
    assert bundle(told())["id"] != bundle(told(event(killed=examples.toll(1))))["id"]


def test_an_incident_keeps_its_id_and_a_later_revision_is_newer() -> None:
    first = told()
    (before,), (after,) = (of_type(bundle(one), "incident") for one in (first, {**first, "revision": 2}))
    assert (before["id"], before["created"]) == (after["id"], after["created"])
    assert before["modified"] < after["modified"]


def test_what_is_known_of_an_incident_stands_in_it() -> None:
    found = bundle(told(event(killed=Toll(min=3), confidence=0.914)))
    (one,) = of_type(found, "incident")
    assert one["name"] == "Bomb goes off in Goma"
    assert one["description"].startswith("At least 3 people were killed")
    assert one["confidence"] == 91
    assert one["labels"] == ["explosive_remote", "bombing", "actual"]
    assert one["external_references"][0]["url"] == "http://north.example/story"
    held = next(iter(one["extensions"].values()))
    assert held["killed"] == {"min": 3, "best": 3} or held["killed"] == {"min": 3}
    (place,) = of_type(found, "location")
    assert (place["country"], place["latitude"], place["longitude"]) == ("CD", -1.67, 29.23)


def test_a_named_group_is_an_object_and_others_are_not() -> None:
    men = Actor(
        name="two men", role=ActorRole.VICTIM, kind=ActorKind.PERSON, sector=Sector.CIVILIAN, count=2, named=False
    )
    found = bundle(told(event(actors=(FRONT, men))))
    (group,) = of_type(found, "threat-actor")
    assert group["name"] == "Owl Front"
    assert [one["relationship_type"] for one in of_type(found, "relationship")] == ["located-at", "attributed-to"]
    assert [one["name"] for one in of_type(found, "identity")] == ["Tocsin"]
    held = next(iter(of_type(found, "incident")[0]["extensions"].values()))
    assert [party["name"] for party in held["actors"]] == ["Owl Front", "two men"]


@pytest.mark.parametrize(
    ("role", "kind", "kept", "relationship"),
    [
        (ActorRole.PERPETRATOR, ActorKind.STATE_FORCE, "identity", "attributed-to"),
        (ActorRole.VICTIM, ActorKind.GROUP, "identity", "targets"),
        (ActorRole.TARGET, ActorKind.GROUP, "identity", "targets"),
    ],
)
def test_who_is_no_perpetrating_group_is_an_identity(
    role: ActorRole, kind: ActorKind, kept: str, relationship: str
) -> None:
    found = bundle(told(event(place=None, actors=(FRONT.model_copy(update={"role": role, "kind": kind}),))))
    assert [one["name"] for one in of_type(found, kept)][1:] == ["Owl Front"]
    assert [one["relationship_type"] for one in of_type(found, "relationship")] == [relationship]


def test_what_several_incidents_share_comes_once() -> None:
    one = told(event(actors=(FRONT,)))
    found = bundle(one, {**one, "id": "TCN-1111111111"})
    assert len(of_type(found, "location")) == len(of_type(found, "threat-actor")) == 1
    assert len(of_type(found, "relationship")) == 4


def test_a_place_without_country_and_coordinates_is_no_location() -> None:
    nowhere = examples.GOMA.model_copy(update={"country": None, "lat": None, "lon": None})
    found = bundle(told(event(place=nowhere)))
    assert not of_type(found, "location")
    held = next(iter(of_type(found, "incident")[0]["extensions"].values()))
    assert held["place"]["name"] == "Goma"


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "retracted"},
        {"confidence": None, "summary": "", "sources": []},
        {"confidence": 1.0, "updated_at": "2025-12-31T23:59:59.123456Z"},
        {"updated_at": "2026-01-01T02:00:00+02:00", "revision": 250},
        {"place": None, "actors": [], "killed": None},
        {"title": 'Élan "quoted" \u2028 \x07', "claimed_by": "\U0001f989"},
    ],
)
def test_rare_shapes_are_read_and_written_again_as_they_were(changed: dict[str, Any]) -> None:
    written = bundle({**told(event(actors=(FRONT,))), **changed})
    assert read_again(written) == written
    (one,) = of_type(written, "incident")
    assert one.get("revoked", False) == ("status" in changed)


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("incident", {"name": None}),
        ("incident", {"modified": "yesterday"}),
        ("incident", {"killed": 3}),
        ("location", {"latitude": 91}),
        ("relationship", {"target_ref": "Goma"}),
        ("threat-actor", {"id": "threat-actor--1"}),
        ("extension-definition", {"extension_types": []}),
    ],
)
def test_the_library_refuses_what_does_not_fit_the_standard(kind: str, broken: dict[str, Any]) -> None:
    written = bundle(told(event(actors=(FRONT,))))
    of_type(written, kind)[0].update(broken)
    with pytest.raises(stix2.exceptions.STIXError):
        read_again(written)


def test_a_bundle_of_nothing_is_one() -> None:
    assert {one["type"] for one in bundle()["objects"]} == {"identity", "extension-definition"}
    assert read_again(bundle()) == bundle()
