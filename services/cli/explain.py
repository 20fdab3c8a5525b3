"""`tocsin explain`: one article, and why it was coded as it was."""

import json
from collections.abc import Iterator
from typing import Any

from services.classifier.explain import explain
from services.classifier.models import load_models
from services.cli import show
from services.cli.filters import published
from services.extractor.parse import printable
from shared.errors import TocsinError

_COLUMNS = ("no", "own", "aside", "core", "subtypes", "words and dates", "fillers", "text")


class NoArticle(TocsinError):
    """What was given is no article: the text says why."""


def of(content: bytes) -> dict[str, Any]:
    """Return the explanation of an article given as JSON of the contract, or as text whose first line is its title.

    Raises NoArticle where it is neither.
    """
    row = _read(content)
    language = row.get("language")
    return explain(
        printable(str(row.get("title") or "")),
        str(row.get("text") or ""),
        published(row.get("published")),
        language if isinstance(language, str) else None,
        models=load_models(),
    )


def _read(content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoArticle(f"that is no text in UTF-8 ({error.reason} at byte {error.start})") from error
    try:
        row = json.loads(text)
    except ValueError as error:
        if text.lstrip().startswith("{"):
            raise NoArticle(f"that begins as JSON and is none ({error})") from error
        title, _, body = text.strip().partition("\n")
        return {"title": title, "text": body}
    return row if isinstance(row, dict) else {"text": text}


def print_explanation(found: dict[str, Any]) -> None:
    """Print the verdict, its parts, the events, and every sentence that was looked at."""
    reason = "" if found["relevant"] else f" ({found['discard_reason']})"
    show.out.print(
        f"{'relevant' if found['relevant'] else 'not relevant'}{reason}, model {found['model']}", markup=False
    )
    if found["sentences"]:
        show.out.print(_counted(found["counted_from"]), markup=False)
    gate, verdict = found["gate"], found["verdict"]
    if gate:
        show.out.print(f"gate {gate['score']}, passes from {gate['threshold']}", markup=False)
    if verdict:
        parts = ", ".join(f"{name} {value:+}" for name, value in verdict["log_odds"].items())
        show.out.print(f"probability {verdict['probability']} = logistic of {parts}", markup=False, soft_wrap=True)
    if found["events"]:
        columns = (
            "subtype",
            "realis",
            "main",
            "confidence",
            "date",
            "where",
            "killed",
            "injured",
            "shown by",
            "sentences",
        )
        show.table("Events", columns, [_event(event) for event in found["events"]])
    if found["sentences"]:
        show.table("Sentences", _COLUMNS, _sentences(found["sentences"]))


def _counted(day: str | None) -> str:
    if day:
        return f"days are counted from {day}"
    return "no usable publication date: “Monday” and “yesterday” stay unknown (`published` in the JSON gives one)"


def _event(event: dict[str, Any]) -> tuple[str, ...]:
    return (
        event["subtype"],
        event["realis"],
        "yes" if event["main"] else "no",
        str(event["confidence"]),
        show.day(event["date"]),
        show.place(event["place"]),
        show.toll(event["killed"]),
        show.toll(event["injured"]),
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
