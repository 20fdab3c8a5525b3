"""Every decision, its undoing, and what re-delivery, re-coding and later reports do to it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.coded import CodedArticle
from shared.domain.vocabulary import Subtype
from tests import examples
from tests.examples import NOON, coded, event, toll
from tests.integration.curation.conftest import Desk


def story(letter: str, *events: Any, **fields: Any) -> CodedArticle:
    """A story of the publisher `letter`, by default of the bomb in Goma."""
    return coded(*(events or (event(),)), url=f"http://{letter}.example/x", text=f"As told by {letter}.", **fields)


def bukavu(letter: str, **fields: Any) -> CodedArticle:
    """A story of the bomb in Bukavu, which the model keeps apart."""
    return story(letter, event(place=examples.BUKAVU, killed=toll(4)), **fields)


def again(one: CodedArticle) -> CodedArticle:
    """The same article delivered again."""
    return one


def fetched_later(one: CodedArticle) -> CodedArticle:
    """The same page, fetched an hour later."""
    later = one.article.model_copy(update={"fetched_at": one.article.fetched_at + timedelta(hours=1)})
    return one.model_copy(update={"article": later})


def recoded(one: CodedArticle) -> CodedArticle:
    """The page fetched later and coded by other weights: another kind and toll, and background before each event."""
    aside = event(Subtype.ARMED_ATTACK, main=False, date=examples.day(date(2020, 1, 1)))
    changed = [aside]
    for told in one.coding.events:
        new = event(Subtype.GRENADE, place=told.place, date=told.date, killed=toll(5))
        changed += [new, aside]
    coding = one.coding.model_copy(update={"events": tuple(changed), "model": "later"})
    return fetched_later(one).model_copy(update={"coding": coding})


def _wire(letter: str) -> dict[str, Any]:
    """The text of a story, as others print it word for word."""
    told = story(letter).article
    return {"text": told.text, "fingerprint": told.fingerprint}


REPLAYS = pytest.mark.parametrize("replay", [again, fetched_later, recoded])
Replay = Callable[[CodedArticle], CodedArticle]


@REPLAYS
def test_a_merge_holds_and_its_number_leads_on(desk: Desk, replay: Replay) -> None:
    goma, other = story("a"), bukavu("b")
    a, b = desk.file(goma, other)
    assert a != b
    merge = desk.decide("merge", a, into=b)
    desk.file(replay(goma), replay(other))
    assert desk.sites(b) == ["a.example", "b.example"]
    assert (desk.get(a)["status"], desk.get(a)["merged_into"], desk.get(a)["reports"]) == ("merged", b, 0)
    assert desk.http.get(f"/v1/incidents/{a}").json()["id"] == b
    desk.undo(b, merge)
    assert (desk.sites(a), desk.sites(b)) == (["a.example"], ["b.example"])
    assert (desk.get(a)["status"], desk.get(a)["merged_into"]) == ("active", None)


def test_what_joins_a_merged_incident_joins_the_one_that_stands(desk: Desk) -> None:
    a, b = desk.file(story("a"), bukavu("b"))
    desk.decide("merge", a, into=b)
    # like a half of what was merged, unlike the other half; in a batch of its own, and with what it is like
    assert desk.file(story("c"), bukavu("d")) == [b, b]
    assert desk.batch(story("a"), story("e"), bukavu("f")) == [(b,), (b,), (b,)]
    assert desk.get(a)["reports"] == 0
    assert desk.sites(b) == [f"{letter}.example" for letter in "abcdef"]
    (merge,) = desk.http.get(f"/v1/incidents/{b}/history").json()["decisions"]
    desk.undo(b, merge["decision"])
    assert desk.sites(a) == ["a.example", "c.example", "e.example"]
    assert desk.sites(b) == ["b.example", "d.example", "f.example"]


def test_what_is_like_a_moved_report_joins_it_where_it_was_moved(desk: Desk) -> None:
    kidnap = event(Subtype.ABDUCTION, place=examples.BUKAVU)
    a, same, c = desk.file(story("a"), story("b"), story("c", kidnap))
    assert a == same
    (moved,) = [one for one in desk.get(a)["sources"] if one["site"] == "b.example"]
    desk.decide("move", a, report=moved["report_id"], to=c)
    wire = story("d").model_copy(update={"article": story("d").article.model_copy(update=_wire("b"))})
    assert desk.file(wire) == [c]


@REPLAYS
def test_a_move_holds(desk: Desk, replay: Replay) -> None:
    stories = [story("a"), story("b"), bukavu("c")]
    a, same, c = desk.file(*stories)
    assert a == same
    (moved,) = [one for one in desk.get(a)["sources"] if one["site"] == "b.example"]
    move = desk.decide("move", a, report=moved["report_id"], to=c)
    desk.batch(*map(replay, stories))
    assert (desk.sites(a), desk.sites(c)) == (["a.example"], ["b.example", "c.example"])
    desk.undo(a, move)
    assert (desk.sites(a), desk.sites(c)) == (["a.example", "b.example"], ["c.example"])


@REPLAYS
def test_a_split_keeps_the_older_number_and_holds(desk: Desk, replay: Replay) -> None:
    stories = [story("a"), story("b"), story("c")]
    a = desk.file(*stories)[0]
    leaving = [one["report_id"] for one in desk.get(a)["sources"] if one["site"] != "a.example"]
    split = desk.decide("split", a, reports=leaving)
    new = split["incident_ids"][1]
    desk.file(*map(replay, stories))
    assert (desk.sites(a), desk.sites(new)) == (["a.example"], ["b.example", "c.example"])
    desk.undo(a, split)
    assert desk.sites(a) == ["a.example", "b.example", "c.example"]
    assert desk.get(new)["status"] == "withdrawn"
    assert desk.ask("edit", new, fields={"title": "x"}).status_code == 409


def test_two_events_of_an_article_that_change_places_are_told_apart(desk: Desk) -> None:
    goma, there = event(killed=toll(3)), event(place=examples.BUKAVU, killed=toll(8))
    desk.file(story("a", goma, there))
    (ids,) = desk.batch(story("a", goma, there))
    (target,) = desk.file(story("z", event(Subtype.ABDUCTION)))
    source = next(one for one in ids if desk.get(one)["place"]["name"] == "Bukavu")
    (extra,) = desk.file(story("b", there))
    assert extra == source
    (report,) = [one for one in desk.get(source)["sources"] if one["site"] == "a.example"]
    desk.decide("move", source, report=report["report_id"], to=target)
    desk.batch(story("a", there, goma, fetched_at=NOON + timedelta(hours=2)))
    assert desk.sites(target) == ["a.example", "z.example"]
    assert desk.sites(source) == ["b.example"]
    # and where the moved one is told no more, its neighbour does not take its place
    desk.batch(story("a", goma, fetched_at=NOON + timedelta(hours=3)))
    assert desk.sites(target) == ["z.example"]


@REPLAYS
def test_an_edit_outranks_sources_until_it_is_undone(desk: Desk, replay: Replay) -> None:
    first = story("a", event(killed=toll(2)))
    (a,) = desk.file(first)
    edit = desk.decide("edit", a, fields={"killed": None, "subtype": "grenade", "title": "Grenade in Goma"})
    assert edit["before"]["killed"]["best"] == 2
    desk.file(replay(first), story("b", event(killed=toll(3))))
    shown = desk.get(a)
    assert (shown["killed"], shown["subtype"], shown["title"]) == (None, "grenade", "Grenade in Goma")
    assert (shown["edited"], shown["reports"]) == (["title", "type", "subtype", "killed"], 2)
    past = desk.http.get(f"/v1/incidents/{a}/history").json()
    assert (past["told"]["killed"]["max"], past["incident"]["killed"]) == (5 if replay is recoded else 3, None)
    desk.undo(a, edit)
    assert desk.get(a)["killed"]["max"] == past["told"]["killed"]["max"]
    assert desk.get(a)["edited"] == []


@REPLAYS
def test_a_retracted_incident_takes_reports_and_stays_retracted(desk: Desk, replay: Replay) -> None:
    first = story("a")
    (a,) = desk.file(first)
    retraction = desk.decide("retract", a)
    desk.file(replay(first), story("b"))
    assert (desk.get(a)["status"], desk.sites(a)) == ("retracted", ["a.example", "b.example"])
    assert desk.ask("edit", a, fields={"title": "x"}).status_code == 409
    desk.undo(a, retraction)
    assert desk.get(a)["status"] == "active"


def test_a_locked_incident_keeps_its_fields_while_sources_are_added(desk: Desk) -> None:
    (a,) = desk.file(story("a", event(killed=toll(2))))
    lock = desk.decide("lock", a)
    desk.file(story("b", event(killed=toll(3))))
    assert (desk.get(a)["killed"]["max"], desk.get(a)["locked"], desk.sites(a)) == (2, True, ["a.example", "b.example"])
    refused = desk.ask("edit", a, fields={"title": "x"})
    assert (refused.status_code, "locked" in refused.json()["detail"]) == (409, True)
    unlock = desk.decide("unlock", a)
    assert desk.get(a)["killed"]["max"] == 3
    desk.undo(a, unlock)
    assert desk.get(a)["killed"]["max"] == 2
    desk.undo(a, lock)
    assert (desk.get(a)["killed"]["max"], desk.get(a)["locked"]) == (3, False)


def test_merges_form_chains_and_are_undone_in_any_order(desk: Desk) -> None:
    other = examples.GOMA.model_copy(update={"name": "Beni", "city": "Beni", "lat": 0.49, "lon": 29.47})
    a, b, c = desk.file(story("a"), bukavu("b"), story("c", event(place=other)))
    first = desk.decide("merge", a, into=b)
    refused = desk.ask("merge", a, into=c)
    assert (refused.status_code, b in refused.json()["detail"]) == (409, True)
    assert desk.ask("merge", c, into=a).status_code == 409
    second = desk.decide("merge", b, into=c)
    assert desk.get(a)["merged_into"] == c
    assert desk.sites(c) == ["a.example", "b.example", "c.example"]
    desk.undo(a, first)  # the older one first
    assert (desk.sites(a), desk.sites(c)) == (["a.example"], ["b.example", "c.example"])
    assert desk.get(b)["merged_into"] == c
    desk.undo(c, second)
    assert (desk.sites(a), desk.sites(b), desk.sites(c)) == (["a.example"], ["b.example"], ["c.example"])
    back = desk.decide("merge", b, into=a)
    assert desk.sites(a) == ["a.example", "b.example"]
    assert desk.ask("undo", a, decision=back["id"][:-1]).status_code == 404


def test_what_is_undone_stays_in_the_history_and_is_undone_once(desk: Desk) -> None:
    (a,) = desk.file(story("a"))
    edit = desk.decide("edit", a, fields={"claimed_by": "nobody"})
    desk.undo(a, edit)
    for decision, words in ((edit["id"], "undone already"), (f"{edit['id']}-undo", "decide anew")):
        refused = desk.ask("undo", a, decision=decision)
        assert (refused.status_code, words in refused.json()["detail"]) == (409, True)
    rows = desk.http.get(f"/v1/incidents/{a}/history").json()["decisions"]
    assert [(row["decision"]["kind"], row["stands"]) for row in rows] == [("edit", False), ("undo", False)]
    assert rows[0]["decision"]["who"] == "ana"
