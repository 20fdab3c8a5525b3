"""`tocsin explain`: the verdict on one article, with its reasons."""

import json

import pytest
from typer.testing import CliRunner

from services.classifier.classify import classify
from services.classifier.models import load_models
from services.cli.explain import NoArticle
from services.cli.main import app
from shared.domain.article import Published

STORY = {
    "title": "Car bomb kills six in Karachi",
    "text": "A car bomb exploded outside a bank in Karachi on Tuesday, killing six people.\nIt rained.",
    "published": "2022-03-17",
}


def explained(content: str | bytes, *options: str) -> str:
    ran = CliRunner().invoke(app, ["explain", "-", *options], input=content)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_the_reasons_are_told_as_json() -> None:
    found = json.loads(explained(json.dumps(STORY), "--json"))
    assert found["relevant"]
    assert found["gate"]["score"] > found["gate"]["threshold"]
    assert found["verdict"]["probability"] >= found["verdict"]["threshold"]
    assert set(found["verdict"]["log_odds"]) >= {"bias", "gate", "words for", "age"}
    (event,) = [e for e in found["events"] if e["main"]]
    assert event["subtype"] == next(iter(found["verdict"]["kinds"])) == "bombing"
    assert {0, 1} & set(event["shown_by"])
    title, first, _ = found["sentences"]
    assert title["span"] is None
    assert first["span"] == [0, STORY["text"].index("\n")]
    assert "trigger:bombing" in first["features"]
    assert [(d["start"], d["end"]) for d in first["dates"]] == [("2022-03-15", "2022-03-15")]
    assert first["roles"]["main"] > 0.5


def test_the_inputs_of_the_verdict_add_up() -> None:
    verdict = json.loads(explained(json.dumps(STORY), "--json"))["verdict"]
    odds = sum(verdict["log_odds"].values())
    assert 1 / (1 + 2.718281828**-odds) == pytest.approx(verdict["probability"], abs=0.02)


def test_plain_text_has_its_title_on_the_first_line() -> None:
    printed = explained(f"{STORY['title']}\n{STORY['text']}")
    assert printed.startswith("relevant, model ")
    assert "bombing" in printed
    assert "A car bomb exploded outside a bank" in printed


@pytest.mark.parametrize(
    "content", ["", "[]", "3", '{"text": null}', "[AP] x", "\x00", '{"text": 5, "published": []}', '{"language": 5}']
)
def test_any_input_has_an_answer(content: str) -> None:
    assert explained(content).startswith(("not relevant", "relevant"))


def test_an_article_that_the_gate_turns_away_says_so() -> None:
    printed = explained("Library plans shown\nThe council will vote on the new library on Tuesday. The mayor spoke.")
    assert printed.startswith("not relevant (not_relevant)")
    assert "passes from" in printed


@pytest.mark.parametrize(
    ("content", "why"), [(json.dumps(STORY)[:-9], "JSON"), ("{", "JSON"), (b"PK\x03\x04\xff\xfe", "UTF-8")]
)
def test_what_is_no_article_is_refused(content: str | bytes, why: str) -> None:
    ran = CliRunner().invoke(app, ["explain", "-"], input=content)
    assert ran.exit_code == 1
    assert isinstance(ran.exception, NoArticle)
    assert why in str(ran.exception)


def test_a_byte_order_mark_and_a_label_that_is_no_word_change_nothing() -> None:
    marked = b"\xef\xbb\xbf" + json.dumps(STORY | {"language": 5}).encode()
    assert explained(marked, "--json") == explained(json.dumps(STORY), "--json")


def test_place_and_toll_are_shown() -> None:
    (event,) = json.loads(explained(json.dumps(STORY), "--json"))["events"]
    assert (event["place"]["name"], event["killed"]["best"], event["injured"]) == ("Karachi", 6, None)
    lines = [line.split("\t") for line in explained(json.dumps(STORY)).splitlines()]
    at = next(number for number, line in enumerate(lines) if line[0] == "subtype")
    told = dict(zip(lines[at], lines[at + 1], strict=True))
    assert (told["where"], told["killed"], told["injured"]) == ("Karachi, PK", "6", "")


STORIES = [
    (
        "Bomb kills nine in Kabul",
        "A car bomb killed nine people in Kabul on Monday.\n\nLast year, gunmen shot dead a judge.",
    ),
    (
        "",
        "Gunmen killed three farmers in Kano on Wednesday.\n\nThere have been many bombings before.",
    ),
    (
        "Gunmen kill mayor in Cali",
        "Gunmen killed the mayor of Cali on Monday.\n\nLast Thursday, a bomb killed five people in Bogota.",
    ),
]


@pytest.mark.parametrize(("title", "text"), STORIES)
def test_the_events_are_those_that_are_coded(title: str, text: str) -> None:
    story = {"title": title, "text": text, "published": "2022-03-17", "language": "en"}
    coding = classify(title, text, Published.of_day("2022-03-17"), "en", models=load_models())
    coded = coding.model_dump(mode="json")["events"]
    fields = ("subtype", "realis", "main", "confidence", "date", "place", "killed", "injured")
    shown = json.loads(explained(json.dumps(story), "--json"))["events"]
    assert [{f: e[f] for f in fields} for e in shown] == [{f: e[f] for f in fields} for e in coded]
    assert all(e["shown_by"] and set(e["shown_by"]) <= set(e["sentences"]) for e in shown)


@pytest.mark.parametrize(("value", "precision"), [("2022-01-01", "year"), ("1700-01-01", "day")])
def test_dates_are_counted_as_the_classifier_counts_them(value: str, precision: str) -> None:
    story = STORY | {"published": {"value": value, "precision": precision}}
    found = json.loads(explained(json.dumps(story), "--json"))
    assert [d for sentence in found["sentences"] for d in sentence["dates"]] == []
    undated = json.loads(explained(json.dumps(STORY | {"published": None}), "--json"))
    assert [s["features"] for s in found["sentences"]] == [s["features"] for s in undated["sentences"]]


@pytest.mark.parametrize(("published", "said"), [("2022-03-17", "counted from 2022-03-17"), (None, "no usable")])
def test_it_says_from_which_day_days_are_counted(published: str | None, said: str) -> None:
    assert said in explained(json.dumps(STORY | {"published": published}))
