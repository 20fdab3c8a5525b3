"""Errors as problem documents (RFC 9457), and the cap on request bodies."""

import http
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.domain.base import Model
from shared.errors import Unavailable
from shared.search.paging import Unanswerable

MEDIA_TYPE = "application/problem+json"
#: Largest request body in bytes. A submission is a URL and a few words.
MAX_BODY_BYTES = 1_000_000
#: Seconds after which a client may try again when a server we need is away.
RETRY_AFTER_S = 10


class Problem(Model):
    """An error as RFC 9457 writes it."""

    type: str = Field(description="about:blank: the title says it all.")
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(default=[], description="What is wrong with which field.")


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the description of a route says of the problems that it may answer instead."""
    return {
        status: {
            "description": http.HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
        }
        for status in statuses
    }


#: What every route may answer instead.
RESPONSES = described(421, 422, 503)


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any) -> JSONResponse:
    """Return a problem document: type, title, status, detail, and what else is known."""
    content = {"type": "about:blank", "title": http.HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(
        jsonable_encoder(content | members),
        status_code=status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem document and refuse bodies over `MAX_BODY_BYTES`."""

    def invalid(_: Request, error: Exception) -> JSONResponse:
        faults = [
            {"field": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]}
            for fault in (error.errors() if isinstance(error, RequestValidationError) else [])
        ]
        return problem(422, "The request does not fit its description.", errors=faults)

    def refused(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, StarletteHTTPException):
            return problem(500, "An error of ours.")
        if error.status_code == http.HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that it cannot decode
            return problem(422, str(error.detail))
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

    def away(_: Request, error: Exception) -> JSONResponse:
        return problem(503, str(error), headers={"Retry-After": str(RETRY_AFTER_S)})

    def unanswerable(_: Request, error: Exception) -> JSONResponse:
        return problem(422, str(error))

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Unanswerable, unanswerable)
    app.add_exception_handler(StarletteHTTPException, refused)
    app.add_exception_handler(Unavailable, away)
    app.add_exception_handler(Exception, refused)
    app.add_middleware(BodyCap)


class BodyCap:
    """ASGI middleware: answers 413 when a body is announced, or turns out, to be over `MAX_BODY_BYTES`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > MAX_BODY_BYTES:
            await _too_large(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY_BYTES:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, counted, send)


_TOO_LARGE = f"A request body may have {MAX_BODY_BYTES} bytes."


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await problem(413, _TOO_LARGE)(scope, receive, send)
