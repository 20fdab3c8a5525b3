"""The folder of a backup.

    manifest.json        written last: what there is, with the digest of each file
    data-<moment>/       <index>.jsonl.gz, redis.jsonl.gz, records.jsonl.gz
    pages/               the bodies, as in a page store: of a later backup into this folder only new ones are written

A backup into the folder of an earlier one leaves that whole until its own manifest stands in its place. All else is on
the disk before the manifest is, and that before the earlier one's data are deleted: a machine that loses power has the
one or the other.
"""

import ctypes
import gzip
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from shared.domain.base import Model, UtcDatetime
from shared.errors import SetupError

MANIFEST = "manifest.json"
PAGES = "pages"
#: Among the counts: records that cannot be read, or whose body is whole neither in the page store nor in the folder.
UNREADABLE = "pages_unreadable"
#: Seconds of writing between two looks at whether the lock still holds.
CONFIRM_S = 5


class Kept(Model):
    """One file of a backup."""

    lines: int
    size: int  #: in bytes
    sha256: str


class Manifest(Model):
    """What a backup holds."""

    format: Literal[1] = 1
    tocsin: str  #: version of the program that took it
    index_version: int
    taken_at: UtcDatetime  #: nothing that was accepted before is missing
    folder: str  #: of the data, in that of the backup
    files: dict[str, Kept]
    counts: dict[str, int]  #: what is in it, for people


class Writer:
    """Writes the data of one backup into its folder."""

    def __init__(self, folder: Path, moment: datetime, *, confirm: Callable[[], None] = lambda: None) -> None:
        """`confirm` is called every few seconds of writing, and last of all before it becomes a backup.

        It raises when somebody else may be at it.

        Raises SetupError for a folder that holds anything but a backup, or cannot be written.
        """
        self.folder, self._confirm, self._confirmed_at = folder, confirm, time.monotonic()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            strange = sorted(one.name for one in folder.iterdir() if not _is_ours(one.name))
            if strange:
                raise SetupError(f"{folder} holds {strange[0]}, which is no part of a backup: choose an empty folder")
            self._data = folder / f"data-{moment:%Y%m%dT%H%M%S%f}"
            self._data.mkdir(mode=0o700)
        except OSError as error:
            raise SetupError(f"{folder} cannot be written: {error}") from error
        self._files: dict[str, Kept] = {}

    def confirm(self) -> None:
        """Confirm, unless that was done a moment ago."""
        if time.monotonic() - self._confirmed_at > CONFIRM_S:
            self._confirm()
            self._confirmed_at = time.monotonic()

    def write(self, name: str, rows: Iterable[str]) -> int:
        """Write a file of lines, and return how many there were. Raises OSError when the disk is full."""
        path, lines = self._data / f"{name}.jsonl.gz", 0
        with gzip.open(path, "wt", compresslevel=5, encoding="utf-8") as file:
            for row in rows:
                self.confirm()
                file.write(row + "\n")
                lines += 1
        self._files[path.name] = Kept(lines=lines, size=path.stat().st_size, sha256=_digest(path, self.confirm))
        return lines

    def finish(self, **fields: Any) -> Manifest:
        """Write the manifest, which makes it a backup, and delete what earlier ones have left of data."""
        manifest = Manifest(folder=self._data.name, files=self._files, **fields)
        draft = self.folder / f"{MANIFEST}.new"
        try:
            _flush(self.folder)  # once for all: one flush for each of a million bodies would take hours
            with draft.open("w") as file:
                file.write(manifest.model_dump_json(indent=2))
                file.flush()
                os.fsync(file.fileno())
            self._confirm()
        except BaseException:
            self.drop()
            raise
        draft.replace(self.folder / MANIFEST)
        _flush(self.folder)
        self.drop(but=self._data.name)
        return manifest

    def drop(self, *, but: str = "") -> None:
        """Delete data: of other backups, or, when this one broke off, its own."""
        for one in self.folder.glob("data-*") if but else [self._data]:
            if one.name != but:
                shutil.rmtree(one, ignore_errors=True)


def read(folder: Path) -> Manifest:
    """Return the manifest of a backup all of whose files are as they were written.

    Raises:
        SetupError: there is no backup, or it is damaged or of a version that this Tocsin does not know.
    """
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise SetupError(f"{folder} holds no backup: {MANIFEST} is not there, or it never came to its end") from error
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise SetupError(f"{folder / MANIFEST} is damaged, or of a Tocsin that this one does not know") from error
    for name, kept in manifest.files.items():
        path = folder / manifest.folder / name
        if not path.is_file() or path.stat().st_size != kept.size or _digest(path) != kept.sha256:
            raise SetupError(f"the backup is damaged: {path} is not what was written")
    return manifest


def rows(folder: Path, manifest: Manifest, name: str) -> Iterator[Any]:
    """Yield the lines of a file as they were written, read as JSON."""
    with gzip.open(folder / manifest.folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _is_ours(name: str) -> bool:
    return name in {MANIFEST, f"{MANIFEST}.new", PAGES} or name.startswith("data-")


def _flush(folder: Path) -> None:
    """Have all that was written to the file system of a folder reach its disk. Raises OSError when it does not."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # not os.sync(), which waits for every disk of the machine and tells of no error
        if ctypes.CDLL(None, use_errno=True).syncfs(opened):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    finally:
        os.close(opened)


def _digest(path: Path, confirm: Callable[[], None] = lambda: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            confirm()
            digest.update(block)
    return digest.hexdigest()
