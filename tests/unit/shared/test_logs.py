"""Logs: one object a line, with the identifiers bound around it, whoever writes it."""

import json
import logging

import pytest
import structlog

from shared import logs
from shared.settings import Settings

pytestmark = pytest.mark.usefixtures("own_logs")


def test_a_line_is_an_object_with_what_is_bound(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="json"))
    with structlog.contextvars.bound_contextvars(submission="s1", step="fetch"):
        logs.logger("shared.x").info("passed_on", to="extract")
        logging.getLogger("some.library").warning("it says %s", "this")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["to"], ours["submission"], ours["level"]) == ("passed_on", "extract", "s1", "info")
    assert (theirs["event"], theirs["step"], theirs["logger"]) == ("it says this", "fetch", "some.library")
    assert ours["timestamp"].endswith("Z")


def test_a_traceback_stays_on_its_line_and_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="json"))
    article = "what an article says".replace("says", "SAYS")
    try:
        article.index("nowhere")
    except ValueError:
        logs.logger("x").exception("quarantined")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError" in json.loads(line)["exception"]
    assert "SAYS" not in json.loads(line)["exception"].replace('"SAYS"', "")


def test_the_level_is_that_of_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_level="warning"))
    logs.logger("x").info("quiet")
    assert capsys.readouterr().err == ""
