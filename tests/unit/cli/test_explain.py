"""`tocsin explain`: the verdict on one article, with its reasons."""

import json

import pytest
from typer.testing import CliRunner

from services.cli.main import app

STORY = {
    "title": "Car bomb kills six in Karachi",
    "text": "A car bomb exploded outside a bank in Karachi on Tuesday, killing six people.\nIt rained.",
    "published": "2022-03-17",
}


def explained(content: str, *options: str) -> str:
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


@pytest.mark.parametrize("content", ["", "[]", "3", '{"text": null}', "{", "\x00", '{"text": 5, "published": []}'])
def test_any_input_has_an_answer(content: str) -> None:
    assert explained(content).startswith(("not relevant", "relevant"))


def test_an_article_that_the_gate_turns_away_says_so() -> None:
    printed = explained("Library plans shown\nThe council will vote on the new library on Tuesday. The mayor spoke.")
    assert printed.startswith("not relevant (not_relevant)")
    assert "passes from" in printed
