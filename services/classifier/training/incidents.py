"""When the shootings of the gun-violence corpus happened: what is printed soon after is news, what is late is not."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

from services.classifier.training.corpora import Story

#: Days after a shooting within which its story is surely news, and after which it surely tells of trials and memory.
_FRESH, _STALE = 10, 120


def records(data: Path) -> dict[str, dict[str, Any]]:
    """Return each incident as it was recorded, by its name."""
    with gzip.open(data / "gva/incidents.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {str(row["incident_uri"]): row for row in map(json.loads, lines)}


def days(data: Path) -> dict[str, date]:
    """Return the day of each incident by its name."""
    rows = records(data)
    return {name: date.fromisoformat(row["date_iso"][:10]) for name, row in rows.items() if row.get("date_iso")}


def is_fresh(story: Story, held: dict[str, date]) -> bool | None:
    """Tell whether a story is news; None when its age does not say."""
    day = held.get(story.labels["incident"])
    if day is None or story.published is None:
        return None
    age = (date.fromisoformat(story.published) - day).days
    return True if 0 <= age <= _FRESH else False if age > _STALE else None
