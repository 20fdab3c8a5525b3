"""`make eval-classify`: the classifier's figures, by the rulers of `../shared/eval` and on the corpora without one.

Nothing is asserted here: that is `make eval`, with the same floors and the same sets.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.eval import figures, rulers, sets


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, a set as soon as it is measured. `arguments`: those of the command line where None."""
    options = argparse.ArgumentParser(prog="eval-classify", description=__doc__)
    options.add_argument("sets", nargs="*", help=f"of {', '.join(sets.CLASSIFIER)}; all when none is named")
    chosen = options.parse_args(arguments).sets or list(sets.CLASSIFIER)
    if unknown := set(chosen) - set(sets.CLASSIFIER):
        options.error(f"no such set: {', '.join(sorted(unknown))}")
    if not rulers.SHARED.is_dir():
        options.error(f"no rulers and data in {rulers.SHARED}; TOCSIN_SHARED names their folder")
    asked, shown = sets.asked(), []
    sys.stdout.write(figures.heading() + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in dict.fromkeys(chosen):
            for row in sets.measured(name, Path(folder)):
                shown.append(row.metric)
                sys.stdout.write(figures.line(row, asked) + "\n")
            sys.stdout.flush()
    sys.stdout.write("\n" + "\n".join(figures.notes(shown)) + "\n")


if __name__ == "__main__":
    main()
