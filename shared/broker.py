"""The Celery application, and the one place that decides Celery's and Kombu's reliability settings.

The settings depend on each other, so they are computed from the flow (`shared/pipeline.py`), never written twice:

    soft limit < hard limit < visibility timeout       a running message is never taken for a lost one
    longest backoff         < visibility timeout       nor is one that waits for its next attempt
    visibility timeout      < reconciler's deadline    Redis gets its chance before the ledger sends again
"""

from typing import Any

from celery import Celery
from kombu.entity import Queue

from shared import canary
from shared.pipeline import STAGES, Envelope, Stage
from shared.settings import settings

#: Seconds after which Redis gives an unacknowledged message to another worker.
VISIBILITY_TIMEOUT_S = max(stage.hard_limit_s + stage.backoff_cap_s for stage in STAGES.values()) + 60

#: Seconds without progress after which the reconciler sends a submission again.
OVERDUE_S = 2 * VISIBILITY_TIMEOUT_S

#: Seconds a worker has for what it holds after SIGTERM, before it returns it to the queue (`shared/drain.py`).
DRAIN_S = 20

#: The reconciler's task, and the queue for what is due by the clock: every worker reads it beside its own.
RECONCILE = "reconcile"
SCHEDULE_QUEUE = "schedule"
RECONCILE_EVERY_S = 15
#: Redis key that is there while the reconciler runs: beat, a queue and a worker are alive.
RECONCILED_AT = "tocsin:reconciled_at"
RECONCILED_TTL_S = 8 * RECONCILE_EVERY_S


def configuration() -> dict[str, Any]:
    """Return the settings of Celery, computed when they are first needed."""
    # Short timeouts: a broker that hangs must look like one that is away, so that the hook can answer 503.
    transport: dict[str, Any] = {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,  # else the sweep runs only every tenth interval
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
        # Queues are read in the order in which a worker names them: canaries and the clock before the backlog.
        "queue_order_strategy": "priority",
    }
    return {
        "broker_url": settings().redis_url,
        "broker_transport": "shared.transport:Transport",
        "worker_consumer": "shared.consumer:Consumer",
        "broker_transport_options": transport,
        "result_backend_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT_S},
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_retry_on_worker_lost": True,
        # A step that overran its hard limit goes back to the queue, where its crashes are counted.
        "task_acks_on_timeout": False,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_compression": "zlib",
        "task_queues": [Queue(name) for name in [*canary.QUEUES, *map(canary.list_of, canary.QUEUES), SCHEDULE_QUEUE]],
        "task_create_missing_queues": False,
        "beat_schedule": {
            RECONCILE: {
                "task": RECONCILE,
                "schedule": float(RECONCILE_EVERY_S),
                # while no worker reads, the next one replaces this one
                "options": {"queue": SCHEDULE_QUEUE, "expires": RECONCILE_EVERY_S},
            },
            **canary.schedule(),
        },
        "timezone": "UTC",
    }


app = Celery("tocsin")
app.add_defaults(configuration)  # a callable: the environment is read when a worker starts, not at import


def send(stage: Stage, envelope: Envelope) -> None:
    """Put a message into the queue of `stage`. Raises `kombu.exceptions.OperationalError` when Redis is away."""
    app.send_task(stage.name, args=[envelope.model_dump(mode="json")], queue=stage.queue)
