"""What something costs: wall time, and seconds of processors, here and in Elasticsearch.

Other work on the machine shows in wall time most; in the other it makes up to twice as much of the same work.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from elasticsearch import Elasticsearch


@dataclass
class Cost:
    """Seconds spent so far."""

    wall_s: float = 0.0
    own_cpu_s: float = 0.0  #: of this process
    node_cpu_s: float = 0.0  #: of Elasticsearch
    turns_s: list[float] = field(default_factory=list)  #: wall time of each turn

    @property
    def cpu_s(self) -> float:
        """Seconds of processors, of both."""
        return self.own_cpu_s + self.node_cpu_s

    @contextmanager
    def of(self, client: Elasticsearch) -> Iterator[None]:
        """Add what is spent until the context closes, also what Elasticsearch does beside, as merging segments."""
        node, own, wall = node_cpu_s(client), time.process_time(), time.perf_counter()
        yield
        self.turns_s.append(time.perf_counter() - wall)
        self.wall_s += self.turns_s[-1]
        self.own_cpu_s += time.process_time() - own
        self.node_cpu_s += node_cpu_s(client) - node

    def each(self, number: int) -> str:
        """Return what one of `number` costs, in words."""
        own, node = 1000 * self.own_cpu_s / number, 1000 * self.node_cpu_s / number
        return (
            f"{number / self.wall_s:,.0f}/s; CPU ms each: {own + node:.2f} ({own:.2f} here, {node:.2f} Elasticsearch)"
        )


def node_cpu_s(client: Elasticsearch) -> float:
    """Return the CPU seconds of all nodes of Elasticsearch so far, which run on this machine.

    By Linux: what a node says of itself is up to a second old.
    """
    nodes = client.nodes.info(metric="process")["nodes"].values()
    return sum(map(_cpu_s, (node["process"]["id"] for node in nodes)))


def _cpu_s(process: int) -> float:
    """Return the CPU seconds of all threads of a process."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
