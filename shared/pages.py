"""The page store: raw bodies under their SHA-256, on files or S3. Writing the same body twice is one write."""

import gzip
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url

from shared.errors import Transient


class PageStore:
    """Raw page bodies by content address."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, body: bytes) -> str:
        """Keep `body` and return its key. Raises Transient when the store cannot be written."""
        key = hashlib.sha256(body).hexdigest()
        try:
            # mtime=0 makes equal bodies equal files
            obstore.put(self._store, _path(key), gzip.compress(body, compresslevel=6, mtime=0))
        except (BaseError, OSError) as error:
            raise Transient(f"page store cannot be written: {error}") from error
        return key

    def get(self, key: str) -> bytes:
        """Return the body under `key`. Raises KeyError when it is not there, Transient when the store is away."""
        try:
            return gzip.decompress(bytes(obstore.get(self._store, _path(key)).bytes()))
        except (NotFoundError, FileNotFoundError) as error:
            raise KeyError(key) from error
        except (BaseError, OSError) as error:
            raise Transient(f"page store cannot be read: {error}") from error


def open_page_store(url: str) -> PageStore:
    """Open the store at `file:///folder` (made when missing) or `s3://bucket/folder`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        Path(parts.path).mkdir(parents=True, exist_ok=True)
    return PageStore(from_url(url))


def _path(key: str) -> str:
    # two levels of folders keep each one small with millions of pages
    return f"{key[:2]}/{key[2:4]}/{key}.gz"
