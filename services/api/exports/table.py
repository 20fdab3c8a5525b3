"""CSV (RFC 4180, UTF-8, with a header): one row an incident.

A spreadsheet would run a cell that begins with =, +, -, @, a tab or a line break as a formula. Such words get an
apostrophe before them; numbers stay as they are.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from services.api.exports import acled
from services.api.exports.columns import FLAT, Cell, Column
from services.api.exports.documents import Document

#: How formulas begin, also those of full-width keyboards.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width on purpose


class _Line:
    """What `csv` writes to: keeps the line that was written last."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        """Keep a line."""
        self.text = text


def _write(columns: Sequence[Column], documents: Iterable[Document]) -> Iterator[bytes]:
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([column.name for column in columns])
    yield line.text.encode()
    values = [column.value for column in columns]
    for document in documents:
        writer.writerow([guarded(value(document)) for value in values])
        yield line.text.encode()


def guarded(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    if not isinstance(cell, str):
        return cell
    plain = cell.replace("\x00", "")
    return f"'{plain}" if plain.lstrip(" ").startswith(_FORMULA) else plain


#: The project's own columns, and those of ACLED.
flat: Callable[[Iterable[Document]], Iterator[bytes]] = partial(_write, FLAT)
as_acled: Callable[[Iterable[Document]], Iterator[bytes]] = partial(_write, acled.COLUMNS)
