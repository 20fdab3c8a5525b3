"""The faults, a function each. `ALL` is the suite, in the order in which it runs."""

from tests.chaos.drill import Fault, Site
from tests.chaos.faults import index, machine, processes, redis
from tests.chaos.rig import POISON


def nothing(site: Site) -> None:
    """Strike nothing: the time that the load takes when all is well."""
    site.struck(0, 0, "for comparison")


ALL: tuple[Fault, ...] = (
    Fault(name="none", strike=nothing),
    Fault(name="workers killed", strike=processes.workers_killed),
    Fault(name="poison", strike=processes.poison, poison=POISON, modules={"extractor": "tests.chaos.poisoned"}),
    Fault(name="graceful stop", strike=processes.graceful_stop),
    Fault(name="redis killed", strike=redis.killed),
    Fault(name="redis unreachable 60 s", strike=redis.unreachable, around=redis.line),
    Fault(name="messages doubled, shuffled", strike=redis.doubled),
    Fault(name="messages lost, 2 beats", strike=redis.two_reconcilers),
    Fault(name="elasticsearch stopped 60 s", strike=index.stopped),
    Fault(name="elasticsearch killed", strike=index.killed),
    Fault(name="elasticsearch frozen", strike=index.frozen),
    Fault(name="elasticsearch read-only", strike=index.read_only),
    Fault(name="elasticsearch 429", strike=index.busy, around=index.front),
    Fault(name="elasticsearch item errors", strike=index.failing_items, around=index.front),
    Fault(name="elasticsearch answers lost", strike=index.lost_answers, around=index.front),
    Fault(name="disk full", strike=machine.full_disk, around=machine.small_disk, under_way=10),
    Fault(name="clock steps", strike=machine.clock_steps, around=machine.own_clock),
)
