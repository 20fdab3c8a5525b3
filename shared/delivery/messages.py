"""What travels between steps: up to `BATCH` articles in one message, each an item with the rest of its journey.

    {"version": 2, "items": [{"submission": {...}, "body": {...}, "run": 0}, ...]}

A message of an older version is migrated, one that cannot be read is told apart item by item, so that each of its
submissions gets an outcome.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, cast

from pydantic import Field, ValidationError

from shared.domain.base import Model
from shared.domain.submission import Submission
from shared.pipeline import BATCH, Stage

VERSION: Final = 2
#: Most characters of text in one message of several articles, so that sixteen long reads do not make one of 8 MB.
MESSAGE_CHARS = 1_000_000


class UnknownVersion(ValueError):
    """A message of a version that this Tocsin cannot read."""


class Item(Model):
    """One article on its way: whose journey it is, and the input of the step it is addressed to."""

    submission: Submission
    body: dict[str, Any]
    run: int = 0  #: which journey of the submission, in milliseconds since the epoch; 0 for the first

    @classmethod
    def of(cls, submission: Submission, body: Model, *, run: int = 0) -> Self:
        """Return the item that carries `body` on a journey of `submission`."""
        return cls(submission=submission, body=body.model_dump(mode="json"), run=run)


class Message(Model):
    """The message itself."""

    version: Literal[2] = VERSION
    items: tuple[Item, ...] = Field(min_length=1, max_length=BATCH)

    @classmethod
    def alone(cls, item: Item) -> Self:
        """Return the message that carries `item` and nothing else."""
        return cls(items=(item,))


@dataclass(frozen=True)
class Misfit:
    """Something that came as a message and cannot be read as an item."""

    raw: object  #: as it came
    error: Exception
    submission: Submission | None  #: whose journey it was, where that much can be read
    run: int = 0  #: and which of its journeys


def read(message: object) -> list[Item | Misfit]:
    """Return what a message carries. Raises nothing: what cannot be read is a misfit."""
    try:
        raws = _items(message)
    except (KeyError, TypeError, ValueError) as error:
        return [_misfit(raw, error) for raw in _whatever(message)]
    return [_item(raw) for raw in raws]


def pack(items: Iterable[Item], stage: Stage, most: int = BATCH) -> Iterator[Message]:
    """Yield messages that carry `items` in their order: at most `most`, and no more than `stage` takes at a time."""
    batch: list[Item] = []
    chars = 0
    for item in items:
        size = _chars(item.body)
        if batch and (len(batch) >= min(most, stage.batch) or chars + size > MESSAGE_CHARS):
            yield Message(items=tuple(batch))
            batch, chars = [], 0
        batch.append(item)
        chars += size
    if batch:
        yield Message(items=tuple(batch))


def _chars(body: Mapping[str, Any]) -> int:
    """Return about how long a body is: its lists are short, but a coded article has its text one level down."""
    return sum(
        len(value) if isinstance(value, str) else _chars(value)
        for value in body.values()
        if isinstance(value, str | dict)
    )


def _items(message: object) -> list[object]:
    fields = cast("dict[str, Any]", message)
    version = fields["version"]
    if version == 1:  # one article, without a list around it
        return [{"submission": fields["submission"], "body": fields["body"]}]
    if version != VERSION:
        raise UnknownVersion(f"a message of version {version!r}; this Tocsin reads 1 and {VERSION}")
    items = fields["items"]
    if not isinstance(items, list) or not items:
        raise ValueError("a message without items")
    return items


def _whatever(message: object) -> list[object]:
    """Return what looks like the items of a message that cannot be read, at least the message itself."""
    items = message.get("items") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(items, list) or not items:
        return [message]
    # each with everything that stood around it, so that a later version can still make sense of it
    return [message | {"items": [item]} for item in items]


def _item(raw: object) -> Item | Misfit:
    try:
        return Item.model_validate(raw)
    except ValidationError as error:
        return _misfit({"version": VERSION, "items": [raw]}, error)


def _misfit(raw: object, error: Exception) -> Misfit:
    fields = raw if isinstance(raw, dict) else {}
    items = fields.get("items")
    item = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else fields
    try:
        submission = Submission.model_validate(item.get("submission"))
    except ValidationError:
        return Misfit(raw, error, None)
    run = item.get("run")
    return Misfit(raw, error, submission, run if isinstance(run, int) else 0)
