"""Backup, restore and upgrade where there is no `tocsin`, as in a container: `python -m shared.upkeep`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared import logs
from shared.errors import UNAVAILABLE, TocsinError, Unavailable
from shared.settings import settings
from shared.upkeep import run
from shared.upkeep.folder import Manifest
from shared.upkeep.upgrade import Upgraded


def main(arguments: Sequence[str] | None = None) -> int:
    """Do as the arguments say, print what was done as JSON, and return the exit status, which is that of `tocsin`."""
    parser = argparse.ArgumentParser(prog="python -m shared.upkeep", description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("backup", "restore"):
        commands.add_parser(name).add_argument("folder", type=Path)
    commands.choices["restore"].add_argument("--replace", action="store_true", help="Delete what is there first.")
    upgrade = commands.add_parser("upgrade")
    upgrade.add_argument("--drop-old", action="store_true", help="Delete the indices of older versions.")
    given = parser.parse_args(arguments)
    try:
        logs.configure(settings())
        done = _done(given)
    except TocsinError as error:
        sys.stderr.write(f"{given.command}: {error}\n")
        return UNAVAILABLE if isinstance(error, Unavailable) else 1
    sys.stdout.write(f"{done.model_dump_json(indent=2)}\n")
    if lacking := isinstance(done, Manifest) and run.without_pages(done):
        sys.stderr.write(f"{given.command}: {lacking}\n")
        return run.PARTLY
    return 0


def _done(given: argparse.Namespace) -> Manifest | Upgraded:
    if given.command == "backup":
        return run.backup(settings(), given.folder)
    if given.command == "restore":
        return run.restore(settings(), given.folder, replace=given.replace)
    return run.upgrade(settings(), drop=given.drop_old)


if __name__ == "__main__":
    sys.exit(main())
