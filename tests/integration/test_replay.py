"""Replay through the real steps, with a real Redis and a real Elasticsearch, but without Celery between them."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from redis import Redis

from services.classifier import classify as classifying
from services.classifier.models import Models, load_models
from services.extractor import extract as extracting
from services.indexer.index import index
from shared.delivery.ledger import Ledger
from shared.delivery.messages import Item, Message
from shared.delivery.quarantine import Quarantine
from shared.delivery.step import Step
from shared.delivery.surroundings import Surroundings
from shared.delivery.timing import timing
from shared.domain.base import Model
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.errors import Discard, Reason
from shared.incidents.locks import redis_locks
from shared.incidents.store import Store
from shared.pages import PageStore, open_page_store
from shared.pipeline import CLASSIFY, EXTRACT, FETCH, INDEX, RECORD, Stage
from shared.replay import RedisBooks, Result, replay

DEMO = Path(__file__).parents[2] / "deploy/demo/sites/tigris-courier/2022/01"
SITE = "http://tigris-courier.example"
#: Three were injured, says the first version of the story; two, says the correction.
FIRST, CORRECTED = (DEMO / f"rockets-green-zone{name}.html" for name in ("", ".corrected"))
MONDAY, TUESDAY = datetime(2026, 1, 5, 12, tzinfo=UTC), datetime(2026, 1, 6, 12, tzinfo=UTC)


@dataclass
class Flow:
    """All workers in one thread: messages wait in a list, and each stage has the policy that it has in production."""

    redis: Redis
    store: Store
    pages: PageStore
    ledger: Ledger
    models: Models
    site: dict[str, Page] = field(default_factory=dict)  #: what a fetch would get now, by URL
    queue: deque[tuple[Stage, Sequence[Item]]] = field(default_factory=deque)

    def send(self, stage: Stage, items: Sequence[Item]) -> None:
        """Put a message into the queue."""
        self.queue.append((stage, items))

    def run(self) -> None:
        """Work until nothing waits."""
        bodies: dict[Stage, Callable[[Any], Model | None]] = {
            FETCH: self.fetch,
            EXTRACT: self.extract,
            CLASSIFY: self.classify,
            INDEX: self.index,
            RECORD: self.end,
        }
        around = Surroundings(
            ledger=self.ledger,
            quarantine=Quarantine(self.redis),
            send=self.send,
            put_off=lambda stage, items, _: self.send(stage, items),
            timing=timing(),
        )
        steps = {stage: Step(stage, partial(_each, body), around) for stage, body in bodies.items()}
        while self.queue:
            stage, items = self.queue.popleft()
            steps[stage].deliver(Message(items=tuple(items)).model_dump(mode="json"))

    def fetch(self, submission: Submission) -> Page:
        """What the fetcher does, but for the network."""
        kept = self.pages.find(submission)
        if kept is None:
            kept = self.site.get(submission.url)
            if kept is None:
                raise Discard(Reason.NOT_FOUND)
            self.pages.keep(submission, kept)
        return kept

    def extract(self, page: Page) -> Model:
        """What the extractor does."""
        return extracting.extract(page, self.pages.get(page.body_key), max_chars=100_000)

    def classify(self, article: Any) -> Model:
        """What the classifier does."""
        return classifying.code(article, models=self.models)

    def index(self, coded: Any) -> Model:
        """What the indexer does."""
        return index([coded], store=self.store, locks=redis_locks(self.redis))[0]

    def end(self, outcome: Any) -> None:
        """What the recorder does."""
        self.store.ready()
        self.store.record([outcome])


def _each(body: Callable[[Any], Model | None], inputs: Sequence[Any]) -> list[Model | None]:
    return [body(one) for one in inputs]


@dataclass
class World:
    """The flow, with two fetches of one story that have gone through it."""

    flow: Flow
    old: Submission
    new: Submission
    elasticsearch: Elasticsearch
    prefix: str

    def documents(self, alias: str) -> dict[str, Any]:
        """Return all documents of an alias by identifier."""
        self.elasticsearch.indices.refresh(index=f"{self.prefix}{alias}")
        hits = self.elasticsearch.search(index=f"{self.prefix}{alias}", size=100)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def replay(self, step: Stage, since: datetime = MONDAY, until: datetime | None = None) -> Result:
        """Replay, and let the flow come to rest."""
        flow = self.flow
        result = replay(
            flow.pages,
            RedisBooks(flow.redis),
            flow.send,
            step=step,
            since=since.date(),
            until=until.date() if until else None,
            wait_below=100,
        )
        flow.run()
        return result


@pytest.fixture
def world(redis: Redis, elasticsearch: Elasticsearch, index_prefix: str, tmp_path: Path) -> World:
    """The story, read on Monday and, corrected, on Tuesday."""
    pages, ledger = open_page_store(f"file://{tmp_path}"), Ledger(redis)
    flow = Flow(redis, Store(elasticsearch, index_prefix), pages, ledger, load_models())
    submissions = []
    for number, (moment, file) in enumerate(((MONDAY, FIRST), (TUESDAY, CORRECTED))):
        url = f"{SITE}/2022/01/rockets-green-zone.html"
        submission = Submission(id=f"{number:032x}", url=url, accepted_at=moment)
        flow.site[url] = page_of(flow, file, url, moment)
        ledger.accept(submission)
        flow.send(FETCH, [Item.of(submission, submission)])
        flow.run()
        submissions.append(submission)
    return World(flow, submissions[0], submissions[1], elasticsearch, index_prefix)


def page_of(flow: Flow, file: Path, url: str, moment: datetime) -> Page:
    """Return the page that a fetch of a file at `moment` gives, its body kept."""
    body = file.read_bytes().replace(b"{{base}}", SITE.encode())
    key = flow.pages.put(body)
    return Page(
        url=url,
        final_url=url,
        status=200,
        content_type="text/html",
        body_key=key,
        body_bytes=len(body),
        fetched_at=moment,
    )


def injured(world: World) -> list[int]:
    """Return the best number of injured of each active incident."""
    return [one["injured"]["best"] for one in world.documents("incidents").values() if one["status"] == "active"]


def models(world: World) -> list[str]:
    """Return which rules each article was coded with."""
    return [article["model"] for article in world.documents("articles").values()]


def test_the_drill_has_indexed_both_and_the_newer_fetch_stands(world: World) -> None:
    assert {end["status"] for end in world.documents("outcomes").values()} == {"indexed"}
    assert len(world.documents("outcomes")) == 2
    assert (len(world.documents("articles")), injured(world)) == (1, [2])
    assert world.flow.ledger.in_flight() == 0


def test_an_older_page_replayed_after_a_newer_fetch_does_not_win(world: World) -> None:
    before = {alias: world.documents(alias) for alias in ("articles", "reports", "incidents")}
    world.flow.models = replace(world.flow.models, version="later")
    result = world.replay(EXTRACT, until=MONDAY)
    assert result == Result(sent=1, reached=MONDAY.date())
    assert {alias: world.documents(alias) for alias in before} == before
    assert world.flow.ledger.in_flight() == 0


@pytest.mark.parametrize("reverse", [False, True], ids=["oldest first", "newest first"])
def test_later_code_reads_stored_pages_anew_and_the_newest_fetch_stands(reverse: bool, world: World) -> None:
    world.flow.models = replace(world.flow.models, version="later")
    for moment in (TUESDAY, MONDAY) if reverse else (MONDAY, TUESDAY):
        assert world.replay(EXTRACT, since=moment, until=moment).sent == 1
    assert (models(world), injured(world)) == (["later"], [2])


def test_a_replay_counts_nothing_twice(world: World) -> None:
    ends = world.documents("outcomes")
    accepted = world.flow.ledger.snapshot().accepted
    for _ in range(2):
        assert world.replay(EXTRACT).sent == 2
    assert world.documents("outcomes").keys() == ends.keys() == {world.old.id, world.new.id}
    assert (world.flow.ledger.snapshot().accepted, world.flow.ledger.in_flight()) == (accepted, 0)
    assert (len(world.documents("articles")), len(world.documents("reports")), injured(world)) == (1, 1, [2])
    after = world.documents("outcomes")
    assert all(after[one]["ended_at"] > ends[one]["ended_at"] for one in ends)


def test_from_fetch_the_site_is_asked_again_and_what_it_says_now_stands(world: World) -> None:
    url = world.old.url
    world.flow.site[url] = page_of(world.flow, FIRST, url, datetime(2026, 1, 7, tzinfo=UTC))
    assert world.replay(FETCH, until=MONDAY).sent == 1
    assert injured(world) == [3]
    kept = world.flow.pages.find(world.old)
    assert kept is not None
    assert kept.fetched_at == datetime(2026, 1, 7, tzinfo=UTC)
    assert world.replay(EXTRACT).sent == 2  # the newest fetch is now that of the older submission
    assert injured(world) == [3]


def test_a_site_that_lost_the_page_leaves_the_stored_one(world: World) -> None:
    del world.flow.site[world.new.url]
    assert world.replay(FETCH, since=TUESDAY).sent == 1
    assert world.documents("outcomes")[world.new.id]["reason"] == "not_found"
    assert world.replay(EXTRACT, since=TUESDAY).sent == 1
    assert world.documents("outcomes")[world.new.id]["status"] == "indexed"
    assert injured(world) == [2]


def test_what_is_on_its_way_is_left_alone(world: World) -> None:
    with world.flow.redis.pipeline() as pipe:
        world.flow.ledger.reopen(pipe, world.old, CLASSIFY)
        pipe.execute()
    assert world.replay(EXTRACT) == Result(sent=1, in_flight=1, reached=TUESDAY.date())
    entry = world.flow.ledger.find(world.old.id)
    assert entry is not None
    assert entry.step == CLASSIFY.name
