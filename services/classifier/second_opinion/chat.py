"""One question to a server of OpenAI's chat protocol, and its answer: bounded in bytes, in time and in attempts."""

import re
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from services.classifier.second_opinion.answer import NoOpinion, Why
from shared.settings import Settings

#: Largest answer that is read. One of 8,000 tokens has about a tenth of it.
MAX_BYTES = 262_144
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
#: Wait before a busy server that names no time is asked again.
RETRY_S = 1.0


class Busy(NoOpinion):
    """The server asks us to come back in `wait_s` seconds; None when it names a time that we do not read."""

    def __init__(self, status: int, wait_s: float | None) -> None:
        super().__init__(Why.BUSY, billed=False, status=status)
        self.wait_s = wait_s


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    total_tokens: int = Field(ge=0, le=100_000_000)


class Reply(BaseModel):
    """What is read of an answer. Servers put more into it."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None

    @property
    def content(self) -> str:
        """What the model wrote."""
        return self.choices[0].message.content


class Line:
    """The connection of one question, which another thread can cut.

    httpx bounds each read, and a server that sends a byte of a header now and then is read for ever.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_cut = False
        self._socket: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of a new connection. To be called by httpx, as its extension `trace`."""
        if event == "connection.connect_tcp.complete":
            with self._lock:
                self._drop()
                # a copy: httpx closes its own, whose number may belong to another connection by the time of the cut
                self._socket = info["return_value"].get_extra_info("socket").dup()
                if self._is_cut:
                    self._shut()

    def cut(self) -> None:
        """End the connection that is open, and any that is opened later: who reads from it sees its end."""
        with self._lock:
            self._is_cut = True
            self._shut()

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._drop()

    def _shut(self) -> None:
        if self._socket:
            with suppress(OSError):  # the other side was faster
                self._socket.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None


def open_client(settings: Settings) -> httpx.Client:
    """Return a client of the server that `settings` name. It follows no redirect and uses no proxy."""
    key = settings.llm_key.get_secret_value()
    # identity: nothing is unpacked, so that what is counted is what is there
    headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    return httpx.Client(
        base_url=settings.llm_url,
        headers=headers | ({"Authorization": f"Bearer {key}"} if key else {}),
        follow_redirects=False,
        trust_env=False,
        # a new connection costs milliseconds, and an old one may have been closed a moment ago
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def ask(client: httpx.Client, body: bytes, *, deadline: float, line: Line) -> Reply:
    """Return the answer to a request. `deadline`: seconds on the monotonic clock, looked at between reads.

    A busy server is asked once more, no sooner than it says, if that is before the deadline. Raises NoOpinion.
    """
    try:
        return _post(client, body, deadline, line)
    except Busy as busy:
        if busy.wait_s is None or time.monotonic() + busy.wait_s >= deadline:
            raise
        time.sleep(busy.wait_s)
        return _post(client, body, deadline, line)
    finally:
        line.close()


def _post(client: httpx.Client, body: bytes, deadline: float, line: Line) -> Reply:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise NoOpinion(Why.TIMEOUT, billed=False)
    traced = {"trace": line.trace}
    try:
        with client.stream("POST", "chat/completions", content=body, timeout=left_s, extensions=traced) as response:
            _check(response.status_code, response.headers)
            return Reply.model_validate_json(_read(response, deadline))
    except httpx.TimeoutException as error:
        raise NoOpinion(Why.TIMEOUT) from error
    except httpx.HTTPError as error:
        raise NoOpinion(Why.UNREACHABLE, billed=not isinstance(error, httpx.ConnectError)) from error
    except ValidationError as error:
        raise NoOpinion(Why.UNREADABLE) from error


def _check(status: int, headers: Mapping[str, str]) -> None:
    if status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        told = headers.get("retry-after", str(RETRY_S))
        raise Busy(status, float(told) if _SECONDS.fullmatch(told) else None)
    if status != httpx.codes.OK:
        raise NoOpinion(Why.REFUSED, billed=False, status=status)


def _read(response: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise NoOpinion(Why.OVERSIZE)
        if time.monotonic() > deadline:
            raise NoOpinion(Why.TIMEOUT)
    return bytes(body)
