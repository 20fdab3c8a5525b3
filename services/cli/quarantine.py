"""`tocsin quarantine`: look at what failed for good, send it back, or drop it."""

import json as jsons
from typing import Annotated, Any

import typer

from services.cli import show
from services.cli.options import Json, client
from shared.pipeline import STAGES

app = typer.Typer(help="Look at what failed for good, send it back, or drop it.", no_args_is_help=True)

#: Characters of a message shown to people; --json gives all of it.
MESSAGE_CHARS = 2000


def _step(name: str) -> str:
    if name not in STAGES:
        raise typer.BadParameter(f"{name!r} is no step; one of {', '.join(STAGES)}")
    return name


Step = Annotated[str, typer.Argument(parser=_step, metavar="STEP", help="The step at which it failed.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these.")]


@app.command("list")
def list_(
    step: Annotated[
        str | None, typer.Argument(parser=_step, metavar="[STEP]", help="One step, message by message.")
    ] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most messages shown.")] = 20,
    json: Json = False,
) -> None:
    """Count what lies in quarantine by step, or list the oldest of one step."""
    with client() as api:
        found = api.quarantined(step, limit=limit) if step else api.quarantine()
    if json:
        show.as_json(found)
    elif step:
        columns = ("id", "failed at", "attempts", "error", "url")
        rows = [
            (row["id"], _moment(row["failed_at"]), str(row["attempts"]), _line(row["error"]), row["url"] or "")
            for row in found["rows"]
        ]
        show.table(f"Quarantine of {step}", columns, rows)
        show.out.print(f"{len(rows)} of {found['total']}")
    else:
        counts = [
            (name, str(at["count"]), _moment(at["oldest_failed_at"]), _moment(at["newest_failed_at"]))
            for name, at in found["steps"].items()
        ]
        show.table("Quarantine", ("step", "messages", "oldest", "newest"), counts)


@app.command("show")
def show_(
    step: Step, specimen_id: Annotated[str, typer.Argument(metavar="ID", help="Its id.")], *, json: Json = False
) -> None:
    """Show one message: what went wrong where, the traceback, and the rest of its journey."""
    with client() as api:
        found = api.specimen(step, specimen_id)
    if json:
        show.as_json(found)
        return
    long = ("traceback", "message")
    show.table("Quarantined", ("what", "value"), [(k, _line(v)) for k, v in found.items() if k not in long])
    message = jsons.dumps(found["message"], ensure_ascii=False, indent=2)
    cut = f"\n… {len(message) - MESSAGE_CHARS} characters more; --json shows them"
    message = message if len(message) <= MESSAGE_CHARS else message[:MESSAGE_CHARS] + cut
    show.out.print(f"\n{found['traceback']}\n{message}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def retry(
    step: Step,
    ids: Ids = None,
    *,
    most: Annotated[int, typer.Option("--max", min=1, max=1000, help="Most messages sent, the oldest first.")] = 100,
    json: Json = False,
) -> None:
    """Send messages back to their step; what still fails comes back once. Exits with 1 when one cannot be sent."""
    with client() as api:
        done = api.retry(step, most=most, ids=ids or [])
    words = {
        "sent": "in flight again",
        "unreadable": "cannot be read by this version, stay",
        "still_open": "not recorded as failed yet, stay: try again in a moment",
        "not_found": "not there",
    }
    _report(done, words, json=json)
    raise typer.Exit(int(any(done[what] for what in words if what != "sent")))


@app.command()
def drop(
    step: Step,
    ids: Ids = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that there is.")] = False,
    json: Json = False,
) -> None:
    """Delete messages for good. Their submissions stay on record as quarantined. Exits with 1 when one is not there."""
    if bool(ids) == everything:
        raise typer.BadParameter("name what to drop, or say --all")
    with client() as api:
        done = api.drop(step, ids=ids or [])
    _report(done, {"dropped": "deleted", "not_found": "not there"}, json=json)
    raise typer.Exit(int(bool(done["not_found"])))


def _report(done: dict[str, int], words: dict[str, str], *, json: bool) -> None:
    if json:
        show.as_json(done)
        return
    parts = [f"{done[what]} {word}" for what, word in words.items() if done[what]] or ["nothing to do"]
    show.out.print(f"{'; '.join(parts)}. {done['remaining']} in quarantine.", markup=False, highlight=False)


def _moment(value: str | None) -> str:
    return value[:19].replace("T", " ") if value else ""


def _line(value: Any) -> str:
    return " ".join(str(value).split()) if value is not None else ""
