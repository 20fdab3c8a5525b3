"""Merging: one happening told differently is one, look-alikes stay apart."""

import itertools
from datetime import date

import pytest

from services.indexer.merging import model
from services.indexer.merging.assignment import Assignment, assign
from services.indexer.merging.batch import group
from services.indexer.merging.features import distance_km
from services.indexer.merging.traits import Traits
from services.indexer.report import reports_of
from shared.domain.event import Event, Place
from shared.domain.incident import Report
from shared.domain.vocabulary import PlacePrecision, Realis, Subtype
from tests import examples
from tests.examples import BUKAVU, GOMA, day, event, report, toll

COUNTRY = Place(name="Congo", country="CD", precision=PlacePrecision.COUNTRY)
PROVINCE = Place(name="North Kivu", admin1="North Kivu", country="CD", precision=PlacePrecision.ADMIN1)
OTHER = "http://south.example/other"


def pair(one: Event, other: Event, **fields: str) -> tuple[Report, Report]:
    """Reports of two publishers."""
    if "title" in fields:  # told in its own words, as the title is
        fields.setdefault("text", f"{fields['title']}, writes {OTHER}.")
    return report(told=one), report(OTHER, other, **fields)


def joined(one: Report, incidents: dict[str, list[Report]]) -> Assignment | None:
    """The incident that a report joins."""
    return assign(Traits(one), {name: [Traits(member) for member in members] for name, members in incidents.items()})


def merged(one: Event, other: Event, **fields: str) -> bool:
    """Whether the reports of two publishers end in one incident."""
    return len({r.incident_id for r in group(pair(one, other, **fields))}) == 1


def test_two_tellings_of_one_bombing_are_one() -> None:
    assert merged(event(killed=toll(3)), event(killed=toll(4)), title="At least four dead in Goma blast")


def test_an_untold_toll_does_not_part_them() -> None:
    assert merged(event(killed=toll(3)), event(killed=None))


def test_a_toll_that_grows_does_not_part_them() -> None:
    assert merged(event(killed=toll(3)), event(killed=toll(14)), title="Goma bomb toll rises")


def test_a_day_apart_may_be_one() -> None:
    assert merged(event(), event(date=day(date(2026, 3, 4))))


def test_days_apart_are_two() -> None:
    assert not merged(event(), event(date=day(date(2026, 3, 6))))


def test_two_towns_of_one_name_are_two() -> None:
    assert GOMA.lat is not None
    far = GOMA.model_copy(update={"lat": GOMA.lat + 9})
    assert not merged(event(), event(place=far))


def test_two_towns_are_two() -> None:
    assert not merged(event(), event(place=BUKAVU))


@pytest.mark.parametrize("where", [COUNTRY, PROVINCE])
def test_a_missing_town_is_not_any_town(where: Place) -> None:
    """Two attacks in one country on one day, one of them told without its town."""
    one, other = event(killed=toll(3)), event(place=where, killed=toll(9))
    assert not merged(one, other, title="Nine dead as market is hit")
    assert not merged(event(), event(place=where), title="Market is hit")
    assert not merged(event(place=where, killed=toll(3)), event(place=where, killed=toll(9)), title="Market is hit")


def test_a_missing_town_with_the_same_toll_or_the_same_words_is_that_town() -> None:
    assert merged(event(killed=toll(9)), event(place=COUNTRY, killed=toll(9)), title="Nine dead as market is hit")
    assert merged(event(), event(place=COUNTRY), title="Bomb goes off in east of country")


def test_one_report_without_a_town_does_not_bring_two_towns_together() -> None:
    told = [
        report("http://a.example/1", event(killed=toll(9))),
        report("http://b.example/2", event(place=BUKAVU, killed=toll(14)), title="Second city struck"),
        report("http://c.example/3", event(place=COUNTRY, killed=toll(14)), title="Fourteen dead, says ministry"),
    ]
    of = {r.event.place.name: r.incident_id for r in group(told) if r.event.place}
    assert of["Bukavu"] == of["Congo"] != of["Goma"]


def test_two_countries_are_two() -> None:
    assert not merged(event(), event(place=GOMA.model_copy(update={"country": "RW"})))


def test_a_bomb_and_a_shooting_in_one_town_on_one_day_are_two() -> None:
    one, other = event(killed=toll(6)), event(Subtype.ARMED_ATTACK, killed=toll(2))
    assert not merged(one, other, title="Gunmen shoot two officers in Goma")


def test_tolls_and_titles_far_apart_are_two() -> None:
    one, other = event(killed=toll(2)), event(killed=toll(40))
    assert not merged(one, other, title="Hundreds flee as shrine crowd is hit by second explosion")
    assert merged(one, other, title="Goma bomb toll soars")


def test_a_day_apart_needs_more_than_kind_and_town() -> None:
    later = event(date=day(date(2026, 3, 4)))
    assert not merged(event(), later, title="Explosion rocks northern district again")
    assert merged(event(killed=toll(9)), later.model_copy(update={"killed": toll(9)}), title="Explosion rocks district")


