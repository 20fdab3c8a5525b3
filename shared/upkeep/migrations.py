"""How documents of one version of the indices become documents of the next.

Whoever raises `shared.index.VERSION` from N to N+1 puts a function here under N. It is given the name of the index
(`articles`, `reports`...) and the document as it was stored, without what is derived from it, and returns the one of
the next version. What comes out of the last one has to be what the model of this version reads.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from shared import documents, index
from shared.errors import SetupError

Document = dict[str, Any]
Migration = Callable[[str, Document], Document]

#: By the version that they take.
MIGRATIONS: dict[int, Migration] = {}


def path(version: int) -> list[Migration]:
    """Return the functions that lead from `version` to that of this code.

    Raises:
        SetupError: there is no way, or it would lead back.
    """
    if version > index.VERSION:
        raise SetupError(
            f"documents of version {version} cannot be read by this Tocsin of version {index.VERSION}: take a newer one"
        )
    missing = [number for number in range(version, index.VERSION) if number not in MIGRATIONS]
    if missing:
        raise SetupError(f"this Tocsin has no way from version {missing[0]} of the indices: take an older one first")
    return [MIGRATIONS[number] for number in range(version, index.VERSION)]


def converted(name: str, source: Mapping[str, Any], steps: list[Migration]) -> Document:
    """Return a stored document as this version stores it. Without steps it is returned as it is.

    Raises:
        SetupError: what comes out is no document of this version.
    """
    if not steps:
        return dict(source)
    found: Document = documents.bare(source)
    try:
        for step in steps:
            found = step(name, found)
        return documents.document(index.MODELS[name].model_validate(found))
    except (ValidationError, KeyError, TypeError) as error:
        first = str(error).splitlines()
        named = source.get("id") or source.get("submission_id")
        raise SetupError(f"document {named} of {name} cannot be converted: {' '.join(first[:3])}") from error
