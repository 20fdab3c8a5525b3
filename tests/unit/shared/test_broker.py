"""Celery's settings keep the delivery promise, or no worker starts."""

import copy
from typing import Any

import pytest
from kombu.entity import Queue

from shared import broker
from shared.delivery.timing import timing
from shared.errors import SetupError


def settings_with(**changed: Any) -> dict[str, Any]:
    """The settings, some of them changed; inside of a dictionary with two underscores, None takes one away."""
    values = copy.deepcopy(broker.configuration())
    for path, value in changed.items():
        *outer, name = path.split("__")
        place = values
        for one in outer:
            place = place[one]
        if value is None and name != "broker_connection_max_retries":
            del place[name]
        else:
            place[name] = value
    return values


def test_the_settings_pass() -> None:
    broker.verify(broker.configuration(), timing())


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("task_acks_late", {"task_acks_late": False}),
        ("task_retry_on_worker_lost", {"task_retry_on_worker_lost": False}),
        ("task_acks_on_timeout", {"task_acks_on_timeout": True}),
        ("worker_prefetch_multiplier", {"worker_prefetch_multiplier": 4}),
        ("task_annotations", {"task_annotations__extract__time_limit": 10**6}),
        ("task_annotations", {"task_annotations__index__soft_time_limit": 10**6}),
        ("visibility_timeout", {"visibility_timeout": 1000}),
        ("visibility_timeout", {"broker_transport_options__visibility_timeout": 1000}),
        ("visibility_timeout", {"result_backend_transport_options": {"visibility_timeout": 1000}}),
        ("unacked_restore_interval", {"broker_transport_options__unacked_restore_interval": 1000}),
        ("unacked_restore_interval", {"broker_transport_options__unacked_restore_throttle": 1000}),
        ("task_queues", {"task_queues": [Queue("fetch")]}),
        ("accept_content", {"accept_content": ["json", "pickle"]}),
        ("broker_connection_max_retries", {"broker_connection_max_retries": 100}),
        ("task_ack_late", {"task_ack_late": True}),
        ("worker_soft_shutdown_timout", {"worker_soft_shutdown_timout": 10}),
    ],
)
def test_what_would_break_the_promise_is_refused_by_name(name: str, changed: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match=rf"\b{name}\b"):
        broker.verify(settings_with(**changed), timing())


@pytest.mark.parametrize(
    "name",
    [
        "task_acks_late",
        "task_acks_on_timeout",
        "worker_prefetch_multiplier",
        "visibility_timeout",
        "broker_transport_options__visibility_timeout",
        "broker_transport_options__unacked_restore_throttle",
        "task_annotations__record",
        "task_queues",
    ],
)
def test_a_setting_that_is_missing_is_refused_by_name(name: str) -> None:
    with pytest.raises(SetupError, match=name.rsplit("__", maxsplit=1)[-1]):
        broker.verify(settings_with(**{name: None}), timing())


def test_celery_is_told_the_visibility_timeout_everywhere() -> None:
    conf, timeout_s = broker.app.conf, timing().visibility_timeout_s
    assert conf.broker_transport_options["visibility_timeout"] == timeout_s
    assert conf.result_backend_transport_options["visibility_timeout"] == timeout_s
    assert conf.visibility_timeout == timeout_s


def test_celery_keeps_what_its_workers_have_not_finished() -> None:
    conf = broker.app.conf
    assert conf.task_acks_late
    assert conf.task_retry_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1


def test_kombu_knows_the_options_of_the_transport() -> None:
    from kombu.transport.redis import Channel

    assert not [one for one in broker.configuration()["broker_transport_options"] if not hasattr(Channel, one)]
