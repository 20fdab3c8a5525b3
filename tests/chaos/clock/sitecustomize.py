# ruff: noqa: INP001 - a folder for PYTHONPATH, no package
"""Shifts the clock of a Python process by the seconds that a file holds: put this folder on PYTHONPATH.

What it simulates: `time.time` and `time.time_ns` step, in every module of the process, and with them Kombu's sweep of
unacknowledged messages. What it does not: `datetime.now` (fetched_at, and so the external versions; `expires`), the
clocks of Redis, which the ledger goes by, and of Elasticsearch, and the monotonic clock, which no step of a real
clock moves either.
"""

import mmap
import os
import struct
import time

_path = os.environ.get("TOCSIN_CHAOS_CLOCK")
if _path:
    with open(_path, "r+b") as _file:  # noqa: PTH123 - this runs in every process: no imports that others make
        _shared = mmap.mmap(_file.fileno(), 8)
    _time, _time_ns = time.time, time.time_ns

    def _offset() -> float:
        offset: float = struct.unpack("d", _shared[:8])[0]
        return offset

    def _shifted() -> float:
        return _time() + _offset()

    def _shifted_ns() -> int:
        return _time_ns() + int(_offset() * 1e9)

    time.time, time.time_ns = _shifted, _shifted_ns
