"""What holds of the summary of any incident: it says nothing that its fields do not hold."""

import calendar
import re
from datetime import date

from hypothesis import given

from shared import countries
from shared.domain.incident import Incident
from shared.domain.vocabulary import TYPE_OF, CasualtyRole, Realis, Subtype, TargetClass, WeaponClass
from shared.incidents import wording
from shared.incidents.summary import summary, title
from tests.generated import incidents


def numbers_of(incident: Incident) -> set[int]:
    """Every number that an incident holds, as a number or in a name."""
    held = [incident.reports, len(incident.sites)]
    for toll in (incident.killed, incident.injured):
        if toll:
            held += [n for n in (toll.min, toll.best, toll.max, *toll.by_role.values()) if n is not None]
    days = [incident.first_published, incident.last_published]
    days += [incident.date.start, incident.date.end] if incident.date else []
    held += [n for day in days if day for n in (day.day, day.year)]
    return {*held, *(int(n) for name in names_of(incident) for n in re.findall(r"\d+", name))}


def names_of(incident: Incident) -> list[str]:
    """Every name that an incident holds."""
    place = incident.place
    names = [actor.name for actor in incident.actors] + list(incident.sites) + [incident.claimed_by or ""]
    names += [place.name, place.city or "", place.admin1 or "", countries.name(place.country) or ""] if place else []
    return names


WORDS = {
    *re.findall(r"\w+", " ".join(noun for _, noun in wording.KINDS.values())),
    *re.findall(r"\w+", " ".join([*wording.QUALITIES.values(), *wording.TARGETS.values(), *wording.WEAPONS.values()])),
    *re.findall(r"\w+", " ".join(word for pair in wording.ROLES.values() for word in pair)),
    *re.findall(
        r"\w+", "a an the in at on of by with between and involving attributed to against up least likely most"
    ),
    *re.findall(
        r"\w+", "person people was were killed injured no one or reports report that denied reported tell tells"
    ),
    *re.findall(r"\w+", "it left is tells most published publishers they differ how many claimed responsibility"),
}
MONTHS = {name.lower() for name in calendar.month_name if name}


@given(incidents())
def test_no_number_in_a_summary_that_the_incident_does_not_hold(incident: Incident) -> None:
    told = {int(n.replace(",", "")) for n in re.findall(r"\d{1,3}(?:,\d{3})+|\d+", summary(incident) + title(incident))}
    assert told <= numbers_of(incident)


@given(incidents())
def test_no_name_in_a_summary_that_the_incident_does_not_hold(incident: Incident) -> None:
    held = {word.lower() for name in names_of(incident) for word in re.findall(r"\w+", name)}
    told = {word.lower() for word in re.findall(r"\w+", summary(incident)) if not word.isdigit()}
    assert told - {word.lower() for word in WORDS} - MONTHS <= held


@given(incidents())
def test_no_day_in_a_summary_that_the_incident_does_not_hold(incident: Incident) -> None:
    held = {incident.first_published, incident.last_published}
    held |= {incident.date.start, incident.date.end} if incident.date else set()
    months = {(calendar.month_name[day.month], str(day.year)) for day in held if day}
    for day, month, year in re.findall(rf"(\d+) ({'|'.join(calendar.month_name[1:])}) (\d{{4}})", summary(incident)):
        assert date(int(year), list(calendar.month_name).index(month), int(day)) in held
    told = re.findall(rf"in ({'|'.join(calendar.month_name[1:])}) (\d{{4}})", summary(incident))
    assert set(told) <= months


@given(incidents())
def test_a_summary_is_two_sentences_on_one_line(incident: Incident) -> None:
    plain = summary(incident)
    assert "\n" not in plain
    assert plain.endswith(".")
    assert plain[0].isupper() or plain[0].isdigit()
    assert plain.count(". ") == 1
    assert "  " not in plain
    assert " ," not in plain


@given(incidents())
def test_what_did_not_happen_is_never_said_plainly(incident: Incident) -> None:
    told = summary(incident).lower()
    if incident.realis is Realis.DENIED:
        assert "denied" in told
    elif incident.realis is not Realis.ACTUAL:
        assert incident.realis in told or incident.subtype is Subtype.THREAT_HOAX
    if incident.killed is None and incident.injured is None:
        assert " killed" not in told
        assert " injured" not in told


def test_every_kind_target_weapon_and_role_has_words() -> None:
    assert set(wording.KINDS) == set(Subtype)
    assert set(TargetClass) - set(wording.TARGETS) == {TargetClass.OTHER}
    assert set(WeaponClass) - set(wording.WEAPONS) == {WeaponClass.OTHER}
    assert set(wording.ROLES) == set(CasualtyRole)
    assert wording.AIMED.isdisjoint(wording.BLAMELESS)
    assert set(TYPE_OF.values()) == wording.AIMED | wording.BLAMELESS
    for article, noun in wording.KINDS.values():
        assert article in {"", "an" if noun[0] in "aeiou" else "a", "a" if noun[0] == "u" else "an"}
