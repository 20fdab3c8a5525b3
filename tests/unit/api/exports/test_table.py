"""CSV: what was known comes back, and no spreadsheet runs it."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given

from services.api.exports import acled, table
from services.api.exports.columns import FLAT, row
from services.api.exports.documents import CHUNK_BYTES, chunks
from shared.domain.crosswalk import crosswalk
from shared.domain.event import Actor, Toll
from shared.domain.incident import Incident
from shared.domain.vocabulary import ActorKind, ActorRole, CasualtyRole, Realis, Sector, Subtype
from tests import examples
from tests.examples import event
from tests.generated import incidents
from tests.unit.api.exports.stored import stored, told


def read(written: bytes) -> list[dict[str, str]]:
    """The rows of a file, as any reader of CSV has them."""
    return list(csv.DictReader(io.StringIO(written.decode(), newline="")))


def flat(document: dict[str, Any]) -> dict[str, str]:
    """The row of one incident."""
    (found,) = read(b"".join(table.flat([document])))
    return found


def as_acled(document: dict[str, Any]) -> dict[str, str]:
    """The row of one incident in ACLED's columns."""
    (found,) = read(b"".join(table.as_acled([document])))
    return found


def actor(name: str, role: ActorRole, sector: Sector, kind: ActorKind = ActorKind.GROUP) -> Actor:
    """Somebody who takes part."""
    return Actor(name=name, role=role, kind=kind, sector=sector, named=True)


@given(incidents())
def test_every_incident_is_one_row_that_reads_back(incident: Incident) -> None:
    document = stored(incident)
    found = flat(document)
    for name, value in row(FLAT, document):
        expected = "" if value is None else str(value).replace("\x00", "")
        assert found[name] in (expected, f"'{expected}")


@given(incidents())
def test_no_words_begin_as_a_formula(incident: Incident) -> None:
    numbers = {"lat", "lon", "latitude", "longitude"}
    for found in (flat(stored(incident)), as_acled(stored(incident))):
        begun = {value.strip(" ")[:1] for name, value in found.items() if name not in numbers}
        assert not begun & set("=+-@\t\r\n")


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-lib", "@sum", "\tx", "\r=1", " =1", "＝1"])  # noqa: RUF001 - meant
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert table.guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["a=b", "", -1.5, 0, None, "'quoted"])
def test_what_is_no_formula_stays(cell: str | float | None) -> None:
    assert table.guarded(cell) == cell


def test_unknown_is_empty_and_zero_is_zero() -> None:
    unknown = flat(told())
    assert (unknown["killed_min"], unknown["killed_best"], unknown["killed_max"]) == ("", "", "")
    nobody = flat(told(event(killed=examples.toll(0))))
    assert (nobody["killed_min"], nobody["killed_best"], nobody["killed_max"]) == ("0", "0", "0")
    assert flat(told(event(place=None, date=None)))["lat"] == ""


