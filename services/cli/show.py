"""How the command line shows things: tables on a terminal, plain lines in a pipe, JSON when asked."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from shared.domain.vocabulary import Realis

out = Console()

#: Columns of words.
WRAPPED = {
    "title",
    "text",
    "subtypes",
    "words and dates",
    "where",
    "why",
    "url",
    "incidents",
    "error",
    "value",
    "which",
}


def as_json(value: Any) -> None:
    """Print a value as one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=None) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, console: Console | None = None) -> None:
    """Print a table, in a pipe as lines with tabs."""
    console = console or out
    if not console.is_terminal:
        for row in (columns, *rows):
            console.file.write("\t".join(row) + "\n")  # rich would turn the tabs into spaces
        return
    drawn = Table(title=title, title_justify="left")
    for name in columns:
        # what is copied or compared stays in one piece; words may wrap
        drawn.add_column(name, no_wrap=name not in WRAPPED, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    console.print(drawn, markup=False)


def day(value: dict[str, Any] | None) -> str:
    """Return an interval of days in few characters, empty when unknown."""
    if not value:
        return ""
    return str(value["start"]) if value["start"] == value["end"] else f"{value['start']}…{value['end']}"


def toll(value: dict[str, Any] | None) -> str:
    """Return a range of numbers in few characters: `2`, `2-5`, `≥5`, `≤5`; empty when unknown."""
    if not value:
        return ""
    low, best, high = value.get("min"), value.get("best"), value.get("max")
    if low is not None and low == high:
        return str(low)
    if high is None and low is not None:
        return f"≥{low}"
    if low is None:
        return f"≤{high}" if high is not None else ""
    return f"{best} ({low}-{high})" if best is not None else f"{low}-{high}"


def place(value: dict[str, Any] | None) -> str:
    """Return the names of a place, finest first; empty when unknown."""
    if not value:
        return ""
    names = [value.get("name"), value.get("city"), value.get("country")]
    return ", ".join(dict.fromkeys(str(name) for name in names if name))


def kind(hit: dict[str, Any]) -> str:
    """Return the kind of an incident, and whether it happened where it did not: "bombing, denied"."""
    return ", ".join(part for part in (hit["subtype"], hit.get("realis")) if part and part != Realis.ACTUAL)


def incidents(hits: Iterable[dict[str, Any]], *, console: Console | None = None) -> None:
    """Print a table of incidents."""
    columns = ("incident", "date", "kind", "where", "killed", "injured", "told by", "title")
    rows = [
        (
            hit["id"],
            day(hit["date"]),
            kind(hit),
            place(hit["place"]),
            toll(hit["killed"]),
            toll(hit["injured"]),
            str(hit["reports"]),
            hit["title"],
        )
        for hit in hits
    ]
    table("Incidents", columns, rows, console=console)


def submissions(states: Iterable[dict[str, Any]]) -> None:
    """Print a table of submissions."""
    rows = [
        (
            state["id"] or "",
            state["status"],
            ": ".join(why for why in (state["reason"], state["detail"]) if why),
            " ".join(state["incident_ids"]),
            state["url"],
        )
        for state in states
    ]
    table("Submissions", ("submission", "status", "why", "incidents", "url"), rows)


def processes(children: Iterable[dict[str, Any]]) -> None:
    """Print a table of the processes of an instance."""
    rows = [(c["name"], c["state"], str(c["pid"] or ""), f"{c['uptime_s']} s", str(c["restarts"])) for c in children]
    table("Processes", ("process", "state", "pid", "uptime", "restarts"), rows)


def health(state: dict[str, Any]) -> None:
    """Print which servers are away, and when a worker of each queue last answered."""
    away = [name for name in ("redis", "elasticsearch") if not state[name]]
    if away:
        out.print(f"Away: {', '.join(away)}.")
    rows = [
        (
            queue,
            "never" if since_s is None else f"{since_s:.0f} s ago",
            "silent" if queue in state["silent"] else "well",
        )
        for queue, since_s in state["workers"].items()
    ]
    if rows:
        table("Workers", ("queue", "last answer", "state"), rows)


def queues(state: dict[str, Any]) -> None:
    """Print what waits where, and why nothing more is taken in."""
    rows = [("queue", name, str(n)) for name, n in state["queues"].items()]
    rows += [("quarantine", name, str(n)) for name, n in state["quarantine"].items() if n]
    rows += [("put off", "", str(state["delayed"])), ("in flight", "", str(state["in_flight"]))]
    table("Waiting", ("what", "name", "messages"), rows)
    if state["pressure"]:
        out.print(f"Nothing more is taken in: {state['pressure']['detail']}", markup=False, soft_wrap=True)
