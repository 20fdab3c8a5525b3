"""The drill of docs/operations.md in containers: a backup while all runs, all volumes lost, its commands one by one."""

import json
import re
import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.e2e.compose import ROOT, UP_LIMIT_S, Stack

_STORIES = [
    story
    for story in json.loads((ROOT / "deploy/demo/stories.json").read_text())["stories"]
    if not story["revision_of"]
]
#: Stories of the demo that go all the way, and one that is no news.
STORIES = [
    *[story for story in _STORIES if story["expect"]["outcome"] == "indexed"][:6],
    next(story for story in _STORIES if story["expect"]["reason"] == "not_relevant"),
]


def documented() -> list[list[str]]:
    """Return what docs/operations.md has one do to restore in containers, without `docker compose`."""
    text = (ROOT / "docs/operations.md").read_text()
    (block,) = re.findall(r"so in containers only the two servers run:\n\n((?: {4}.*\n)+)", text)
    lines = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert all(line[:2] == ["docker", "compose"] for line in lines)
    return [line[2:] for line in lines]


def known(stack: Stack) -> dict[str, Any]:
    """Return what a user can ask for: the sums, every incident with its sources, and what words find."""
    sums = stack.get("/audit", deep="true")
    hits = stack.get("/incidents", limit="100", sort="date")["hits"]
    return {
        "sums": {
            name: sums[name] for name in ("accepted", "indexed", "discarded", "quarantined", "balance", "missing")
        },
        "incidents": {hit["id"]: hit for hit in hits},
        "history": {hit["id"]: stack.get(f"/incidents/{hit['id']}/timeline") for hit in hits},
        "articles": {hit["id"] for hit in stack.get("/articles", limit="100")["hits"]},
        "found": [hit["id"] for hit in stack.get("/incidents", q=hits[0]["title"].split()[0])["hits"]],
    }


def test_every_volume_is_lost_and_the_backup_brings_everything_back(stack: Stack, tmp_path: Path) -> None:
    stack.start()  # another test may have stopped something
    ended = stack.outcomes({s["id"]: f"http://{s['site']}.demo:8801{s['path']}?restore" for s in STORIES})
    assert {one["status"] for one in ended.values()} == {"indexed", "discarded"}
    folder = tmp_path / "backup"
    folder.mkdir()
    folder.chmod(0o777)  # its user is nobody here
    with_folder = replace(stack, backup=str(folder))
    before = known(stack)
    assert before["incidents"]
    taken = json.loads(with_folder.compose("run", "--rm", "-T", "upkeep", "backup", "/backup", timeout_s=120))

    stack.down()  # with its volumes: this is the new machine
    for words in documented():
        batch = ["run", "-T", *words[1:]] if words[0] == "run" else words
        said = with_folder.compose(*batch, timeout_s=UP_LIMIT_S + 60)
        if "restore" in words:
            restored = json.loads(said)
            assert (restored["counts"], restored["pages_missing"]) == (taken["counts"], 0)

    stack.recover()
    assert known(stack) == before
    assert {name: stack.get(f"/submissions/{one['id']}") for name, one in ended.items()} == ended
    again = stack.outcomes({"again": f"http://{STORIES[0]['site']}.demo:8801{STORIES[0]['path']}?after"})
    assert again["again"]["status"] == ended[STORIES[0]["id"]]["status"]
    deadline = time.monotonic() + UP_LIMIT_S
    while stack.get("/audit")["in_flight"]:
        assert time.monotonic() < deadline, stack.report()
        time.sleep(0.5)
    assert stack.get("/audit", deep="true")["balance"] == 0
