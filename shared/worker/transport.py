"""Kombu's Redis transport, which loses nothing that it cannot read.

Kombu takes an element out of the queue's list and reads it then. What is not its JSON envelope raises there, and the
element is gone. Here it is put into an envelope of its own first, so that it goes the way of every message: held as
unacknowledged until `shared.worker.consumer` has isolated it.

Restoring has the same hole: an entry of the `unacked` hash that cannot be read or has no queue to go to is dropped, or
keeps those behind it from being restored for ever. Here it is isolated.

`broker_transport` names `Transport`, or, where Sentinels say which Redis it is, `SentinelTransport`.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from kombu.transport import redis as kombu_redis
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import dumps, loads
from kombu.utils.uuid import uuid
from redis import ConnectionError, Redis, ResponseError  # noqa: A004 - its public name
from redis.sentinel import Sentinel

from shared.logs import logger

log = logger(__name__)

#: Content type of the envelope around an element that cannot be read.
UNREADABLE = "application/vnd.tocsin.unreadable"


class Unreadable(Exception):
    """An element of a queue that is no message of ours; the text says why."""


class Isolate(Protocol):
    """Keeps what no worker can read. Raises, for example `redis.RedisError`, when it could not be kept."""

    def __call__(self, queue: str, raw: bytes, error: Exception, headers: Mapping[str, Any]) -> None:
        """Keep `raw`, the element as it lay in `queue` (empty when nothing says which that was)."""


def _nowhere(queue: str, raw: bytes, error: Exception, headers: Mapping[str, Any]) -> None:  # noqa: ARG001
    raise RuntimeError("no quarantine yet: call transport.isolate_with first")


_isolate: Isolate = _nowhere


def isolate_with(isolate: Isolate) -> None:
    """Name what keeps the unreadable in this process. Kombu and Celery build their classes themselves: hence global."""
    global _isolate  # noqa: PLW0603
    _isolate = isolate


def isolate(queue: str, raw: bytes, error: Exception, headers: Mapping[str, Any]) -> None:
    """Keep an unreadable element. Raises what the function given to `isolate_with` raises."""
    _isolate(queue, raw, error, headers)
    log.error("unreadable_isolated", queue=queue, error=f"{type(error).__name__}: {error}", size=len(raw))


class Client(Redis):
    """The client that Kombu pops with; what it pops has passed `readable(queue, element)`."""

    def __init__(self, *args: Any, readable: Callable[[str, bytes], bytes], **options: Any) -> None:
        super().__init__(*args, **options)
        self._readable = readable

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """Read a response. Kombu's own key prefixes hook in here too."""
        response = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        if command_name == "BRPOP" and response:
            key, element = response
            return key, self._readable(bytes_to_str(key), element)
        return response


class QoS(kombu_redis.QoS):
    """What is unacknowledged."""

    def restore_by_tag(self, tag: str | bytes, client: Redis | None = None, leftmost: bool = False) -> None:
        """Put a message back into its queue; isolate an entry that cannot be put back."""
        with self.channel.conn_or_acquire(client) as redis:
            entry = redis.hget(self.unacked_key, tag)
            try:
                queue = self.channel.destination(entry) if entry else ""
            except Unreadable as error:
                isolate(self.channel.guess_queue(entry), entry, error, {})
                self._remove_from_indices(tag).execute()  # type: ignore[no-untyped-call]
            else:
                super().restore_by_tag(tag, redis, leftmost)  # type: ignore[no-untyped-call]
                log.debug("restored", queue=queue)

    def restore_all(self) -> int:
        """Put back all that this process holds, and return how much. Other threads may acknowledge meanwhile."""
        tags = [tag for tag in list(self._delivered) if tag not in self._dirty]
        for tag in tags:
            self.restore_by_tag(tag)
        return len(tags)


