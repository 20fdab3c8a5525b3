"""How much room is left, and whether Elasticsearch answers. The API tells it, as it may ask both servers for this.

Every process of the API tells the same: whoever asks takes the largest, and adds nothing up.
"""

from collections.abc import Iterable

from elasticsearch import ApiError, Elasticsearch, TransportError
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from shared.delivery.ledger import Ledger
from shared.delivery.pressure import filled, page_store_free
from shared.metrics.backlog import gauge
from shared.settings import Settings

#: Name, what it says, and the label of its values.
INTAKE_FILL = ("tocsin_intake_fill", "How near each limit of the intake is; from 1 on nothing is taken in.", "limit")
PAGE_STORE_FREE = ("tocsin_page_store_free_bytes", "Disk left for pages, as the fetcher last reported.", "")
ELASTICSEARCH_UP = ("tocsin_elasticsearch_up", "Whether Elasticsearch answered the API: 1 or 0.", "")
READ_ONLY = ("tocsin_elasticsearch_read_only_indices", "Indices that Elasticsearch, or somebody, made read-only.", "")
#: Seconds of patience with Elasticsearch: less than Prometheus has with a scrape.
PATIENCE_S = 3
#: Not `write`, which an upgrade sets for its last round.
_BLOCKS = ("index.blocks.read_only", "index.blocks.read_only_allow_delete")


class Room(Collector):
    """Asks at each scrape. Of a server that is away it tells nothing else."""

    def __init__(self, redis: Redis, elasticsearch: Elasticsearch, prefix: str, settings: Settings) -> None:
        """`prefix`: of the indices; `settings`: the limits."""
        self._redis = redis
        self._elasticsearch = elasticsearch.options(request_timeout=PATIENCE_S)
        self._prefix = prefix
        self._settings = settings

    def describe(self) -> Iterable[Metric]:
        """Name nothing: registering must not ask a server."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the families. Raises nothing of a server."""
        return [*self._room(), *self._index()]

    def _room(self) -> Iterable[Metric]:
        try:
            fills = filled(self._redis, Ledger(self._redis), self._settings)
            free = page_store_free(self._redis)
        except RedisError:  # beat tells of it
            return []
        told = [gauge(INTAKE_FILL, {limit.value: fill for limit, fill in fills.items()})]
        return told if free is None else [*told, gauge(PAGE_STORE_FREE, {"": free})]

    def _index(self) -> Iterable[Metric]:
        try:
            found = self._elasticsearch.indices.get_settings(
                index=f"{self._prefix}*", name="index.blocks.*", flat_settings=True
            )
        except (ApiError, TransportError):
            return [gauge(ELASTICSEARCH_UP, {"": 0})]
        closed = sum(any(one["settings"].get(block) == "true" for block in _BLOCKS) for one in found.values())
        return [gauge(ELASTICSEARCH_UP, {"": 1}), gauge(READ_ONLY, {"": closed})]
