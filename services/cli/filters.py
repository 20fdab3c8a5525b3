"""The workers' verbs as filters over JSON Lines: `tocsin extract | classify | merge`. See `docs/contract.md`."""

import base64
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pydantic import ValidationError

from services.classifier.classify import classify as classify_text
from services.classifier.models import Models, load_models
from services.classifier.second_opinion.allowance import in_process
from services.classifier.second_opinion.ask import SecondOpinion, open_second
from services.cli import jsonl
from services.cli.jsonl import Row
from services.extractor.extract import extract_html
from services.extractor.parse import printable
from services.indexer.lines import reports_of_line
from services.indexer.merging.batch import group
from shared import logs
from shared.domain.article import Published
from shared.domain.incident import Report
from shared.settings import settings


def extract(row: Row) -> Row:
    """`{"url", "html" | "html_base64", "content_type"?}` → title, text, published and the rest of the contract."""
    body = base64.b64decode(row["html_base64"], validate=True) if "html_base64" in row else str(row["html"])
    url = str(row.get("url") or "")
    found = extract_html(url, body, row.get("content_type"))
    return {
        "url": url,
        "canonical_url": found.canonical_url,
        "title": found.title,
        "text": found.text,
        "byline": list(found.byline),
        "published": found.published.model_dump(mode="json") if found.published else None,
        "language": found.language,
        "site": found.site,
        "discard_reason": found.discard_reason,
    }


@cache
def _models() -> Models:
    return load_models()


@cache
def _second() -> SecondOpinion | None:
    """Return who is asked for second opinions. Its log goes to standard error, and each process counts for itself."""
    second = open_second(settings(), in_process())
    if second:
        logs.configure(settings())
    return second


def classify(row: Row) -> Row:
    """`{"title", "text", "published", "language"?}` → relevant, score, events, places."""
    # of the title alone: spans count the characters of the text as it is
    title, text = printable(str(row.get("title") or "")), str(row.get("text") or "")
    day = published(row.get("published"))
    coding = classify_text(title, text, day, row.get("language"), models=_models())
    second = _second()
    if second:
        coding = second(coding, title, text, day)
    return coding.model_dump(mode="json")


def published(value: Any) -> Published | None:
    """Return a publication date given as a day, as a moment or as an object; None when it is missing or no date."""
    try:
        if isinstance(value, dict):
            return Published(
                value=value["value"], precision=value.get("precision", "day"), source=value.get("source", "input")
            )
        return Published.of_day(value) if isinstance(value, str) and value else None
    except (ValidationError, KeyError, ValueError):
        return None


def merge(lines: Iterable[str]) -> Iterator[Row]:
    """Lines of `classify` with `published` and `site` kept → one line per event, with its incident."""
    reports: list[Report] = []
    order: list[tuple[Any, list[str]] | Row] = []
    seen: set[str] = set()
    for number, line in enumerate(lines):
        read = jsonl.apply(lambda row, number=number: {"reports": _reports(row, number, seen)}, line)  # type: ignore[misc]
        if "error" in read:
            order.append(read)
            continue
        order.append((read["id"], [report.id for report in read["reports"]]))
        reports += read["reports"]
    settled = {report.id: report for report in group(reports)}
    for entry in order:
        if isinstance(entry, dict):
            yield entry
            continue
        for report in (settled[identifier] for identifier in entry[1]):
            yield {
                "id": entry[0],
                "event": report.position,
                "incident": report.incident_id,
                "score": report.score,
                "reason": report.reason,
            }


def _reports(row: Row, number: int, seen: set[str]) -> list[Report]:
    """Return a report for every event of a line, background too: the caller asked for each.

    Raises:
        ValueError: the line has no id, or that of a line before: its reports could not be told apart.
    """
    if row.get("id") is None or str(row["id"]) in seen:
        raise ValueError("a line needs an id of its own")
    seen.add(str(row["id"]))
    return reports_of_line(row, number, published(row.get("published")))


def run_merge() -> int:
    """Run standard input through `merge` to standard output. Returns the exit code: 1 when a line failed."""
    lines = (line for line in sys.stdin if line.strip())
    return int(jsonl.stream(merge(lines), output=sys.stdout) > 0)
