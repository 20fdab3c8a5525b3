"""Faults of Elasticsearch and of the way there."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.cli.embedded import ports
from shared.index import MODELS
from tests.chaos.drill import Site
from tests.chaos.proxies import Front, Manner, honest
from tests.chaos.rig import Rig, Setting

_AWAY_S = 60.0
_WHILE_S = 15.0


def stopped(site: Site) -> None:
    """Stop Elasticsearch for a minute and start it again."""
    with _waiting(site):
        site.rig.elasticsearch_process.end(60)
        site.settle(_AWAY_S)
        site.rig.elasticsearch_process.start()
        site.rig.await_elasticsearch()


def killed(site: Site) -> None:
    """Kill -9 of Elasticsearch, and start it again."""
    with _waiting(site):
        site.rig.elasticsearch_process.kill()
        site.settle(1)
        site.rig.elasticsearch_process.start()
        site.rig.await_elasticsearch()


def frozen(site: Site) -> None:
    """Stop its clockwork: it takes connections and answers nothing."""
    with _waiting(site):
        site.rig.elasticsearch_process.signal(signal.SIGSTOP, group=True)
        site.settle(_WHILE_S)
        site.rig.elasticsearch_process.signal(signal.SIGCONT, group=True)
        site.rig.await_elasticsearch()


def read_only(site: Site) -> None:
    """Block every index for writes, as an operator or a full disk does."""
    indices = [site.stand.alias(name) for name in MODELS]
    settings = site.rig.elasticsearch.options(request_timeout=60).indices
    with _waiting(site):
        settings.put_settings(index=indices, settings={"index.blocks.read_only": True})
        site.settle(_WHILE_S)
        settings.put_settings(index=indices, settings={"index.blocks.read_only": None})


@contextmanager
def _waiting(site: Site) -> Iterator[None]:
    """Note as struck how many articles came to wait at the index while nothing was filed."""
    before = site.stand.ended()
    yield
    ended = site.stand.ended() - before
    waiting = site.stand.at("index") + site.stand.at("record")
    site.struck(waiting, 16, f"articles waited at the index, {ended} ended meanwhile")


@contextmanager
def front(rig: Rig) -> Iterator[Setting]:
    """Put a proxy before Elasticsearch."""
    with Front(rig.elasticsearch_port) as proxy:
        yield Setting(elasticsearch_url=f"http://{ports.LOOPBACK}:{proxy.port}", front=proxy)


def busy(site: Site) -> None:
    """Answer 429 to most requests."""
    _spoil(site, lambda proxy: proxy.busy(site.chance, 0.7), "requests answered with 429")


def failing_items(site: Site) -> None:
    """Fail a third of the items of every bulk, with 429, 503 and 403."""
    _spoil(site, lambda proxy: proxy.items(site.chance, 0.3), "items failed")


def lost_answers(site: Site) -> None:
    """Apply writes and lose half of the answers."""
    _spoil(site, lambda proxy: proxy.lost(site.chance, 0.5), "answers lost after the write")


def _spoil(site: Site, manner: Callable[[Front], Manner], note: str) -> None:
    proxy = site.setting.front
    assert proxy is not None
    proxy.manner = manner(proxy)
    site.settle(_WHILE_S)
    proxy.manner = honest
    site.struck(proxy.failed, 10, note)
