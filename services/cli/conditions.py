"""The conditions of a search as options of a command, made of the one query model.

The API says what is wrong with their values: a command knows no second rule for them.
"""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_origin

import typer

from shared.search.incidents import IncidentQuery


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
