"""A worker of all queues for tests, measured as the real ones are; its steps do nothing.

`python -m tests.integration.measured '{"metrics_port": 9000, "max_tasks": 3}'`. Run in a process of its own.
"""

import json
import sys
from dataclasses import dataclass

from shared import broker, pipeline
from shared.pipeline import STAGES
from shared.worker.run import Kind, work
from tests.bench import trivial


@dataclass(frozen=True, kw_only=True)
class All(Kind):
    """A worker that reads every queue."""

    @property
    def queues(self) -> tuple[str, ...]:
        """All of them."""
        return (broker.SCHEDULE_QUEUE, *sorted({stage.queue for stage in STAGES.values()}))


def main() -> None:
    """Run it with the options of the first argument."""
    options = {"pool": "prefork", "concurrency": 2, "max_tasks": None} | json.loads(sys.argv[1])
    port = int(options.pop("metrics_port", 0))
    assert trivial.fetch is not None  # its import registers the steps
    work("measured", All(stage=pipeline.INDEX, **options), metrics_port=port)


if __name__ == "__main__":
    main()
