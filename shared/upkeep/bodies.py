"""Brings bodies of pages from one page store into another, and mends there what is damaged."""

from contextlib import suppress
from enum import Enum

from shared.pages import Damaged, PageStore


class Brought(Enum):
    """What was done about one body."""

    THERE = "there"  #: it was there, and whole
    NEW = "new"
    MENDED = "mended"  #: what lay there was another: half written, say, or damaged since
    NOWHERE = "nowhere"  #: neither store has it whole


def bring(key: str, *, source: PageStore, target: PageStore) -> Brought:
    """Have a body in `target` whose bytes are what its key says, and tell what had to be done.

    What is there is read, not only asked for: a name tells nothing of what lies under it. Raises Outage.
    """
    mended = Brought.NEW
    try:
        target.get(key)
    except Damaged:
        mended = Brought.MENDED
    except KeyError:
        pass
    else:
        return Brought.THERE
    with suppress(KeyError, Damaged):
        target.put(source.get(key))
        return mended
    return Brought.NOWHERE
