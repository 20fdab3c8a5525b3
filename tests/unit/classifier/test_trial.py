"""A worker's first story: all that is loaded late is loaded by it, and weights that do not fit stop the worker."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.classifier import models

#: Says what each memory of the classifier's code holds after the trial, and after another story of each kind.
_MEMORIES = """
import gc, threading
from functools import _lru_cache_wrapper
from services.classifier import tasks
from services.classifier.classify import classify
from services.classifier.models import load_models
from shared.domain.article import Published

def filled():
    found = [f for f in gc.get_objects() if isinstance(f, _lru_cache_wrapper) and "services.classifier" in f.__module__]
    # Those of a size remember names and words of articles, and load nothing.
    found = [f for f in found if f.cache_info().maxsize is None]
    return {f"{f.__module__}.{f.__qualname__}": f.cache_info().currsize for f in found}

tasks.warm_up()
before = filled()
assert len(before) > 8
for title, text in (
    ("Gunmen kidnap mayor in Cali", "Gunmen abducted the mayor of Cali, Colombia, on Tuesday, police said."),
    ("Police fire tear gas at march", "POLICE FIRED TEAR GAS AT A MARCH IN LIMA ON 2 MARCH. TWO STUDENTS WERE HURT."),
    ("Rockets hit embassy", "Rockets hit the US embassy in Baghdad's Green Zone last week, wounding two civilians."),
):
    assert classify(title, text, Published.of_day("2026-03-04"), None, models=load_models()).relevant
print({name: (before.get(name, 0), count) for name, count in filled().items() if before.get(name, 0) != count})
print(threading.active_count())
"""
_STOPPED = """
import sys
from pathlib import Path
from services.classifier import models, trial
from services.classifier.when import choice
from services.classifier.where import placing
from shared.errors import SetupError
folder = Path(sys.argv[1])
choice.WEIGHTS = folder / choice.WEIGHTS.name
placing.load.__wrapped__.__defaults__ = (folder / placing.WEIGHTS.name,)
models.load_models.__wrapped__.__defaults__ = (folder,)
try:
    trial.run()
except SetupError as error:
    print(error)
"""


def said(script: str, *arguments: str) -> str:
    ran = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_nothing_is_loaded_after_it() -> None:
    assert said(_MEMORIES) == "{}\n1"


def lost(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut(name: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, 100)


def narrowed(folder: Path) -> None:
    """Take the last column from a trunk, as weights of another training have it."""
    with np.load(folder / "heads.npz") as stored:
        weights = {name: stored[name] for name in stored.files}
    weights["sentence.weight"] = weights["sentence.weight"][:, :-1]
    np.savez(folder / "heads.npz", **weights)


def shut(folder: Path) -> None:
    with np.load(folder / "gate.npz") as stored:
        np.savez(folder / "gate.npz", weights=stored["weights"] * 0, bias=-9.0, threshold=0.0)


@pytest.mark.parametrize(
    "spoiled",
    [lost("when.json"), cut("places.json"), narrowed, shut],
    ids=["dates lost", "places cut", "heads narrow", "gate shut"],
)
def test_files_that_are_missing_or_do_not_fit_are_one_sentence(tmp_path: Path, spoiled: Callable[[Path], None]) -> None:
    weights = shutil.copytree(models.WEIGHTS, tmp_path / "weights")
    spoiled(weights)
    assert said(_STOPPED, str(weights)).startswith("the classifier's files")