def test_daily_attacks_on_one_town_are_as_many_incidents() -> None:
    told = [
        report(f"http://s{d}.example/x", event(date=day(date(2026, 3, d)), killed=toll(5 * d)), title=f"Shells {d}")
        for d in range(1, 7)
    ]
    assert len({r.incident_id for r in group(told)}) == 6


def test_without_place_or_day_only_a_copy_is_the_same() -> None:
    nowhere = event(place=None, killed=toll(3))
    assert not merged(nowhere, nowhere)


def test_one_misread_report_does_not_close_an_incident() -> None:
    members = [report(f"http://s{n}.example/x", event()) for n in range(9)]
    members.append(report("http://misread.example/x", event(place=BUKAVU)))
    assert joined(report(OTHER, event()), {"TCN-X": members}) is not None


def test_an_older_reading_of_an_article_is_no_copy_of_another_event_in_it() -> None:
    earlier, now = report(told=event()), report(told=event(place=BUKAVU))
    assert earlier.fingerprint == now.fingerprint
    assert model.odds(Traits(earlier), Traits(now)) == model.PARTED
    corrected = report(told=event(injured=toll(2)))
    assert model.threshold() < model.odds(Traits(earlier), Traits(corrected)) < model.SURE


def test_unlike_kinds_are_two() -> None:
    assert not merged(event(Subtype.ABDUCTION), event(Subtype.ARREST))


def test_a_verbatim_copy_is_one_even_without_a_place() -> None:
    nowhere = event(place=None, date=None)
    copies = [report(url, nowhere, text="The same words.") for url in ("http://a.example/1", "http://b.example/2")]
    assert len({r.incident_id for r in group(copies)}) == 1


def test_two_events_of_one_article_are_never_one() -> None:
    reports = [r for told in [examples.coded(event(), event())] for r in reports_of(told)]
    assert len({r.incident_id for r in group(reports)}) == 2


def test_what_an_article_tells_besides_does_not_take_the_place_of_what_it_is_about() -> None:
    """Its second event, with the toll that the other tells, is a second reading of one attack: it must give way."""
    told = examples.coded(event(), event(killed=toll(9), injured=toll(4)), url=OTHER)
    lead, besides = reports_of(told)
    other = report(told=event(killed=toll(9), injured=toll(4)))
    assert model.odds(Traits(besides), Traits(other)) > model.odds(Traits(lead), Traits(other))
    of = {one.id: one.incident_id for one in group([besides, lead, other])}
    assert of[lead.id] == of[other.id] != of[besides.id]


def test_what_happened_goes_before_what_is_only_threatened() -> None:
    told = examples.coded(event(realis=Realis.THREATENED), event(killed=toll(9)), url=OTHER)
    threat, fact = reports_of(told)
    other = report(told=event(killed=toll(9)))
    of = {one.id: one.incident_id for one in group([threat, fact, other])}
    assert of[fact.id] == of[other.id] != of[threat.id]


def test_a_chain_is_not_a_group() -> None:
    """A is a day from B and B a day from C; A and C are two days apart, so they are not one incident."""
    days = [3, 4, 5]
    told = [report(f"http://s{d}.example/x", event(date=day(date(2026, 3, d)))) for d in days]
    settled = {r.event.date.start.day: r.incident_id for r in group(told) if r.event.date}
    assert settled[3] != settled[5]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_of_input_does_not_matter(order: tuple[int, ...]) -> None:
    told = [
        report("http://a.example/1", event(killed=toll(3))),
        report("http://b.example/2", event(killed=toll(4))),
        report("http://c.example/3", event(place=BUKAVU)),
        report("http://d.example/4", event(date=day(date(2026, 3, 9)))),
    ]
    expected = {r.id: r.incident_id for r in group(told)}
    assert {r.id: r.incident_id for r in group([told[i] for i in order])} == expected


def test_comparison_is_symmetric_and_explained() -> None:
    one, other = (Traits(told) for told in pair(event(killed=toll(3)), event(killed=toll(3))))
    assert model.odds(one, other) == model.odds(other, one)
    assert (
        model.match(one, other).reason == "same day, both in Goma, same kind, 3 killed in both, like titles, like words"
    )


def test_a_report_joins_the_incident_it_fits_best() -> None:
    same, near = report(OTHER, event(killed=toll(3))), report("http://e.example/5", event(killed=toll(40)))
    chosen = joined(report(told=event(killed=toll(3))), {"TCN-SAME": [same], "TCN-NEAR": [near]})
    assert chosen is not None
    assert chosen.incident_id == "TCN-SAME"


def test_one_contradiction_keeps_a_report_out() -> None:
    members = [report(OTHER, event()), report("http://e.example/5", event(place=BUKAVU))]
    assert joined(report(told=event()), {"TCN-X": members}) is None


def test_goma_lies_about_a_hundred_kilometres_from_bukavu() -> None:
    apart = distance_km(GOMA, BUKAVU)
    assert apart is not None
    assert 95 < apart < 110
