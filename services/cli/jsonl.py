"""JSON Lines through a function: in order, in several processes, never stopped by a bad line."""

import json
import math
import re
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TextIO

from pydantic import ValidationError
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

#: Half of a surrogate pair. `\\ud800` in JSON is one, and no UTF-8 holds it.
_HALF = re.compile("[\ud800-\udfff]")

Row = dict[str, Any]
Filter = Callable[[Row], Row]


def parse(line: str) -> Row:
    """Return the object on a line. Raises ValueError when it holds none."""
    # a byte order mark, as some exports begin with
    row = json.loads(line.removeprefix("\ufeff"), parse_constant=_number, parse_float=_number)
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one error for every line that is no object
    return row


def _number(digits: str) -> float:
    """Return a number of JSON. It has no NaN and nothing infinite, and what was read must be writable."""
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is no number of JSON")
    return value


def apply(function: Filter, line: str) -> Row:
    """Return what `function` makes of the object on `line`, or `{"id", "error"}`; such a line itself is passed on."""
    identifier: Any = None
    try:
        row = parse(line)
        identifier = row.get("id")
        return row if row.keys() == {"id", "error"} else {"id": identifier, **function(row)}
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return {"id": identifier, "error": f"{'.'.join(map(str, first['loc']))}: {first['msg']}"}
    except Exception as error:  # noqa: BLE001 - a filter must not stop at any line, whatever is wrong with it
        return {"id": identifier, "error": f"{type(error).__name__}: {error}"}


def mapped(function: Filter, lines: Iterable[str], *, jobs: int) -> Iterator[Row]:
    """Yield a row for each line, in order. With several `jobs` a line that kills its process yields an error too."""
    if jobs <= 1:
        yield from (apply(function, line) for line in lines)
        return
    pending: deque[tuple[str, Future[Row]]] = deque()
    pool = ProcessPoolExecutor(jobs)
    try:
        for line in lines:
            pending.append((line, _submit(pool, function, line)))
            if len(pending) >= jobs * 8:  # a window, so that a file of any size fits into memory
                pool = yield from _next(function, pending, pool, jobs)
        while pending:
            pool = yield from _next(function, pending, pool, jobs)
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, function: Filter, line: str) -> Future[Row]:
    """Return the future of a line; of a pool that has just lost a process, one that says so when it is asked."""
    try:
        return pool.submit(apply, function, line)
    except BrokenProcessPool as error:
        future: Future[Row] = Future()
        future.set_exception(error)
        return future


def _next(
    function: Filter, pending: deque[tuple[str, Future[Row]]], pool: ProcessPoolExecutor, jobs: int
) -> Generator[Row, None, ProcessPoolExecutor]:
    """Yield the oldest result and return the pool that is alive after it."""
    line, future = pending.popleft()
    try:
        yield future.result()
    except BrokenProcessPool:
        pool.shutdown(cancel_futures=True)
        yield _alone(function, line)
        pool = ProcessPoolExecutor(jobs)
        again = [(waiting, _submit(pool, function, waiting)) for waiting, _ in pending]
        pending.clear()
        pending.extend(again)
    return pool


def _alone(function: Filter, line: str) -> Row:
    """Return the result of a line that was in work when a process died, tried once more in a process of its own."""
    try:
        with ProcessPoolExecutor(1) as pool:
            return pool.submit(apply, function, line).result()
    except BrokenProcessPool:
        try:
            identifier = parse(line).get("id")
        except ValueError:
            identifier = None
        return {"id": identifier, "error": "the process died over this line"}


def stream(rows: Iterable[Row], *, output: TextIO, total: int | None = None) -> int:
    """Write rows as JSON Lines, with progress on a terminal's standard error. Returns how many were errors."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    failed = 0
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("lines", total=total)
        for row in rows:
            failed += "error" in row
            output.write(_written(row) + "\n")
            progress.advance(task)
    output.flush()
    return failed


def _written(row: Row) -> str:
    """Return a row as JSON that any encoding of Unicode can carry: half a character, which none can, is escaped."""
    text = json.dumps(row, ensure_ascii=False)
    return text if not _HALF.search(text) else json.dumps(row)


def run(function: Filter, *, jobs: int) -> int:
    """Run standard input through `function` to standard output. Returns the exit code: 1 when a line failed."""
    lines = (line for line in sys.stdin if line.strip())
    return int(stream(mapped(function, lines, jobs=jobs), output=sys.stdout) > 0)
