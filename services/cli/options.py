"""What several commands share: their options, and the way to the API."""

from typing import Annotated

import typer

from services.cli.client import Client
from shared.settings import settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Processes.")]


def client(*, timeout_s: float = 30) -> Client:
    """Return the way to the API of the instance that runs here, or to `TOCSIN_API_URL`."""
    from services.cli.embedded.instance import api_url

    return Client(api_url(settings()), timeout_s=timeout_s)
