"""Second opinions: who asks, when not to, and what happens when none comes. Off unless `TOCSIN_LLM_URL` is set.

is it due? ─▶ tokens left today? ─▶ chat, in a thread that is given up in time ─▶ quotes found? ─▶ merged
     └────────────────┴──────────── any "no", any failure: our own coding as it is ──┘

What lets the server rest is that it does not answer, never what an answer says: an article that talks a model into
nonsense loses its own opinion and no other's.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

import httpx
from redis import RedisError

from services.classifier.second_opinion import answer, chat
from services.classifier.second_opinion.allowance import Allowance, Tally
from services.classifier.second_opinion.answer import NoOpinion, Story, Why
from services.classifier.second_opinion.chat import Line, Reply
from shared.domain.article import Published
from shared.domain.coded import Coding
from shared.logs import logger
from shared.settings import Settings

log = logger(__name__)

#: Failures of the server in a row after which nobody asks it for a while, and for how many seconds: a server that hangs
#: would hold every relevant article for as long as it may wait.
PATIENCE, REST_S = 3, 60.0
_SERVERS_FAULT = frozenset({Why.TIMEOUT, Why.UNREACHABLE, Why.BUSY})


class SecondOpinion:
    """Adds second opinions to codings. Of one process, and asked by one thread; make it after a fork."""

    def __init__(
        self,
        client: httpx.Client,
        allowance: Allowance,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._allowance = allowance
        self._settings = settings
        self._clock = clock
        self._failures = 0
        self._rests_until = float("-inf")

    def __call__(self, coding: Coding, title: str, text: str, published: Published | None) -> Coding:
        """Return the coding of an article with the second opinion in it, or as it is when there is none in time."""
        if not answer.is_due(coding) or self._allowance.used_up or self._clock() < self._rests_until:
            return coding
        day = published.exact_day if published else None
        story = Story.of(title, text, day, max_chars=self._settings.llm_max_chars)
        try:
            seen = answer.read(self._asked(story).content, story)
        except NoOpinion as none:
            self._note(none)
            return coding
        self._failures = 0
        return answer.merged(coding, seen, model=self._settings.llm_model)

    def _asked(self, story: Story) -> Reply:
        timeout_s, line = self._settings.llm_timeout_s, Line()
        body, deadline = answer.question(story, self._settings), time.monotonic() + timeout_s
        asking = _started(
            lambda: self._allowance.spend(lambda: chat.ask(self._client, body, deadline=deadline, line=line))
        )
        try:
            return asking.result(timeout_s)
        except TimeoutError as error:
            line.cut()
            raise NoOpinion(Why.TIMEOUT) from error
        except RedisError as error:
            raise NoOpinion(Why.UNCOUNTED) from error

    def _note(self, none: NoOpinion) -> None:
        log.warning("no_second_opinion", why=none.why, status=none.status)
        self._failures = self._failures + 1 if none.why in _SERVERS_FAULT else 0
        if self._failures >= PATIENCE:
            self._rests_until = self._clock() + REST_S
            log.warning("second_opinion_rests", rest_s=REST_S)


def _started(ask: Callable[[], Reply]) -> Future[Reply]:
    """Return what `ask` will return, in a thread of its own that holds up neither the next question nor the exit.

    No pool: a name's resolution is bounded by nobody, and the exit of a process waits for a pool's threads.
    """
    asking: Future[Reply] = Future()

    def run() -> None:
        try:
            asking.set_result(ask())
        except Exception as error:  # noqa: BLE001 - raised again by who waits
            asking.set_exception(error)

    Thread(target=run, name="second-opinion", daemon=True).start()
    return asking


def open_second(settings: Settings, tally: Tally) -> SecondOpinion | None:
    """Return who asks for second opinions, None when the settings name no server."""
    if not settings.llm_url:
        return None
    allowance = Allowance(tally, daily=settings.llm_daily_tokens, most=settings.llm_most_tokens)
    return SecondOpinion(chat.open_client(settings), allowance, settings)
