"""Parties of several reports: each once, the most named first."""

from shared.domain.event import Actor, Target
from shared.domain.vocabulary import ActorKind, ActorRole, Sector, TargetClass
from shared.incidents.parties import LISTED, actors, named
from tests.examples import event


def actor(name: str, role: ActorRole = ActorRole.PERPETRATOR, **fields: object) -> Actor:
    """A rebel group."""
    values = {"name": name, "role": role, "kind": ActorKind.GROUP, "sector": Sector.REBEL, "named": True}
    return Actor(**(values | fields))


def test_a_party_is_one_by_any_of_its_names() -> None:
    first = actor("Front for Change", aliases=("FFC",), count=10)
    second = actor("FFC", count=40)
    (found,) = actors([event(actors=(first,)), event(actors=(second,))])
    assert (found.name, found.aliases, found.count) == ("Front for Change", ("FFC",), 40)


def test_one_name_in_two_roles_is_two_parties() -> None:
    told = (actor("police"), actor("police", ActorRole.RESPONDER))
    assert actors([event(actors=told)]) == told


def test_whom_most_name_comes_first() -> None:
    rare, common = actor("villagers"), actor("Front for Change")
    found = actors([event(actors=(rare, common)), event(actors=(common,))])
    assert [one.name for one in found] == ["Front for Change", "villagers"]


def test_events_without_coded_parties_add_none() -> None:
    assert actors([event(actors=None), event(actors=())]) == ()


def test_the_list_of_parties_is_bounded() -> None:
    assert len(actors([event(actors=tuple(actor(f"group {n}") for n in range(LISTED + 5)))])) == LISTED


def test_things_are_one_by_class_and_name() -> None:
    post, market = (
        Target.model_validate({"name": n, "class": c}) for n, c in (("post", "police"), ("market", "market"))
    )
    same = Target(name="Post", class_=TargetClass.POLICE)
    assert named([(market, post), (same,)]) == (post, market)
