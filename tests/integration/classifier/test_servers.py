"""Servers in trouble: none holds an article longer than it may, and none is asked more often than it bears."""

import socket
import subprocess
import sys
import threading
import time

import pytest
from structlog.testing import capture_logs

from services.classifier.second_opinion.allowance import Allowance, in_process
from services.classifier.second_opinion.ask import PATIENCE, REST_S, SecondOpinion
from services.classifier.second_opinion.chat import MAX_BYTES, RETRY_S, Line, open_client
from shared.domain.coded import Opinion
from tests.integration.classifier.asking import BOMB, ask, none, open_, settings
from tests.integration.drilling import wait_for
from tests.llm import Llm, told


def test_an_oversize_answer_is_none(llm: Llm) -> None:
    llm.writes("x" * MAX_BYTES)
    assert none(llm) == [("oversize", None)]


def test_a_server_that_hangs_holds_the_article_no_longer_than_it_may(llm: Llm) -> None:
    llm.hangs()
    assert none(llm, llm_timeout_s=0.2) == [("timeout", None)]
    assert not llm.over.is_set()


@pytest.mark.parametrize("prelude", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_a_server_that_drips_does_neither(llm: Llm, prelude: bytes) -> None:
    llm.drips(prelude)
    assert none(llm, llm_timeout_s=0.2) == [("timeout", None)]
    assert not llm.over.is_set()


DRIPPED = b"HTTP/1.1 200 OK\r\nX: "


def asking() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "second-opinion"]


def test_dripping_connections_end_and_a_healthy_server_is_asked_again(llm: Llm) -> None:
    for _ in range(PATIENCE - 1):
        llm.drips(DRIPPED)
    llm.says(told("bombing", BOMB))
    hasty, patient = open_(llm, llm_timeout_s=0.2), open_(llm)
    for _ in range(PATIENCE - 1):
        assert ask(hasty).opinion is None
    wait_for(lambda: not asking())
    assert not llm.over.is_set()
    assert ask(patient).opinion
    assert ask(hasty).opinion


def test_a_line_is_cut_that_is_connected_too_late() -> None:
    ours, theirs = socket.socketpair()
    line = Line()
    line.cut()
    with ours, theirs:
        line.trace("connection.connect_tcp.complete", {"return_value": Stream(ours)})
        assert ours.recv(1) == b""
        line.close()


class Stream:
    """What httpx says of a connection."""

    def __init__(self, socket_: socket.socket) -> None:
        self._socket = socket_

    def get_extra_info(self, _: str) -> socket.socket:
        """Return the socket."""
        return self._socket


_SCRIPT = """
import sys
from services.classifier.second_opinion.allowance import in_process
from services.classifier.second_opinion.ask import open_second
from shared.domain.coded import Coding
from shared.settings import Settings
second = open_second(Settings(llm_url=sys.argv[1], llm_model="tiny", llm_timeout_s=0.2), in_process())
for _ in range(2):
    assert second(Coding(relevant=True, model="m"), "Bomb", "A bomb went off.", None).opinion is None
"""


@pytest.mark.parametrize("prelude", [DRIPPED, None], ids=["drips", "hangs"])
def test_no_server_keeps_a_process_from_its_end(llm: Llm, prelude: bytes | None) -> None:
    if prelude:
        llm.drips(prelude)
    else:
        llm.hangs()
    ran = subprocess.run([sys.executable, "-c", _SCRIPT, llm.url], timeout=30, check=False, capture_output=True)
    assert (ran.returncode, len(llm.asked)) == (0, 2)


def test_a_busy_server_is_asked_once_more_when_it_says_so(llm: Llm) -> None:
    llm.sends(status=429, Retry_After="0")
    llm.says(told("bombing", BOMB))
    assert ask(open_(llm)).opinion == Opinion(model="tiny", agrees=True)
    assert len(llm.asked) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_once_more_at_most(llm: Llm, status: int) -> None:
    llm.sends(status=status, Retry_After="0")
    assert none(llm) == [("busy", status)]
    assert len(llm.asked) == 2


@pytest.mark.parametrize("wait", ["3600", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1e3", "9" * 400])
def test_a_busy_server_is_not_asked_before_it_says(llm: Llm, wait: str) -> None:
    llm.sends(status=429, Retry_After=wait)
    assert none(llm) == [("busy", 429)]
    assert len(llm.asked) == 1


def test_a_failing_server_that_names_no_time_is_asked_again_after_a_while(llm: Llm) -> None:
    llm.sends(status=500)
    llm.says(told("bombing", BOMB))
    before = time.monotonic()
    assert ask(open_(llm)).opinion
    assert time.monotonic() - before >= RETRY_S


@pytest.mark.parametrize("status", [302, 400, 401, 404])
def test_a_refusal_stands_and_a_redirect_is_not_followed(llm: Llm, status: int) -> None:
    llm.sends(status=status, Location=f"{llm.url}/elsewhere")
    assert none(llm) == [("refused", status)]
    assert len(llm.asked) == 1


def test_a_server_that_is_not_there(llm: Llm) -> None:
    assert none(llm, llm_url="http://127.0.0.1:1/v1") == [("unreachable", None)]


def test_no_proxy_of_the_environment_is_used(llm: Llm, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    llm.says(told("bombing", BOMB))
    assert ask(open_(llm)).opinion


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds that the test says."""
        return self.now


def test_a_server_that_fails_is_left_alone_for_a_while(llm: Llm) -> None:
    clock = Clock()
    allowance = Allowance(in_process(), daily=10**9, most=1)
    second = SecondOpinion(open_client(settings(llm)), allowance, settings(llm), clock=clock)
    llm.sends(status=503, Retry_After="3600")
    with capture_logs() as logged:
        for _ in range(PATIENCE + 5):
            ask(second)
        assert len(llm.asked) == PATIENCE
        clock.now += REST_S
        for _ in range(5):
            ask(second)
    assert len(llm.asked) == PATIENCE + 1
    assert [one["event"] for one in logged].count("second_opinion_rests") == 2
    llm.answers.clear()
    llm.says(told("bombing", BOMB))
    assert ask(second).opinion is None
    clock.now += REST_S
    assert ask(second).opinion
