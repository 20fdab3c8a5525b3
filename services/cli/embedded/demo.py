"""Sends the demo stories through a running instance, and waits until their incidents can be searched.

    stories.json ── POST /v1/submissions ──▶ queues ──▶ GET /v1/submissions/{id} ──▶ GET /v1/incidents
         └─ revisions follow when all others have ended: they are later versions of pages already read

What was sent is recorded in `home/demo.json`, so that a second `up` sends only what the instance does not know.
"""

import importlib.util
import json
import sys
import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console

from services.cli.client import Client, Rejected
from services.cli.embedded.elasticsearch_build import DEPLOY
from services.cli.embedded.ready import POLL_S, say_time
from shared.errors import SetupError

FOLDER = DEPLOY / "demo"
OUTCOMES_WITHIN_S = 120.0
SEARCHABLE_WITHIN_S = 20.0

State = dict[str, Any]


class Story(BaseModel):
    """One page of the demo, as `stories.json` lists it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    site: str
    path: str
    revision_of: str | None
    expect: dict[str, Any]


class Sent(BaseModel):
    """What the demo has sent: the port of its sites, which is part of their URLs, and submission by story."""

    port: int
    submissions: dict[str, str] = {}


def _server() -> ModuleType:
    # the script is the one place that knows which site has which address
    name = "tocsin_demo_server"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, FOLDER / "server.py")
        if spec is None or spec.loader is None or not (FOLDER / "server.py").is_file():
            raise SetupError(f"{FOLDER} is missing: run the demo from a checkout")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def stories() -> list[Story]:
    """Return the stories of the demo, in the order in which they are sent."""
    listed = json.loads((FOLDER / "stories.json").read_text())["stories"]
    return sorted((Story.model_validate(story) for story in listed), key=lambda story: story.revision_of is not None)


def addresses() -> list[str]:
    """Return the loopback addresses of the demo's sites."""
    server = _server()
    sites = server.site_names(server.SITES_DIR)
    return [server.site_address(site, sites) for site in sites]


def url(story: Story, port: int) -> str:
    """Return the address of a story's page."""
    server = _server()
    address = server.site_address(story.site, server.site_names(server.SITES_DIR))
    return f"http://{address}:{port}{story.path}" + ("?revision=corrected" if story.revision_of else "")


def sent(home: Path) -> Sent | None:
    """Return what was sent before, None without a record."""
    try:
        return Sent.model_validate_json((home / "demo.json").read_bytes())
    except (OSError, ValidationError):
        return None


def run(home: Path, port: int, client: Client, console: Console) -> None:
    """Send what is new of the stories and print how it ended. Raises SetupError when it does not end in time."""
    begun = time.monotonic()
    record = sent(home)
    if record is None or record.port != port:
        record = Sent(port=port)
    states = _known(client, record)
    originals = [story for story in stories() if story.revision_of is None]
    new = [story for story in originals if story.id not in states]
    # one is kept back until the workers are idle, to time it
    alone = next((story for story in reversed(new) if story.expect["incident"]), None)
    batches = [[story for story in new if story is not alone], [alone] if alone else []]
    batches.append([story for story in stories() if story.revision_of and story.id not in states])
    for batch in batches:
        start = time.monotonic()
        fresh = {story.id: client.submit(url(story, port), source="demo") for story in batch}
        record.submissions.update({story: state["id"] for story, state in fresh.items()})
        (home / "demo.json").write_text(record.model_dump_json(indent=2))
        states = _ended(client, states | fresh, console)
        if alone in batch and _searchable(client, states[alone.id]["incident_ids"]) and alone:
            say_time(console, "page to searchable incident", time.monotonic() - start)
    _searchable(client, _standing(states))
    say_time(console, "demo stories searchable", time.monotonic() - begun)
    if not any(batches):
        console.print("The demo stories are there already.")
    console.print(summary(states), highlight=False, soft_wrap=True)


def _known(client: Client, record: Sent) -> dict[str, State]:
    """Return the states of those submissions that the instance still knows, by story."""
    known = {}
    for story, submission in record.submissions.items():
        try:
            known[story] = client.submission(submission)
        except Rejected:
            continue
    return known


def _ended(client: Client, states: dict[str, State], console: Console) -> dict[str, State]:
    """Wait until all submissions have ended and return how."""
    states = dict(states)
    deadline = time.monotonic() + OUTCOMES_WITHIN_S
    with console.status("demo stories") as status:
        while waiting := [story for story, state in states.items() if state["status"] == "in_flight"]:
            status.update(f"demo stories: {len(states) - len(waiting)} of {len(states)}")
            if time.monotonic() > deadline:
                where = ", ".join(f"{story} (at {states[story]['step']})" for story in waiting)
                raise SetupError(f"demo stories without an outcome after {OUTCOMES_WITHIN_S:.0f} s: {where}")
            time.sleep(POLL_S)
            states |= {story: client.submission(states[story]["id"]) for story in waiting}
    return states


def _standing(states: dict[str, State]) -> list[str]:
    """Return the incidents that should be found. A revised story may have left the incident of its first version."""
    revised = {story.revision_of for story in stories() if story.id in states}
    return [incident for story, state in states.items() if story not in revised for incident in state["incident_ids"]]


def _searchable(client: Client, incidents: list[str]) -> bool:
    """Wait until a search shows these incidents; False when one does not show: a merge may have withdrawn it."""
    deadline = time.monotonic() + SEARCHABLE_WITHIN_S
    while time.monotonic() < deadline:
        if set(incidents) <= {hit["id"] for hit in client.incidents(limit=100)["hits"]}:
            return True
        time.sleep(POLL_S)
    return False


def summary(states: dict[str, State]) -> str:
    """Return one line: how many stories ended how."""
    ends = Counter(state["status"] for state in states.values())
    reasons = Counter(state["reason"] for state in states.values() if state["reason"])
    told = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    parts = [
        f"{ends.pop('indexed', 0)} indexed",
        f"{ends.pop('discarded', 0)} discarded" + (f" ({told})" if told else ""),
    ]
    parts += [f"{count} {status}" for status, count in sorted(ends.items())]
    return f"Outcomes of {len(states)} demo pages: {', '.join(parts)}"
