"""When the shootings of the gun-violence corpus happened: what is printed soon after is news, what is late is not."""

import gzip
import json
from datetime import date
from pathlib import Path

from services.classifier.training.corpora import Story

#: Days after a shooting within which its story is surely news, and after which it surely tells of trials and memory.
_FRESH, _STALE = 10, 120


def days(data: Path) -> dict[str, date]:
    """Return the day of each incident by its name."""
    with gzip.open(data / "gva/incidents.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {str(r["incident_uri"]): date.fromisoformat(r["date_iso"][:10]) for r in rows if r.get("date_iso")}


def is_fresh(story: Story, held: dict[str, date]) -> bool | None:
    """Tell whether a story is news; None when its age does not say."""
    day = held.get(story.labels["incident"])
    if day is None or story.published is None:
        return None
    age = (date.fromisoformat(story.published) - day).days
    return True if 0 <= age <= _FRESH else False if age > _STALE else None
