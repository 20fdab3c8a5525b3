"""What the routes work with, made once per application and handed to them by FastAPI."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its public name
from fastapi import Depends, HTTPException, Path, Request
from redis import Redis, RedisError

from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item
from shared.delivery.pressure import Pressure
from shared.errors import Unavailable
from shared.incidents.changed import Changed
from shared.incidents.store import Store
from shared.index import TRANSIENT_STATUSES, own_alias
from shared.metrics.catalogue import INTAKE_REFUSED
from shared.pipeline import Stage


@dataclass(frozen=True)
class Services:
    """The servers behind the API."""

    redis: Redis
    ledger: Ledger
    elasticsearch: Elasticsearch
    index_prefix: str
    send: Callable[[Stage, Sequence[Item]], None]
    pressure: Callable[[], Pressure | None]  #: why nothing more should be taken in

    def alias(self, name: str) -> str:
        """Return the alias of an index."""
        return own_alias(self.index_prefix, name)

    def store(self) -> Store:
        """Return where incidents are read and written; what changes there is noted for the alerts."""
        return Store(self.elasticsearch, self.index_prefix, note=Changed(self.redis).note)


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


#: The servers, as a parameter of a route.
Behind = Annotated[Services, Depends(_services)]
#: An id in a path. Ours have 32 characters at most; Elasticsearch refuses a request with a very long one.
Identifier = Annotated[str, Path(max_length=128)]


@contextmanager
def needed() -> Iterator[None]:
    """Turn the errors of servers that are away into Unavailable, which is answered with 503."""
    try:
        yield
    except RedisError as error:
        raise Unavailable(
            "The queue is away, or fell silent before it was known what was accepted; try again."
        ) from error
    except (ConnectionError, ConnectionTimeout) as error:
        raise Unavailable("The index is away; try again.") from error
    except ApiError as error:
        if error.status_code in TRANSIENT_STATUSES:
            raise Unavailable("The index is busy; try again.") from error
        raise


def need_room(behind: Services) -> None:
    """Refuse with 429 while nothing more should be taken in. Raises as `Services.pressure`."""
    if found := behind.pressure():
        INTAKE_REFUSED.labels(found.limit.value).inc()
        raise HTTPException(429, found.detail, headers={"Retry-After": str(found.retry_after_s)})
