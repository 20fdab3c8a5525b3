"""Real Redis servers and real Sentinels that watch them: one master, two replicas, three Sentinels."""

import contextlib
import shutil
import signal
import subprocess
from pathlib import Path

from redis import Redis, RedisError

from services.cli.embedded.ports import any_free
from services.cli.embedded.redis_server import wheel_binary
from tests.integration.drilling import wait_for

MASTER = "tocsin"
#: Seconds without a sign of life after which a replica does not count: the smallest that Redis takes.
LAG_S = 1
_SERVER = """\
bind 127.0.0.1
port {port}
dir {folder}
save ""
appendonly no
repl-diskless-sync-delay 0
min-replicas-to-write 1
min-replicas-max-lag {lag_s}
"""
_SENTINEL = """\
bind 127.0.0.1
port {port}
dir {folder}
sentinel monitor {master} 127.0.0.1 {watched} 2
sentinel down-after-milliseconds {master} 700
sentinel failover-timeout {master} 3000
"""


class Watched:
    """The servers. `url` is what TOCSIN_REDIS_URL would be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = shutil.which("redis-server") or str(wheel_binary())
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        ports: list[int] = []
        while len(ports) < 6:
            ports += {any_free()} - set(ports)
        self.redis, self._sentinels = ports[:3], ports[3:]
        self.url = f"sentinel://{','.join(f'127.0.0.1:{port}' for port in self._sentinels)}/0?master={MASTER}"

    def start(self) -> None:
        """Start all, and return when every Sentinel knows the replicas and the others."""
        for port in self.redis:
            text = _SERVER if port == self.redis[0] else f"{_SERVER}replicaof 127.0.0.1 {self.redis[0]}\n"
            self._run(port, text.format(port=port, folder=self._folder, lag_s=LAG_S))
        wait_for(lambda: all(map(self._answers, self.redis)))
        wait_for(lambda: len(self._replicas(self.redis[0])) == len(self.redis) - 1)
        for port in self._sentinels:
            text = _SENTINEL.format(port=port, folder=self._folder, master=MASTER, watched=self.redis[0])
            self._run(port, text, "--sentinel")
        wait_for(lambda: all(map(self._knows_all, self._sentinels)))

    def signal(self, port: int, number: signal.Signals) -> None:
        """Send a signal to one of the servers."""
        self._processes[port].send_signal(number)

    def master(self) -> int:
        """Return the port of whom the first Sentinel takes for the master."""
        with self.client(self._sentinels[0]) as client:
            return int(client.sentinel_master(MASTER)["port"])

    def client(self, port: int) -> Redis:
        """Return a client of one server."""
        return Redis.from_url(f"redis://127.0.0.1:{port}", socket_timeout=2, retry=None)

    def close(self) -> None:
        """End all."""
        for process in self._processes.values():
            process.kill()
            process.wait(10)

    def _run(self, port: int, text: str, *options: str) -> None:
        config = self._folder / f"{port}.conf"
        config.write_text(text)
        with (self._folder / f"{port}.log").open("wb") as log:
            self._processes[port] = subprocess.Popen([self._program, config, *options], stdout=log, stderr=log)

    def _answers(self, port: int) -> bool:
        with contextlib.suppress(RedisError), self.client(port) as client:
            return bool(client.ping())
        return False

    def _replicas(self, port: int) -> list[str]:
        with self.client(port) as client:
            found = client.info("replication")
            return [name for name, one in found.items() if name.startswith("slave") and one["state"] == "online"]

    def _knows_all(self, port: int) -> bool:
        with contextlib.suppress(RedisError), self.client(port) as client:
            known = client.sentinel_master(MASTER)
            return bool(known["num-slaves"] == len(self.redis) - 1 and known["num-other-sentinels"] == 2)
        return False
