"""`tocsin explain`: one article, and why it was coded as it was."""

import json
from collections.abc import Iterator
from typing import Any

from services.classifier.explain import explain
from services.classifier.models import load_models
from services.cli import show
from services.cli.filters import published

_COLUMNS = ("no", "own", "aside", "core", "subtypes", "words and dates", "fillers", "text")


def of(content: str) -> dict[str, Any]:
    """Return the explanation of an article given as JSON of the contract, or as text whose first line is its title."""
    row = _read(content)
    return explain(
        str(row.get("title") or ""),
        str(row.get("text") or ""),
        published(row.get("published")),
        row.get("language"),
        models=load_models(),
    )


def _read(content: str) -> dict[str, Any]:
    try:
        row = json.loads(content.lstrip("\ufeff"))
    except ValueError:
        title, _, text = content.strip().partition("\n")
        return {"title": title, "text": text}
    return row if isinstance(row, dict) else {"text": content}


def print_explanation(found: dict[str, Any]) -> None:
    """Print the verdict, its parts, the events, and every sentence that was looked at."""
    reason = "" if found["relevant"] else f" ({found['discard_reason']})"
    show.out.print(
        f"{'relevant' if found['relevant'] else 'not relevant'}{reason}, model {found['model']}", markup=False
    )
    gate, verdict = found["gate"], found["verdict"]
    if gate:
        show.out.print(f"gate {gate['score']}, passes from {gate['threshold']}", markup=False)
    if verdict:
        parts = ", ".join(f"{name} {value:+}" for name, value in verdict["log_odds"].items())
        show.out.print(f"probability {verdict['probability']} = logistic of {parts}", markup=False, soft_wrap=True)
    if found["events"]:
        columns = ("subtype", "realis", "main", "confidence", "date", "shown by", "sentences")
        show.table("Events", columns, [_event(event) for event in found["events"]])
    if found["sentences"]:
        show.table("Sentences", _COLUMNS, _sentences(found["sentences"]))


def _event(event: dict[str, Any]) -> tuple[str, ...]:
    return (
        event["subtype"],
        event["realis"],
        "yes" if event["main"] else "no",
        str(event["confidence"]),
        show.day(event["date"]),
        _numbers(event["shown_by"]),
        _numbers(event["sentences"]),
    )


def _sentences(sentences: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for sentence in sentences:
        roles = sentence["roles"]
        aside = roles.get("background", 0) + roles.get("uncoded", 0)
        seen = [f"{t['text']} ({t['realis']})" for t in sentence["triggers"]] + [d["text"] for d in sentence["dates"]]
        yield (
            str(sentence["number"]),
            f"{roles.get('main', 0):.2f}" if sentence["read"] else "",
            f"{aside:.2f}" if sentence["read"] else "",
            f"{sentence['core']:.2f}" if sentence["read"] else "",
            " ".join(f"{name} {value:.2f}" for name, value in sentence["subtypes"].items()),
            "; ".join(seen),
            "; ".join(f"{f['slot']}: {f['text']}" for f in sentence["fillers"]),
            " ".join(sentence["text"].split()),
        )


def _numbers(values: list[int]) -> str:
    return " ".join(map(str, values))
