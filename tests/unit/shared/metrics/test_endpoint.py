"""Where metrics are told: only where it is asked for, and in one sentence where that cannot be."""

import socket
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, Gauge

from services.cli.embedded import programs
from services.cli.embedded.ports import LOOPBACK, any_free
from shared.errors import SetupError
from shared.metrics import endpoint
from shared.settings import Settings, settings
from shared.worker.run import KINDS


def test_what_is_registered_is_told_on_the_address_of_the_settings() -> None:
    registry, port = CollectorRegistry(), any_free()
    Gauge("told", "Something.", registry=registry).set(7)
    endpoint.serve(LOOPBACK, port, registry)
    with urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
        assert b"told 7.0" in answer.read()
    with socket.socket() as probe, pytest.raises(OSError, match="refused"):
        probe.connect(("127.0.0.2", port))


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SetupError, match=rf"127.0.0.1:{port}: Address already in use; set TOCSIN_METRICS_PORT"):
            endpoint.serve(LOOPBACK, port)


def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(SetupError, match=r"192\.0\.2\.1:9000"):
        endpoint.serve("192.0.2.1", 9000)


def test_by_default_nothing_listens() -> None:
    assert Settings().metrics_port == 0
    endpoint.serve("192.0.2.1", 0)
    assert not [program for program in programs.workers() if "--metrics-port" in program.command]


def test_processes_that_share_a_machine_have_a_port_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_METRICS_PORT", "9464")
    settings.cache_clear()
    try:
        found = [program.command.split()[-1] for program in (*programs.workers(), programs.beat())]
    finally:
        settings.cache_clear()
    assert found == [str(9464 + n) for n in range(len(KINDS) + 1)]
