"""The reliability settings fit each other, and every setting is documented."""

import itertools
from pathlib import Path

import pytest

from shared import broker
from shared.pipeline import FLOW, RECORD, STAGES, Stage, after
from shared.settings import Settings

ROOT = Path(__file__).parents[3]


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    missing = [name for name in Settings.model_fields if f"`TOCSIN_{name.upper()}`" not in documented]
    assert not missing


def test_no_setting_is_documented_that_is_none() -> None:
    lines = (ROOT / "docs" / "settings.md").read_text().splitlines()
    rows = [line.split("`")[1] for line in lines if line.startswith("| `TOCSIN_")]
    assert {row.removeprefix("TOCSIN_").lower() for row in rows} == set(Settings.model_fields)


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda s: s.name)
def test_a_running_or_waiting_message_is_never_taken_for_a_lost_one(stage: Stage) -> None:
    assert stage.soft_limit_s < stage.hard_limit_s < broker.VISIBILITY_TIMEOUT_S
    assert stage.backoff_cap_s < broker.VISIBILITY_TIMEOUT_S < broker.OVERDUE_S


def test_celery_is_told_the_visibility_timeout_everywhere() -> None:
    conf = broker.app.conf
    assert conf.broker_transport_options["visibility_timeout"] == broker.VISIBILITY_TIMEOUT_S
    assert conf.result_backend_transport_options["visibility_timeout"] == broker.VISIBILITY_TIMEOUT_S
    assert conf.visibility_timeout == broker.VISIBILITY_TIMEOUT_S


def test_celery_keeps_what_its_workers_have_not_finished() -> None:
    conf = broker.app.conf
    assert conf.task_acks_late
    assert conf.task_retry_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1


def test_no_celery_setting_is_misspelt() -> None:
    from celery.app.defaults import NAMESPACES, flatten

    known = {name for name, _ in flatten(NAMESPACES)}
    assert not set(broker.configuration()) - known - {"visibility_timeout"}


def test_the_flow_fits_together() -> None:
    for stage, following in itertools.pairwise(FLOW):
        assert stage.gives is following.takes
    assert after(FLOW[-1]) is RECORD


@pytest.mark.parametrize("entry", ["gulf-wire.demo", "gulf-wire:http", ":80", "host:0", "host:70000", "10.0.0.5"])
def test_an_exception_that_would_not_hold_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    monkeypatch.setenv("TOCSIN_FETCH_ALLOW", f"127.0.0.1:80,{entry}")
    with pytest.raises(ValueError, match="host:port"):
        Settings()


def test_lists_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_FETCH_ALLOW", "127.0.0.1:80, demo:8801 ,")
    assert Settings().fetch_allow == ("127.0.0.1:80", "demo:8801")
