"""The commands beside the figures of docs/scaling.md, and what the README has one try, are there to be run."""

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.e2e.compose import demo_hosts

ROOT = Path(__file__).parents[2]
SCALING = (ROOT / "docs" / "scaling.md").read_text()
#: What stands between backquotes and begins as a command does, with what is set before it.
COMMANDS = sorted(set(re.findall(r"`((?:[A-Z_]+=\S+ )*(?:make|\.venv/bin/\w+) [^`]+)`", SCALING)))


def test_the_figures_stand_beside_commands() -> None:
    assert len(COMMANDS) >= 8
    rows = [line for line in SCALING.splitlines() if line.startswith("| ") and " | " in line and "---" not in line]
    figures = [row for row in rows if re.search(r"\d", row) and not re.search("not measured|estimated", row)]
    assert not [
        row for row in figures if not re.search(r"\[1\]|`[^`]*(?:make|\.venv)[^`]*`", row.rpartition("| ")[0] + row)
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_beside_a_figure_exists(command: str) -> None:
    words = shlex.split(command)
    variables = [word.partition("=")[0] for word in words if re.match(r"[A-Z_]+=", word)]
    program, *rest = [word for word in words if not re.match(r"[A-Z_]+=", word)]
    makefile = (ROOT / "Makefile").read_text()
    if program == "make":
        assert re.search(rf"^{rest[0]}:", makefile, re.MULTILINE)
        known = makefile + "".join(path.read_text() for path in (ROOT / "tests/bench").glob("*.py"))
        assert not [name for name in variables if name not in known]
    elif rest[0] == "-m":
        assert find_spec(rest[1])
    else:
        assert program == ".venv/bin/pytest"
        assert (ROOT / rest[0]).is_file()
        assert "--capture=no" in rest, "else it prints nothing"


def test_the_story_that_the_readme_submits_in_containers_is_one_of_the_demo_and_told_of_rightly() -> None:
    section = (ROOT / "README.md").read_text().partition("## With containers")[2].partition("\n## ")[0]
    (host, path) = re.findall(r'"url": "http://([^/]+)(/[^"]+)"', section)[0]
    assert host in demo_hosts()
    assert f"TOCSIN_FETCH_ALLOW={host} docker compose up" in section
    stories = json.loads((ROOT / "deploy/demo/stories.json").read_text())["stories"]
    (story,) = [one for one in stories if one["path"] == path and f"{one['site']}.demo" == host.partition(":")[0]]
    assert story["expect"]["outcome"] == "indexed"
    (country,) = re.findall(r"incidents\?q=\w+&country=([A-Z]{2})", section)
    assert country == story["expect"]["country"]
    assert (story["expect"]["subtype"], story["expect"]["killed"]) == ("bombing", 6)
    assert "a bombing, six killed" in section


def test_the_nightly_backup_of_the_document_is_a_command_that_there_is() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    (line,) = re.findall(r"^    15 2 \* \* \*  (.+)$", text, re.MULTILINE)
    (started,) = re.findall(r"^    ExecStart=/usr/bin/(.+)$", text, re.MULTILINE)
    assert started in line
    assert started == "docker compose run --rm -T upkeep backup /backup"
