"""JSON Lines through a function: every line is answered, in order, whatever is in it."""

import io
import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from services.cli import jsonl


def double(row: dict[str, Any]) -> dict[str, Any]:
    """Double the number; die over 13."""
    if row["n"] == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"n": 2 * row["n"]}


BAD = ['{"id": "b"}', "{", "[]", "7", '{"id": "c", "n": null}', "\x00"]


def lines(*numbers: int) -> list[str]:
    return [json.dumps({"id": str(n), "n": n}) for n in numbers]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_line_is_answered_in_order(jobs: int) -> None:
    numbers = list(range(20, 60))
    rows = list(jsonl.mapped(double, lines(*numbers), jobs=jobs))
    assert rows == [{"id": str(n), "n": 2 * n} for n in numbers]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_bad_line_is_an_error_and_stops_nothing(jobs: int) -> None:
    rows = list(jsonl.mapped(double, [*lines(1), *BAD, *lines(2)], jobs=jobs))
    assert (rows[0], rows[-1]) == ({"id": "1", "n": 2}, {"id": "2", "n": 4})
    assert all(row["error"] for row in rows[1:-1])
    assert [row["id"] for row in rows[1:-1]] == ["b", None, None, None, "c", None]


def test_a_line_that_kills_its_process_takes_no_other_with_it() -> None:
    numbers = [*range(6), 13, *range(20, 40), 13, 50]
    rows = list(jsonl.mapped(double, lines(*numbers), jobs=2))
    assert [row["id"] for row in rows] == [str(n) for n in numbers]
    assert [row["id"] for row in rows if "error" in row] == ["13", "13"]


def test_an_error_of_the_filter_before_is_passed_on() -> None:
    failed = {"id": "x", "error": "KeyError: 'html'"}
    assert list(jsonl.mapped(double, [json.dumps(failed)], jobs=1)) == [failed]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert list(jsonl.mapped(double, ["\ufeff" + lines(4)[0]], jobs=1)) == [{"id": "4", "n": 8}]


def test_a_process_that_dies_while_lines_are_still_handed_out() -> None:
    """The window is not full yet: handing out the next line is what notices."""

    def slowly() -> Iterator[str]:
        for line in lines(13, 1, 2, 3):
            yield line
            time.sleep(0.5)

    rows = list(jsonl.mapped(double, slowly(), jobs=2))
    assert ["error" in row for row in rows] == [True, False, False, False]


def test_the_errors_are_counted_and_text_stays_readable() -> None:
    written = io.StringIO()
    assert jsonl.stream([{"id": 1, "title": "Взрыв"}, {"id": 2, "error": "x"}], output=written) == 1
    assert "Взрыв" in written.getvalue()
    assert [json.loads(line)["id"] for line in written.getvalue().splitlines()] == [1, 2]


HALF = '{"id": "\\ud800", "n": 3}'


@pytest.mark.parametrize("line", [HALF, '{"id": "x", "n": "\\udfff"}', '{"id": 4, "\\ud800": 0}'])
def test_half_a_character_stops_nothing_and_is_passed_on(line: str) -> None:
    file = io.BytesIO()
    output = io.TextIOWrapper(file, encoding="utf-8")
    jsonl.stream(jsonl.mapped(double, [line, *lines(1)], jobs=1), output=output)
    first, last = file.getvalue().decode().splitlines()
    assert json.loads(first)["id"] == json.loads(line)["id"]
    assert json.loads(last) == {"id": "1", "n": 2}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_know_is_a_bad_line(value: str) -> None:
    (row,) = jsonl.mapped(double, [f'{{"id": {value}, "n": 1}}'], jobs=1)
    assert (row["id"], value in row["error"]) == (None, True)


def test_a_number_beyond_all_bounds_is_a_bad_line() -> None:
    written = io.StringIO()
    assert jsonl.stream(jsonl.mapped(double, ['{"id": 1e999, "n": 1}', *lines(2)], jobs=1), output=written) == 1
    for line in written.getvalue().splitlines():
        json.loads(line, parse_constant=pytest.fail)
