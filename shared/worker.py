"""Starts a worker: `python -m shared.worker fetcher`. One place for what each kind of worker needs of Celery."""

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass

from celery.signals import setup_logging, worker_init

from shared import broker, logs, pipeline
from shared.settings import settings


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of worker runs."""

    queue: str
    pool: str
    concurrency: int
    options: tuple[str, ...] = ()


#: The workers, by the name of their service. Extraction and classification read hostile text through C libraries, so
#: they run in processes of their own that are replaced after a while or when they grow; fetching waits for others,
#: so it runs in threads; what writes to the index runs one at a time, because a batch is faster than a crowd.
KINDS = {
    "fetcher": Kind(queue=pipeline.FETCH.queue, pool="threads", concurrency=8),
    "extractor": Kind(
        queue=pipeline.EXTRACT.queue,
        pool="prefork",
        concurrency=1,
        options=("--max-tasks-per-child", "5000", "--max-memory-per-child", "1000000"),
    ),
    "classifier": Kind(
        queue=pipeline.CLASSIFY.queue,
        pool="prefork",
        concurrency=1,
        options=("--max-tasks-per-child", "20000", "--max-memory-per-child", "2000000"),
    ),
    "indexer": Kind(queue=pipeline.INDEX.queue, pool="prefork", concurrency=1),
}
#: The timer beside them: it sends what is due by the clock, and the workers do it. A process of its own, so that its
#: death is seen.
BEAT = "beat"


def main() -> None:
    """Run one worker, or beat, until it is told to stop: SIGTERM lets a worker finish what it holds."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("kind", choices=[*sorted(KINDS), BEAT])
    parser.add_argument("--concurrency", type=int, help="processes or threads; the default suits two cores")
    arguments = parser.parse_args()
    start(arguments.kind, concurrency=arguments.concurrency)


def start(name: str, *, concurrency: int | None = None) -> None:
    """Run the worker of service `name`, or beat, in this process. Returns when it has stopped."""
    setup_logging.connect(lambda **_: logs.configure(settings()), weak=False)
    if name == BEAT:
        # The schedule is in memory: all of it is due every few seconds, so there is nothing to remember.
        broker.app.start(["beat", "--scheduler", "celery.beat:Scheduler", "--pidfile="])
        return
    kind = KINDS[name]
    importlib.import_module("shared.reconcile")
    tasks = importlib.import_module(f"services.{name}.tasks")
    warm_up: Callable[[], None] | None = getattr(tasks, "warm_up", None)
    if warm_up is not None:
        # in the parent, before it forks: what is loaded here is shared by its children and survives their end
        worker_init.connect(lambda **_: warm_up(), weak=False)
    broker.app.worker_main(
        [
            "worker",
            "--hostname",
            f"{name}@%h",
            "--queues",
            f"{kind.queue},{broker.SCHEDULE_QUEUE}",
            "--pool",
            kind.pool,
            "--concurrency",
            str(concurrency or kind.concurrency),
            "--without-gossip",
            "--without-mingle",
            *kind.options,
        ]
    )


if __name__ == "__main__":
    main()
