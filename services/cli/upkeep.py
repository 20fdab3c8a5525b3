"""`tocsin backup`, `restore` and `upgrade`: what is done to the data as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from services.cli import show
from services.cli.options import Json
from shared.errors import SetupError
from shared.settings import Settings, settings

if TYPE_CHECKING:
    from types import ModuleType

    from shared.upkeep.folder import Manifest

Folder = Annotated[Path, typer.Argument(help="Where the backup is, or is to be.")]


def backup(folder: Folder, *, json: Json = False) -> None:
    """Copy everything that must last into FOLDER, while articles flow. See docs/operations.md for what it promises."""
    _show("Backup", _run().backup(_given(), folder), json=json)


def restore(
    folder: Folder,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Delete what is there first.")] = False,
    json: Json = False,
) -> None:
    """Bring the backup in FOLDER into empty servers. No worker and no API may run meanwhile."""
    _show("Restored", _run().restore(_given(), folder, replace=replace), json=json)


def upgrade(
    *,
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Delete the indices of older versions.")] = False,
    json: Json = False,
) -> None:
    """Take the indices to the version of this Tocsin while articles flow; then restart workers and API with it."""
    done = _run().upgrade(_given(), drop=drop_old)
    if json:
        show.as_json(done.model_dump(mode="json"))
    elif drop_old:
        show.out.print(f"Dropped: {', '.join(done.dropped) or 'nothing'}.", markup=False, highlight=False)
    elif done.before == done.now or done.before is None:
        show.out.print(f"Nothing to do: the indices are of version {done.now}, or not there yet.", highlight=False)
    else:
        words = f"From version {done.before} to {done.now}: {done.copied} documents copied, {done.blocked_s} s blocked."
        show.out.print(words, markup=False, highlight=False)


def _run() -> "ModuleType":
    try:
        from shared.upkeep import run
    except ModuleNotFoundError as error:
        raise SetupError(f"{error.name} is missing: install Tocsin with the extra indexer") from error
    return run


def _given() -> Settings:
    """Return the settings; the servers are those of the running instance of the home where none are named."""
    from services.cli.embedded.instance import recall
    from shared import logs

    given = settings()
    logs.configure(given)
    found = recall(given.home)
    names = ("redis_url", "elasticsearch_url")
    if found is None or any(name in given.model_fields_set for name in names):
        return given
    return given.model_copy(update={name: getattr(found, name) for name in names})


def _show(what: str, done: "Manifest", *, json: bool) -> None:
    """Show a backup or restore; pages that it lacks are a status of its own."""
    if json:
        show.as_json(done.model_dump(mode="json"))
    else:
        rows = [(name, str(number)) for name, number in done.counts.items()]
        show.table(f"{what} as of {done.taken_at:%Y-%m-%d %H:%M:%S} UTC", ("what", "number"), rows)
    run = _run()
    if lacking := run.without_pages(done):
        Console(stderr=True).print(lacking, style="red", markup=False, soft_wrap=True)
        raise typer.Exit(run.PARTLY)
