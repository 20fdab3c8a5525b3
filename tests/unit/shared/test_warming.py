"""A worker that cannot load what it needs ends, and says why, before it takes a message."""

import os
import subprocess
import sys

import pytest

_SCRIPT = """
from shared.errors import SetupError
from shared.worker.run import KINDS, work
def warm_up():
    {fails}
work("classifier", KINDS["classifier"], warm_up=warm_up)
"""


@pytest.mark.parametrize(
    ("fails", "told", "is_bug"),
    [
        ("raise SetupError('the weights do not fit')", "the weights do not fit\n", False),
        ("raise KeyError('heads.core')", "KeyError: 'heads.core'", True),
    ],
    ids=["a file", "a bug"],
)
def test_it_ends_and_says_why(fails: str, told: str, *, is_bug: bool) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(fails=fails)],
        env=os.environ | {"TOCSIN_REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert told in ran.stderr
    assert ("Traceback" in ran.stderr) == is_bug
