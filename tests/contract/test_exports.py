"""docs/exports.md says what exports hold: every format, column and property, and nothing else."""

import re
from pathlib import Path

import pytest

from services.api.exports import acled, stix
from services.api.exports.columns import FLAT, Column
from services.api.exports.formats import EXPORTERS, Format
from services.api.exports.routes import ENTRIES, FeedQuery

TEXT = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()


def rows(section: str) -> dict[str, str]:
    """The table of a section: name → meaning."""
    part = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([a-z0-9_]+)` \| (.*) \|$", part, re.MULTILINE))


@pytest.mark.parametrize(("section", "columns"), [("CSV", FLAT), ("ACLED", acled.COLUMNS)])
def test_every_column_is_documented_in_order_with_its_meaning(section: str, columns: tuple[Column, ...]) -> None:
    assert list(rows(section).items()) == [(column.name, column.meaning) for column in columns]


def test_every_property_of_stix_is_documented_with_its_meaning() -> None:
    assert rows("STIX") == stix.EXTENSION


def test_every_format_is_documented_with_its_content_type() -> None:
    found = dict(re.findall(r"^\| `([a-z]+)` \| `([^`]+)` \|", TEXT, re.MULTILINE))
    assert found == {form: EXPORTERS[form].media_type.split(";")[0] for form in Format}


def test_the_length_of_a_feed_is_documented() -> None:
    assert f"({FeedQuery().limit}; at most {ENTRIES})" in TEXT
