"""The delivery promise under anything that may happen, in any order.

What is accepted is in the ledger or has its outcome, at every moment; and once nothing more goes wrong, everything
ends by itself, each in one outcome. `TOCSIN_MODEL_EXAMPLES` asks for more than the usual number of stories.
"""

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, cast, get_args

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from services.cli.embedded.instance import Servers
from shared.delivery import sketch
from shared.delivery.messages import Item
from shared.delivery.step import MAX_CRASHES
from shared.domain.outcome import Status
from shared.pipeline import BATCH, EXTRACT, FETCH, FLOW
from tests.model.world import A_WHILE_S, TIMING, Trouble, Weather, World

STORY = settings(
    max_examples=int(os.environ.get("TOCSIN_MODEL_EXAMPLES", "30")),
    stateful_step_count=40,
    deadline=None,
    derandomize="TOCSIN_MODEL_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
#: As many as there are attempts, and some for what is lost and has to be missed first.
ROUNDS = 20

positions = st.integers(0, 99)
natures = (
    st.none()
    | st.none()
    | st.tuples(st.sampled_from(FLOW), st.sampled_from(["discard", "bug", "poison"]))
    | st.tuples(st.just(EXTRACT), st.just("transient"))
)
some = st.lists(natures, min_size=1, max_size=4) | st.lists(natures, min_size=BATCH - 1, max_size=BATCH)
#: What befalls a delivery: what, after how many calls to servers (a batch of two makes about six), while stopping?
upset = (
    st.none()
    | st.none()
    | st.tuples(
        st.sampled_from([*get_args(Weather), *get_args(Trouble), "dies", "dies", "spoilt"]),
        st.integers(0, 9),
        st.booleans(),
    )
)
several = st.lists(upset, min_size=1, max_size=16)


class Delivery(RuleBasedStateMachine):
    """One story."""

    redis: Redis
    world: World

    @initialize(message_articles=st.sampled_from([1, 2, 3, BATCH]), together=st.booleans())
    def begin(self, message_articles: int, together: bool) -> None:
        """Begin with nothing."""
        self.redis.flushdb()
        self.world = World(self.redis, message_articles, together)

    @rule(kinds=some, day=st.integers(0, 1), sent=st.booleans())
    def accept(self, kinds: list[Any], day: int, sent: bool) -> None:
        """The hook accepts URLs, and may die before it has sent what it wrote down."""
        for kind in kinds:
            one = self.world.submission(day)
            if kind:
                self.world.natures[one.url] = kind
            self.world.ledger.accept(one)
            self.world.accepted[one.id] = one
            if sent:
                self.world.send(FETCH, [Item.of(one, one)])

    # Three rules, because Hypothesis leaves half of the rules out of a story.
    @precondition(lambda self: self.world.queue)
    @rule(calm=st.integers(0, 40), upsets=several)
    def deliver_first(self, calm: int, upsets: list[Any]) -> None:
        """The messages that wait longest arrive."""
        self._deliver(0, [None] * calm + upsets)

    @precondition(lambda self: self.world.queue)
    @rule(upsets=several)
    def deliver_last(self, upsets: list[Any]) -> None:
        """The newest messages arrive: what has just come back, comes again."""
        self._deliver(-1, upsets)

    @precondition(lambda self: self.world.queue)
    @rule(position=positions, upsets=several)
    def deliver_any(self, position: int, upsets: list[Any]) -> None:
        """Some messages arrive."""
        self._deliver(position, upsets)

    def _deliver(self, position: int, upsets: list[Any]) -> None:
        for upset in upsets:
            if not self.world.queue:
                return
            if upset is not None:
                what, left, self.world.stopping = upset
                if what == "spoilt":
                    self.world.spoil(position, ({"body": {"other": "fields"}}, {"more": 1}, {"body": "text"})[left % 3])
                elif what in get_args(Weather):
                    self.world.weather = (what, left // 3)
                else:
                    self.world.faults.trouble, self.world.faults.left = what, left
            self.world.deliver(position)

    @precondition(lambda self: self.world.queue)
    @rule(position=positions)
    def duplicate(self, position: int) -> None:
        """A message is there twice."""
        self.world.queue.append(self.world.queue[position % len(self.world.queue)])

    @precondition(lambda self: self.world.queue)
    @rule(position=positions)
    def lose(self, position: int) -> None:
        """A message is gone."""
        self.world.queue.pop(position % len(self.world.queue))

    @rule(
        seconds=st.sampled_from([A_WHILE_S, max(TIMING.overdue_s.values()) + 1, TIMING.outage_patience_s]),
        trouble=st.sampled_from([None, "dies", "broker away", "answer lost"]),
        left=st.integers(0, 3),
        released=st.booleans(),
    )
    def wait(self, seconds: float, trouble: Any, left: int, released: bool) -> None:
        """Time passes, and what was put off is looked through, as far as that gets."""
        self.world.age(seconds)
        if released:
            self.world.faults.trouble, self.world.faults.left = trouble, left
            self.world.release()

    @rule(trouble=st.sampled_from([None, "dies", "broker away"]), left=st.integers(0, 3), by_two=st.booleans())
    def reconcile(self, trouble: Any, left: int, by_two: bool) -> None:
        """What makes no progress is sent again, perhaps by two at once, and as far as that gets."""
        self.world.faults.trouble, self.world.faults.left = trouble, left
        self.world.reconcile(by_two=by_two)

    @precondition(lambda self: self.world.specimens())
    @rule(position=positions, dies=st.booleans())
    def retry(self, position: int, dies: bool) -> None:
        """Somebody sends a specimen back; perhaps only the reconciler can see that through."""
        specimens = self.world.specimens()
        stage, specimen = specimens[position % len(specimens)]
        send = (lambda *_: None) if dies else self.world.send
        sent = self.world.quarantine.retry(stage, [specimen], self.world.ledger, send)
        if sent:
            self.world.reopened.add(specimen.submission_id)
        assert (self.world.quarantine.find(stage, specimen.id) is None) is bool(sent), "what is sent leaves, else stays"

    @precondition(lambda self: self.world.specimens())
    @rule(position=positions)
    def drop(self, position: int) -> None:
        """Somebody throws a specimen away."""
        specimens = self.world.specimens()
        stage, specimen = specimens[position % len(specimens)]
        assert self.world.quarantine.drop(stage, [specimen.id]) == 1

    @precondition(lambda self: self.world.accepted)
    @rule(position=positions, sent=st.booleans())
    def replay(self, position: int, sent: bool) -> None:
        """Somebody sends a submission through again, wherever it is."""
        one = list(self.world.accepted.values())[position % len(self.world.accepted)]
        self.world.reopened.add(one.id)
        with self.redis.pipeline(transaction=True) as pipe:
            run = self.world.ledger.reopen(pipe, one, FETCH)
            pipe.execute()
        if sent:
            self.world.send(FETCH, [Item.of(one, one, run=run)])

    @invariant()
    def nothing_accepted_is_lost(self) -> None:
        """It is in the ledger or has an outcome; both only where its writing was cut off, or somebody reopened it."""
        open_ones = set(self.world.ledger.snapshot().in_flight)
        self.world.interrupted &= open_ones
        assert open_ones | set(self.world.outcomes) == set(self.world.accepted)
        assert open_ones & set(self.world.outcomes) <= self.world.reopened | self.world.interrupted

    @invariant()
    def the_books_agree(self) -> None:
        """Counter, sets, hashes and sketch say the same."""
        snapshot = self.world.ledger.snapshot()
        assert snapshot.accepted == len(self.world.accepted)
        assert self.world.ledger.in_flight() == len(snapshot.in_flight)
        hashes = {key.decode().rsplit(":", 1)[1] for key in self.redis.scan_iter("tocsin:submission:*")}
        assert hashes == set(snapshot.in_flight)
        by_day = defaultdict(list)
        for one in self.world.accepted.values():
            by_day[one.accepted_at.date()].append(one.id)
        for day, ids in by_day.items():
            assert not sketch.differences(
                day, sketch.cells(cast("bytes | None", self.redis.get(sketch.key(day)))), sketch.found(ids)
            )

    @invariant()
    def what_is_in_quarantine_is_accounted_for(self) -> None:
        """Whose specimen is kept is on its way, or ended so, or had copies that fared differently."""
        open_ones = self.world.ledger.snapshot().in_flight
        for _, specimen in self.world.specimens():
            ended = self.world.outcomes.get(specimen.submission_id)
            assert (
                specimen.submission_id in open_ones
                or specimen.submission_id in self.world.reopened
                or specimen.submission_id in self.world.spoilt
                or (ended is not None and ended.status is Status.QUARANTINED)
                or self.world.mishaps[specimen.submission_id]
            )

    def teardown(self) -> None:
        """Nothing more goes wrong: everything ends by itself."""
        if not hasattr(self, "world"):
            return
        world = self.world
        assert world.run_to_the_end(ROUNDS), "it never comes to rest"
        self.nothing_accepted_is_lost()
        self.the_books_agree()
        self.what_is_in_quarantine_is_accounted_for()
        assert set(world.outcomes) == set(world.accepted)
        assert sum(Counter(one.status for one in world.outcomes.values()).values()) == world.ledger.snapshot().accepted
        for one in world.accepted.values():
            self._ended_by_its_nature(one.id, one.url)

    def _ended_by_its_nature(self, submission_id: str, url: str) -> None:
        _, nature = self.world.natures.get(url, (None, None))
        expected = {None: Status.INDEXED, "discard": Status.DISCARDED}.get(nature, Status.QUARANTINED)
        if self.world.mishaps[submission_id] < MAX_CRASHES and submission_id not in self.world.spoilt:
            assert self.world.outcomes[submission_id].status is expected


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Write no log: thousands of lines say nothing, and take most of the time."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def own_redis(servers: Servers) -> Iterator[Redis]:
    """A database that no other test uses."""
    client = Redis.from_url(servers.redis_url.rsplit("/", 1)[0] + "/9")
    yield client
    client.flushdb()
    client.close()


def test_no_story_breaks_the_promise(own_redis: Redis) -> None:
    class Story(Delivery):
        redis = own_redis

    run_state_machine_as_test(Story, settings=STORY)
