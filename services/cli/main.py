"""`tocsin`: run it, feed it, search it, check it, and use its workers as filters.

Heavy imports stand inside the commands, so that each starts as fast as it can.
"""

import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

import shared
from services.cli import alerts, export, incident, quarantine, show, upkeep
from services.cli import search as searching
from services.cli.options import Jobs, Json
from services.cli.options import client as _client
from shared.errors import UNAVAILABLE, TocsinError, Unavailable
from shared.settings import settings

app = typer.Typer(
    help="Turns news articles into a searchable record of security incidents.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(quarantine.app, name="quarantine")
app.command("export")(export.export)
app.add_typer(incident.app, name="incident")
app.add_typer(alerts.app, name="alerts")
for command in (upkeep.backup, upkeep.restore, upkeep.upgrade):
    app.command()(command)
DAY = ["%Y-%m-%d"]
#: Seconds for which `audit --deep` waits: it reads every id there is.
DEEP_S = 3600


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(shared.__version__)
        raise typer.Exit


@app.callback()
def options(
    *, version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False
) -> None:
    """Turns news articles into a searchable record of security incidents."""


def main() -> None:
    """Run the command line; an error of ours is one line, not a traceback."""
    try:
        app()
    except TocsinError as error:
        Console(stderr=True).print(f"tocsin: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(UNAVAILABLE if isinstance(error, Unavailable) else 1)


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
    """Show the processes that `up` started, which workers answer, what waits. Exits with 3 when a server is away."""
    from services.cli.embedded import run

    children = run.status(settings())
    with _client() as api:
        health = api.health()
        queues = api.queues() if health and health.get("redis") else None
    if json:
        show.as_json({"processes": children, "health": health, "queues": queues})
    else:
        if children:
            show.processes(children)
        elif health:
            show.out.print(
                f"{api.url} answers; what runs there was not started by `tocsin up` here.", markup=False, soft_wrap=True
            )
        if health:
            show.health(health)
        if queues:
            show.queues(queues)
    if not health:
        raise api.away()
    if not (health["redis"] and health["elasticsearch"]):
        raise typer.Exit(UNAVAILABLE)


@app.command()
def submit(
    urls: Annotated[list[str], typer.Argument(help="URLs; - reads them from standard input.")],
    *,
    label: Annotated[list[str] | None, typer.Option(help="A word kept with the outcome; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option(help="Return when each has ended.")] = False,
    patience: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="Wait so long while nothing more is taken in.")
    ] = 600,
    json: Json = False,
) -> None:
    """Submit URLs. Exits with 1 when one is not taken; a page that is discarded later is no failure."""
    from services.cli.submit import ended, submitted

    wanted = [line.strip() for line in sys.stdin if line.strip()] if urls == ["-"] else urls
    console = Console(stderr=True)
    with _client() as api:
        states = list(
            submitted(
                api,
                wanted,
                labels=tuple(label or ()),
                patience_s=patience,
                say=lambda words: console.print(words, markup=False, soft_wrap=True),
            )
        )
        if wait:
            states = [ended(api, state["id"]) if state["id"] else state for state in states]
    if json:
        show.as_json(states)
    else:
        show.submissions(states)
    raise typer.Exit(int(any(state["id"] is None for state in states)))


app.command("search")(searching.search)


@app.command()
def audit(
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Compare every id of every day, not only counts.")] = False,
    json: Json = False,
) -> None:
    """Check that every accepted submission has one outcome or is on its way; exit with 1 if not, and name it."""
    from services.cli import audit as auditing

    with _client(timeout_s=DEEP_S if deep else 120) as api:
        found = api.audit(deep=deep)
    if json:
        show.as_json(found)
    else:
        auditing.print_audit(found)
    raise typer.Exit(int(auditing.differs(found)))


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
def explain(
    article: Annotated[
        typer.FileBinaryRead,
        typer.Argument(help="JSON of the contract, or text whose first line is the title; - for input."),
    ],
    *,
    json: Json = False,
) -> None:
    """Show why an article is coded as it is: gate, verdict, events, and what was seen in every sentence."""
    from services.cli import explain as explaining

    found = explaining.of(article.read())
    if json:
        show.as_json(found)
    else:
        explaining.print_explanation(found)


@app.command()
def merge() -> None:
    """JSON Lines of coded articles on standard input → a line per event with its incident. See docs/contract.md."""
    from services.cli import filters

    raise typer.Exit(filters.run_merge())
