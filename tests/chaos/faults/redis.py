"""Faults of Redis, of the way there, and of what is in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.cli.embedded import ports
from shared.pipeline import STAGES
from shared.worker.run import BEAT
from tests.chaos.drill import Site
from tests.chaos.processes import Process
from tests.chaos.proxies import Line
from tests.chaos.rig import Rig, Setting

QUEUES = sorted({stage.queue for stage in STAGES.values()})
_AWAY_S = 60.0
_SHUFFLE = """
local n = redis.call('LLEN', KEYS[1])
math.randomseed(tonumber(ARGV[1]))
local all = redis.call('LRANGE', KEYS[1], 0, -1)
local copies = {}
for _, one in ipairs(all) do
  if #copies < 20 and math.random() < 0.25 then copies[#copies + 1] = one end
end
for _, one in ipairs(copies) do all[#all + 1] = one end
for i = #all, 2, -1 do local j = math.random(i); all[i], all[j] = all[j], all[i] end
if n > 0 then redis.call('DEL', KEYS[1]) end
for _, one in ipairs(all) do redis.call('RPUSH', KEYS[1], one) end
return #copies
"""
_LOSE = """
local all = redis.call('LRANGE', KEYS[1], 0, -1)
redis.call('DEL', KEYS[1])
return #all
"""


def killed(site: Site) -> None:
    """Kill -9 of Redis, three times, each time with work in it; it starts again from its append-only file."""
    kept = 0
    for _ in range(3):
        in_flight = len(site.stand.ledger.snapshot().in_flight)
        site.rig.redis_process.kill()
        site.settle(1)
        site.rig.redis_process.start()
        site.rig.await_redis()
        kept += in_flight > 0 and len(site.stand.ledger.snapshot().in_flight) > 0
        site.settle(3)
    site.struck(kept, 3, "each time with articles in flight")


@contextmanager
def line(rig: Rig) -> Iterator[Setting]:
    """Put a proxy before Redis."""
    with Line(rig.redis_port) as proxy:
        yield Setting(redis_url=f"redis://{ports.LOOPBACK}:{proxy.port}/0", line=proxy)


def unreachable(site: Site) -> None:
    """Cut everybody off Redis for a minute: refused for one half, reset for the other."""
    proxy = site.setting.line
    assert proxy is not None
    before = proxy.broken
    proxy.refuse()
    site.settle(_AWAY_S / 2)
    proxy.reset(True)
    proxy.listen()
    site.settle(_AWAY_S / 2)
    proxy.reset(False)
    site.struck(proxy.broken - before, 10, f"connections broken in {_AWAY_S:.0f} s")


def doubled(site: Site) -> None:
    """Copy a quarter of what waits, up to twenty messages a queue, and shuffle all of it, ten times in ten seconds."""
    shuffle = site.rig.redis.register_script(_SHUFFLE)
    copies = 0
    for _ in range(10):
        copies += sum(int(shuffle(keys=[name], args=[site.chance.randrange(2**31)])) for name in QUEUES)
        site.settle(1)
    site.struck(copies, 50, "raw messages copied, all shuffled")


def two_reconcilers(site: Site) -> None:
    """Lose what waits in every queue, with a second beat and two more reconcilers that run without a pause."""
    folder = site.stand.crew.members[BEAT].folder
    environment = site.stand.environment
    command = site.stand.crew.members[BEAT].command
    loop = (
        "import time\nfrom shared.worker.clock import reconcile_ledger\nwhile True: reconcile_ledger(); time.sleep(0.2)"
    )
    second = Process("beat-2", command, folder, environment)
    others = [Process(f"reconciler-{n}", [command[0], "-c", loop], folder, environment) for n in (1, 2)]
    site.stand.crew.start(second, *others)
    lose = site.rig.redis.register_script(_LOSE)
    lost = sum(int(lose(keys=[name])) for name in QUEUES)
    site.struck(lost, 50, "messages deleted from the queues, for them to find")
