"""Folding: an incident is a pure function of its reports."""

import itertools
from datetime import date, timedelta

import pytest

from shared.domain.article import Published
from shared.domain.event import DateRange, Event, Toll
from shared.domain.incident import IncidentStatus, Report
from shared.domain.vocabulary import DatePrecision, PlacePrecision, Realis, Subtype
from shared.incidents.fold import fold, revised, toll, withdraw
from tests import examples
from tests.examples import GOMA, event, report


def told(*events: Event) -> list[Report]:
    """The reports of publishers a, b, c…, one event each, published a day apart."""
    return [
        report(
            f"http://{letter}.example/story",
            one,
            published=Published.of_day((date(2026, 3, 4) + timedelta(days=number)).isoformat()),
        )
        for number, (letter, one) in enumerate(zip("abcdefgh", events, strict=False))
    ]


def test_the_order_of_reports_does_not_matter() -> None:
    reports = told(event(killed=examples.toll(2)), event(killed=examples.toll(3)), event(Subtype.GRENADE))
    folded = {fold("TCN-1", order).model_dump_json() for order in itertools.permutations(reports)}
    assert len(folded) == 1


def test_sources_that_disagree_give_a_range_never_a_sum() -> None:
    incident = fold("TCN-1", told(*(event(killed=examples.toll(n)) for n in (2, 3, 3))))
    assert incident.killed == Toll(min=2, best=3, max=3)


def test_unknown_is_not_zero() -> None:
    incident = fold("TCN-1", told(event(), event()))
    assert incident.killed is None


def test_one_who_knows_outweighs_those_who_say_nothing() -> None:
    incident = fold("TCN-1", told(event(), event(injured=examples.toll(7)), event()))
    assert incident.injured == examples.toll(7)


def test_of_equally_frequent_numbers_the_newest_counts() -> None:
    assert toll([examples.toll(3), examples.toll(5)]) == Toll(min=3, best=5, max=5)
    assert toll([examples.toll(5), examples.toll(3)]) == Toll(min=3, best=3, max=5)


def test_up_to_nine_is_not_nine() -> None:
    assert toll([Toll(max=9)]) == Toll(max=9)
    assert toll([Toll(max=9), examples.toll(12)]) == Toll(min=9, best=12, max=12)


def test_a_newer_lower_bound_replaces_a_number_that_it_outgrows() -> None:
    dozens = Toll(min=24)
    assert toll([examples.toll(5), dozens]) == Toll(min=5, best=24)
    assert toll([dozens, examples.toll(30)]) == Toll(min=24, best=30, max=30)


def test_at_least_has_no_upper_end() -> None:
    assert toll([Toll(min=5, best=5)]) == Toll(min=5, best=5)
    assert toll([Toll(min=5, best=5), examples.toll(7)]) == Toll(min=5, best=7, max=7)


def test_a_publisher_has_one_voice_its_newest() -> None:
    first = report("http://a.example/first", event(injured=examples.toll(9)), published=Published.of_day("2026-03-04"))
    later = report("http://a.example/later", event(injured=examples.toll(4)), published=Published.of_day("2026-03-05"))
    incident = fold("TCN-1", [first, later])
    assert incident.injured == examples.toll(4)
    assert (incident.reports, incident.sites) == (2, ("a.example",))


def test_verbatim_copies_are_one_voice() -> None:
    copies = [
        report(f"http://{letter}.example/x", event(killed=examples.toll(9)), text="The same words.") for letter in "abc"
    ]
    other = report("http://z.example/y", event(killed=examples.toll(4)), published=Published.of_day("2026-03-05"))
    incident = fold("TCN-1", [*copies, other])
    assert incident.killed == Toll(min=4, best=4, max=9)
    assert incident.reports == 4


def test_the_finest_place_and_the_narrowest_date_win() -> None:
    market = GOMA.model_copy(update={"name": "Virunga market", "precision": PlacePrecision.FACILITY})
    week = DateRange(start=date(2026, 3, 1), end=date(2026, 3, 7), precision=DatePrecision.WEEK)
    incident = fold("TCN-1", told(event(date=week), event(place=market), event()))
    assert incident.place == market
    assert incident.date == examples.day(date(2026, 3, 3))


def test_most_voices_decide_the_kind() -> None:
    incident = fold("TCN-1", told(event(Subtype.GRENADE, realis=Realis.ATTEMPTED), event(), event()))
    assert (incident.subtype, incident.realis) == (Subtype.BOMBING, Realis.ACTUAL)


def test_sources_and_their_sentences_are_kept() -> None:
    incident = fold("TCN-1", told(event(), event()))
    assert [source.site for source in incident.sources] == ["a.example", "b.example"]
    assert incident.sources[0].quotes == {"type": ("A bomb we",)}
    assert "A bomb we" in incident.text
    assert (incident.first_published, incident.last_published) == (date(2026, 3, 4), date(2026, 3, 5))


def test_what_only_the_headline_says_is_quoted_from_it() -> None:
    cited = {"type": ((0, 9),), "injured": ((0, 9),)}
    (one,) = told(event(injured=examples.toll(2), evidence=cited, headline=("injured",)))
    assert one.quotes == {"type": ("A bomb we",), "injured": ("Bomb goes off in Goma",)}


def test_nothing_cannot_be_folded_but_an_incident_can_be_withdrawn() -> None:
    with pytest.raises(ValueError, match="withdrawn"):
        fold("TCN-1", [])
    gone = withdraw(fold("TCN-1", told(event())))
    assert (gone.id, gone.status, gone.reports) == ("TCN-1", IncidentStatus.WITHDRAWN, 0)


def test_a_revision_counts_what_has_changed_and_nothing_else() -> None:
    first = fold("TCN-1", told(event()))
    second = revised(fold("TCN-1", told(event(killed=examples.toll(2)))), first)
    assert (first.revision, second.revision) == (1, 2)
    assert revised(fold("TCN-1", told(event(killed=examples.toll(2)))), second) == second
    assert revised(first, None).revision == 1


def test_the_parties_and_the_claim_of_all_reports_are_folded() -> None:
    incident = fold("TCN-1", told(event(confidence=0.7, claimed_by="Front"), event(confidence=0.9)))
    assert (incident.confidence, incident.claimed_by) == (0.9, "Front")
