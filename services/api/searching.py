"""What the searches of the API have in common: asking, and answers that say what is wrong with a cursor."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import HTTPException

from services.api.dependencies import Services, needed
from shared.search.asking import Found, Question, ask
from shared.search.paging import BadCursor, Expired, Paged
from shared.spelling import without_accents

#: Where words were found, by id and field.
Highlights = dict[str, dict[str, tuple[str, ...]]]


def found(behind: Services, name: str, page: Paged, question: Question) -> Found:
    """Search an index. Raises HTTPException: 410 when a cursor's time is over, 422 when it is none of this search."""
    with needed():
        try:
            return ask(behind.elasticsearch, behind.alias(name), page, question)
        except Expired as error:
            raise HTTPException(410, str(error)) from None
        except BadCursor as error:
            raise HTTPException(422, str(error)) from None


def highlights(hits: Sequence[Mapping[str, Any]]) -> Highlights:
    """Return where words were found in each hit, each sentence once, in the spelling that has its accents."""
    return {
        hit["_id"]: {name: _once(parts) for name, parts in hit["highlight"].items()}
        for hit in hits
        if "highlight" in hit
    }


def _once(parts: Sequence[str]) -> tuple[str, ...]:
    spellings: dict[str, str] = {}
    for part in parts:
        plain = without_accents(part)
        if part != plain or plain not in spellings:
            spellings[plain] = part
    return tuple(spellings.values())
