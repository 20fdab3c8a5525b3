"""The page store, on files or S3: raw bodies, and which of them each submission got.

    ab/cd/<sha256>.gz                        a body under its SHA-256: the same body twice is one file
    fetched/<day accepted, UTC>/<id>.json    a record: the page of a submission, written after its body

A file stands in its place whole or not at all: it is written beside it, as `<name>#1`, and renamed. What a killed
process leaves of that is never read and never listed. Nothing is forced to the disk, so a machine that loses power may
keep names without contents: bodies are compared with their key whenever they are read.
"""

import gzip
import hashlib
import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from pydantic import ValidationError

from shared.domain.base import Model
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Outage, SetupError
from shared.logs import logger

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

log = logger(__name__)

#: Names of records held in memory at a time: some 2 MB, and a day of 100,000 pages on files is listed ten times.
WINDOW = 10_000
_RECORDS = "fetched"
#: A fetch has a minute in all, half of it for the site: an S3 that hangs must be an Outage before that. Trying again is
#: the delivery's business; the one retry is for connections that the other side closed while they were idle.
#: Plain HTTP is for whoever names such an endpoint; else it is HTTPS.
S3_PATIENCE: "ClientConfig" = {"timeout": "12s", "connect_timeout": "5s", "allow_http": True}
S3_RETRIES: "RetryConfig" = {"max_retries": 1, "retry_timeout": timedelta(seconds=12)}


class Damaged(Exception):
    """What lies under a key is not the body that was put there."""


class Record(Model):
    """Which page a submission got."""

    version: Literal[1] = 1
    submission: Submission
    page: Page
    fetch_again: bool = False  #: the site is to be asked again; the page is good until it has answered


@dataclass(frozen=True)
class Kept:
    """One record as a listing shows it."""

    cursor: str  #: `<day>/<submission id>`: where a listing can be taken up again
    record: Record | None  #: None when it cannot be read; the log says why

    @property
    def day(self) -> date:
        """The day on which the submission was accepted, UTC."""
        return date.fromisoformat(self.cursor.partition("/")[0])


