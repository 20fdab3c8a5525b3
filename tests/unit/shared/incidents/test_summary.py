"""What is said of an incident is what its fields hold, in sentences."""

from datetime import date
from typing import Any

import pytest

from shared.domain.event import Actor, DateRange, Target, Toll, Weapon
from shared.domain.vocabulary import (
    ActorKind,
    ActorRole,
    CasualtyRole,
    DatePrecision,
    PlacePrecision,
    Realis,
    Sector,
    Subtype,
    TargetClass,
    WeaponClass,
)
from shared.incidents import phrases
from shared.incidents.fold import fold
from shared.incidents.summary import summary, title, usable
from tests import examples
from tests.examples import event, report

WHERE = "in Goma, the Democratic Republic of the Congo"
BARE = f"{WHERE}, on 3 March 2026"


def first(subtype: Subtype = Subtype.BOMBING, **fields: object) -> str:
    """The first sentence on an event of 3 March 2026 in Goma."""
    # past the fold, which makes a range of tolls, and no report of what was only imagined
    own: dict[str, Any] = {name: fields.pop(name) for name in ("killed", "injured", "realis") if name in fields}
    incident = fold("TCN-1", [report(told=event(subtype, **fields))]).model_copy(update=own)
    return summary(incident).split(" One report")[0]


def party(name: str, role: ActorRole, *, named: bool = False) -> Actor:
    """Somebody who takes part."""
    return Actor(name=name, role=role, kind=ActorKind.GROUP, sector=Sector.UNKNOWN, named=named)


def test_a_summary_says_how_many_what_whom_where_and_when() -> None:
    told = first(
        killed=Toll(min=3),
        injured=examples.toll(5),
        targets=(Target(name="stalls", class_=TargetClass.MARKET),),
        weapons=(Weapon(name="rockets", class_=WeaponClass.ROCKET),),
    )
    assert told == f"At least 3 people were killed and 5 injured in a bombing at a market with rockets {BARE}."


@pytest.mark.parametrize(
    ("killed", "injured", "clause"),
    [
        (examples.toll(1), None, "1 person was killed"),
        (examples.toll(2), None, "2 people were killed"),
        (examples.toll(1), examples.toll(1), "1 person was killed and 1 injured"),
        (examples.toll(1), examples.toll(2), "1 person was killed and 2 were injured"),
        (examples.toll(2), examples.toll(1), "2 people were killed and 1 was injured"),
        (None, examples.toll(4), "4 people were injured"),
        (Toll(min=1), None, "At least 1 person was killed"),
        (Toll(max=1), None, "Up to 1 person was killed"),
        (Toll(max=9), None, "Up to 9 people were killed"),
        (Toll(best=6), None, "6 people were killed"),
        (Toll(min=2, max=5), None, "2 to 5 people were killed"),
        (Toll(min=2, best=3, max=5), None, "2 to 5 people (most likely 3) were killed"),
        (Toll(min=5, best=24), None, "At least 5 people (most likely 24) were killed"),
        (examples.toll(1200), None, "1,200 people were killed"),
        (examples.toll(0), None, "No one was killed"),
        (examples.toll(0), examples.toll(0), "No one was killed or injured"),
        (examples.toll(0), examples.toll(2), "2 people were injured and no one was killed"),
        (Toll(min=0, max=2), None, "0 to 2 people were killed"),
        (Toll(by_role={CasualtyRole.CHILD: 1}), None, "1 child was killed"),
        (
            Toll(by_role={CasualtyRole.CIVILIAN: 2, CasualtyRole.CHILD: 1}),
            None,
            "2 civilians and 1 child were killed",
        ),
    ],
)
def test_tolls_are_said_as_they_are_known(killed: Toll | None, injured: Toll | None, clause: str) -> None:
    assert first(killed=killed, injured=injured) == f"{clause} in a bombing {BARE}."


