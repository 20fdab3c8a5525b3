"""OpenTelemetry traces, where OTEL_EXPORTER_OTLP_ENDPOINT is set: one submission is one trace through all queues.

    submit ── fetch ── extract ── classify ── index ── record          trace id = the submission's id

Both ids of the root span are read off the submission, so every process knows them: nothing has to travel with the
messages, of which one carries sixteen submissions, and what is sent again, or replayed, stays in its trace. Needs the
extra `traces`; without the setting nothing of it is imported. The SDK reads its other settings (`OTEL_*`) itself.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from shared.errors import Discard, SetupError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

#: The settings that switch traces on, those of OpenTelemetry itself.
SETTINGS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
#: Milliseconds that a process which ends may take to send what it has.
_FLUSH_MS = 2000

_tracers: "list[Tracer]" = []
_ends: list[Callable[[], None]] = []
_submitted: ContextVar[str] = ContextVar("submitted")


def wanted() -> bool:
    """Return whether traces are switched on."""
    return any(os.environ.get(name) for name in SETTINGS)


def start(service: str) -> None:
    """Send this process's spans, and those of the children that it forks, under the name `tocsin-<service>`.

    Raises:
        SetupError: traces are switched on, and the extra is not installed.
    """
    if not wanted() or _tracers:
        return
    try:
        from shared import traces_sdk
    except ImportError as error:
        raise SetupError(
            f"{SETTINGS[0]} is set, and {error.name} is missing: install tocsin[traces], or unset it"
        ) from error
    name = os.environ.get("OTEL_SERVICE_NAME", f"tocsin-{service}")
    tracer, end = traces_sdk.tracer(name, lambda: _submitted.get(None), flush_ms=_FLUSH_MS)
    _tracers.append(tracer)
    _ends.append(end)


def stop() -> None:
    """Send what is left, and open no spans from now on."""
    _tracers.clear()
    while _ends:
        _ends.pop()()


def trace_id(submission_id: str) -> int:
    """Return the id of a submission's trace, which is its own."""
    return int(submission_id, 16)


def root_id(submission_id: str) -> int:
    """Return the id of the first span of that trace: half of it."""
    return int(submission_id[:16], 16) or 1


@contextmanager
def spans(step: str, submission_ids: Sequence[str]) -> Iterator[None]:
    """Open a span in the trace of each submission; what the block raises stands in all, a Discard as no error."""
    if not _tracers:
        yield
        return
    from opentelemetry.trace import Status, StatusCode

    opened = [_open(step, one) for one in submission_ids]
    try:
        yield
    except Discard as verdict:
        for span in opened:
            span.set_attribute("tocsin.reason", verdict.reason.value)
        raise
    except Exception as error:
        for span in opened:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        for span in opened:
            span.end()


def _open(step: str, submission_id: str) -> "Span":
    attributes = {"tocsin.step": step, "tocsin.submission": submission_id}
    return _tracers[0].start_span(step, context=_under(submission_id), attributes=attributes)


def _under(submission_id: str) -> "Context":
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    root = SpanContext(
        trace_id(submission_id), root_id(submission_id), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    return set_span_in_context(NonRecordingSpan(root), Context())


@contextmanager
def submitting(submission_id: str) -> Iterator[None]:
    """Open the first span of a submission's trace, linked to the request that brought it."""
    if not _tracers:
        yield
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, get_current_span

    token = _submitted.set(submission_id)
    try:
        span = _tracers[0].start_span(
            "submit",
            context=Context(),
            attributes={"tocsin.submission": submission_id},
            links=[Link(get_current_span().get_span_context())],
        )
    finally:
        _submitted.reset(token)
    try:
        yield
    finally:
        span.end()


@contextmanager
def request(method: str) -> Iterator["dict[str, str | int]"]:
    """Open a span of its own trace around a request. What is put into the dictionary becomes its attributes."""
    told: dict[str, str | int] = {}
    if not _tracers:
        yield told
        return
    from opentelemetry.trace import SpanKind

    with ExitStack() as stack:
        span = stack.enter_context(_tracers[0].start_as_current_span(method, kind=SpanKind.SERVER))
        yield told
        span.update_name(f"{method} {told.get('http.route', '')}".strip())
        span.set_attributes({"http.request.method": method, **told})
