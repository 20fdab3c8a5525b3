"""The system packages that the embedded mode needs, installed where that is possible, else named in one line."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from shared.errors import SetupError

#: Least version of Java that Elasticsearch 8.19 runs on.
JAVA_MIN = 17

#: Debian package by what it brings.
DEBIAN = {"Java 17 or newer": "default-jre-headless", "a Java compiler": "default-jdk-headless", "Maven": "maven"}

Say = Callable[[str], None]


def java_version(java_home: Path) -> int:
    """Return the feature version of the Java installed in `java_home`, 0 when it does not tell."""
    try:
        release = (java_home / "release").read_text()
    except OSError:
        return 0
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.MULTILINE)
    return int(match[1]) if match else 0


def java_home(*, compiler: bool = False) -> Path | None:
    """Return the home of a Java that is new enough, from JAVA_HOME or the PATH; None if there is none."""
    program = "javac" if compiler else "java"
    on_path = shutil.which(program)
    given = os.environ.get("JAVA_HOME")
    candidates = [Path(given)] if given else []
    if on_path:
        candidates.append(Path(on_path).resolve().parent.parent)
    for home in candidates:
        if (home / "bin" / program).is_file() and java_version(home) >= JAVA_MIN:
            return home
    return None


def missing(*, build: bool) -> list[str]:
    """Return what this machine lacks to run Elasticsearch, or also to `build` it, in the words of `DEBIAN`."""
    if not build:
        return [] if java_home() else ["Java 17 or newer"]
    lacks = [] if java_home(compiler=True) else ["a Java compiler"]
    return lacks if shutil.which("mvn") else [*lacks, "Maven"]


def complaint(lacks: Iterable[str], *, apt: bool) -> str:
    """Return the line that says what is missing and what to do about it."""
    lacks = tuple(lacks)
    needed = f"Elasticsearch needs {' and '.join(lacks)}, which this machine lacks"
    if not apt:
        return f"{needed}: install it with your system's package manager"
    return f"{needed}: sudo apt-get install -y --no-install-recommends {' '.join(DEBIAN[name] for name in lacks)}"


def ensure(*, build: bool, say: Say) -> None:
    """Install what is missing. Raises SetupError when that is not possible: not root, no apt, no network."""
    lacks = missing(build=build)
    if not lacks:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise SetupError(complaint(lacks, apt=apt is not None))
    names = [DEBIAN[name] for name in lacks]
    say(f"installing {' '.join(names)}")
    _apt(apt, "update")
    _apt(apt, "install", "-y", "--no-install-recommends", *names)
    if missing(build=build):
        raise SetupError(complaint(missing(build=build), apt=False))


def _apt(apt: str, *arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(  # noqa: S603 - fixed words and names from the table above
        [apt, "-qq", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise SetupError(f"apt-get {' '.join(arguments)} failed: {' '.join(last)}")
