"""What people see of numbers, days and places."""

import io
from typing import Any

import pytest
from rich.console import Console

from services.cli import show


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ({"min": 0, "best": 0, "max": 0}, "0"),
        ({"min": 2, "best": 2, "max": 2}, "2"),
        ({"min": 2, "best": 3, "max": 5}, "3 (2-5)"),
        ({"min": 5, "best": 5, "max": None}, "≥5"),
        ({"min": None, "best": 9, "max": 9}, "≤9"),
        ({"min": 3, "best": None, "max": 9}, "3-9"),
        ({"min": None, "best": None, "max": None}, ""),
    ],
)
def test_a_toll(value: dict[str, Any] | None, shown: str) -> None:
    assert show.toll(value) == shown


def test_days_and_places() -> None:
    assert show.day({"start": "2026-01-02", "end": "2026-01-02"}) == "2026-01-02"
    assert show.day({"start": "2026-01-02", "end": "2026-01-04"}) == "2026-01-02…2026-01-04"
    assert show.place({"name": "Goma", "city": "Goma", "country": "CD"}) == "Goma, CD"
    assert (show.day(None), show.place(None)) == ("", "")


@pytest.mark.parametrize(("realis", "shown"), [("actual", "bombing"), ("denied", "bombing, denied"), (None, "bombing")])
def test_what_did_not_happen_is_told_beside_the_kind(realis: str | None, shown: str) -> None:
    assert show.kind({"subtype": "bombing", "realis": realis}) == shown


def test_a_table_in_a_pipe_is_lines_with_tabs() -> None:
    written = io.StringIO()
    show.table("Title", ("a", "b"), [("1", "[red]x" * 60)], console=Console(file=written, width=20))
    assert written.getvalue() == "a\tb\n1\t" + "[red]x" * 60 + "\n"
