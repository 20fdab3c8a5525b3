"""What an answer of Elasticsearch means for the articles it was asked for.

    what happened                                                        verdict
    -------------------------------------------------------------------  -------------------------------------------
    refused, cut off or timed out connection                             Outage
    408, 429, 502, 503, 504: of a request, a search or a bulk's item     Outage: it is busy, full or starting
    401, 403: of a request or an item: a block, read-only, no rights     Outage: it refuses us, not the article
    404: an index or alias is missing; a closed index, a blocked one     Outage, and the indices are looked at anew
    shards that do not answer: in an mget, or part of a search           Outage
    404 of the deletion of a report                                      none: it is gone, as it should be
    409 of an article, a report or an outcome                            none: a newer version is there
    409 of an incident: someone else changed it meanwhile                Transient
    500 and other 5xx                                                    Transient: it might be the document
    400 and the rest, of an item: a field that does not fit its mapping  Refused
    400 and the rest, of a request or a search: a bug of ours            as it comes: ApiError, Refused

A 429 of single items (`es_rejected_execution_exception`, flood stage) is an Outage although others were written: it
is the server's queue or disk that is full, whatever the item. Where items of one bulk failed in several ways, an Outage
goes before a Transient, and that before a Refused: what is final is said when nothing passing stands in the way.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, ConnectionError, ConnectionTimeout  # noqa: A004 - its public name

from shared.errors import Outage, Transient, Unavailable
from shared.index import TRANSIENT_STATUSES
from shared.metrics.catalogue import ELASTICSEARCH_REFUSALS

#: Statuses that speak of the server or of our rights, never of a document.
_SERVER = TRANSIENT_STATUSES | {401, 403, 404}
#: The same said by type, whatever the status: a closed index answers 400.
_SERVER_TYPES = frozenset({"cluster_block_exception", "index_closed_exception", "index_not_found_exception"})
_NO_INDEX_TYPES = _SERVER_TYPES  # a block too: of an upgrade, after which the index is another
_NOT_FOUND, _CONFLICT, _SERVER_ERROR = 404, 409, 500


class Refused(Exception):
    """Elasticsearch refuses a document for what is in it. A bug: the article goes to quarantine."""


class IndexMissing(Outage):
    """An index is missing, closed or blocked: deleted or upgraded, and perhaps made anew at this moment."""


@contextmanager
def verdicts() -> Iterator[None]:
    """Turn the client's errors into verdicts. An ApiError that is a bug of ours passes."""
    try:
        yield
    except (ConnectionError, ConnectionTimeout, Unavailable) as error:
        _count(Outage)
        raise Outage(f"Elasticsearch is away: {error}") from error
    except ApiError as error:
        verdict = _verdict(error.status_code, error.message)
        _count(verdict or Refused)
        if verdict is None:
            raise
        raise verdict(f"Elasticsearch cannot do it now: {error}") from error


def sound(answer: Mapping[str, Any]) -> None:
    """Raise what one answer among several says when it is an error: a missing shard is not a missing document.

    Raises:
        Outage: of an mget, which is given nothing but names, always.
        Transient, Refused: a search among several that failed for another reason.
    """
    if "error" not in answer:
        return
    error = answer["error"]
    verdict = _verdict(answer.get("status", 503), _type(error)) or Refused
    _count(verdict)
    raise verdict(f"Elasticsearch cannot answer: {error}")


def judge(failures: Sequence[Mapping[str, Any]], *, incidents: str) -> None:
    """Raise what the failed items of a bulk mean together. `incidents` begins the names of the incidents' indices."""
    found = [verdict for failure in failures if (verdict := _item(failure, incidents)) is not None]
    for kind in (Outage, Transient, Refused):
        for verdict in found:
            if isinstance(verdict, kind):
                _count(kind)
                raise verdict


def _count(kind: type[Exception]) -> None:
    ELASTICSEARCH_REFUSALS.labels("Outage" if issubclass(kind, Outage) else kind.__name__).inc()


def _item(failure: Mapping[str, Any], incidents: str) -> Exception | None:
    status, error, index = failure.get("status", _SERVER_ERROR), failure.get("error"), str(failure.get("_index"))
    if status == _NOT_FOUND and failure.get("result") == "not_found":
        return None
    if status == _CONFLICT and not index.startswith(incidents):
        return None
    return (_verdict(status, _type(error)) or Refused)(f"{index}: not written: {status} {error}")


def _verdict(status: int, kind: str) -> type[Transient] | None:
    if kind in _NO_INDEX_TYPES:
        return IndexMissing
    if status in _SERVER or kind in _SERVER_TYPES:
        return Outage
    return Transient if status == _CONFLICT or status >= _SERVER_ERROR else None


def _type(error: object) -> str:
    return str(error.get("type", "")) if isinstance(error, Mapping) else ""
