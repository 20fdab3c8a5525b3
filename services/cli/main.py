"""`tocsin`: run it, feed it, search it, check it, and use its workers as filters.

Heavy imports stand inside the commands, so that each starts as fast as it can.
"""

import sys
import time
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

import shared
from services.cli import show
from services.cli.client import Client, Rejected
from shared.domain.vocabulary import EventType, Subtype
from shared.errors import TocsinError, Unavailable
from shared.settings import settings

app = typer.Typer(
    help="Turns news articles into a searchable record of security incidents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(shared.__version__)
        raise typer.Exit


@app.callback()
def options(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False
) -> None:
    """Turns news articles into a searchable record of security incidents."""


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Processes.")]
DAY = ["%Y-%m-%d"]


def main() -> None:
    """Run the command line; an error of ours is one line, not a traceback."""
    try:
        app()
    except TocsinError as error:
        Console(stderr=True).print(f"tocsin: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(1)


def _client() -> Client:
    from services.cli.embedded.instance import api_url

    return Client(api_url(settings()))


@app.command()
def up(
    *,
    demo: Annotated[bool, typer.Option(help="Serve the demo stories and send them through.")] = False,
    follow: Annotated[bool, typer.Option(help="Stay, show what happens, stop everything on Ctrl-C.")] = False,
) -> None:
    """Start everything on this machine without a container engine, and return when it is ready."""
    from services.cli.embedded import run

    run.up(settings(), demo=demo, console=show.out)
    if follow:
        run.follow(settings(), console=show.out)


@app.command()
def down() -> None:
    """Stop everything that `up` started. The data stay."""
    from services.cli.embedded import run

    run.down(settings(), console=show.out)


@app.command()
def status(*, json: Json = False) -> None:
    """Show the processes that `up` started, and what waits in the queues."""
    from services.cli.embedded import run

    children = run.status(settings())
    with _client() as client:
        queues = client.queues() if client.healthy() else None
    if json:
        show.as_json({"processes": children, "queues": queues})
        return
    columns = ("process", "state", "pid", "uptime", "restarts")
    rows = [(c["name"], c["state"], str(c["pid"] or ""), f"{c['uptime_s']} s", str(c["restarts"])) for c in children]
    if rows:
        show.table("Processes", columns, rows)
    else:
        show.out.print("Nothing runs here.")
    if queues:
        waiting = [("queue", name, str(n)) for name, n in queues["queues"].items()]
        waiting += [("quarantine", name, str(n)) for name, n in queues["quarantine"].items() if n]
        show.table("Waiting", ("what", "name", "messages"), [*waiting, ("in flight", "", str(queues["in_flight"]))])


@app.command()
def submit(
    urls: Annotated[list[str], typer.Argument(help="URLs; - reads them from standard input.")],
    *,
    label: Annotated[list[str] | None, typer.Option(help="A word kept with the outcome; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option(help="Return when each has ended.")] = False,
    json: Json = False,
) -> None:
    """Submit URLs. Exits with 1 when one is not taken; a page that is discarded later is no failure."""
    wanted = [line.strip() for line in sys.stdin if line.strip()] if urls == ["-"] else urls
    with _client() as client:
        states = [_submitted(client, url, tuple(label or ())) for url in wanted]
        if wait:
            states = [_ended(client, state["id"]) if state["id"] else state for state in states]
    if json:
        show.as_json(states)
    else:
        show.submissions(states)
    raise typer.Exit(int(any(state["id"] is None for state in states)))


def _submitted(client: Client, url: str, labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the receipt; a URL that is not taken gets a line of its own, and no receipt before it is lost."""
    try:
        return client.submit(url, labels=labels)
    except (Rejected, Unavailable) as error:
        status = "rejected" if isinstance(error, Rejected) else "not_sent"
        return {"id": None, "url": url, "status": status, "reason": None, "detail": str(error), "incident_ids": []}


def _ended(client: Client, submission_id: str) -> dict[str, Any]:
    while True:
        with suppress(Unavailable):  # the receipt is known: a server that is away for a while loses nothing
            state = client.submission(submission_id)
            if state["status"] != "in_flight":
                return state
        time.sleep(0.2)


@app.command()
def search(
    q: Annotated[str | None, typer.Argument(help="Words to search for.")] = None,
    *,
    kind: Annotated[list[EventType] | None, typer.Option("--type", help="May be repeated.")] = None,
    subtype: Annotated[list[Subtype] | None, typer.Option(help="May be repeated.", metavar="SUBTYPE")] = None,
    country: Annotated[list[str] | None, typer.Option(help="ISO alpha-2; may be repeated.")] = None,
    from_: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="First day.")] = None,
    to: Annotated[datetime | None, typer.Option(formats=DAY, help="Last day.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=100, help="Most incidents shown.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Incidents passed over.")] = 0,
    json: Json = False,
) -> None:
    """Search incidents. Subtypes are listed in docs/vocabulary.md."""
    days = {"from": from_, "to": to}
    with _client() as client:
        found = client.incidents(
            q=q,
            type=kind,
            subtype=subtype,
            country=country,
            limit=limit,
            offset=offset or None,
            **{name: moment.date().isoformat() for name, moment in days.items() if moment},
        )
    if json:
        show.as_json(found)
        return
    show.incidents(found["hits"])
    show.out.print(f"{len(found['hits'])} of {found['total']}")


@app.command()
def audit(*, json: Json = False) -> None:
    """Check that every accepted submission has one outcome or is on its way; exit with 1 if not."""
    with _client() as client:
        sums = client.audit()
    if json:
        show.as_json(sums)
    else:
        show.table(
            "Audit", ("what", "submissions"), [(name, str(value)) for name, value in sums.items() if value is not None]
        )
    raise typer.Exit(int(sums["balance"] != 0))


@app.command()
def replay(
    *,
    step: Annotated[str, typer.Option("--from", help="Where to begin: extract, or fetch to ask the sites again.")],
    since: Annotated[datetime, typer.Option(formats=DAY, help="First day of acceptance, UTC.")],
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="Last day of acceptance, UTC.")] = None,
    json: Json = False,
) -> None:
    """Send stored pages through again; exits with 1 when one cannot be read. Works on Redis and the page store."""
    from services.cli.embedded.instance import recall
    from shared import logs, replay

    given = settings()
    logs.configure(given)
    found = None if "redis_url" in given.model_fields_set else recall(given.home)
    if found:
        given = given.model_copy(update={"redis_url": found.redis_url})
    done = replay.run(given, step=step, since=since.date(), until=until.date() if until else None)
    if json:
        show.as_json(done.as_json())
    else:
        show.table("Replay", ("what", "submissions"), [(name, str(value)) for name, value in done.as_json().items()])
    raise typer.Exit(int(not done.whole))


@app.command()
def extract(*, jobs: Jobs = 1) -> None:
    """JSON Lines of pages on standard input → JSON Lines of articles. See docs/contract.md."""
    from services.cli import filters, jsonl

    raise typer.Exit(jsonl.run(filters.extract, jobs=jobs))


@app.command()
def classify(*, jobs: Jobs = 1) -> None:
    """JSON Lines of articles on standard input → JSON Lines of coded events. See docs/contract.md."""
    from services.cli import filters, jsonl

    raise typer.Exit(jsonl.run(filters.classify, jobs=jobs))


@app.command()
def merge() -> None:
    """JSON Lines of coded articles on standard input → a line per event with its incident. See docs/contract.md."""
    from services.cli import filters

    raise typer.Exit(filters.run_merge())
