"""The world beyond this machine, for what may leave it and what may not: one server in a network of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

#: This machine and the world, on the wire between them: addresses that RFC 5737 keeps for documentation.
HERE, THERE = "198.51.100.1", "198.51.100.2"
PORT = 8801


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=30)


@contextmanager
def world() -> Iterator[tuple[str, int]]:
    """Yield address and port of a server to which this machine is the only way, and which knows no way back but to it.

    So an answer comes only to what is sent in this machine's name, as from any network that Docker lets out; and what a
    container does not reach there, it reaches nowhere. Docker's own networks are apart from each other anyhow: an
    address in one of them would show nothing. It takes root; skips without, but for CI, where that is a failure.
    """
    if os.geteuid() != 0:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("a network of its own takes root")
    name = f"w{uuid4().hex[:8]}"
    run("ip", "netns", "add", name)
    server = None
    try:
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "address", "add", f"{HERE}/30", "dev", name)
        run("ip", "link", "set", name, "up")
        run("ip", "-n", name, "address", "add", f"{THERE}/30", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
        serve = (sys.executable, "-m", "http.server", "--bind", THERE, "--directory", os.devnull, str(PORT))
        server = subprocess.Popen(["ip", "netns", "exec", name, *serve], stderr=subprocess.DEVNULL)
        time.sleep(1)
        yield THERE, PORT
    finally:
        if server:
            server.kill()
            server.wait(30)
        run("ip", "netns", "delete", name)  # and with it both ends of the wire
