"""Backup, restore and upgrade where there is no `tocsin`, as in a container: `python -m shared.upkeep`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared import logs
from shared.errors import TocsinError
from shared.settings import settings
from shared.upkeep import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Do as the arguments say, print what was done as JSON, and return the exit status."""
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
        if given.command == "backup":
            done = run.backup(settings(), given.folder).model_dump_json(indent=2)
        elif given.command == "restore":
            done = run.restore(settings(), given.folder, replace=given.replace).model_dump_json(indent=2)
        else:
            done = run.upgrade(settings(), drop=given.drop_old).model_dump_json(indent=2)
    except TocsinError as error:
        sys.stderr.write(f"{given.command}: {error}\n")
        return 1
    sys.stdout.write(f"{done}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