class Channel(kombu_redis.Channel):
    """A channel that reads before it takes."""

    QoS = QoS

    def _get_client(self) -> Callable[..., Redis]:
        super()._get_client()  # type: ignore[no-untyped-call]  # checks the version
        return partial(Client, readable=self.readable)

    def _connparams(self, asynchronous: bool = False) -> Any:
        # What ends late, on a connection that was lost and closed meanwhile: else an AttributeError ends the worker.
        if self.connection.client is None:
            raise ConnectionError("this connection is closed: what it held comes back by itself")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]

    def readable(self, key: str, element: bytes) -> bytes:
        """Return an element that Kombu can read: this one, or an envelope around it. `key` is the popped list's."""
        queue = key.rsplit(self.sep, 1)[0]
        try:
            payload = self._read(element)
        except Unreadable as error:
            log.warning("unreadable", queue=queue, error=str(error))
            return _json(envelope(element, queue, error))
        address = payload["properties"]["delivery_info"]
        if address["exchange"] in ("", queue) and address["routing_key"] == queue:
            return element
        # Somebody moved it here from another queue. It is restored to where its address says, so that must be here.
        address.update(exchange="", routing_key=queue)
        return _json(payload)

    def destination(self, entry: bytes) -> str:
        """Return the queue that an entry of the unacked hash came from. Raises Unreadable: it cannot be put back."""
        try:
            payload, exchange, routing_key = loads(entry.decode())
            self._check(payload)
            queues = self._lookup(exchange, routing_key)  # type: ignore[no-untyped-call]
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error
        if not queues or not isinstance(queues[0], str):
            raise Unreadable(f"no queue is bound to {exchange!r}, {routing_key!r}")
        return queues[0]

    def guess_queue(self, entry: bytes) -> str:
        """Return the queue that an unreadable entry of the unacked hash names, or else one that this channel reads."""
        try:
            queue = loads(bytes_to_str(entry))[2]
        except (ValueError, TypeError, LookupError, RecursionError):
            queue = ""
        return queue if queue and isinstance(queue, str) else next(iter(self.active_queues), "")

    def _read(self, element: bytes) -> dict[str, Any]:
        try:
            return self._check(loads(element.decode()))  # strict: Kombu would replace what is no UTF-8, and lose it
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error

    def _check(self, payload: Any) -> dict[str, Any]:
        """Do what Kombu's Message does with a payload. Raises as it does."""
        properties, headers = payload["properties"], payload.get("headers") or {}
        address = properties["delivery_info"]
        if not (
            isinstance(properties["delivery_tag"], str) and isinstance(address, dict) and isinstance(headers, dict)
        ):
            raise TypeError("delivery tag, delivery info or headers of the wrong type")
        _ = address["exchange"], address["routing_key"]
        if payload.get("body"):
            self.decode_body(payload["body"], properties.get("body_encoding"))  # type: ignore[no-untyped-call]
        return dict(payload)


def _json(payload: dict[str, Any]) -> bytes:
    return str(dumps(payload)).encode()


def envelope(element: bytes, queue: str, error: Exception) -> dict[str, Any]:
    """Return a message whose body is `element`, byte for byte."""
    return {
        "body": base64.b64encode(element).decode(),
        "content-type": UNREADABLE,
        "content-encoding": "binary",
        "headers": {"unreadable": str(error)},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": uuid(),
            "delivery_info": {"exchange": "", "routing_key": queue},
        },
    }


class Transport(kombu_redis.Transport):
    """The transport of every process: `broker_transport`."""

    Channel = Channel


class SentinelChannel(Channel, kombu_redis.SentinelChannel):
    """The same, whose connections ask the Sentinels for the master.

    They are named in the option `sentinels`, and not, as Kombu wants them, in as many URLs: with several it goes on to
    the next after a lost connection, and to its own transport with it, which would lose what it cannot read.
    """

    from_transport_options = (  # type: ignore[assignment]
        *kombu_redis.SentinelChannel.from_transport_options,
        "sentinels",
    )
    # filled from the options of these names
    sentinels: Sequence[tuple[str, int]] = ()
    master_name: str
    sentinel_kwargs: Mapping[str, Any]

    def _sentinel_managed_pool(self, asynchronous: bool = False) -> Any:
        options = self._connparams(asynchronous)
        del options["host"], options["port"]
        found = Sentinel(self.sentinels, sentinel_kwargs=self.sentinel_kwargs)  # type: ignore[no-untyped-call]
        # Kombu closes what it finds under these names
        setattr(self, "_async_sentinel_manager" if asynchronous else "_sentinel_manager", found)
        return found.master_for(self.master_name, **options).connection_pool  # type: ignore[no-untyped-call]


class SentinelTransport(kombu_redis.SentinelTransport):
    """The transport of every process where Redis is found by Sentinels."""

    Channel = SentinelChannel
    #: A master without enough replicas refuses to write (NOREPLICAS), a former one too (READONLY): that ends as a lost
    #: connection does, which is tried again, and not with the worker.
    connection_errors = (*kombu_redis.SentinelTransport.connection_errors, ResponseError)
