"""`tocsin export`: any search as a file, over the API.

Its options are those of the search, made of the one query model: the API says what is wrong with their values.
"""

import inspect
import os
import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any, get_origin

import typer

from services.cli.options import client
from shared.search.incidents import IncidentQuery

#: Formats of exports, as docs/exports.md describes them.
FORMATS = ("csv", "jsonl", "geojson", "stix", "acled")


def conditions() -> list[inspect.Parameter]:
    """Return an option for each condition of a search; the words are an argument."""
    found = []
    for name, field in IncidentQuery.model_fields.items():
        says = field.description or ""
        if name == "q":
            info: Any = typer.Argument(help=says)
        else:
            info = typer.Option(f"--{(field.alias or name).replace('_', '-')}", help=says, metavar="VALUE")
        kind: Any = list[str] if get_origin(field.annotation) is tuple else str
        annotation = Annotated[kind | None, info]
        found.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation))
    return found


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the conditions of a search as options; it gets those that were given, named as the API does."""

    def run(**given: Any) -> None:
        own = {name: given.pop(name) for name in list(given) if name not in IncidentQuery.model_fields}
        query = {
            IncidentQuery.model_fields[name].alias or name: value for name, value in given.items() if value is not None
        }
        command(**own, query=query)

    signature = inspect.signature(command)
    kept = [parameter for parameter in signature.parameters.values() if parameter.name != "query"]
    run.__signature__ = signature.replace(parameters=[*kept, *conditions()])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in (*kept, *conditions())}
    run.__doc__ = command.__doc__
    return run


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
