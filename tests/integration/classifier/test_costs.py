"""What second opinions cost a day, and that the key stays where it is."""

import pytest
import structlog
from redis import Redis
from structlog.testing import capture_logs

from services.classifier.second_opinion.allowance import Allowance, in_process, in_redis, today
from services.classifier.second_opinion.ask import SecondOpinion
from services.classifier.second_opinion.chat import open_client
from shared import logs
from shared.settings import Settings
from tests.integration.classifier.asking import BOMB, CODED, KEY, ask, open_, settings
from tests.integration.drilling import wait_for
from tests.llm import Llm, told

DAILY = 40_000
#: So many tokens are set aside for a question.
MOST = Settings().llm_most_tokens


@pytest.mark.parametrize(("tokens", "asked"), [(900, 23), (DAILY, 1), (None, 2)], ids=["few", "all", "it does not say"])
def test_when_the_tokens_of_a_day_are_used_up_nothing_more_is_asked(llm: Llm, tokens: int | None, asked: int) -> None:
    llm.says(told("bombing", BOMB), tokens=tokens)
    second = open_(llm, llm_daily_tokens=DAILY)
    with capture_logs() as logged:
        for _ in range(30):
            ask(second)
    assert len(llm.asked) == asked
    assert [(one["event"], one["why"]) for one in logged] == [("no_second_opinion", "used_up")]
    assert (asked - 1) * (tokens or MOST) + MOST <= DAILY


def test_another_day_has_tokens_of_its_own(llm: Llm) -> None:
    day = ["2026-03-04"]
    allowance = Allowance(in_process(), daily=MOST, most=MOST, today=lambda: day[0])
    second = SecondOpinion(open_client(settings(llm)), allowance, settings(llm))
    llm.says(told("bombing", BOMB), tokens=1)
    assert [bool(ask(second).opinion) for _ in range(3)] == [True, False, False]
    day[0] = "2026-03-05"
    assert ask(second).opinion


def test_what_was_refused_cost_nothing_and_what_was_lost_may_have(llm: Llm) -> None:
    sums = in_process()
    llm.sends(status=400)
    llm.writes("no JSON", tokens=70)
    llm.sends(b"no JSON")
    llm.hangs()
    for expected in (0, 70, 70 + MOST):
        ask(open_(llm, sums))
        assert sums(today(), 0) == expected
    ask(open_(llm, sums, llm_timeout_s=0.2))
    wait_for(lambda: sums(today(), 0) == 70 + 2 * MOST)  # what was given up is counted by its own thread


def test_workers_count_together(llm: Llm, redis: Redis) -> None:
    llm.says(told("bombing", BOMB), tokens=DAILY - MOST)
    one, other = (open_(llm, in_redis(redis), llm_daily_tokens=DAILY) for _ in range(2))
    assert ask(one).opinion
    assert ask(other).opinion
    assert ask(one).opinion is None
    (key,) = redis.keys("tocsin:llm_tokens:*")
    assert redis.ttl(key) > 24 * 3600


def test_without_the_count_none_is_asked(llm: Llm) -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0", retry=None)
    second = open_(llm, in_redis(away))
    with capture_logs() as logged:
        assert ask(second) == CODED
    assert [one["why"] for one in logged] == ["uncounted"]
    assert llm.asked == []


@pytest.mark.usefixtures("own_logs")
def test_the_key_is_in_no_log(llm: Llm, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_level="debug"))
    structlog.configure(cache_logger_on_first_use=False)  # or the tests after this one would log like it
    second = open_(llm)
    llm.sends(status=401)
    llm.sends(KEY.encode())
    llm.says(told("bombing", BOMB))
    for _ in range(3):
        ask(second)
    ask(open_(llm, llm_url="http://127.0.0.1:1"))
    said = capsys.readouterr()
    assert said.err.count("no_second_opinion") == 3
    assert KEY not in said.err + said.out + repr(settings(llm)) + str(settings(llm).model_dump())
