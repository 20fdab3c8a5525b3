"""Puts data views, searches and dashboards into Kibana, and says in one sentence when that does not succeed.

Importing again changes nothing: every object has an id of its own, and what is there under it is written over.
"""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import urllib3

from shared.errors import SetupError

#: What the names of the indices begin with in the files.
PREFIX = "tocsin-"

#: Between two questions to a Kibana that is not ready, in seconds.
PAUSE_S = 2.0

#: Answers of a Kibana that starts, or that has lost Elasticsearch for a moment.
_NOT_YET = frozenset({429, 502, 503, 504})


def import_objects(
    url: str,
    folder: Path,
    auth: tuple[str, str] | None = None,
    *,
    prefix: str = PREFIX,
    patience_s: float = 300,
    pause_s: float = PAUSE_S,
) -> int:
    """Import every .ndjson file of `folder` in the order of their names; return how many objects Kibana took.

    Files refer to objects of the files before them. `auth` is user and password. `prefix` is what the names of the
    indices begin with. Kibana may take `patience_s` seconds in all to become available.

    Raises:
        SetupError: Kibana never became available, refuses the user, or did not take every object.
    """
    files = sorted(folder.glob("*.ndjson"))
    if not files:
        raise SetupError(f"{folder} holds no .ndjson file to import into Kibana")
    kibana = _Kibana(url.rstrip("/"), auth, time.monotonic() + patience_s, pause_s)
    kibana.wait()
    return sum(kibana.take(file.name, objects(file, prefix)) for file in files)


def objects(file: Path, prefix: str = PREFIX) -> bytes:
    """Return the file with its data views naming the indices of `prefix`."""
    return b"\n".join(_lines(file, prefix)) + b"\n"


def _lines(file: Path, prefix: str) -> Iterator[bytes]:
    for line in file.read_bytes().splitlines():
        one = json.loads(line) if prefix != PREFIX and line.strip() else {}
        if one.get("type") == "index-pattern" and one["attributes"]["title"].startswith(PREFIX):
            one["attributes"]["title"] = prefix + one["attributes"]["title"].removeprefix(PREFIX)
            yield json.dumps(one, ensure_ascii=False).encode()
        else:
            yield line


class _Kibana:
    """One Kibana, asked until it answers or patience ends."""

    def __init__(self, url: str, auth: tuple[str, str] | None, deadline: float, pause_s: float) -> None:
        self._url = url
        login = urllib3.make_headers(basic_auth=":".join(auth)) if auth else {}
        # urllib3 comes with Elasticsearch's client. It is not to try again by itself: Kibana may need minutes to start.
        self._http = urllib3.PoolManager(headers={"kbn-xsrf": "tocsin"} | dict(login), retries=False, timeout=60)
        self._deadline = deadline
        self._pause_s = pause_s

    def wait(self) -> None:
        """Return when Kibana calls itself available."""
        while True:
            answer = self._ask("GET", "/api/status")
            level = _within(_json(answer), "status", "overall", "level")
            if level == "available":
                return
            self._rest(f"it calls itself {level}" if level else "its /api/status is not Kibana's")

    def take(self, name: str, content: bytes) -> int:
        """Import one file; return how many objects it held."""
        answer = self._ask(
            "POST",
            "/api/saved_objects/_import?overwrite=true",
            fields={"file": (name, content, "application/ndjson")},
        )
        told = _json(answer)
        if told.get("success") is True:
            return int(told.get("successCount", 0))
        raise SetupError(f"Kibana at {self._url} did not import {name}: {_why(told, answer.status)}")

    def _ask(self, method: str, path: str, **request: Any) -> urllib3.BaseHTTPResponse:
        while True:
            try:
                answer = self._http.request(method, self._url + path, **request)
            except urllib3.exceptions.HTTPError as error:
                self._rest(type(error).__name__)
                continue
            if answer.status in (401, 403):
                raise SetupError(
                    f"Kibana at {self._url} refuses this user ({answer.status}): check the name and the password"
                )
            if answer.status not in _NOT_YET:
                return answer
            self._rest(f"it answers {answer.status}")

    def _rest(self, why: str) -> None:
        if time.monotonic() + self._pause_s > self._deadline:
            raise SetupError(f"Kibana at {self._url} did not become available in time ({why}): look at its log")
        time.sleep(self._pause_s)


def _json(answer: urllib3.BaseHTTPResponse) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _within(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _why(told: Mapping[str, Any], status: int) -> str:
    """Return what Kibana says of an import that it did not carry out in full."""
    errors = told.get("errors") or ()
    if not errors:
        return str(told.get("message") or f"it answers {status} without `success`")
    first = "; ".join(_error(one) for one in errors[:3])
    return f"{len(errors)} of its objects failed: {first}" + ("; ..." if len(errors) > 3 else "")  # noqa: PLR2004 - those told


def _error(one: Mapping[str, Any]) -> str:
    error = one.get("error") or {}
    missing = ", ".join(f"{ref.get('type')} {ref.get('id')}" for ref in error.get("references") or ())
    return (
        f"{one.get('type')} {one.get('id')} ({error.get('message') or error.get('type')}{' ' * bool(missing)}{missing})"
    )
