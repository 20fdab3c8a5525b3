"""What the README has one try in containers finds what it says."""

import json
import re
import shlex
import subprocess
import time

import httpx

from tests.e2e.compose import OUTCOME_LIMIT_S, ROOT, Stack


def commands() -> list[list[str]]:
    """Return the calls of curl that stand under "With containers"."""
    section = (ROOT / "README.md").read_text().partition("## With containers")[2].partition("\n## ")[0]
    lines = re.findall(r"^curl .*$", section, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_what_the_readme_submits_is_what_it_then_finds(stack: Stack) -> None:
    stack.start()  # another test may have stopped something
    submit, search = ([one.replace(":8000/", f":{stack.port}/") for one in words] for words in commands())

    def answer(words: list[str]) -> dict[str, object]:
        ran = subprocess.run([*words, "-s"], check=True, capture_output=True, timeout=60)
        found: dict[str, object] = json.loads(ran.stdout)
        return found

    assert answer(submit)["status"] == "in_flight"
    deadline = time.monotonic() + OUTCOME_LIMIT_S
    while not (hits := answer(search)["hits"]):
        assert time.monotonic() < deadline, stack.report()
        time.sleep(0.5)
    assert isinstance(hits, list)
    assert [(one["subtype"], one["killed"]["best"]) for one in hits] == [("bombing", 6)]


def test_the_api_may_ask_both_servers_how_much_room_there_is(stack: Stack) -> None:
    stack.start()
    told = httpx.get(f"http://127.0.0.1:{stack.port}/metrics", timeout=20).text
    assert "\ntocsin_elasticsearch_up 1.0\n" in told
    assert "\ntocsin_elasticsearch_read_only_indices 0.0\n" in told
    assert '\ntocsin_intake_fill{limit="redis_memory"} ' in told