def test_a_row_holds_what_is_known() -> None:
    toll = Toll(min=2, best=3, by_role={CasualtyRole.CIVILIAN: 2, CasualtyRole.CHILD: 1})
    parties = (
        actor("Owl; Front", ActorRole.PERPETRATOR, Sector.REBEL),
        actor("the army", ActorRole.RESPONDER, Sector.MILITARY, ActorKind.STATE_FORCE),
    )
    found = flat(told(event(killed=toll, actors=parties)))
    wanted = {
        "id": "TCN-0123456789",
        "type": "explosive_remote",
        "subtype": "bombing",
        "date_start": "2026-03-03",
        "country": "CD",
        "country_name": "Democratic Republic of the Congo",
        "lat": "-1.67",
        "killed_min": "2",
        "killed_max": "",
        "killed_by_role": "civilian=2; child=1",
        "perpetrators": "Owl, Front",
        "responders": "the army",
        "sectors": "rebel; military",
        "publishers": "north.example",
        "urls": "http://north.example/story",
        "updated_at": "2026-03-04T12:00:00Z",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_a_header_stands_also_over_nothing() -> None:
    assert b"".join(table.flat([])).decode().strip() == ",".join(column.name for column in FLAT)


def test_lines_end_as_rfc_4180_has_it() -> None:
    assert b"".join(table.flat([told()])).count(b"\r\n") == 2


@given(incidents())
def test_every_incident_is_one_row_of_acled(incident: Incident) -> None:
    found = as_acled(stored(incident))
    assert found["sub_event_type"] in acled.SUB_EVENT_TYPES
    assert (found["fatalities"] == "") == (
        incident.killed is None or (incident.killed.best is None and incident.killed.min is None)
    )
    assert (found["event_date"] == "") == (incident.date is None)
    assert (found["latitude"] == "") == (incident.place is None or incident.place.lat is None)


def test_every_sub_event_type_of_the_crosswalk_has_its_types() -> None:
    named = {crosswalk()[subtype]["ACLED"] for subtype in Subtype} - {None}
    assert named <= set(acled.SUB_EVENT_TYPES)


def test_a_row_of_acled_holds_what_is_known() -> None:
    parties = (
        actor("Owl Front", ActorRole.PERPETRATOR, Sector.REBEL),
        actor("Owl Youth", ActorRole.PERPETRATOR, Sector.REBEL),
        actor("two farmers", ActorRole.VICTIM, Sector.CIVILIAN, ActorKind.PERSON),
    )
    found = as_acled(told(event(Subtype.ARMED_ATTACK, killed=Toll(min=2), actors=parties, claimed_by="Owl Front")))
    wanted = {
        "event_id_cnty": "TCN-0123456789",
        "event_date": "2026-03-03",
        "year": "2026",
        "time_precision": "1",
        "disorder_type": "Political violence",
        "event_type": "Violence against civilians",
        "sub_event_type": "Attack",
        "actor1": "Owl Front",
        "assoc_actor_1": "Owl Youth",
        "inter1": "Rebel group",
        "actor2": "two farmers",
        "inter2": "Civilians",
        "interaction": "Rebel group-Civilians",
        "civilian_targeting": "Civilian targeting",
        "iso": "180",
        "country": "Democratic Republic of the Congo",
        "location": "Goma",
        "geo_precision": "1",
        "source": "north.example",
        "fatalities": "2",
        "tags": "claimed by Owl Front",
        "timestamp": "1772625600",
        "region": "",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_both_sides_of_a_clash_are_its_actors() -> None:
    sides = (
        actor("the army", ActorRole.PERPETRATOR, Sector.UNKNOWN, ActorKind.STATE_FORCE),
        actor("Owl Front", ActorRole.PERPETRATOR, Sector.MILITIA),
    )
    found = as_acled(told(event(Subtype.ARMED_CLASH, actors=sides)))
    assert (found["actor1"], found["inter1"]) == ("the army", "State forces")
    assert (found["actor2"], found["inter2"]) == ("Owl Front", "Political militia")


def test_crowds_are_protesters_or_rioters_and_arrests_have_their_forces_first() -> None:
    crowd = (actor("a crowd", ActorRole.PERPETRATOR, Sector.UNKNOWN, ActorKind.CROWD),)
    assert as_acled(told(event(Subtype.PEACEFUL_PROTEST, actors=crowd)))["inter1"] == "Protesters"
    assert as_acled(told(event(Subtype.MOB_VIOLENCE, actors=crowd)))["inter1"] == "Rioters"
    assert as_acled(told(event(Subtype.BOMBING, actors=crowd)))["inter1"] == ""
    arrest = (
        actor("three men", ActorRole.TARGET, Sector.CRIMINAL, ActorKind.PERSON),
        actor("police", ActorRole.RESPONDER, Sector.POLICE, ActorKind.STATE_FORCE),
    )
    found = as_acled(told(event(Subtype.ARREST, actors=arrest)))
    assert (found["actor1"], found["actor2"], found["inter2"]) == ("police", "three men", "")


def test_what_did_not_happen_is_tagged() -> None:
    assert as_acled(told(event(realis=Realis.DENIED)))["tags"] == "denied"


def test_small_pieces_are_sent_together_and_none_is_lost() -> None:
    pieces = [bytes([n % 256]) * 1000 for n in range(200)]
    sent = list(chunks(pieces))
    assert b"".join(sent) == b"".join(pieces)
    assert max(map(len, sent)) < CHUNK_BYTES + 1000
    assert len(sent) == 4
    assert list(chunks([])) == []