class PageStore:
    """Raw page bodies by content address, and records of fetches. Every method raises Outage when it is away or full.

    The words are those of obstore: "No space left on device (os error 28)" for a disk that is full.
    """

    def __init__(self, store: ObjectStore, *, window: int = WINDOW) -> None:
        self._store = store
        self._window = window

    def put(self, body: bytes) -> str:
        """Keep `body` and return its key."""
        key = hashlib.sha256(body).hexdigest()
        # mtime=0 makes equal bodies equal files
        self._write(_body_path(key), gzip.compress(body, compresslevel=6, mtime=0))
        return key

    def get(self, key: str) -> bytes:
        """Return the body under `key`. Raises KeyError when it is not there, Damaged when it is not what was put."""
        packed = self._read(_body_path(key))
        if packed is None:
            raise KeyError(f"the page store has no body {key}: replay its submission from fetch")
        try:
            body = gzip.decompress(packed)
        except (EOFError, OSError, zlib.error) as error:
            raise Damaged(f"body {key}: {error}: replay its submission from fetch") from error
        if hashlib.sha256(body).hexdigest() != key:  # gzip takes no bytes for an empty body
            raise Damaged(f"body {key} is another: replay its submission from fetch")
        return body

    def has(self, key: str) -> bool:
        """Tell whether there is a body under `key`, without reading it."""
        try:
            obstore.head(self._store, _body_path(key))
        except FileNotFoundError:
            self._refuse_without_folder()
            return False
        except (BaseError, OSError) as error:
            raise _outage("read", error) from error
        return True

    def keep(self, submission: Submission, page: Page) -> None:
        """Write down that `submission` got `page`, whose body must be there already. A later page replaces it."""
        self._keep(Record(submission=submission, page=page))

    def find(self, submission: Submission) -> Page | None:
        """Return the page that `submission` got, None without one, or when its body cannot be read whole."""
        path = _record_path(submission)
        raw = self._read(path)
        record = None if raw is None else _parsed(path, raw)
        if record is None or record.fetch_again:
            return None
        try:
            self.get(record.page.body_key)
        except (KeyError, Damaged):
            return None
        return record.page

    def fetch_again(self, record: Record) -> None:
        """Let `find` pass over the page of `record` until another is kept. `since` still shows it."""
        self._keep(record.model_copy(update={"fetch_again": True}))

    def since(self, day: date, until: date | None = None, after: str | None = None) -> Iterator[Kept]:
        """Yield the records of submissions accepted from `day` to `until` (included), by day and then identifier.

        `after` is the `cursor` of a record: the listing begins behind it. Memory does not grow with the number of
        records, and what is kept or taken away meanwhile may be shown or not.
        """
        first = max(day.isoformat(), after.partition("/")[0] if after else "")
        for folder in self._days():
            if first <= folder and (until is None or folder <= until.isoformat()):
                for path in self._paths(f"{_RECORDS}/{folder}", f"{_RECORDS}/{after}.json" if after else None):
                    raw = self._read(path)
                    if raw is not None:  # taken away since it was listed
                        cursor = path.removeprefix(f"{_RECORDS}/").removesuffix(".json")
                        yield Kept(cursor, _parsed(path, raw))

    def free_bytes(self) -> int | None:
        """Return the bytes left on the disk, None for a store that is not on one of ours."""
        if not isinstance(self._store, LocalStore):
            return None
        try:
            return shutil.disk_usage(self._store.prefix or "/").free
        except OSError as error:
            raise _outage("read", error) from error

    def _keep(self, record: Record) -> None:
        self._write(_record_path(record.submission), record.model_dump_json().encode())

    def _days(self) -> list[str]:
        try:
            folders = obstore.list_with_delimiter(self._store, _RECORDS)["common_prefixes"]
        except (BaseError, OSError) as error:
            raise _outage("listed", error) from error
        self._refuse_without_folder()
        return sorted(name for name in (folder.rpartition("/")[2] for folder in folders) if _is_day(name))

    def _paths(self, folder: str, after: str | None) -> Iterator[str]:
        """Yield the paths in `folder` that sort behind `after`, in order, a window at a time."""
        while True:
            try:
                chunks = obstore.list(self._store, folder, offset=after, chunk_size=1000)
                listed = (meta["path"] for chunk in chunks for meta in chunk)
                # object stores list in order, a file system does not: there each window is a search through all
                unordered = isinstance(self._store, LocalStore)
                window = nsmallest(self._window, listed) if unordered else list(islice(listed, self._window))
            except (BaseError, OSError) as error:
                raise _outage("listed", error) from error
            yield from window
            if len(window) < self._window:
                return
            after = window[-1]

    def _read(self, path: str) -> bytes | None:
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError:
            self._refuse_without_folder()
            return None
        except (BaseError, OSError) as error:
            raise _outage("read", error) from error

    def _write(self, path: str, content: bytes) -> None:
        try:
            obstore.put(self._store, path, content)
        except (BaseError, OSError) as error:
            raise _outage("written", error) from error

    def _refuse_without_folder(self) -> None:
        """Raise Outage when the folder itself is gone: a disk that is not mounted has not lost a page."""
        if isinstance(self._store, LocalStore) and self._store.prefix and not Path(self._store.prefix).is_dir():
            raise Outage(f"page store cannot be read: {self._store.prefix} is not there")


def open_page_store(url: str, *, create: bool = True) -> PageStore:
    """Open the store at `file:///folder` or `s3://bucket/folder`.

    A folder that is missing is made, or, without `create`, refused with SetupError. Where an S3 is, and who we
    are to it, is read from the environment as Amazon's own tools do: AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and create:
        Path(parts.path).mkdir(parents=True, exist_ok=True)
    elif parts.scheme == "file" and not Path(parts.path).is_dir():
        raise SetupError(f"there is no page store at {parts.path}: set TOCSIN_HOME or TOCSIN_PAGE_STORE_URL")
    if parts.scheme == "s3":
        return PageStore(from_url(url, retry_config=S3_RETRIES, client_options=S3_PATIENCE))
    return PageStore(from_url(url))


def _body_path(key: str) -> str:
    # two levels of folders keep each one small with millions of pages
    return f"{key[:2]}/{key[2:4]}/{key}.gz"


def _record_path(submission: Submission) -> str:
    return f"{_RECORDS}/{submission.accepted_at.date().isoformat()}/{submission.id}.json"


def _parsed(path: str, raw: bytes) -> Record | None:
    try:
        return Record.model_validate_json(raw)
    except ValidationError as error:
        version: Any = None
        with suppress(ValueError, AttributeError):
            version = json.loads(raw).get("version")
        log.warning("page_record_unreadable", record=path, version=version, error=str(error))
        return None


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _outage(done: str, error: Exception) -> Outage:
    # the first line: obstore goes on with a dump of its source
    return Outage(f"page store cannot be {done}: {(str(error).splitlines() or [type(error).__name__])[0]}")
