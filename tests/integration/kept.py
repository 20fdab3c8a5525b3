"""Indices that many tests use in turn: to make seven of them costs Elasticsearch more than most tests do."""

from typing import Any
from uuid import uuid4

from elasticsearch import ApiError, Elasticsearch

from shared.index import MODELS, VERSION, ensure

#: Written with versions of their own, of which a deletion keeps the last for a minute: emptied, they would refuse older
#: ones, so they are made anew.
VERSIONED = ("articles", "reports", "outcomes")
#: What differs from index to index.
_OWN = {"creation_date", "uuid", "provided_name", "version"}
_MOST = 10_000


class Kept:
    """All indices under a prefix that no other test run uses."""

    def __init__(self, client: Elasticsearch) -> None:
        self.prefix = f"test-{uuid4().hex[:8]}-"
        self._client = client
        ensure(client, self.prefix)
        self._settings = self._read()

    def empty(self) -> None:
        """Make them as new, whatever the test before has left: documents, settings, deleted or closed indices."""
        try:
            self._client.indices.refresh(index=list(self._names))
            found = self._client.search(index=list(self._names), size=_MOST, source=False, sort=["_doc"])["hits"]
        except ApiError:  # one is gone, or closed
            self._make_anew(self._names)
            return
        now = self._read()
        changed = {index for index, known in self._settings.items() if now.get(index) != known}
        filled = {hit["_index"] for hit in found["hits"]}
        worn = {index for index in filled if index.startswith(tuple(self.prefix + name for name in VERSIONED))}
        if found["total"]["value"] >= _MOST:
            worn = filled
        ids = [(hit["_index"], hit["_id"]) for hit in found["hits"] if hit["_index"] not in worn]
        if ids:
            operations = [{"delete": {"_index": index, "_id": one}} for index, one in ids]
            assert not self._client.bulk(operations=operations, refresh=True)["errors"]
        if worn | changed:
            self._make_anew(worn | changed)

    def delete(self) -> None:
        """Delete them."""
        self._client.indices.delete(index=list(self._names), ignore_unavailable=True)

    @property
    def _names(self) -> set[str]:
        return {f"{self.prefix}{name}-v{VERSION}" for name in MODELS}

    def _make_anew(self, names: set[str]) -> None:
        self._client.indices.delete(index=list(names), ignore_unavailable=True)
        ensure(self._client, self.prefix)

    def _read(self) -> dict[str, dict[str, Any]]:
        answer = self._client.indices.get_settings(index=list(self._names))
        return {
            index: {name: value for name, value in found["settings"]["index"].items() if name not in _OWN}
            for index, found in answer.items()
        }
