"""Stories as our own classifier codes them, with the happening that each tells."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.indexer.lines import reports_of_line
from services.indexer.merging.traits import Traits
from services.indexer.training.corpora import Text
from shared.domain.article import Published
from shared.domain.incident import Report

#: The classifier as a command of its own: the indexer's code does not import it.
_CLASSIFY = "import sys; from services.cli.main import main; sys.argv = ['tocsin', 'classify', '--jobs', '2']; main()"


@dataclass(frozen=True)
class Coded:
    """What a story says of its main event, and the reports of all its events, as `tocsin merge` reads them."""

    story: Text
    traits: Traits
    reports: Sequence[Report]


def coded(stories: Iterable[Text], kept: Path | None = None) -> list[Coded]:
    """Return the stories that our classifier finds an event in. `kept` is what it printed for them before, by name."""
    wanted = {story.name: story for story in stories}
    lines = kept.read_text(encoding="utf-8") if kept else _classified(wanted.values())
    rows = map(json.loads, lines.splitlines())
    return list(_coded({str(row["id"]): row for row in rows}, wanted))


def _coded(rows: Mapping[str, Mapping[str, Any]], stories: Mapping[str, Text]) -> Iterator[Coded]:
    for number, (name, story) in enumerate(sorted(stories.items())):
        row = rows.get(name, {})
        at = main_event(row)
        if at is not None:
            published = Published.of_day(story.published) if story.published else None
            line = {
                **row,
                "id": name,
                "title": story.title,
                "text": story.text,
                "url": story.url,
                "site": _site(story.url),
            }
            reports = reports_of_line(line, number, published)
            yield Coded(story, Traits(reports[at]), reports)


def main_event(row: Mapping[str, Any]) -> int | None:
    """Return the event that a story is about: the first main one that happened, else the first of all."""
    events = row.get("events") or () if row.get("relevant") else ()
    mains = [number for number, event in enumerate(events) if event.get("main") is not False]
    happened = [number for number in mains if events[number].get("realis") in ("actual", None)]
    return (happened or mains or [0])[0] if events else None


def _classified(stories: Iterable[Text]) -> str:
    lines = [
        json.dumps({"id": s.name, "title": s.title, "text": s.text, "published": s.published, "language": "en"})
        for s in stories
    ]
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", _CLASSIFY], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    return ran.stdout


def _site(url: str) -> str | None:
    """Return the host of a page, of an archived one that of the original."""
    host = url.rpartition("://")[2].partition("/")[0].partition(":")[0].removeprefix("www.")
    return host or None
