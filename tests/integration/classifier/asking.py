"""A small article, what our own models made of it, and short ways to have it read a second time."""

from typing import Any

from structlog.testing import capture_logs

from services.classifier.second_opinion.allowance import Tally, in_process
from services.classifier.second_opinion.ask import SecondOpinion, open_second
from shared.domain.article import Published
from shared.domain.coded import Coding
from shared.errors import Reason
from shared.settings import Settings
from tests.examples import event
from tests.llm import Llm

TITLE = "Bomb goes off in Goma"
BOMB = "A bomb went off at a market in Goma on Tuesday, killing three."
SHOT = "The day before, gunmen shot a\n   judge \u2013 he died \u2013 in Bukavu."
TEXT = f"{BOMB}\n\n{SHOT} Nobody knows why."
KEY = "sk-very-secret"

#: What our own models made of it.
CODED = Coding(relevant=True, score=0.9, model="test-1", events=(event(evidence={"type": ((0, len(BOMB)),)}),))
NEARLY = Coding(relevant=False, score=0.3, model="test-1", discard_reason=Reason.NOT_RELEVANT)


def settings(llm: Llm, **more: Any) -> Settings:
    """The settings that name this server; a minute of patience unless a test says less."""
    values: dict[str, Any] = {"llm_url": llm.url, "llm_model": "tiny", "llm_key": KEY, "llm_timeout_s": 60}
    return Settings(**(values | more))


def open_(llm: Llm, tally: Tally | None = None, **more: Any) -> SecondOpinion:
    """Who asks this server."""
    second = open_second(settings(llm, **more), tally or in_process())
    assert second
    return second


def ask(second: SecondOpinion, coding: Coding = CODED, *, title: str = TITLE, text: str = TEXT) -> Coding:
    """The coding with what the model adds to it."""
    return second(coding, title, text, Published.of_day("2026-03-04"))


def none(llm: Llm, **more: Any) -> list[Any]:
    """Ask, see that the coding stands as it was, and return what the log says."""
    with capture_logs() as logged:
        assert ask(open_(llm, **more)) == CODED
    return [(one["why"], one["status"]) for one in logged if one["event"] == "no_second_opinion"]
