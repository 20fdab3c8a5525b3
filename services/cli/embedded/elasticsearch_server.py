"""The Elasticsearch of the embedded mode: whose process it is, where its data lies, how it is set up.

It refuses to run as root. Started by root it runs as the system user `tocsin`, and its data must then lie where that
user can go: a home in root's folder, or in a private temporary one, gets a link to /var/lib/tocsin instead.
"""

import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from services.cli.embedded import home as homes
from services.cli.embedded import packages
from services.cli.embedded.packages import Say
from services.cli.embedded.processes import GROUP, MARK, SERVERS
from shared.errors import SetupError

ACCOUNT = "tocsin"
STATE = Path("/var/lib/tocsin")

#: Watermarks are absolute: the default of 85 % refuses to work on a laptop whose disk is well filled.
_SETTINGS = """\
cluster.name: tocsin
node.name: embedded
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
path.data: {folder}/data
path.logs: {folder}/logs
xpack.security.enabled: false
cluster.routing.allocation.disk.watermark.low: 2gb
cluster.routing.allocation.disk.watermark.high: 1gb
cluster.routing.allocation.disk.watermark.flood_stage: 500mb
"""

#: To standard output alone: the process manager keeps and rotates it.
_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""

#: Options of the distribution that write files nobody would look for.
_UNWANTED_OPTIONS = ("-Xlog:gc", "-XX:+HeapDumpOnOutOfMemoryError", "-XX:HeapDumpPath", "-XX:ErrorFile")


def account() -> pwd.struct_passwd | None:
    """Return the user that runs Elasticsearch for root, created when missing; None when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise SetupError(f"Elasticsearch must not run as root: create a system user named {ACCOUNT}")
    options = ("--system", "--user-group", "--no-create-home", "--home-dir", str(STATE), "--shell", "/usr/sbin/nologin")
    done = subprocess.run([useradd, *options, ACCOUNT], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        raise SetupError(f"the system user {ACCOUNT} cannot be created: {done.stderr.strip()}")
    return pwd.getpwnam(ACCOUNT)


def reachable(folder: Path, user: pwd.struct_passwd) -> bool:
    """Tell whether `user` may pass through `folder` and all the folders above it. Access lists are not looked at."""
    folder = folder.resolve()
    for path in (folder, *folder.parents):
        status = path.stat()
        others = stat.S_IXGRP if status.st_gid == user.pw_gid else stat.S_IXOTH
        if not status.st_mode & (stat.S_IXUSR if status.st_uid == user.pw_uid else others):
            return False
    return True


def data_folder(home: Path, user: pwd.struct_passwd | None, say: Say, *, state: Path = STATE) -> Path:
    """Return the node's folder, created and owned by its user. Says so when it lies outside the home.

    Raises SetupError when it belongs to another user and we may not change that.
    """
    inside = home / "elasticsearch"
    if user is not None and not inside.is_symlink() and not reachable(home, user):
        _move_out(inside, state, homes.digest(home))
    folder = inside.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.parent != home.resolve():
        say(f"Elasticsearch's data lies in {folder}: its user cannot reach {home}")
    if user is not None:
        _own(folder, user)
    elif not os.access(folder, os.W_OK | os.X_OK):
        raise SetupError(f"{folder} belongs to another user: run as that user, or choose another TOCSIN_HOME")
    return folder


def _move_out(inside: Path, state: Path, name: str) -> None:
    state.mkdir(mode=0o755, parents=True, exist_ok=True)
    # a folder of that name may hold the data of a home that was moved elsewhere: it is never touched
    place = state / name if not (state / name).exists() else Path(tempfile.mkdtemp(prefix=f"{name}-", dir=state))
    place.mkdir(exist_ok=True)
    for folder in (state, place):
        folder.chmod(0o755)
    outside = place / "elasticsearch"
    if inside.is_dir():
        shutil.move(inside, outside)
    inside.symlink_to(outside)


def _own(folder: Path, user: pwd.struct_passwd) -> None:
    if folder.stat().st_uid == user.pw_uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def configure(folder: Path, distribution: Path, port: int, user: pwd.struct_passwd | None) -> None:
    """Write the node's configuration. The folder for temporary files is emptied: a killed JVM leaves some."""
    config, temporary = folder / "config", folder / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    for path in (config, temporary):
        path.mkdir(mode=0o700, exist_ok=True)
    options = (distribution / "config" / "jvm.options").read_text().splitlines(keepends=True)
    files = {
        "elasticsearch.yml": _SETTINGS.format(port=port, folder=folder),
        "log4j2.properties": _LOGGING,
        "jvm.options": "".join(line for line in options if not any(word in line for word in _UNWANTED_OPTIONS)),
    }
    for name, content in files.items():
        (config / name).write_text(content)
    if user is not None:
        for path in (config, temporary, *(config / name for name in files)):
            os.chown(path, user.pw_uid, user.pw_gid)


def command(folder: Path, distribution: Path, home: Path, *, heap: str = "1g", fast_start: bool = False) -> str:
    """Return the command line of the node, with an environment of its own: nothing of ours concerns it.

    `fast_start` halves the time to start, at the price of speed later: for tests.
    """
    java = packages.java_home()
    if java is None:
        raise SetupError(packages.complaint(packages.missing(build=False), apt=shutil.which("apt-get") is not None))
    options = f"-Xms{heap} -Xmx{heap}" + (" -XX:TieredStopAtLevel=1" if fast_start else "")
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "ES_JAVA_HOME": str(java),
        "ES_JAVA_OPTS": options,
        "ES_PATH_CONF": str(folder / "config"),
        "ES_TMPDIR": str(folder / "tmp"),
        MARK: str(home),
        GROUP: SERVERS,
    }
    words = ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]
    return shlex.join([*words, str(distribution / "bin" / "elasticsearch")])
