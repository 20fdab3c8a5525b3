"""`tocsin incident`: look at one incident and its history, and correct it."""

import json as jsons
import os
from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.options import Json, client

app = typer.Typer(help="Look at one incident and its history, and correct it.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="ID", help="The incident: TCN-…")]
Why = Annotated[str, typer.Option(help="Why, for those who read the history.")]
Who = Annotated[str, typer.Option(help="Who decides; the account that runs this, by default.")]
Seen = Annotated[int | None, typer.Option(min=1, help="The revision looked at; by default what is stored now.")]
ME = os.environ.get("USER", "")


@app.command("show")
def show_(number: Number, *, json: Json = False) -> None:
    """Show an incident and its sources with the ids of their reports. A merged one leads to the one that stands."""
    with client() as api:
        found = api.incident(number)
    if json:
        show.as_json(found)
        return
    if found["id"] != number:
        show.out.print(f"{number} was merged into {found['id']}.")
    show.incidents([found])
    flags = [found["status"], f"revision {found['revision']}", *(["locked"] if found["locked"] else [])]
    flags += [f"edited: {', '.join(found['edited'])}"] if found["edited"] else []
    show.out.print(", ".join(flags), markup=False)
    rows = [(one["report_id"], one["published"] or "", one["site"] or "", one["title"]) for one in found["sources"]]
    show.table("Sources", ("report", "published", "site", "title"), rows)


@app.command()
def merge(number: Number, into: Number, *, why: Why, who: Who = ME, revision: Seen = None, json: Json = False) -> None:
    """Say that the first incident is the second, which stands for both from now on."""
    _decide("merge", number, {"why": why, "who": who, "into": into}, revision, json=json)


@app.command()
def split(
    number: Number,
    reports: Annotated[list[str], typer.Argument(help="Ids of the reports that leave, as `show` gives them.")],
    *,
    why: Why,
    who: Who = ME,
    revision: Seen = None,
    json: Json = False,
) -> None:
    """Say that some reports tell another happening, which gets a number of its own."""
    _decide("split", number, {"why": why, "who": who, "reports": reports}, revision, json=json)


@app.command()
def move(
    number: Number,
    report: Annotated[str, typer.Argument(help="Id of the report, as `show` gives it.")],
    to: Number,
    *,
    why: Why,
    who: Who = ME,
    revision: Seen = None,
    json: Json = False,
) -> None:
    """Say that a report of the first incident tells the second."""
    _decide("move", number, {"why": why, "who": who, "report": report, "to": to}, revision, json=json)


@app.command()
def edit(
    number: Number,
    fields: Annotated[list[str], typer.Argument(help='FIELD=VALUE, the value as JSON or words: title="A bomb".')],
    *,
    why: Why,
    who: Who = ME,
    revision: Seen = None,
    json: Json = False,
) -> None:
    """Set fields, whatever the sources say. `null` says that a field is unknown."""
    given = dict(_field(one) for one in fields)
    _decide("edit", number, {"why": why, "who": who, "fields": given}, revision, json=json)


@app.command()
def retract(number: Number, *, why: Why, who: Who = ME, revision: Seen = None, json: Json = False) -> None:
    """Say that this is no incident."""
    _decide("retract", number, {"why": why, "who": who}, revision, json=json)


@app.command()
def lock(number: Number, *, why: Why, who: Who = ME, revision: Seen = None, json: Json = False) -> None:
    """Keep all fields as they are. Sources are still added."""
    _decide("lock", number, {"why": why, "who": who}, revision, json=json)


@app.command()
def unlock(number: Number, *, why: Why, who: Who = ME, revision: Seen = None, json: Json = False) -> None:
    """Let the fields follow the sources again."""
    _decide("unlock", number, {"why": why, "who": who}, revision, json=json)


@app.command()
def undo(
    number: Number,
    decision: Annotated[str, typer.Argument(help="Its id, as `history` gives it.")],
    *,
    why: Why,
    who: Who = ME,
    revision: Seen = None,
    json: Json = False,
) -> None:
    """Make it as if a decision had never been. It stays in the history."""
    _decide("undo", number, {"why": why, "who": who, "decision": decision}, revision, json=json)


@app.command()
def history(number: Number, *, json: Json = False) -> None:
    """Show every decision about an incident, the oldest first."""
    with client() as api:
        found = api.history(number)
    if json:
        show.as_json(found)
        return
    rows = [
        (one["id"], one["at"][:19], one["kind"], "stands" if row["stands"] else "", one["who"], one["why"])
        for row in found["decisions"]
        for one in (row["decision"],)
    ]
    show.table(f"Decisions about {number}", ("decision", "at", "kind", "state", "who", "why"), rows)


def _decide(kind: str, number: str, body: dict[str, Any], revision: int | None, *, json: bool) -> None:
    with client() as api:
        # what is stored now is what is shown now: who looked earlier says which revision it was
        seen = api.record(number)["revision"] if revision is None else revision
        done = api.decide(number, kind, {**body, "revision": seen})
    if json:
        show.as_json(done)
        return
    show.out.print(f"{kind}: decision {done['decision']['id']}")
    rows = [(one["id"], one["status"], str(one["revision"]), str(one["reports"])) for one in done["incidents"]]
    show.table("Incidents", ("incident", "status", "revision", "told by"), rows)


def _field(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not FIELD=VALUE")
    try:
        return name, jsons.loads(value)
    except ValueError:
        return name, value
