"""Submitting while nothing more is taken in: no line is lost, and nobody is hammered."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from services.cli.client import MOST_S, WAIT_S, Busy, Client
from services.cli.submit import State, ended, submitted

Answer = Callable[[httpx.Request], httpx.Response]


class Api:
    """An API that takes some submissions, says 429 to the others, and remembers when it was asked."""

    def __init__(self, *answers: int | Exception, retry_after: str | None = "7") -> None:
        self._answers = iter(answers)
        self._retry_after = retry_after
        self.now = 0.0
        self.asked: list[tuple[float, str]] = []
        self.said: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        url = httpx.Response(200, content=request.content).json()["url"]
        self.asked.append((self.now, url))
        answer = next(self._answers, 202)
        if isinstance(answer, BaseException):
            raise answer
        headers = {"Retry-After": self._retry_after} if answer == 429 and self._retry_after else {}
        body = {"title": "A title", "detail": "full"} if answer >= 400 else {"id": f"id of {url}", "url": url}
        return httpx.Response(answer, json=body, headers=headers)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def submit(self, *urls: str, patience_s: float = 600) -> list[State]:
        """Submit URLs through the client."""
        with Client("http://api.test", transport=httpx.MockTransport(self)) as client:
            return list(submitted(client, urls, patience_s=patience_s, say=self.said.append, sleep=self.sleep))


def test_every_url_gets_its_receipt_in_order() -> None:
    api = Api()
    assert [state["id"] for state in api.submit("a", "b")] == ["id of a", "id of b"]
    assert not api.said


def test_it_waits_as_long_as_it_is_told_and_tries_the_same_again() -> None:
    api = Api(202, 429, 429, 202, 429)
    assert [state["id"] for state in api.submit("a", "b", "c")] == ["id of a", "id of b", "id of c"]
    assert api.asked == [(0, "a"), (0, "b"), (7, "b"), (14, "b"), (14, "c"), (21, "c")]
    assert api.said == ["Nothing more is taken in: full Waiting, 600 s at most."] * 2


def test_its_patience_ends_and_the_rest_is_shown_as_not_sent() -> None:
    api = Api(202, *[429] * 100)
    states = api.submit("a", "b", "c", patience_s=20)
    assert [(state["url"], state["id"] is not None) for state in states] == [("a", True), ("b", False), ("c", False)]
    assert {state["status"] for state in states[1:]} == {"not_sent"}
    assert all("full" in state["detail"] for state in states[1:])
    assert [url for _, url in api.asked] == ["a", "b", "b", "b"]  # of c nobody was asked


def test_without_patience_it_does_not_wait() -> None:
    api = Api(429)
    assert [state["status"] for state in api.submit("a", patience_s=0)] == ["not_sent"]
    assert (api.now, api.said) == (0, [])


@pytest.mark.parametrize(
    ("retry_after", "wait_s"),
    [(None, WAIT_S), ("0", 1), ("3600000", MOST_S), ("Wed, 21 Oct 2015 07:28:00 GMT", WAIT_S), ("-5", WAIT_S)],
)
def test_an_odd_retry_after_neither_hammers_nor_hangs(retry_after: str | None, wait_s: float) -> None:
    api = Api(429, retry_after=retry_after)
    api.submit("a")
    assert [moment for moment, _ in api.asked] == [0, wait_s]


def test_a_bad_url_or_an_api_that_is_away_stops_no_other() -> None:
    api = Api(422, 503, httpx.ConnectError("gone"), 202)
    states = api.submit("a", "b", "c", "d")
    assert [state.get("status") for state in states] == ["rejected", "not_sent", "not_sent", None]
    assert states[3]["id"] == "id of d"


def test_an_interrupt_while_it_waits_shows_what_was_not_sent() -> None:
    class Impatient(Api):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt(seconds)

    states = Impatient(202, 429).submit("a", "b", "c")
    assert [state["id"] for state in states] == ["id of a", None, None]
    assert {state["detail"] for state in states[1:]} == {"interrupted"}


def test_a_client_tells_busy_from_refused() -> None:
    with Client("http://api.test", transport=httpx.MockTransport(Api(429))) as client:
        with pytest.raises(Busy) as caught:
            client.submit("a")
        assert caught.value.retry_after_s == 7


def test_waiting_for_the_end_survives_a_server_that_is_away_for_a_while() -> None:
    def answers() -> Iterator[httpx.Response]:
        yield httpx.Response(503)
        yield httpx.Response(200, json={"status": "indexed"})

    coming = answers()
    with Client("http://api.test", transport=httpx.MockTransport(lambda _: next(coming))) as client:
        assert ended(client, "x") == {"status": "indexed"}
