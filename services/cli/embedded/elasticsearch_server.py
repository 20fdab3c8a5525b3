"""The Elasticsearch of the embedded mode: whose process it is, where its data lies, how it is set up.

It refuses to run as root. Started by root it runs as the system user `tocsin`, and its data must then lie where that
user can go: a home in root's folder, or in a private temporary one, gets a link to /var/lib/tocsin instead.
"""

import os
import pwd
import re
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
from shared import cache
from shared.errors import SetupError

ACCOUNT = "tocsin"
STATE = Path("/var/lib/tocsin")

#: The name of a folder in STATE: a home's digest, and what `mkdtemp` adds when that is taken.
_PLACE = re.compile(r"[0-9a-f]{12}(-[a-z0-9_]{8})?")

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
    # useradd writes its files one after another: who looks in between, or adds it too, has a user that will not be
    with homes.lock(cache.folder() / "account.lock"):
        try:
            return pwd.getpwnam(ACCOUNT)
        except KeyError:
            return _add_account()


def _add_account() -> pwd.struct_passwd:
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
    """Return the node's folder. Says so when it lies outside the home.

    Root keeps the folder for itself: its user can then put no link where root writes at the next start. Data and logs,
    which root never writes into, are that user's.
    Raises SetupError when it belongs to another user and we may not change that, or is a link that is not ours.
    """
    inside = home / "elasticsearch"
    folder = outside(home, state=state)
    if folder is None and user is not None and not reachable(home, user):
        folder = _move_out(inside, state, homes.digest(home))
    folder = folder or inside
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder != inside:
        say(f"Elasticsearch's data lies in {folder}: its user cannot reach {home}")
    if user is not None:
        _own(folder, user)
    elif not os.access(folder, os.W_OK | os.X_OK):
        raise SetupError(f"{folder} belongs to another user: run as that user, or choose another TOCSIN_HOME")
    return folder


def outside(home: Path, *, state: Path = STATE) -> Path | None:
    """Return where the node's folder lies when the home has a link to it, None without a link.

    Raises SetupError for any link but one that root made to a folder of root's: whatever it names would be given away.
    """
    link = home / "elasticsearch"
    if not link.is_symlink():
        return None
    target = link.readlink()
    named = target.name == "elasticsearch" and target.parent.parent == state and _PLACE.fullmatch(target.parent.name)
    if not named or link.lstat().st_uid != 0 or not (_is_roots(state) and _is_roots(target.parent)):
        raise SetupError(f"{link} is a link that Tocsin did not make, or has lost its target: remove it")
    return target


def _is_roots(folder: Path) -> bool:
    """Tell whether it is a folder in which root alone may make, rename and remove."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and not status.st_mode & 0o022


def _move_out(inside: Path, state: Path, name: str) -> Path:
    state.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not _is_roots(state):
        raise SetupError(f"{state} must belong to root, and nobody else may write there")
    # a folder of that name may hold the data of a home that was moved elsewhere: it is never touched
    place = state / name if not os.path.lexists(state / name) else Path(tempfile.mkdtemp(prefix=f"{name}-", dir=state))
    place.mkdir(exist_ok=True)
    for folder in (state, place):
        folder.chmod(0o755)
    outside = place / "elasticsearch"
    if inside.is_dir():
        shutil.move(inside, outside)
    inside.symlink_to(outside)
    return outside


def _own(folder: Path, user: pwd.struct_passwd) -> None:
    """Make root the owner of the folder, and `user` that of the data and the logs in it, following no link."""
    # until this is done, what lies in the folder could still be exchanged
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(handle, 0, user.pw_gid)
        os.fchmod(handle, 0o750)
    finally:
        os.close(handle)
    for part in (folder / "data", folder / "logs"):
        if part.is_symlink():
            raise SetupError(f"{part} is a link that Tocsin did not make: remove it")
        part.mkdir(mode=0o700, exist_ok=True)
        _give(part, user)


def _give(folder: Path, user: pwd.struct_passwd) -> None:
    """Hand a folder and what its owner has in it to `user`; anybody else's file, linked into it, is left alone."""
    before = folder.lstat().st_uid
    if before == user.pw_uid:
        return
    # from below, so that a hand-over which is interrupted is begun again
    for _, folders, files, handle in os.fwalk(folder, topdown=False, follow_symlinks=False):
        for name in (*folders, *files):
            if os.stat(name, dir_fd=handle, follow_symlinks=False).st_uid == before:
                os.chown(name, user.pw_uid, user.pw_gid, dir_fd=handle, follow_symlinks=False)
    os.chown(folder, user.pw_uid, user.pw_gid, follow_symlinks=False)


def configure(folder: Path, distribution: Path, port: int, user: pwd.struct_passwd | None) -> None:
    """Write the node's configuration into a folder made anew: what the node's user left in the old one is not touched.

    So is the folder for temporary files: a killed JVM leaves some.
    """
    config, temporary = folder / "config", folder / "tmp"
    for path in (config, temporary):
        _make_anew(path)
    options = (distribution / "config" / "jvm.options").read_text().splitlines(keepends=True)
    files = {
        "elasticsearch.yml": _SETTINGS.format(port=port, folder=folder),
        "log4j2.properties": _LOGGING,
        "jvm.options": "".join(line for line in options if not any(word in line for word in _UNWANTED_OPTIONS)),
    }
    for name, content in files.items():
        (config / name).write_text(content)
    if user is not None:
        # the folders last: while they are root's, nobody can exchange what lies in them
        for path in (*(config / name for name in files), config, temporary):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def _make_anew(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)  # follows no link
    folder.mkdir(mode=0o700)


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
