"""Brings together the parties, targets and weapons that several reports of one incident name."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from shared.domain.event import Actor, Event, Target, Weapon

#: Most parties, targets or weapons kept: what fewer voices name than these is noise in a list that long.
LISTED = 30

Thing = TypeVar("Thing", Target, Weapon)


def actors(events: Sequence[Event]) -> tuple[Actor, ...]:
    """Return each party once, those that most events name first; `count` is the highest told.

    A party is one by its role and any of its names. Of the tellings of one party that of the first event stays, with
    the other names as aliases.
    """
    groups: list[list[Actor]] = []
    for actor in (actor for event in events for actor in event.actors or ()):
        known = next((group for group in groups if _same(group, actor)), None)
        if known is None:
            groups.append([actor])
        else:
            known.append(actor)
    groups.sort(key=len, reverse=True)  # stable: the order of the reports decides between equals
    return tuple(_together(group) for group in groups[:LISTED])


def named(tellings: Iterable[Iterable[Thing]]) -> tuple[Thing, ...]:
    """Return each thing once, by class and name, those told most often first."""
    groups: dict[tuple[str, str], list[Thing]] = {}
    for thing in (thing for told in tellings for thing in told):
        groups.setdefault((thing.class_, thing.name.casefold()), []).append(thing)
    ranked = sorted(groups.values(), key=len, reverse=True)
    return tuple(group[0] for group in ranked[:LISTED])


def _same(group: Sequence[Actor], actor: Actor) -> bool:
    return group[0].role is actor.role and any(_names(one) & _names(actor) for one in group)


def _names(actor: Actor) -> frozenset[str]:
    return frozenset(name.casefold() for name in (actor.name, *actor.aliases))


def _together(group: Sequence[Actor]) -> Actor:
    first = group[0]
    names = dict.fromkeys(name for actor in group for name in (actor.name, *actor.aliases))
    counts = [actor.count for actor in group if actor.count is not None]
    return first.model_copy(
        update={
            "count": max(counts, default=None),
            "named": any(actor.named for actor in group),
            "aliases": tuple(name for name in names if name != first.name),
        }
    )
