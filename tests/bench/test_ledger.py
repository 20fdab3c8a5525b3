"""What the ledger costs: its share of the pipeline's CPU, its bytes per article in flight, and that it forgets.

    share = CPU of ledger calls (this process and Redis) ÷ CPU of everything measured

The pages of the demo go through the real policy and the real bodies of the extractor and the classifier. What the
pipeline spends on Celery, HTTP and Elasticsearch is left out, which makes the share look larger than it is.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from services.classifier import classify as classifying
from services.classifier.models import load_models
from services.extractor import extract as extracting
from shared.delivery.ledger import Delivery, Ledger
from shared.delivery.messages import Item, pack
from shared.delivery.quarantine import Quarantine
from shared.delivery.step import Step
from shared.delivery.surroundings import Surroundings
from shared.delivery.timing import Timing
from shared.domain.base import Model
from shared.domain.outcome import Filing
from shared.domain.page import Page
from shared.domain.submission import Submission
from shared.pages import PageStore, open_page_store
from shared.pipeline import BATCH, CLASSIFY, EXTRACT, FETCH, INDEX, RECORD, Stage
from tests import examples
from tests.bench.flow import redis_cpu_s

ARTICLES = 320
#: The most that the ledger may take of the pipeline's CPU.
SHARE = 0.05
#: The most bytes of Redis for one article in flight.
BYTES_IN_FLIGHT = 1024


class Stopwatch:
    """CPU seconds of this process within the calls of one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.seconds = 0.0

    @contextmanager
    def _running(self) -> Iterator[None]:
        start = time.process_time()
        yield
        self.seconds += time.process_time() - start

    def accept(self, submission: Submission) -> None:
        """As `Ledger.accept`."""
        with self._running():
            self._ledger.accept(submission)

    def begin(
        self, submission_ids: Sequence[str], stage: Stage, runs: Sequence[int] | None = None
    ) -> list[Delivery | None]:
        """As `Ledger.begin`."""
        with self._running():
            return self._ledger.begin(submission_ids, stage, runs)

    def end(self, submission_ids: Sequence[str], stage: Stage, **how: Any) -> None:
        """As `Ledger.end`."""
        with self._running():
            self._ledger.end(submission_ids, stage, **how)

    def close(self, submission_ids: Sequence[str], runs: Sequence[int] | None = None) -> None:
        """As `Ledger.close`."""
        with self._running():
            self._ledger.close(submission_ids, runs)


class Flow:
    """The five steps around one ledger, with queues in memory."""

    def __init__(self, redis: Redis, ledger: Any, pages: PageStore, *, batch: int) -> None:
        self.queues: dict[str, list[Item]] = defaultdict(list)
        self._batch = batch
        around = Surroundings(
            ledger=ledger,
            quarantine=Quarantine(redis),
            send=lambda stage, items: self.queues[stage.name].extend(items),
            put_off=lambda *_: None,
            timing=Timing.of(fetch_timeout_s=30),
        )
        bodies: dict[Stage, Callable[[Any], Model | None]] = {
            FETCH: lambda submission: _page(submission, pages),
            EXTRACT: lambda page: extracting.extract(page, pages.get(page.body_key), max_chars=500_000),
            CLASSIFY: lambda article: classifying.code(article, models=load_models()),
            INDEX: lambda coded: Filing(article_id=coded.article.id),
            RECORD: lambda _: None,
        }
        self._steps = [(stage, Step(stage, _each(body), around)) for stage, body in bodies.items()]

    def run(self) -> None:
        """Work off everything that waits, step by step."""
        for stage, step in self._steps:
            waiting, self.queues[stage.name] = self.queues[stage.name], []
            for message in pack(waiting, stage, self._batch):
                step.deliver(message.model_dump(mode="json"))


def as_large_as_real(html: bytes) -> bytes:
    """Return a demo page with as much around the story as news sites have: scripts, styles and links, some 150 KB."""
    script = b"<script>window.data={" + b",".join(b'"k%d":[%d,"v"]' % (n, n) for n in range(5000)) + b"}</script>"
    links = b"".join(b'<li class="nav-item"><a href="/section/%d">Section %d</a></li>' % (n, n) for n in range(800))
    return html.replace(b"</body>", b"<nav><ul>" + links + b"</ul></nav>" + script + b"</body>")


def _each(body: Callable[[Any], Model | None]) -> Callable[[Sequence[Any]], list[Model | None]]:
    return lambda inputs: [body(one) for one in inputs]


def _page(submission: Submission, pages: PageStore) -> Page:
    html = as_large_as_real(Path(submission.url.removeprefix("http://")).read_bytes())
    return examples.page(submission.url).model_copy(update={"body_key": pages.put(html), "body_bytes": len(html)})


def test_takes_a_small_share_of_the_pipeline(redis: Redis, tmp_path: Path) -> None:
    extracting.warm_up()
    load_models()
    shares = {batch: share(redis, open_page_store(f"file://{tmp_path}"), batch) for batch in (1, BATCH)}
    assert shares[BATCH] < SHARE


def share(redis: Redis, pages: PageStore, batch: int) -> float:
    """Send articles through in messages of `batch`, print what was spent, and return the ledger's share."""
    stories = sorted(Path("deploy/demo/sites").rglob("*.html"))
    ledger = Stopwatch(Ledger(redis))
    flow = Flow(redis, ledger, pages, batch=batch)

    server, start = redis_cpu_s(redis), time.process_time()
    for n in range(ARTICLES):
        submission = Submission.accept(f"http://{stories[n % len(stories)]}")
        ledger.accept(submission)
        flow.queues["fetch"].append(Item.of(submission, submission))
    flow.run()
    total, server = time.process_time() - start, redis_cpu_s(redis) - server

    assert Ledger(redis).in_flight() == 0
    result = (ledger.seconds + server) / (total + server)
    print(
        f"\nledger, messages of {batch}: {1e3 * ledger.seconds / ARTICLES:.2f} ms client + "
        f"{1e3 * server / ARTICLES:.2f} ms Redis of {1e3 * (total + server) / ARTICLES:.1f} ms CPU per article: "
        f"{result:.1%} (at most {SHARE:.0%} with messages of {BATCH})"
    )
    return result


def test_an_article_in_flight_is_under_a_kilobyte(redis: Redis) -> None:
    ledger, count = Ledger(redis), 2000
    before = _used(redis)
    for n in range(count):
        submission = Submission.accept(
            f"https://www.a-paper-of-the-region.example/world/2026/11/22/an-article-with-a-long-name-{n:06}.html",
            source="hook",
            labels=("desk-east-africa",),
        )
        ledger.accept(submission)
        ledger.begin([submission.id], INDEX)
        ledger.end([submission.id], INDEX, again=True, counted=True)
    each = (_used(redis) - before) / count
    print(f"\nledger: {each:.0f} bytes of Redis per article in flight (at most {BYTES_IN_FLIGHT})")
    assert each < BYTES_IN_FLIGHT


def _used(redis: Redis) -> int:
    return int(redis.info("memory")["used_memory"])
