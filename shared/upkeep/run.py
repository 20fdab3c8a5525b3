"""Backup, restore and upgrade on the servers of the settings, with errors that are one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout, Elasticsearch  # noqa: A004 - its public name
from redis import Redis, RedisError
from redis.exceptions import NoPermissionError

from shared import sentinels
from shared.errors import Outage, SetupError, Unavailable
from shared.incidents.locks import redis_locks
from shared.index import TRANSIENT_STATUSES, connect
from shared.pages import PageStore, open_page_store
from shared.settings import Settings
from shared.upkeep.backup import back_up
from shared.upkeep.folder import UNREADABLE, Manifest
from shared.upkeep.restore import Restored
from shared.upkeep.restore import restore as bring_in
from shared.upkeep.upgrade import Locks, Upgraded, drop_old
from shared.upkeep.upgrade import upgrade as take_up

#: Seconds for which a server may be at one request: a page of long articles, or a block that waits for writes.
TIMEOUT_S = 120
#: Seconds after which another may go on where one was killed, and for which the locks of all incidents are waited for.
LEASE_S, PATIENCE_S = 120, 30

#: Exit status of a backup or restore that is good but for some pages.
PARTLY = 4


def backup(settings: Settings, folder: Path) -> Manifest:
    """Take a backup into a folder. Raises as `back_up`, and Unavailable when a server is away."""
    with _servers(settings) as (redis, client):
        return back_up(
            folder,
            redis=redis,
            client=client,
            prefix=settings.index_prefix,
            pages=_pages(settings, create=False),
            locks=_locks(redis),
        )


def restore(settings: Settings, folder: Path, *, replace: bool = False) -> Restored:
    """Bring a backup in. Raises as `shared.upkeep.restore`, and Unavailable when a server is away."""
    with _servers(settings) as (redis, client):
        return bring_in(
            folder,
            redis=redis,
            client=client,
            prefix=settings.index_prefix,
            pages=_pages(settings, create=True),
            replace=replace,
        )


def without_pages(done: Manifest) -> str | None:
    """Say in one sentence which pages a backup or restore does not have, None when it has all."""
    if isinstance(done, Restored) and done.pages_missing:
        return (
            f"all but {done.pages_missing} pages are restored, which the backup does not have whole: replay their days "
            f"with --from fetch; they belong to {', '.join(done.missing)}"
            + (" and others, see the log" if len(done.missing) < done.pages_missing else "")
        )
    if not isinstance(done, Restored) and (lost := done.counts.get(UNREADABLE)):
        return (
            f"the backup is whole but for {lost} pages that cannot be read: the log names each; a replay of their days "
            "with --from fetch may bring them back"
        )
    return None


def upgrade(settings: Settings, *, drop: bool = False) -> Upgraded:
    """Take the indices to this version, or drop older ones. Raises as `upgrade`, and Unavailable."""
    with _servers(settings) as (redis, client):
        if drop:
            return drop_old(client, settings.index_prefix)
        return take_up(client, settings.index_prefix, locks=_locks(redis))


def _pages(settings: Settings, *, create: bool) -> PageStore:
    return open_page_store(settings.pages_url, create=create)


def _locks(redis: Redis) -> Locks:
    return redis_locks(redis, lease_s=LEASE_S, patience_s=PATIENCE_S)


@contextmanager
def _servers(settings: Settings) -> Iterator[tuple[Redis, Elasticsearch]]:
    """Open both, and turn what goes wrong with them into one sentence."""
    redis = sentinels.connect(settings.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=5)
    client = connect(settings.elasticsearch_url).options(request_timeout=TIMEOUT_S)
    try:
        redis.ping()
        yield redis, client
    except NoPermissionError as error:
        raise SetupError(f"Redis refuses, as this user may not: {error}") from error
    except RedisError as error:
        raise Unavailable(f"Redis is away: {error}") from error
    except (ConnectionError, ConnectionTimeout) as error:
        raise Unavailable(f"Elasticsearch is away: {error}") from error
    except Outage as error:
        raise Unavailable(str(error)) from error
    except ApiError as error:
        if error.status_code in TRANSIENT_STATUSES:
            raise Unavailable(f"Elasticsearch is busy: {error}") from error
        raise SetupError(f"Elasticsearch refuses: {error}") from error
    except OSError as error:
        raise SetupError(f"a file cannot be read or written: {error}") from error
    finally:
        redis.close()
        client.close()