def test_what_is_unknown_is_left_out() -> None:
    assert first(date=None, place=None) == "A bombing was reported."
    assert first() == f"A bombing was reported {BARE}."


@pytest.mark.parametrize(
    ("realis", "killed", "told"),
    [
        (Realis.ATTEMPTED, None, f"An attempted bombing was reported {BARE}."),
        (Realis.ATTEMPTED, 1, f"1 person was killed in an attempted bombing {BARE}."),
        (Realis.THREATENED, None, f"A threatened bombing was reported {BARE}."),
        (Realis.THREATENED, 7, f"A threatened bombing was reported {BARE}."),
        (Realis.HYPOTHETICAL, 7, f"A hypothetical bombing was reported {BARE}."),
        (Realis.DENIED, None, f"Reports of a bombing {BARE} were denied."),
        (Realis.DENIED, 2, f"Reports that 2 people were killed in a bombing {BARE} were denied."),
    ],
)
def test_what_did_not_happen_is_not_said_to_have(realis: Realis, killed: int | None, told: str) -> None:
    toll = None if killed is None else examples.toll(killed)
    assert first(realis=realis, killed=toll) == told


def test_a_named_party_is_one_to_which_it_is_attributed() -> None:
    named = party("Owl Front", ActorRole.PERPETRATOR, named=True)
    assert first(actors=(named,)) == f"A bombing attributed to Owl Front was reported {BARE}."
    assert first(actors=(party("gunmen", ActorRole.PERPETRATOR),)) == f"A bombing by gunmen was reported {BARE}."


@pytest.mark.parametrize(
    ("subtype", "actors", "deed"),
    [
        (
            Subtype.ABDUCTION,
            [("gunmen", ActorRole.PERPETRATOR), ("four nurses", ActorRole.VICTIM)],
            "An abduction of four nurses by gunmen was reported",
        ),
        (
            Subtype.ARMED_CLASH,
            [("the army", ActorRole.PERPETRATOR), ("Owl Front", ActorRole.PERPETRATOR)],
            "An armed clash between the army and Owl Front was reported",
        ),
        (
            Subtype.ARMED_CLASH,
            [("Owl Front", ActorRole.PERPETRATOR)],
            "An armed clash involving Owl Front was reported",
        ),
        (
            Subtype.ARREST,
            [("police", ActorRole.RESPONDER), ("three men", ActorRole.TARGET)],
            "An arrest operation against three men by police was reported",
        ),
        (
            Subtype.PEACEFUL_PROTEST,
            [("teachers", ActorRole.PERPETRATOR)],
            "A peaceful protest by teachers was reported",
        ),
        (Subtype.SABOTAGE, [("rescuers", ActorRole.RESPONDER)], "Sabotage was reported"),
    ],
)
def test_each_kind_has_its_parties(subtype: Subtype, actors: list[tuple[str, ActorRole]], deed: str) -> None:
    assert first(subtype, actors=tuple(party(*one) for one in actors)) == f"{deed} {BARE}."


def test_a_target_is_said_where_it_was_one() -> None:
    police = (Target(name="patrol", class_=TargetClass.POLICE),)
    assert first(targets=police) == f"A bombing against police was reported {BARE}."
    assert first(Subtype.ARMED_CLASH, targets=police) == f"An armed clash was reported {BARE}."
    assert first(Subtype.PEACEFUL_PROTEST, targets=police) == f"A peaceful protest was reported {BARE}."


def test_a_weapon_that_the_kind_tells_is_not_said_twice() -> None:
    fire = Weapon(name="petrol", class_=WeaponClass.INCENDIARY)
    gun = Weapon(name="rifle", class_=WeaponClass.FIREARM)
    assert first(Subtype.ARSON, weapons=(fire, gun)) == f"Arson with firearms was reported {BARE}."
    assert first(Subtype.WEAPONS_SEIZURE, weapons=(gun,)).startswith("A weapons seizure involving firearms was")


