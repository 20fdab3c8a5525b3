"""The Celery application, and the one place that decides Celery's and Kombu's reliability settings.

All durations come from `shared/delivery/timing.py`, where they are derived from one another; `verify` refuses a
configuration that breaks the delivery promise, before a worker starts with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from celery import Celery
from celery.app.defaults import NAMESPACES, flatten
from kombu.entity import Queue

from shared.delivery.messages import Item, pack
from shared.delivery.timing import Timing, timing
from shared.errors import SetupError
from shared.pipeline import STAGES, Stage
from shared.sentinels import Sentinels
from shared.settings import settings
from shared.worker import canary

#: What is due by the clock, and the queue for it: every worker reads it beside its own.
RECONCILE = "reconcile"
RELEASE = "release"
WATCH = "watch"
SCHEDULE_QUEUE = "schedule"
#: Redis key that is there while the reconciler runs: beat, a queue and a worker are alive.
RECONCILED_AT = "tocsin:reconciled_at"
#: Seconds after which what is due by the clock is no longer wanted, by the clocks of two machines: it must be more than
#: those ever differ. Until then the tasks see for themselves that one has just run.
EXPIRES_S = 3600
#: Seconds that a broker which hangs may take, until it counts as away and the hook answers 503.
CONNECT_S, ANSWER_S = 5, 10


def address(url: str) -> dict[str, Any]:
    """Return the settings that lead Celery to the Redis at `url`, or to its Sentinels. Raises SetupError."""
    if sentinels := Sentinels.of(url):
        return {
            "broker_url": sentinels.kombu_url,
            "broker_transport": "shared.worker.transport:SentinelTransport",
            "broker_transport_options": {
                "master_name": sentinels.master,
                "sentinels": sentinels.hosts,
                "sentinel_kwargs": sentinels.own_options,
            },
        }
    return {
        "broker_url": url,
        "broker_transport": "shared.worker.transport:Transport",
        "broker_transport_options": {},
    }


def configuration(redis_url: str | None = None) -> dict[str, Any]:
    """Return the settings of Celery, computed when they are first needed. Raises SetupError as `verify` does.

    `redis_url`: another than that of the settings.
    """
    durations = timing()
    visibility = {"visibility_timeout": durations.visibility_timeout_s}
    found = address(redis_url or settings().redis_url)
    values = found | {
        "worker_consumer": "shared.worker.consumer:Consumer",
        "broker_transport_options": visibility
        | found["broker_transport_options"]
        | {
            "unacked_restore_interval": durations.sweep_s,
            "unacked_restore_throttle": 1,  # else the sweep runs only every tenth interval
            "socket_timeout": ANSWER_S,
            "socket_connect_timeout": CONNECT_S,
            "socket_keepalive": True,
            "health_check_interval": 30,
            # Queues are read in the order in which a worker names them: canaries and the clock before the backlog.
            "queue_order_strategy": "priority",
        },
        "result_backend_transport_options": visibility,
        **visibility,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_retry_on_worker_lost": True,
        # A step that overran its hard limit goes back to the queue, where its crashes are counted.
        "task_acks_on_timeout": False,
        "task_annotations": {
            name: {"soft_time_limit": durations.soft_limit_s[name], "time_limit": durations.hard_limit_s[name]}
            for name in STAGES
        },
        "worker_prefetch_multiplier": 1,
        # What runs while Redis is away goes on: it may end well, and what comes twice does no harm. Killing it would
        # count as a crash of its own doing.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_compression": "zlib",
        "task_queues": [Queue(name) for name in [*canary.QUEUES, *map(canary.list_of, canary.QUEUES), SCHEDULE_QUEUE]],
        "task_create_missing_queues": False,
        "beat_schedule": _rounds(durations) | canary.schedule(durations.canary_every_s),
        "timezone": "UTC",
    }
    verify(values, durations)
    return values


def _rounds(durations: Timing) -> dict[str, Any]:
    """Return what beat sends by the clock."""
    every_s = {
        RECONCILE: durations.reconcile_every_s,
        RELEASE: durations.release_every_s,
        WATCH: durations.watch_every_s,
    }
    options = {"queue": SCHEDULE_QUEUE, "expires": EXPIRES_S}
    return {name: {"task": name, "schedule": seconds, "options": options} for name, seconds in every_s.items()}


def verify(values: Mapping[str, Any], durations: Timing) -> None:
    """Refuse a configuration under which a message could be lost, or given to a second worker while one has it.

    Raises:
        SetupError: it names the setting, also one that Celery does not know: it would silently ignore it.
    """
    try:
        rules = _rules(values, durations)
    except KeyError as missing:
        raise SetupError(f"Celery's settings break the delivery promise: {missing.args[0]} is missing") from missing
    rules |= {name: name in _KNOWN for name in values if name not in rules}
    if broken := sorted(name for name, holds in rules.items() if not holds):
        raise SetupError(f"Celery's settings break the delivery promise: {', '.join(broken)}")


def _rules(values: Mapping[str, Any], durations: Timing) -> dict[str, bool]:
    """Return of each setting that matters whether it is as it has to be. Raises KeyError when one is missing."""
    transport, annotations = values["broker_transport_options"], values["task_annotations"]
    timeouts = (transport, values, values["result_backend_transport_options"])
    return {
        "task_acks_late": values["task_acks_late"] is True,
        "task_retry_on_worker_lost": values["task_retry_on_worker_lost"] is True,
        "task_acks_on_timeout": values["task_acks_on_timeout"] is False,
        "worker_prefetch_multiplier": values["worker_prefetch_multiplier"] == 1,
        "task_annotations": all(
            annotations[name]["soft_time_limit"] < annotations[name]["time_limit"] < transport["visibility_timeout"]
            for name in STAGES
        ),
        # Kombu, Celery's redelivery check and the result backend each read their own
        "visibility_timeout": {one["visibility_timeout"] for one in timeouts} == {durations.visibility_timeout_s},
        "unacked_restore_interval": transport["unacked_restore_interval"] * transport["unacked_restore_throttle"]
        < durations.visibility_timeout_s,
        "task_queues": {queue.name for queue in values["task_queues"]} >= {stage.queue for stage in STAGES.values()},
        "accept_content": list(values["accept_content"]) == ["json"],
        "broker_connection_max_retries": values["broker_connection_max_retries"] is None,
    }


_KNOWN = {name for name, _ in flatten(NAMESPACES)}

app = Celery("tocsin")
app.add_defaults(configuration)  # a callable: the environment is read when a worker starts, not at import


def send(stage: Stage, items: Sequence[Item]) -> None:
    """Put items into the queue of `stage`, several in a message.

    Raises:
        kombu.exceptions.OperationalError: Redis is away; some may have been sent.
    """
    for message in pack(items, stage, settings().message_articles):
        app.send_task(stage.name, args=[message.model_dump(mode="json")], queue=stage.queue)
