"""`tocsin up`, `down`, `status` and `up --follow`: a whole instance on this machine without a container engine.

system packages ─▶ Elasticsearch build ─▶ supervisor ─┬─ servers: redis, elasticsearch
                    (both once)                       └─ services: workers, beat, api, demo sites
"""

import os
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from services.cli import show
from services.cli.client import Client
from services.cli.embedded import demo as demonstration
from services.cli.embedded import (
    elasticsearch_build,
    instance,
    manager,
    packages,
    ports,
    programs,
    ready,
    servers,
)
from services.cli.embedded import home as homes
from services.cli.embedded.instance import Instance
from services.cli.embedded.interrupts import deaf_to_interrupts, interruptible
from services.cli.embedded.programs import Program
from shared.settings import Settings
from shared.worker import run as worker

#: Most seconds until all children answer: a small machine under load takes a minute.
READY_S = 180.0
BY_ROOT = "Started by root: all but Elasticsearch runs as root; use an ordinary user for anything but a trial."
_FOLLOW_POLL_S = 0.3


def up(settings: Settings, *, demo: bool, console: Console) -> Instance:
    """Start an instance and return when it is ready; with `demo`, when its stories can be searched.

    An instance that runs already is used. What was started here is stopped again when it does not become ready or the
    person interrupts. Raises SetupError, which says what is missing or whose log to read.
    """
    home = homes.prepare(settings.home)
    begun = time.monotonic()
    with homes.lock(home / "up.lock", busy="another `tocsin up` is at work on this folder"), interruptible():
        found = _running(home)
        if found and (found.demo_port or not demo):
            console.print(f"Tocsin runs already: {found.api_url}", highlight=False)
            _finish(found, demo=demo, console=console)
            return found
        _clean(home, found, console)
        try:
            started = _start(settings, home, demo=demo, console=console)
            _finish(started, demo=demo, console=console)
        except BaseException:
            console.print("Stopping what was started.")
            manager.stop(home)
            raise
        ready.say_time(console, "all", time.monotonic() - begun)
        return started


def down(settings: Settings, *, console: Console) -> None:
    """Stop everything that `up` started, also what a killed process manager left. The data stay."""
    start = time.monotonic()
    with console.status("stopping"):
        ended = manager.stop(homes.locate(settings.home))
    took = f"{time.monotonic() - start:.1f} s"
    console.print(f"Stopped {ended} processes in {took}." if ended else "Nothing runs.", highlight=False)


def status(settings: Settings) -> list[dict[str, Any]]:
    """Return the children as plain data (see `Child`); an empty list when nothing runs."""
    home = homes.locate(settings.home)
    found = instance.recall(home)
    order = {name: place for place, name in enumerate(found.programs if found else ())}
    children = sorted(manager.children(home), key=lambda child: order.get(child.name, len(order)))
    return [child.model_dump(mode="json") for child in children]


def follow(settings: Settings, *, console: Console) -> None:
    """Show children that end and are started again, until Ctrl-C or `tocsin down`; Ctrl-C stops everything."""
    home = homes.locate(settings.home)
    seen = len(manager.log_lines(home))
    console.print("Following; Ctrl-C stops everything.")
    with interruptible():
        try:
            while manager.pid(home) is not None:
                lines = manager.log_lines(home)
                for line in lines[seen:]:
                    if told := manager.told(line):
                        console.print(f"{time.strftime('%H:%M:%S')} {told}", highlight=False, markup=False)
                seen = len(lines)
                time.sleep(_FOLLOW_POLL_S)
        except KeyboardInterrupt:
            with deaf_to_interrupts():  # a second Ctrl-C must not leave half of it running
                down(settings, console=console)


def _running(home: Path) -> Instance | None:
    found = instance.recall(home)
    return found if found and manager.pid(home) == found.supervisor_pid else None


def _clean(home: Path, found: Instance | None, console: Console) -> None:
    if found:
        console.print("Tocsin runs without the demo: starting it anew.")
    ended = manager.stop(home)
    if ended and not found:
        console.print(f"Ended {ended} processes that an instance which was killed had left.", highlight=False)


def _start(settings: Settings, home: Path, *, demo: bool, console: Console) -> Instance:
    def say(text: str) -> None:
        console.print(f"  {text}", highlight=False, soft_wrap=True)

    if os.geteuid() == 0:
        console.print(BY_ROOT, soft_wrap=True)
    plan = _plan(settings, home, demo=demo)
    own = _own_servers(settings, plan, say, console)
    services = [*programs.workers(), programs.beat(), programs.api(_port(plan.api_url))]
    if plan.demo_port:
        services.append(programs.demo(plan.demo_port))
    children = [*own, *services]
    plan = plan.model_copy(update={"programs": tuple(child.name for child in children)})
    start = time.monotonic()
    pid = manager.start(home, children, environment(plan))
    plan = plan.model_copy(update={"supervisor_pid": pid})
    instance.remember(plan)
    _await(plan, {child.name for child in own}, console, start)
    return plan


