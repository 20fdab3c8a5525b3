"""What the API tells of itself: the time of each request for Prometheus, a span of it, and `GET /metrics`.

`/metrics` is for the scraper beside the API, not for the public: what came through a proxy finds nothing there, and it
stands in no description of the API.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import traces
from shared.metrics.catalogue import REQUEST_SECONDS

#: Headers by which a proxy says for whom it asks.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
#: Asked every few seconds by machines: no span for these.
_QUIET = ("/metrics", "/v1/health", "/v1/health/live")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

router = APIRouter()


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """Tell what this process counted, in Prometheus's format. 404 for what a proxy passed on."""
    if any(name in request.headers for name in FORWARDED):
        raise HTTPException(404)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


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
    app.add_middleware(Measuring)
    app.include_router(router)
