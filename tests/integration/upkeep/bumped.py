"""Tocsin of the next version of the indices: `python -m tests.integration.upkeep.bumped worker indexer`.

Its outcomes carry one more label, so that it shows which documents were converted.
"""

import runpy
import sys
from typing import Any

from shared import index
from shared.upkeep.migrations import MIGRATIONS

LABEL = "converted"
NEXT = index.VERSION + 1


def migration(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """Take a document to the next version."""
    return document | {"labels": [*document["labels"], LABEL]} if name == "outcomes" else document


def bump() -> None:
    """Make this process one of the next version."""
    index.VERSION = NEXT
    MIGRATIONS[NEXT - 1] = migration


if __name__ == "__main__":
    bump()
    module = {"worker": "shared.worker", "upkeep": "shared.upkeep"}[sys.argv[1]]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
