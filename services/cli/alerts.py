"""`tocsin alerts`: save a search, say whom to tell, test it, remove it."""

import json as jsons
from typing import Annotated, Any, get_origin
from urllib.parse import parse_qs

import typer

from services.cli import show
from services.cli.options import Json, client

app = typer.Typer(help="Saved searches that tell somebody of what changes.", no_args_is_help=True)

AlertId = Annotated[str, typer.Argument(metavar="ID", help="Its id.")]


@app.command("list")
def list_(*, json: Json = False) -> None:
    """List every alert."""
    with client() as api:
        found = api.alerts()
    if json:
        show.as_json(found)
        return
    columns = ("id", "name", "tells", "state", "why", "value")
    rows = [
        (one["id"], one["name"], _receiver(one), one["state"], one["reason"] or "", jsons.dumps(one["query"]))
        for one in found["alerts"]
    ]
    show.table("Alerts", columns, rows)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    query: Annotated[str, typer.Argument(help="As in the URL of a search: q=rockets&country=IQ; or JSON.")],
    *,
    webhook: Annotated[str | None, typer.Option(help="URL to post matches to.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="Address to mail them to; may be repeated.")] = None,
    json: Json = False,
) -> None:
    """Save a search. Without --webhook or --email its matches are noted in the log alone."""
    if webhook and email:
        raise typer.BadParameter("one of --webhook and --email")
    channel: dict[str, Any] = {"type": "none"}
    if webhook:
        channel = {"type": "webhook", "url": webhook}
    if email:
        channel = {"type": "email", "addresses": email}
    with client() as api:
        made = api.add_alert({"name": name, "query": _query(query), "channel": channel})
    if json:
        show.as_json(made)
        return
    show.out.print(made["id"], markup=False, highlight=False)
    if made["secret"]:
        show.out.print(f"secret, shown this once: {made['secret']}", markup=False, highlight=False, soft_wrap=True)


@app.command("test")
def try_(alert_id: AlertId, *, json: Json = False) -> None:
    """Have a test sent; GET /v1/alerts/ID/deliveries tells how it went."""
    with client() as api:
        sent = api.test_alert(alert_id)
    if json:
        show.as_json(sent)
    else:
        show.out.print(f"{sent['id']} {sent['status']}", markup=False, highlight=False)


@app.command()
def remove(alert_id: AlertId) -> None:
    """Delete an alert. What waits for its receiver is dropped."""
    with client() as api:
        api.remove_alert(alert_id)


def _query(text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            read: dict[str, Any] = jsons.loads(text)
        except ValueError as error:
            raise typer.BadParameter(f"no JSON: {error}") from error
        return read
    pairs = parse_qs(text, keep_blank_values=True)
    many = _repeated()
    return {name: values if name in many or len(values) > 1 else values[0] for name, values in pairs.items()}


def _repeated() -> set[str]:
    """Return the parameters of a search that may be given several times."""
    from shared.search.incidents import IncidentQuery

    return {name for name, field in IncidentQuery.model_fields.items() if get_origin(field.annotation) is tuple}


def _receiver(alert: dict[str, Any]) -> str:
    return alert["url"] or " ".join(alert["addresses"]) or "nobody"
