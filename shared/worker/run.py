"""Starts a worker: `python -m shared.worker fetcher`. One place for what each kind of worker needs of Celery."""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from celery.signals import setup_logging, worker_init
from prometheus_client import REGISTRY

from shared import broker, logs, pipeline, traces
from shared.connections import open_redis
from shared.delivery.quarantine import Quarantine
from shared.delivery.timing import timing
from shared.errors import SetupError
from shared.metrics import backlog, catalogue, endpoint, slots
from shared.pipeline import BATCH, STAGES, Stage
from shared.settings import settings
from shared.worker import canary, drain, memory, transport


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of worker runs."""

    stage: Stage
    pool: str
    concurrency: int
    memory_mb: int | None = None  #: MiB that a child of the pool may have; None: only the machine caps it
    max_tasks: int | None = None  #: tasks after which a child is replaced

    @property
    def queues(self) -> tuple[str, ...]:
        """What it reads, the most urgent first: see `queue_order_strategy`."""
        return canary.list_of(self.stage.queue), broker.SCHEDULE_QUEUE, self.stage.queue

    @property
    def options(self) -> list[str]:
        """The options of Celery's command line."""
        options = ["--queues", ",".join(self.queues), "--pool", self.pool, "--without-gossip", "--without-mingle"]
        if self.max_tasks:
            options += ["--max-tasks-per-child", str(self.max_tasks)]
        if self.memory_mb:
            options += ["--max-memory-per-child", str(memory.recycle_at_kb(self.memory_mb))]
        return options


#: The workers, by the name of their service. Extraction and classification read hostile text through C libraries, so
#: they run in processes of their own that are capped, and replaced after a while or when they grow; fetching waits for
#: others, so it runs in threads, as many as a message has room for; what writes to the index runs one at a time,
#: because a batch is faster than a crowd; the notifier waits for receivers, in threads.
KINDS = {
    "fetcher": Kind(stage=pipeline.FETCH, pool="threads", concurrency=BATCH),
    "extractor": Kind(stage=pipeline.EXTRACT, pool="prefork", concurrency=1, memory_mb=1000, max_tasks=5000),
    "classifier": Kind(stage=pipeline.CLASSIFY, pool="prefork", concurrency=1, memory_mb=2000, max_tasks=20000),
    "indexer": Kind(stage=pipeline.INDEX, pool="prefork", concurrency=1),
    "notifier": Kind(stage=pipeline.NOTIFY, pool="threads", concurrency=8),
}
#: The timer beside them: it sends what is due by the clock, and the workers do it. A process of its own, so that its
#: death is seen.
BEAT = "beat"


def main() -> None:
    """Run one worker, or beat, until it is told to stop: SIGTERM gives a worker a while for what it holds."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("kind", choices=[*sorted(KINDS), BEAT])
    parser.add_argument("--concurrency", type=int, help="processes or threads; the default suits two cores")
    parser.add_argument("--metrics-port", type=int, help="instead of TOCSIN_METRICS_PORT, where several share a host")
    arguments = parser.parse_args()
    try:
        start(arguments.kind, concurrency=arguments.concurrency, metrics_port=arguments.metrics_port)
    except SetupError as error:
        raise SystemExit(str(error)) from error


def start(name: str, *, concurrency: int | None = None, metrics_port: int | None = None) -> None:
    """Run the worker of service `name`, or beat, in this process. Returns when it has stopped. Raises SetupError."""
    port = settings().metrics_port if metrics_port is None else metrics_port
    if name == BEAT:
        if port:
            backlog.register(open_redis, timing())
        endpoint.serve(settings().metrics_host, port)
        setup_logging.connect(_set_up_logs, weak=False)
        # The schedule is in memory: all of it is due every few seconds, so there is nothing to remember.
        broker.app.start(["beat", "--scheduler", "celery.beat:Scheduler", "--pidfile="])
        return
    importlib.import_module("shared.worker.clock")
    tasks = importlib.import_module(f"services.{name}.tasks")
    work(
        name,
        KINDS[name],
        concurrency=concurrency,
        metrics_port=port,
        warm_up=getattr(tasks, "warm_up", None),
        report=getattr(tasks, "report", None),
    )


def work(
    name: str,
    kind: Kind,
    *,
    concurrency: int | None = None,
    metrics_port: int = 0,
    drain_s: float | None = None,
    warm_up: Callable[[], None] | None = None,
    report: canary.Report | None = None,
) -> None:
    """Run a worker for the tasks that were imported. Does not return: exits when it has stopped. Raises SetupError."""
    _measure(name, kind, concurrency or kind.concurrency, metrics_port)
    setup_logging.connect(_set_up_logs, weak=False)
    transport.isolate_with(Unreadables(kind.stage))
    drain.install(broker.app, drain_s=timing().drain_s if drain_s is None else drain_s)
    if kind.memory_mb:
        memory.cap_children(kind.memory_mb)
    if warm_up is not None:
        # in the parent, before it forks: what is loaded here is shared by its children and survives their end
        worker_init.connect(lambda **_: _warmed(warm_up), weak=False)
    if report is not None:
        canary.report_with(report)
    started: list[Any] = []
    worker_init.connect(lambda sender, **_: started.append(sender), weak=False)
    number = str(concurrency or kind.concurrency)
    broker.app.worker_main(["worker", "--hostname", f"{name}@%h", "--concurrency", number, *kind.options])
    sys.exit(started[0].exitcode if started else os.EX_OK)  # Celery keeps to itself how it ended


def _measure(name: str, kind: Kind, places: int, port: int) -> None:
    """Count for Prometheus, and send traces, as far as the settings ask for it."""
    traces.start(name)
    if not port:
        return
    registry = slots.share(places) if kind.pool == "prefork" else REGISTRY
    catalogue.begin([stage for stage in STAGES.values() if stage.queue == kind.stage.queue])
    endpoint.serve(settings().metrics_host, port, registry)


def _warmed(warm_up: Callable[[], None]) -> None:
    """Warm up, or stop the worker: Celery logs what a signal's receiver raises, and goes on."""
    try:
        warm_up()
    except SetupError as error:
        raise SystemExit(str(error)) from error
    except Exception as error:
        raise SystemExit(traceback.format_exc()) from error


class Unreadables:
    """Puts what a worker cannot read into the quarantine of its queue's first step."""

    def __init__(self, own: Stage) -> None:
        """`own`: the step for what comes from a queue that belongs to none."""
        self._own = own

    def __call__(self, queue: str, raw: bytes, error: Exception, headers: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Keep `raw`. Raises RedisError."""
        stage = next((stage for stage in STAGES.values() if stage.queue == queue), self._own)
        Quarantine(open_redis()).add_raw(stage, raw, error)


def _set_up_logs(**_: Any) -> None:
    logs.configure(settings())


if __name__ == "__main__":
    main()
