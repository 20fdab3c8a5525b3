"""What supervisor's log tells, what the demo sums up, what `up` prints at its end."""

from pathlib import Path
from typing import Any

from services.cli.embedded import demo, manager, run
from services.cli.embedded.instance import Instance

LOG = """\
2026-01-01 00:00:00,000 INFO supervisord started with pid 1
2026-01-01 00:00:01,000 INFO spawned: 'redis' with pid 10
2026-01-01 00:00:01,000 INFO spawned: 'api' with pid 11
2026-01-01 00:00:02,000 INFO success: redis entered RUNNING state, process has stayed up for > than 1 seconds
2026-01-01 00:00:05,000 WARN exited: redis (terminated by SIGKILL; not expected)
2026-01-01 00:00:06,000 INFO spawned: 'redis' with pid 12
2026-01-01 00:00:07,000 INFO gave up: api entered FATAL state, too many start retries too quickly
"""


def test_a_log_is_counted_and_told() -> None:
    lines = LOG.splitlines()
    assert manager.spawned(lines) == {"redis": 2, "api": 1}
    assert manager.exited(lines) == {"redis": 1}
    told = [text for line in lines if (text := manager.told(line))]
    assert told[2:] == [
        "redis ended (terminated by SIGKILL)",
        "redis started, pid 12",
        "api does not start: given up",
    ]


def test_only_the_last_start_counts(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "supervisord.log").write_text(LOG + LOG.splitlines()[0] + "\n")
    assert manager.spawned(manager.log_lines(tmp_path)) == {}


def test_nothing_runs_in_an_empty_home(tmp_path: Path) -> None:
    assert manager.pid(tmp_path) is None
    assert manager.children(tmp_path) == []
    assert manager.stop(tmp_path) == 0


def test_every_story_has_an_address_and_revisions_come_last() -> None:
    stories = demo.stories()
    first_revision = next(place for place, story in enumerate(stories) if story.revision_of)
    assert all(story.revision_of for story in stories[first_revision:])
    urls = [demo.url(story, 8801) for story in stories]
    assert len(set(urls)) == len(urls)
    assert all(url.startswith("http://127.0.0.1") and ":8801/" in url for url in urls)


def test_the_summary_counts_outcomes_and_reasons() -> None:
    def state(status: str, reason: str | None = None) -> dict[str, Any]:
        return {"status": status, "reason": reason}

    states = {"a": state("indexed"), "b": state("discarded", "empty"), "c": state("quarantined")}
    assert demo.summary(states) == "Outcomes of 3 demo pages: 1 indexed, 1 discarded (empty 1), 1 quarantined"


def test_the_end_of_up_names_the_setting_and_a_curl_line(tmp_path: Path) -> None:
    running = Instance(
        home=tmp_path,
        redis_url="redis://127.0.0.1:1/0",
        elasticsearch_url="http://127.0.0.1:2",
        api_url="http://127.0.0.1:3",
        fetch_allow="127.0.0.11:8801",
        demo_port=8801,
        programs=(),
    )
    text = "\n".join(run.closing(running))
    assert "TOCSIN_FETCH_ALLOW=127.0.0.11:8801" in text
    assert "http://127.0.0.1:3/docs" in text
    assert """-d '{"url": "http://127.0.0.1""" in text
    plain = "\n".join(run.closing(running.model_copy(update={"demo_port": None, "fetch_allow": ""})))
    assert "TOCSIN_FETCH_ALLOW" not in plain
