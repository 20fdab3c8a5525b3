"""Celery's consumer, which drops no message.

Celery acknowledges, and so drops, what it cannot decode, a task that it does not know, arguments that do not fit; some
malformed headers end in an exception that makes it reconnect, and meet the same message again, for ever. Here each of
them is isolated first (`transport.isolate_with`) and acknowledged then. `worker_consumer` names `Consumer`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from celery.worker import consumer
from kombu.message import Message
from kombu.utils.json import dumps
from redis import RedisError

from shared.logs import logger
from shared.worker import transport
from shared.worker.transport import Unreadable

log = logger(__name__)

#: Seconds until the next attempt to isolate, when Redis could not take it.
RETRY_S = 5
#: Types of the headers that Celery trips over, when they are there.
HEADERS = {"stamped_headers": list | None, "eta": str | None, "expires": str | None}


class Consumer(consumer.Consumer):  # type: ignore[misc]
    """Reads messages and gives them to the pool."""

    def create_task_handler(self) -> Callable[[Message], None]:
        """Return what is done with each message."""
        handle = super().create_task_handler()

        def on_task_received(message: Message) -> None:
            try:
                check(message, self.app.tasks)
                handle(message)
            except (RedisError, OSError):
                raise  # the message is not to blame: Celery connects again, and meets it again
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is kept
                self.isolate(message, error)

        return on_task_received

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        """Keep a message that cannot be decompressed or decoded."""
        self.isolate(message, exc)

    def on_unknown_message(self, body: Any, message: Message) -> None:
        """Keep what is no task."""
        self.isolate(message, Unreadable(f"no task message: {body!r:.200}"))

    def on_unknown_task(self, body: Any, message: Message, exc: Exception) -> None:  # noqa: ARG002
        """Keep a task that this worker does not know."""
        self.isolate(message, exc)

    def on_invalid_task(self, body: Any, message: Message, exc: Exception) -> None:  # noqa: ARG002
        """Keep a task that Celery finds invalid."""
        self.isolate(message, exc)

    def isolate(self, message: Message, error: Exception) -> None:
        """Isolate a message and acknowledge it; while that cannot be done it stays unacknowledged."""
        if message.channel is None or message.channel.closed:
            return  # Kombu has put it back: it comes again
        try:
            transport.isolate(queue_of(message), raw(message), error, message.headers)
        except Exception as trouble:  # noqa: BLE001 - it must stay, whatever kept it from being kept
            log.error("not_isolated", error=str(trouble), next_in_s=RETRY_S)  # noqa: TRY400 - Redis is away, no bug
            self.timer.call_after(RETRY_S, self.isolate, (message, error))
            return
        message.ack_log_error(log, self.connection_errors)


def queue_of(message: Message) -> str:
    """Return the queue that a message came from."""
    return str(message.delivery_info.get("routing_key", ""))


def raw(message: Message) -> bytes:
    """Return the element of the queue that a message was read from: envelope and all."""
    if message.content_type == transport.UNREADABLE:
        return bytes(message.body)
    return str(dumps(message._raw)).encode()  # type: ignore[attr-defined]  # noqa: SLF001 - as Kombu's own QoS does


def check(message: Message, tasks: Mapping[str, Any]) -> None:
    """Raise unless the message is a call that one of `tasks` takes: of Celery's protocol 2, with fitting arguments."""
    headers = message.headers
    if message.content_type == transport.UNREADABLE:
        raise Unreadable(headers["unreadable"])
    if not isinstance(headers.get("task"), str) or not isinstance(headers.get("id"), str):
        raise Unreadable("no task message: its headers name no task or no id")
    if headers["task"] not in tasks:
        raise Unreadable(f"no such task here: {headers['task']}")
    for limit in _pair(headers.get("timelimit") or (None, None)):
        if not isinstance(limit, int | float | None):
            raise Unreadable(f"a time limit that is no number: {limit!r}")
    for name, types in HEADERS.items():
        if not isinstance(headers.get(name), types):
            raise Unreadable(f"a header {name} of the wrong type")
    if not (isinstance(message.payload, list) and len(message.payload) == 3):  # noqa: PLR2004
        raise Unreadable("the body is not [arguments, keyword arguments, options]")
    arguments, keywords, options = message.payload
    if not (isinstance(arguments, list) and isinstance(keywords, dict) and isinstance(options, dict | None)):
        raise Unreadable("the body is not [arguments, keyword arguments, options]")
    tasks[headers["task"]].__header__(*arguments, **keywords)


def _pair(value: Any) -> tuple[Any, Any]:
    first, second = value
    return first, second
