"""What tells a whole index from one that is empty, cut short, or no index at all."""

import sqlite3
from pathlib import Path

#: SQLite keeps a number in each file's header that says whose it is: "Tcsn".
_OURS = 0x5463736E
_ROWS = "SELECT (SELECT count(*) FROM place) + (SELECT count(*) FROM name)"


def put(index: sqlite3.Connection) -> None:
    """Mark an index as whole. The last act of who writes it."""
    (rows,) = index.execute(_ROWS).fetchone()
    index.execute(f"PRAGMA application_id = {_OURS}")
    index.execute(f"PRAGMA user_version = {rows}")


def is_whole(path: Path) -> bool:
    """Tell whether there is an index that was finished and has all its rows. It takes some ten milliseconds."""
    if not path.is_file():
        return False
    index = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
    try:
        ours, rows, page_size, pages = (
            index.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "page_size", "page_count")
        )
        cut = path.stat().st_size != page_size * pages
        # counting visits every page of both tables: one of zeros, as a power cut leaves them, is an error
        return ours == _OURS and not cut and bool(index.execute(_ROWS).fetchone() == (rows,))
    except sqlite3.DatabaseError:
        return False
    finally:
        index.close()
