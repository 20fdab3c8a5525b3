"""JSON Lines: an incident a line, with its sources and the sentences that say so."""

from collections.abc import Iterable, Iterator

from services.api.exports.documents import Document, as_json, public


def write(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield a line for each incident."""
    for document in documents:
        yield as_json(public(document)) + b"\n"
