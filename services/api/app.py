"""The FastAPI application: `uvicorn services.api.app:create_app --factory`."""

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

import shared
from services.api import (
    alerts,
    articles,
    audit,
    curation,
    incidents,
    measuring,
    operations,
    problems,
    quarantine,
    submissions,
)
from services.api.dependencies import Services
from services.api.door import Door
from services.api.exports import routes as exports
from shared import broker, logs
from shared.connections import open_redis
from shared.delivery.ledger import Ledger
from shared.delivery.pressure import Gauge, pressure
from shared.incidents.requests import Stale
from shared.index import WrongVersion, connect, need_fitting
from shared.settings import settings

DESCRIPTION = """Turns news articles into a searchable record of security incidents.

Submit a URL, follow it by its receipt, search the incidents. Errors are problem documents (RFC 9457)."""


def create_app(services: Services | None = None) -> FastAPI:
    """Return the application over `services`, by default those of the settings."""
    logs.configure(settings())
    app = FastAPIOffline(title="Tocsin", version=shared.__version__, description=DESCRIPTION)
    app.state.services = services or _from_settings()
    problems.install(app)
    measuring.install(app)
    app.add_middleware(Door, hosts=settings().known_as)  # last: the outermost
    app.add_exception_handler(Stale, curation.stale)
    # exports before incidents: "export" is no number of one
    for module in (submissions, exports, incidents, articles, curation, operations, quarantine, audit, alerts):
        app.include_router(module.router, responses=problems.RESPONSES)

    @app.get("/", include_in_schema=False)
    def root() -> RedirectResponse:
        return RedirectResponse("/docs")

    return app


def _from_settings() -> Services:
    redis = open_redis()
    ledger = Ledger(redis)
    elasticsearch = connect(settings().elasticsearch_url)
    try:
        need_fitting(elasticsearch, settings().index_prefix)
    except WrongVersion as error:
        raise SystemExit(str(error)) from error
    return Services(
        redis=redis,
        ledger=ledger,
        elasticsearch=elasticsearch,
        index_prefix=settings().index_prefix,
        send=broker.send,
        pressure=Gauge(lambda: pressure(redis, ledger, settings())),
    )