def _plan(settings: Settings, home: Path, *, demo: bool) -> Instance:
    """Decide where everything will answer. Servers that the environment names are taken as they are."""
    given = settings.model_fields_set
    redis = settings.redis_url if "redis_url" in given else f"redis://{ports.LOOPBACK}:{ports.choose(ports.REDIS)}/0"
    node = f"http://{ports.LOOPBACK}:{ports.choose(ports.ELASTICSEARCH)}"
    allow = list(settings.fetch_allow)
    demo_port = None
    if demo:
        before = demonstration.sent(home)
        demo_port = ports.choose(before.port if before else ports.DEMO, demonstration.addresses())
        allow += [f"{address}:{demo_port}" for address in demonstration.addresses()]
    return Instance(
        home=home,
        redis_url=redis,
        elasticsearch_url=settings.elasticsearch_url if "elasticsearch_url" in given else node,
        api_url=f"http://{ports.LOOPBACK}:{ports.choose(ports.API)}",
        fetch_allow=",".join(allow),
        demo_port=demo_port,
        programs=(),
    )


def _port(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def _own_servers(settings: Settings, plan: Instance, say: packages.Say, console: Console) -> list[Program]:
    own = []
    if "redis_url" not in settings.model_fields_set:
        own.append(servers.redis(plan.home, _port(plan.redis_url)))
    if "elasticsearch_url" not in settings.model_fields_set:
        start = time.monotonic()
        packages.ensure(build=not elasticsearch_build.is_built(), say=say)
        ready.say_time(console, "system packages", time.monotonic() - start)
        start = time.monotonic()
        distribution = elasticsearch_build.ensure(say)
        ready.say_time(console, "Elasticsearch build", time.monotonic() - start)
        own.append(servers.elasticsearch(plan.home, _port(plan.elasticsearch_url), distribution, say))
    return own


def environment(plan: Instance) -> dict[str, str]:
    """Return the settings that the children of an instance run with, beside those of our own environment."""
    return {
        "TOCSIN_HOME": str(plan.home),
        "TOCSIN_REDIS_URL": plan.redis_url,
        "TOCSIN_ELASTICSEARCH_URL": plan.elasticsearch_url,
        "TOCSIN_API_URL": plan.api_url,
        "TOCSIN_FETCH_ALLOW": plan.fetch_allow,
    }


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Something to wait for: its name, how to ask it, and what to say when it stays silent."""

    label: str
    answers: Callable[[], bool]
    fault: Callable[[], str]


def _await(plan: Instance, own: set[str], console: Console, start: float) -> None:
    """Wait for everything at once, and print after how long each part was ready."""
    with Client(plan.api_url, timeout_s=5) as client, console.status("starting"):
        waiting = _parts(plan, own, client)

        def answered() -> bool:
            for part in [part for part in waiting if part.answers()]:
                ready.say_time(console, f"{part.label} ready", time.monotonic() - start)
                waiting.remove(part)
            return not waiting

        def fault() -> str:
            return waiting[0].fault()

        ready.wait(answered, within_s=READY_S, home=plan.home, fault=fault)


def _parts(plan: Instance, own: set[str], client: Client) -> list[_Part]:
    silent = set(worker.KINDS)

    def workers_answer() -> bool:
        silent.difference_update(ready.workers_answering(plan.redis_url))
        return not silent

    def blame(child: str, url: str = "") -> str:
        return ready.at_fault(plan.home, child) if child in own else ready.without_password(url)

    redis, node = plan.redis_url, plan.elasticsearch_url
    return [
        _Part(label="Redis", answers=lambda: ready.redis_answers(redis), fault=lambda: blame("redis", redis)),
        _Part(
            label="Elasticsearch",
            answers=lambda: ready.elasticsearch_answers(node),
            fault=lambda: blame("elasticsearch", node),
        ),
        _Part(label="workers", answers=workers_answer, fault=lambda: ready.at_fault(plan.home, min(silent))),
        _Part(
            label="beat",
            answers=lambda: ready.child_runs(plan.home, worker.BEAT),
            fault=lambda: ready.at_fault(plan.home, worker.BEAT),
        ),
        _Part(label="API", answers=client.healthy, fault=lambda: ready.at_fault(plan.home, "api")),
    ]


def _finish(running: Instance, *, demo: bool, console: Console) -> None:
    with Client(running.api_url) as client:
        if demo and running.demo_port:
            demonstration.run(running.home, running.demo_port, client, console)
            show.incidents(client.incidents(limit=100)["hits"], console=console)
    for line in closing(running):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def closing(running: Instance) -> list[str]:
    """Return what a person needs to go on: the addresses, and how to submit a URL."""
    example = "https://example.org/news/story.html"
    lines = [
        f"API            {running.api_url}"
        + ("" if _port(running.api_url) == ports.API else "  (the usual port is taken)"),
        f"API reference  {running.api_url}/docs",
        f"Elasticsearch  {running.elasticsearch_url}",
        f"Data and logs  {running.home}",
    ]
    if running.demo_port:
        listed = demonstration.stories()
        corrected = {story.revision_of for story in listed}
        # one that was not corrected since: reading the page anew must not bring back what it said before
        example = demonstration.url(next(story for story in listed if story.id not in corrected), running.demo_port)
        lines.append(
            f"The demo's sites are private addresses; this run fetches them because it set TOCSIN_FETCH_ALLOW="
            f"{running.fetch_allow}"
        )
    body = shlex.quote(f'{{"url": "{example}"}}')
    lines.append("Submit a URL:")
    lines.append(f"  curl -X POST {running.api_url}/v1/submissions -H 'Content-Type: application/json' -d {body}")
    return lines
