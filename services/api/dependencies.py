"""What the routes work with, made once per application and handed to them by FastAPI."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its public name
from fastapi import Depends, Request
from redis import Redis, RedisError

from shared.errors import Unavailable
from shared.index import TRANSIENT_STATUSES
from shared.ledger import Ledger
from shared.messages import Item
from shared.pipeline import Stage


@dataclass(frozen=True)
class Services:
    """The servers behind the API."""

    redis: Redis
    ledger: Ledger
    elasticsearch: Elasticsearch
    index_prefix: str
    send: Callable[[Stage, Sequence[Item]], None]

    def alias(self, name: str) -> str:
        """Return the alias of an index."""
        return self.index_prefix + name


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


#: The servers, as a parameter of a route.
Behind = Annotated[Services, Depends(_services)]


@contextmanager
def needed() -> Iterator[None]:
    """Turn the errors of servers that are away into Unavailable, which is answered with 503."""
    try:
        yield
    except RedisError as error:
        raise Unavailable("The queue is away. Nothing was accepted; try again.") from error
    except (ConnectionError, ConnectionTimeout) as error:
        raise Unavailable("The index is away; try again.") from error
    except ApiError as error:
        if error.status_code in TRANSIENT_STATUSES:
            raise Unavailable("The index is busy; try again.") from error
        raise
