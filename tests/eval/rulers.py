"""The rulers and the data beside the checkout, and the batch commands that they measure."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli import jsonl
from tests.eval import figures
from tests.eval.figures import Row

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[2].parent / "shared"))
GOLD = SHARED / "data/tocsin_gold"
JOBS = 2


def there() -> None:
    """Skip, in CI fail, without the rulers."""
    if not (SHARED / "eval").is_dir():
        message = f"no rulers in {SHARED}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


def through(function: Callable[[dict[str, Any]], dict[str, Any]], source: Path, target: Path) -> None:
    """Run a file of JSON Lines through a filter."""
    with source.open() as lines, target.open("w") as output:
        assert jsonl.stream(jsonl.mapped(function, lines, jobs=JOBS), output=output) == 0


def run(*arguments: object) -> str:
    """Run a ruler and return what it prints. Exit status 1 means below a target, not below our floor."""
    command = [sys.executable, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


def gold(predicted: Path) -> dict[str, dict[str, float]]:
    """Return metric → value, low, high, n of the gold's ruler."""
    printed = run(SHARED / "eval/gold.py", GOLD / "dev.gold.jsonl", predicted, "--json")
    figures: dict[str, dict[str, float]] = json.loads(printed)
    return figures


def scored(name: str, function: Callable[[dict[str, Any]], dict[str, Any]], data: Path, folder: Path) -> Iterator[Row]:
    """Yield the rows of a set of `score.py`, its inputs from `data` run through a filter."""
    run(SHARED / "eval/score.py", "inputs", data, folder / "inputs")
    through(function, folder / f"inputs/{name}.jsonl", folder / "coded.jsonl")
    printed = run(SHARED / "eval/score.py", name, data, folder / "coded.jsonl", "--ci")
    yield from figures.of_ruler(printed.splitlines())
