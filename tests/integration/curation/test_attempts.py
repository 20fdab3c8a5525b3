"""What people try that is odd, crossing or hostile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.vocabulary import Subtype
from tests import examples
from tests.examples import event, toll
from tests.integration.curation.conftest import Desk
from tests.integration.curation.test_decisions import bukavu, fetched_later, recoded, story

HOSTILE = "\u0000\u202e\"><script>alert(1)</script>\u001b[31m{{7*7}} '; DROP TABLE-- 💣\n[bold]x[/]"


def decisions(desk: Desk, number: str) -> list[dict[str, Any]]:
    """The decisions about an incident that stand."""
    rows = desk.http.get(f"/v1/incidents/{number}/history").json()["decisions"]
    return [row["decision"] for row in rows if row["stands"]]


def test_of_two_merges_that_cross_one_holds(desk: Desk) -> None:
    a, b = desk.file(story("a"), bukavu("b"))
    for _ in range(4):
        seen = {one: desk.get(one)["revision"] for one in (a, b)}

        def merge(ids: tuple[str, str], seen: dict[str, int] = seen) -> Any:
            return desk.ask("merge", ids[0], into=ids[1], revision=seen[ids[0]], into_revision=seen[ids[1]])

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(merge, ((a, b), (b, a))))
        assert sorted(one.status_code for one in answers) == [200, 409]
        (won,) = [one.json()["decision"] for one in answers if one.status_code == 200]
        assert desk.sites(won["into"]) == ["a.example", "b.example"]
        assert [desk.get(one)["merged_into"] for one in won["incident_ids"]] == [won["into"], None]
        desk.undo(won["into"], won)
        assert (desk.sites(a), desk.sites(b)) == (["a.example"], ["b.example"])


def test_what_stands_no_more_takes_nothing_in(desk: Desk) -> None:
    a, b, also = desk.file(story("a"), bukavu("b"), story("c"))
    assert also == a
    report = desk.get(a)["sources"][0]["report_id"]
    split = desk.decide("split", a, reports=[report])
    new = split["incident_ids"][1]
    desk.undo(a, split)
    retraction = desk.decide("retract", b)
    for other, word in ((new, "withdrawn"), (b, "retracted")):
        before = desk.get(a)
        refused = [desk.ask("merge", a, into=other), desk.ask("move", a, report=report, to=other)]
        refused += [desk.ask("merge", other, into=a), desk.ask("retract", other)]
        assert [one.status_code for one in refused] == [409] * 4
        assert all(word in one.json()["detail"] for one in refused)
        assert desk.get(a) == before
    desk.undo(b, retraction)
    assert desk.ask("merge", a, into=b).status_code == 200


@pytest.mark.parametrize("first", ["split", "merge"])
def test_a_split_that_is_merged_back_comes_apart_in_any_order(desk: Desk, first: str) -> None:
    stories = [story("a"), story("b")]
    a, _ = desk.file(*stories)
    (leaving,) = [one["report_id"] for one in desk.get(a)["sources"] if one["site"] == "b.example"]
    split = desk.decide("split", a, reports=[leaving])
    new = split["incident_ids"][1]
    merge = desk.decide("merge", new, into=a)
    desk.file(*map(recoded, stories))
    assert desk.sites(a) == ["a.example", "b.example"]
    assert (desk.get(new)["merged_into"], desk.get(new)["reports"]) == (a, 0)
    if first == "split":
        desk.undo(a, split)
        assert desk.sites(a) == ["a.example", "b.example"]
        desk.undo(a, merge)
        assert desk.sites(a) == ["a.example", "b.example"]
        assert desk.get(new)["status"] == "withdrawn"
    else:
        desk.undo(a, merge)
        assert (desk.sites(a), desk.sites(new)) == (["a.example"], ["b.example"])
        desk.undo(a, split)
        assert desk.sites(a) == ["a.example", "b.example"]


def test_a_merge_is_undone_after_the_survivor_was_edited_and_the_edit_stays_with_it(desk: Desk) -> None:
    a, b = desk.file(story("a", event(killed=toll(2))), bukavu("b"))
    own = desk.decide("edit", a, fields={"title": "Told of a"})
    merge = desk.decide("merge", a, into=b)
    assert desk.get(b)["title"] != "Told of a"
    desk.decide("edit", b, fields={"killed": {"best": 7}})
    desk.undo(b, merge)
    assert (desk.get(a)["title"], desk.get(a)["killed"]["best"]) == ("Told of a", 2)
    assert (desk.get(b)["killed"]["best"], desk.get(b)["edited"], desk.sites(b)) == (7, ["killed"], ["b.example"])
    desk.undo(a, own)
    assert desk.get(a)["edited"] == []


def test_an_article_is_filed_anew_while_somebody_decides_about_its_report(desk: Desk) -> None:
    first, second = story("a"), story("b")
    a, _, c = desk.file(first, second, story("c", event(Subtype.ABDUCTION)))
    for number in range(1, 5):
        later = second.article.fetched_at + timedelta(hours=number)
        # with background before it the event has another position, and its report another id
        aside = event(Subtype.ARMED_ATTACK, main=False)
        told = (aside, *second.coding.events) if number % 2 else second.coding.events
        coding = second.coding.model_copy(update={"events": told})
        again = second.model_copy(
            update={"article": second.article.model_copy(update={"fetched_at": later}), "coding": coding}
        )
        with ThreadPoolExecutor(1) as pool:
            filing = pool.submit(desk.file, again)
            moved = next((one for _ in range(20) if (one := _move(desk, a, c)).status_code == 200), None)
            filing.result()
        assert moved is not None
        assert (desk.sites(a), desk.sites(c)) == (["a.example"], ["b.example", "c.example"])
        desk.undo(a, moved.json()["decision"])
        assert (desk.sites(a), desk.sites(c)) == (["a.example", "b.example"], ["c.example"])


def _move(desk: Desk, a: str, c: str) -> Any:
    """Look, and move what the publisher `b` tells, as it is numbered now."""
    (report,) = [one["report_id"] for one in desk.get(a)["sources"] if one["site"] == "b.example"]
    return desk.ask("move", a, report=report, to=c)


def test_hostile_words_are_kept_as_they_are_and_break_nothing(desk: Desk) -> None:
    first = story("a", event(killed=toll(2)))
    (a,) = desk.file(first)
    party = {"name": HOSTILE, "role": "perpetrator", "kind": "group", "sector": "unknown", "named": True}
    fields = {
        "title": HOSTILE,
        "claimed_by": HOSTILE,
        "actors": [party | {"name": "x" * 40_000}, party],
        "place": {"name": "y" * 40_000, "country": HOSTILE, "precision": "city", "geonames_id": 2**63 - 1},
    }
    edit = desk.decide("edit", a, who="é" * 200, why="💣" * 2000, fields=fields)
    desk.file(fetched_later(first), story("b"))
    shown = desk.get(a)
    assert (shown["title"], shown["claimed_by"], shown["reports"]) == (HOSTILE, HOSTILE, 2)
    assert "\n" not in shown["summary"]
    for path in ("", "/history", "/timeline"):
        assert desk.http.get(f"/v1/incidents/{a}{path}").status_code == 200
    desk.store.refresh_reports()
    for wanted in ("csv", "jsonl", "geojson", "stix", "acled"):
        assert desk.http.get("/v1/incidents/export", params={"format": wanted}).status_code == 200
    desk.undo(a, edit)
    assert desk.get(a)["title"] == first.article.title


#: Kind, body and the status that it is refused with.
UNFIT: list[tuple[str, dict[str, Any], int]] = [
    ("edit", {"fields": {"title": "x"}, "revision": 0}, 422),
    ("edit", {"fields": {"title": "x"}, "revision": -1}, 422),
    ("edit", {"fields": {"title": "x"}, "revision": 10**30}, 409),
    ("edit", {"fields": {"title": "x"}, "who": "w" * 201}, 422),
    ("edit", {"fields": {"title": "x"}, "why": "w" * 1_100_000}, 413),
    ("edit", {"fields": {"title": "x" * 501}}, 422),
    ("edit", {"fields": {"subtype": "grenade", "type": "riot"}}, 422),
    ("edit", {"fields": {"subtype": "no such kind"}}, 422),
    ("edit", {"fields": {"place": {"name": "x", "precision": "city", "geonames_id": 2**63}}}, 422),
    ("edit", {"fields": {"killed": {"best": 10**12}}}, 422),
    ("edit", {"fields": {"edited": ["title"]}}, 422),
    ("move", {"report": "of another", "to": "other"}, 422),
    ("move", {"report": "own", "to": "self"}, 422),
    ("move", {"report": "x" * 129, "to": "other"}, 422),
    ("split", {"reports": ["of another"]}, 422),
    ("split", {"reports": []}, 422),
    ("merge", {"into": HOSTILE}, 404),
    ("merge", {"into": ""}, 422),
    ("undo", {"decision": "of another"}, 404),
]


def test_what_does_not_fit_is_refused_and_leaves_no_trace(desk: Desk, subtests: pytest.Subtests) -> None:
    a, b = desk.file(story("a"), bukavu("b"))
    desk.file(story("c"))
    theirs = desk.decide("lock", b)
    desk.decide("unlock", b)
    before = desk.get(a)
    values = {"self": a, "other": b, "own": before["sources"][0]["report_id"]}
    for kind, body, status in UNFIT:
        values["of another"] = theirs["id"] if kind == "undo" else desk.get(b)["sources"][0]["report_id"]
        named = {name: values.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
        if kind == "split":
            named["reports"] = [values.get(one, one) for one in body["reports"]]
        with subtests.test(f"{kind} {body}"[:100]):
            answer = desk.ask(kind, a, **named)
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
            assert desk.get(a) == before
            assert decisions(desk, a) == []


def test_both_events_of_one_article_may_be_merged_and_come_apart(desk: Desk) -> None:
    both = story("a", event(killed=toll(3)), event(place=examples.BUKAVU, killed=toll(8)))
    ((one, two),) = desk.batch(both)
    merge = desk.decide("merge", one, into=two)
    assert desk.batch(fetched_later(both)) == [(two,)]
    assert desk.sites(two) == ["a.example"]
    desk.undo(two, merge)
    assert desk.batch(both) == [tuple(sorted((one, two)))]
    assert (desk.get(one)["reports"], desk.get(two)["reports"]) == (1, 1)
