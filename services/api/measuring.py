"""What the API tells of itself: the time of each request for Prometheus, a span of it, and `GET /metrics`.

`/metrics` is for the scraper beside the API, not for the public: what came through a proxy finds nothing there, and it
stands in no description of the API.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.dependencies import Behind
from shared import traces
from shared.delivery.pressure import Limit
from shared.metrics.catalogue import INTAKE_REFUSED, REQUEST_SECONDS
from shared.metrics.room import Room
from shared.settings import settings

#: Headers by which a proxy says for whom it asks.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
#: Asked every few seconds by machines: no span for these.
_QUIET = ("/metrics", "/v1/health", "/v1/health/live")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, behind: Behind) -> Response:
    """Tell what this process counted and how much room there is, in Prometheus's format. 404 for a proxy's request."""
    if any(name in request.headers for name in FORWARDED):
        raise HTTPException(404)
    room = CollectorRegistry()
    room.register(Room(behind.redis, behind.elasticsearch, behind.index_prefix, settings()))
    return Response(generate_latest() + generate_latest(room), media_type=CONTENT_TYPE_LATEST)


class Measuring:
    """Times every request by its route: paths hold numbers of incidents, of which there is no end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with _measured(scope) as told:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    told["http.response.status_code"] = message["status"]
                await send(message)

            await self._app(scope, receive, noting)


@contextmanager
def _measured(scope: Scope) -> Iterator[dict[str, str | int]]:
    start = time.perf_counter()
    method = scope["method"] if scope["method"] in _METHODS else "other"
    told: dict[str, str | int] = {"http.response.status_code": 500}
    try:
        if scope["path"] in _QUIET:
            yield told
            return
        with traces.request(method) as attributes:
            try:
                yield told
            finally:
                attributes.update(told, **{"http.route": _route(scope)})
    finally:
        status = f"{str(told['http.response.status_code'])[0]}xx"
        REQUEST_SECONDS.labels(method, _route(scope), status).observe(time.perf_counter() - start)


def _route(scope: Scope) -> str:
    """Return the path as it was declared; what matches none is "none"."""
    return str(getattr(scope.get("route"), "path", "none"))


def install(app: FastAPI) -> None:
    """Measure the requests of `app`, and tell of them. Raises SetupError as `traces.start`."""
    traces.start("api")
    # at zero from the start: Prometheus takes no first value for an increase
    REQUEST_SECONDS.labels("POST", "/v1/submissions", "5xx")
    for limit in Limit:
        INTAKE_REFUSED.labels(limit.value)
    app.add_middleware(Measuring)
    app.include_router(router)
