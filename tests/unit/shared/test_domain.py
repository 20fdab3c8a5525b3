"""The nouns refuse what makes no sense."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.article import Published, fingerprint
from shared.domain.coded import Coding
from shared.domain.event import DateRange, Event, Place, Toll
from shared.domain.incident import incident_id
from shared.domain.vocabulary import TYPE_OF, DatePrecision, EventType, PlacePrecision, Realis, Subtype
from shared.errors import Reason
from tests import examples


def test_a_noun_refuses_unknown_fields() -> None:
    with pytest.raises(ValidationError):
        Toll.model_validate({"best": 1, "wounded": 2})


def test_a_noun_is_frozen() -> None:
    with pytest.raises(ValidationError):
        examples.toll(1).best = 2  # type: ignore[misc]


def test_a_moment_has_a_zone_and_is_kept_in_utc() -> None:
    east = timezone(timedelta(hours=3))
    local = datetime(2026, 1, 2, 1, tzinfo=east)
    stamped = examples.submission().model_copy(update={"accepted_at": local})
    assert type(stamped).model_validate_json(stamped.model_dump_json()).accepted_at == datetime(
        2026, 1, 1, 22, tzinfo=UTC
    )
    with pytest.raises(ValidationError):
        type(stamped).model_validate(stamped.model_dump() | {"accepted_at": "2026-01-02T01:00:00"})


def test_every_subtype_has_a_type() -> None:
    assert set(TYPE_OF) == set(Subtype)
    assert set(TYPE_OF.values()) == set(EventType)


def test_a_subtype_of_another_type_is_refused() -> None:
    with pytest.raises(ValidationError):
        Event(type=EventType.PROTEST, subtype=Subtype.BOMBING, realis=Realis.ACTUAL, main=True)


@given(st.lists(st.none() | st.integers(0, 9), min_size=3, max_size=3))
def test_a_toll_is_in_order_or_refused(numbers: list[int | None]) -> None:
    known = [n for n in numbers if n is not None]
    fields = dict(zip(("min", "best", "max"), numbers, strict=True))
    if known and known == sorted(known):
        assert Toll.model_validate(fields).model_dump(include={"min", "best", "max"}) == fields
    else:
        with pytest.raises(ValidationError):
            Toll.model_validate(fields)


def test_half_a_point_is_refused() -> None:
    with pytest.raises(ValidationError):
        Place(name="Goma", lat=1.0, precision=PlacePrecision.CITY)


def test_an_interval_does_not_run_backwards() -> None:
    with pytest.raises(ValidationError):
        DateRange(start=date(2026, 1, 2), end=date(2026, 1, 1), precision=DatePrecision.DAY)


def test_a_verdict_has_a_reason_or_is_relevant() -> None:
    with pytest.raises(ValidationError):
        Coding(relevant=True, discard_reason=Reason.LANGUAGE, model="m")
    with pytest.raises(ValidationError):
        Coding(relevant=False, model="m")


def test_the_day_is_that_of_the_publisher() -> None:
    late = Published(value="2022-01-13T23:30:00+03:00", precision="second", source="json-ld")
    assert late.day == date(2022, 1, 13)


def test_a_fingerprint_is_deaf_to_case_and_spacing() -> None:
    assert fingerprint("Two  men, dead.") == fingerprint("two men\ndead")
    assert fingerprint("Two men dead") != fingerprint("Three men dead")


def test_an_incident_number_is_permanent() -> None:
    assert incident_id("a-0@2026") == incident_id("a-0@2026") != incident_id("a-1@2026")
    assert incident_id("a-0@2026").startswith("TCN-")
    assert len(incident_id("x")) == len("TCN-") + 10
