"""`make compose-up` where something is wrong: its last words are one sentence that says what to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: A docker whose compose can do all but bring everything up, and tells of `setup` as Compose 2.26 does.
DOCKER = """\
#!/bin/sh
case "$*" in
  "compose up "*) exit 1 ;;
  "compose logs "*) printf '\\033[2Ksetup: Redis answers\\n\\033[2K%s\\n' "$SAID" ;;
esac
"""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("setup: failed: the indices are too old: run tocsin upgrade", "the indices are too old: run tocsin upgrade"),
        ("setup: done", "not everything is up: `docker compose ps --all` shows what, `docker compose logs NAME` why"),
    ],
)
def test_what_setup_found_is_said_last(tmp_path: Path, said: str, words: str) -> None:
    for name in ("compose-up.sh", "env.sh"):
        (tmp_path / "deploy").mkdir(exist_ok=True)
        shutil.copy(ROOT / "deploy" / name, tmp_path / "deploy")
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    done = subprocess.run(
        [tmp_path / "deploy/compose-up.sh"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "SAID": said},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == f"compose-up: {words}\n"