@pytest.mark.parametrize(
    ("start", "end", "precision", "words"),
    [
        ("2026-03-03", "2026-03-03", DatePrecision.DAY, "on 3 March 2026"),
        ("2026-03-03", "2026-03-05", DatePrecision.DAYS, "between 3 and 5 March 2026"),
        ("2026-02-28", "2026-03-03", DatePrecision.WEEK, "between 28 February and 3 March 2026"),
        ("2025-12-30", "2026-01-02", DatePrecision.WEEK, "between 30 December 2025 and 2 January 2026"),
        ("2026-02-01", "2026-02-28", DatePrecision.MONTH, "in February 2026"),
        ("2026-02-02", "2026-02-28", DatePrecision.MONTH, "between 2 and 28 February 2026"),
        ("2026-01-01", "2026-12-31", DatePrecision.YEAR, "in 2026"),
    ],
)
def test_days_are_said_as_wide_as_they_are(start: str, end: str, precision: DatePrecision, words: str) -> None:
    told = DateRange(start=date.fromisoformat(start), end=date.fromisoformat(end), precision=precision)
    assert first(date=told) == f"A bombing was reported {WHERE}, {words}."


def test_places_are_said_once_and_with_the_article_of_their_country() -> None:
    hall = examples.GOMA.model_copy(
        update={"name": "Town Hall", "precision": PlacePrecision.FACILITY, "admin1": "goma", "country": "US"}
    )
    assert phrases.where(hall) == "at Town Hall, Goma, the United States"
    assert phrases.where(examples.GOMA.model_copy(update={"name": "Philippines", "city": None, "country": "PH"})) == (
        "in the Philippines"
    )
    assert phrases.where(examples.GOMA.model_copy(update={"country": "ZZ"})) == "in Goma"


def test_the_second_sentence_says_who_tells_it_and_whether_they_differ() -> None:
    reports = [
        report("http://a.example/1", event(killed=examples.toll(2), claimed_by="Owl Front")),
        report("http://b.example/1", event(killed=examples.toll(3))),
    ]
    assert fold("TCN-1", reports).summary.split("2026. ")[1] == (
        "2 reports by 2 publishers published on 4 March 2026 tell of it, and they differ on how many people were "
        "killed; Owl Front claimed responsibility."
    )


def test_who_corrects_what_it_said_does_not_differ_from_others() -> None:
    earlier = report("http://a.example/1", event(killed=examples.toll(2)))
    later = report("http://a.example/2", event(killed=examples.toll(3)))
    assert "differ" not in fold("TCN-1", [earlier, later]).summary


def test_a_headline_stays_the_title_and_a_composed_one_takes_the_place_of_none() -> None:
    known = event(killed=examples.toll(3), injured=examples.toll(2))
    assert fold("TCN-1", [report(told=known, title="Blast in Goma")]).title == "Blast in Goma"
    assert fold("TCN-1", [report(told=known, title=" ")]).title == f"Bombing {WHERE}: 3 killed, 2 injured"
    told = [report("http://a.example/1", known, title=""), report("http://b.example/1", title="Goma is shaken")]
    assert fold("TCN-1", told).title == "Goma is shaken"


@pytest.mark.parametrize(
    ("headline", "fits"),
    [
        ("Bomb kills three in Goma", True),
        ("U.S. Army convoy hit near St. Anne", True),
        ("Who bombed Goma? What we know", True),
        ("It went off at noon. People fled.", False),
        ("…", False),
        ("", False),
        ("word " * 60, False),
    ],
)
def test_a_usable_headline_is_no_more_than_a_sentence(headline: str, fits: bool) -> None:
    assert usable(headline) is fits


def test_a_composed_title_says_what_was_denied_or_tried() -> None:
    assert title(fold("TCN-1", [report(told=event(realis=Realis.DENIED))])) == f"Denied: bombing {WHERE}"
    assert title(fold("TCN-1", [report(told=event(realis=Realis.ATTEMPTED))])) == f"Attempted bombing {WHERE}"
