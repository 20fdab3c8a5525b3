"""Builds the Elasticsearch of the embedded mode, once per machine, from `deploy/elasticsearch`.

    deploy/elasticsearch ── mvn package ──▶ temporary folder ── rename ──▶ cache/elasticsearch-<version>-<digest>

The digest covers the project's files, so that a change of them leads to a new build beside the old one. Maven checks
the SHA-256 sum of the archive (`pom.xml`).
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from services.cli.embedded import packages
from services.cli.embedded.home import lock
from services.cli.embedded.packages import Say
from shared.cache import folder
from shared.errors import SetupError

#: The checkout's folder of what is deployed. A wheel has none: the embedded mode runs from a checkout.
DEPLOY = Path(__file__).resolve().parents[3] / "deploy"

_VERSION = re.compile(r"<elasticsearch\.version>([0-9.]+)</elasticsearch\.version>")


def sources(project: Path) -> list[Path]:
    """Return the files of the Maven project, sorted, without what a build by hand left in it."""
    files = [project / "pom.xml", *(project / "src").rglob("*")]
    return sorted(path for path in files if path.is_file())


def build_name(project: Path) -> str:
    """Return the name of the build of `project`. Raises SetupError when it is not there."""
    try:
        match = _VERSION.search((project / "pom.xml").read_text())
    except OSError as error:
        raise SetupError(f"{project} is missing: run Tocsin's embedded mode from a checkout") from error
    digest = hashlib.sha256()
    for path in sources(project):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(project).as_posix()} {len(content)}\n".encode() + content)
    return f"elasticsearch-{match[1] if match else 'unknown'}-{digest.hexdigest()[:12]}"


def is_built(*, project: Path = DEPLOY / "elasticsearch", cache: Path | None = None) -> bool:
    """Tell whether there is nothing to build."""
    return ((cache or folder()) / build_name(project)).is_dir()


def ensure(say: Say, *, project: Path = DEPLOY / "elasticsearch", cache: Path | None = None) -> Path:
    """Return the folder of a runnable Elasticsearch, built when there is none yet.

    Raises SetupError when Java or Maven cannot be had or the build fails.
    """
    cache = cache or folder()
    built = cache / build_name(project)
    if built.is_dir():
        packages.ensure(build=False, say=say)
        return built
    with lock(cache / "build.lock"):
        if not built.is_dir():  # another build may have ended while this one waited
            packages.ensure(build=True, say=say)
            say("building Elasticsearch, once for this machine")
            _build(project, built)
    return built


def _build(project: Path, built: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="build-", dir=built.parent) as folder:
        copy = Path(folder)
        for path in sources(project):
            target = copy / path.relative_to(project)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        _maven(copy)
        (tree,) = (path for path in (copy / "target").glob("elasticsearch-*") if path.is_dir())
        _open_to_read(tree)
        tree.rename(built)


def _maven(project: Path) -> None:
    java = packages.java_home(compiler=True)
    done = subprocess.run(
        ["mvn", "-q", "-B", "package"],  # noqa: S607 - Maven as the PATH has it
        cwd=project,
        env=os.environ | ({"JAVA_HOME": str(java)} if java else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if "ERROR" in line] or done.stdout.splitlines()
        raise SetupError("building Elasticsearch failed:\n" + "\n".join(errors[:6]))


def _open_to_read(tree: Path) -> None:
    # whatever the umask was: another user will run it
    for path in (tree.parent, tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
