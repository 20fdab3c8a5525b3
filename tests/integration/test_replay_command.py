"""`tocsin replay` and `python -m shared.replay` as processes, on a real Redis and a real folder."""

import base64
import json
import os
import signal
import subprocess
import sys
import zlib
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis

from services.cli.embedded.instance import Instance, Servers, remember
from shared.delivery.ledger import Ledger
from shared.domain.submission import Submission
from shared.pages import open_page_store
from tests import examples

ROOT = Path(__file__).parents[2]
TOCSIN = ["-c", "from services.cli.main import main; main()", "replay"]
MODULE = ["-m", "shared.replay"]
DAY = date(2026, 3, 4)
ON = f"go on with --since {DAY}"
EXTRACT = ["--from", "extract", "--since", str(DAY)]


def start(command: list[str], home: Path, **environment: str) -> subprocess.Popen[str]:
    """Start a command in `home`, with no settings but these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    return subprocess.Popen(
        [sys.executable, *command],
        env=plain | {"TOCSIN_HOME": str(home), "PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # what runs in the background of a shell ignores Ctrl-C, and so would its children
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads yet
    )


def run(command: list[str], home: Path, **environment: str) -> tuple[int, str, str]:
    """Run a command to its end, and return its status, output and errors."""
    process = start(command, home, **environment)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture
def stored(tmp_path: Path) -> list[Submission]:
    """Twenty pages in the page store of a home."""
    pages = open_page_store(f"file://{tmp_path}/pages")
    page = examples.page().model_copy(update={"body_key": pages.put(b"<p>story")})
    submissions = [Submission(id=f"{number:032x}", url=page.url, accepted_at=examples.NOON) for number in range(20)]
    for submission in submissions:
        pages.keep(submission, page)
    return submissions


def waiting(redis: Redis, queue: str) -> list[list[str]]:
    """Return the submissions of each message in a queue, the oldest first."""
    rows = [json.loads(row) for row in cast("list[bytes]", redis.lrange(queue, 0, -1))[::-1]]
    messages: list[Any] = [json.loads(zlib.decompress(base64.b64decode(row["body"])))[0][0] for row in rows]
    return [[item["submission"]["id"] for item in message["items"]] for message in messages]


@pytest.mark.parametrize("command", [[*TOCSIN, "--json"], MODULE], ids=["tocsin", "module"])
def test_stored_pages_are_in_the_queue_and_in_the_ledger(
    command: list[str], stored: list[Submission], redis: Redis, servers: Servers, tmp_path: Path
) -> None:
    status, out, err = run([*command, *EXTRACT], tmp_path, TOCSIN_REDIS_URL=servers.redis_url)
    assert status == 0, err
    assert json.loads(out) == {
        "sent": 20, "in_flight": 0, "unreadable": 0, "without_body": 0, "reached": str(DAY)
    }  # fmt: skip
    ids = [submission.id for submission in stored]
    assert waiting(redis, "extract") == [ids[:16], ids[16:]]
    ledger = Ledger(redis)
    assert ledger.in_flight() == 20
    entry = ledger.find(ids[0])
    assert entry is not None
    assert (entry.submission, entry.step) == (stored[0], "extract")
    assert json.loads(run([*command, *EXTRACT], tmp_path, TOCSIN_REDIS_URL=servers.redis_url)[1])["in_flight"] == 20


@pytest.mark.usefixtures("stored", "redis")
def test_the_running_instance_of_a_home_is_found(servers: Servers, tmp_path: Path, redis: Redis) -> None:
    instance = Instance(home=tmp_path, **servers.model_dump(), api_url="http://127.0.0.1:1", programs=())
    remember(instance)
    status, out, err = run([*TOCSIN, "--from", "fetch", "--since", str(DAY)], tmp_path)
    assert status == 0, err
    assert "sent\t20" in out.splitlines()
    assert sum(len(ids) for ids in waiting(redis, "fetch")) == 20


@pytest.mark.usefixtures("stored", "redis")
@pytest.mark.parametrize("command", [TOCSIN, MODULE], ids=["tocsin", "module"])
def test_what_cannot_be_read_is_named_and_the_exit_status_says_so(
    command: list[str], servers: Servers, tmp_path: Path
) -> None:
    (tmp_path / f"pages/fetched/{DAY}/{'f' * 32}.json").write_text('{"version": 7}')
    status, out, err = run([*command, *EXTRACT], tmp_path, TOCSIN_REDIS_URL=servers.redis_url)
    assert status == 1
    assert "unreadable" in out
    named = [line for line in map(json.loads, err.splitlines()) if line["event"] == "page_record_unreadable"]
    assert [(line["record"], line["version"]) for line in named] == [(f"fetched/{DAY}/{'f' * 32}.json", 7)]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("command", [TOCSIN, MODULE], ids=["tocsin", "module"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (EXTRACT, f"Redis is away: Error 111 connecting to 127.0.0.1:1. Connection refused. 0 were sent; {ON}"),
        (["--from", "classify", "--since", str(DAY)], "nothing can be replayed from 'classify': choose fetch or"),
        (["--from", "extract", "--since", "9999-01-01"], "9999-01-01 lies in the future"),
        ([*EXTRACT, "--until", "2026-03-03"], "2026-03-03 lies before 2026-03-04"),
    ],
    ids=["Redis away", "step", "future", "until"],
)  # fmt: skip
def test_errors_are_one_line(command: list[str], arguments: list[str], told: str, tmp_path: Path) -> None:
    status, out, err = run([*command, *arguments], tmp_path, TOCSIN_REDIS_URL="redis://user:secret@127.0.0.1:1/0")
    assert (status, out) == (1, "")
    assert told in err
    assert len(err.splitlines()) == 1
    assert "secret" not in err


def test_a_home_without_pages_is_said_and_not_made(servers: Servers, tmp_path: Path) -> None:
    home = tmp_path / "typo"
    status, _, err = run([*TOCSIN, *EXTRACT], home, TOCSIN_REDIS_URL=servers.redis_url)
    assert status == 1
    assert f"there is no page store at {home}/pages" in err
    assert not home.exists()


@pytest.mark.parametrize("command", [TOCSIN, MODULE], ids=["tocsin", "module"])
def test_interrupted_in_a_pause_it_says_where_to_go_on(
    command: list[str], stored: list[Submission], redis: Redis, servers: Servers, tmp_path: Path
) -> None:
    process = start([*command, *EXTRACT], tmp_path, TOCSIN_REDIS_URL=servers.redis_url, TOCSIN_MAX_IN_FLIGHT="30")
    assert process.stderr is not None
    for line in process.stderr:  # it ends when the process does
        if json.loads(line)["event"] == "replay_waits":
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"interrupted. 16 were sent; go on with --since {DAY}" in err
    assert waiting(redis, "extract") == [[submission.id for submission in stored[:16]]]
