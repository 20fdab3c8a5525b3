"""The child processes of an instance, and the configuration that the process manager (supervisor) reads of them."""

import math
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from services.cli.embedded.elasticsearch_build import DEPLOY
from services.cli.embedded.ports import LOOPBACK
from services.cli.embedded.processes import SERVERS
from shared.delivery.timing import timing
from shared.settings import settings
from shared.worker import run as worker
from shared.worker.drain import longest_s

SERVICES = "services"


def stop_s() -> int:
    """Return the seconds a child may take to end before it is killed: more than a worker needs to drain."""
    return math.ceil(longest_s(timing().drain_s)) + 2


@dataclass(frozen=True, kw_only=True)
class Program:
    """One child: its name, command line and group; the services are stopped before the servers they use."""

    name: str
    command: str
    group: str = SERVICES
    user: str | None = None  #: runs as this user; only root can
    directory: Path | None = None  #: where it runs, by default the home; its user must be able to go there
    whole_group: bool = True  #: whether its own children hear SIGTERM too


def python(*arguments: str) -> str:
    """Return the command line of a module or script under the Python that runs this; `-P`: not from its folder."""
    return shlex.join([sys.executable, "-P", *arguments])


def workers() -> list[Program]:
    """Return the workers. Only the parent hears SIGTERM: it lets its processes finish what they hold."""
    return [
        Program(name=kind, command=python("-m", "shared.worker", kind, *_metrics(n)), whole_group=False)
        for n, kind in enumerate(worker.KINDS)
    ]


def beat() -> Program:
    """Return the timer that sends what is due by the clock."""
    return Program(name=worker.BEAT, command=python("-m", "shared.worker", worker.BEAT, *_metrics(len(worker.KINDS))))


def _metrics(n: int) -> list[str]:
    """Return what gives the n-th process on this machine a port of its own for its metrics, from the setting on."""
    base = settings().metrics_port
    return ["--metrics-port", str(base + n)] if base else []


def api(port: int) -> Program:
    """Return the HTTP API on a loopback port."""
    options = ("--factory", "--host", LOOPBACK, "--port", str(port), "--no-access-log")
    return Program(name="api", command=python("-m", "uvicorn", "services.api.app:create_app", *options))


def demo(port: int) -> Program:
    """Return the server of the demo's news sites."""
    return Program(name="demo", command=python(str(DEPLOY / "demo" / "server.py"), "--port", str(port)))


def redis(binary: Path, config: Path) -> Program:
    """Return the Redis that reads `config`."""
    return Program(name="redis", command=shlex.join([str(binary), str(config)]), group=SERVERS)


def elasticsearch(command: str, folder: Path, user: str | None) -> Program:
    """Return the Elasticsearch of this command line, whose data lie in `folder`."""
    return Program(name="elasticsearch", command=command, group=SERVERS, directory=folder, user=user)


def log_file(home: Path, name: str) -> Path:
    """Return the log of one child."""
    return home / "logs" / f"{name}.log"


def configuration(home: Path, socket: Path, programs: list[Program]) -> str:
    """Return supervisor's configuration file for these programs."""
    manager = {
        "logfile": home / "logs" / "supervisord.log",
        "logfile_maxbytes": "10MB",
        "logfile_backups": 2,
        "pidfile": home / "supervisord.pid",
        "directory": home,
        "strip_ansi": "true",
    }
    factory = "supervisor.rpcinterface:make_main_rpcinterface"
    sections = [
        _section("unix_http_server", {"file": socket, "chmod": "0700"}),
        _section("supervisord", manager),
        _section("rpcinterface:supervisor", {"supervisor.rpcinterface_factory": factory}),
    ]
    sections += [_section(f"program:{program.name}", _options(home, program)) for program in programs]
    for priority, group in enumerate((SERVERS, SERVICES), start=1):
        names = [program.name for program in programs if program.group == group]
        if names:
            # the group with the higher priority starts last and is stopped first, all of it at once
            sections.append(_section(f"group:{group}", {"programs": ",".join(names), "priority": priority}))
    return "\n".join(sections)


def _options(home: Path, program: Program) -> dict[str, object]:
    options: dict[str, object] = {
        "command": program.command,
        "directory": program.directory or home,
        "autorestart": "true",
        "startsecs": 1,
        "startretries": 100,  # it waits a second longer each time: a server that is long away finds us still trying
        "stopwaitsecs": stop_s(),
        "stopasgroup": str(program.whole_group).lower(),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": log_file(home, program.name),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 3,
    }
    return options | ({"user": program.user} if program.user and os.geteuid() == 0 else {})


def _section(name: str, options: dict[str, object]) -> str:
    # a percent sign would start an expansion
    lines = [f"{key} = {str(value).replace('%', '%%')}" for key, value in options.items()]
    return f"[{name}]\n" + "\n".join(lines) + "\n"
