"""`tocsin export`: any search as a file, over the API."""

import os
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from services.cli.conditions import asking
from services.cli.options import client

#: Formats of exports, as docs/exports.md describes them.
FORMATS = ("csv", "jsonl", "geojson", "stix", "acled")


@asking
def export(
    *,
    form: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="What to write.")],
    query: dict[str, Any],
) -> None:
    """Write all incidents of a search to standard output. Exits with 3 when the answer breaks off."""
    with client(timeout_s=120) as api:
        written(api.export(format=form, **query))


def written(pieces: Iterable[bytes]) -> None:
    """Write bytes to standard output until its reader has enough."""
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head`
        # what is left in the buffer would fail once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
