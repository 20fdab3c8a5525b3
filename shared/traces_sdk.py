"""The part of `traces` that needs the extra: OpenTelemetry's SDK, with ids that a submission gives."""

from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_shutdown
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Tracer

from shared import traces


class Ids(RandomIdGenerator):
    """Random ids, but for the first span of a submission's trace."""

    def __init__(self, submitted: Callable[[], str | None]) -> None:
        """`submitted`: the submission whose first span is being opened, if that is so."""
        self._submitted = submitted

    def generate_span_id(self) -> int:
        """Return the id of a new span."""
        one = self._submitted()
        return traces.root_id(one) if one else super().generate_span_id()

    def generate_trace_id(self) -> int:
        """Return the id of a new trace."""
        one = self._submitted()
        return traces.trace_id(one) if one else super().generate_trace_id()


def tracer(service: str, submitted: Callable[[], str | None], *, flush_ms: int) -> tuple[Tracer, Callable[[], None]]:
    """Return what opens spans, and what sends the last of them and ends.

    They are sent in the background over OTLP/HTTP. A collector that is away loses them.
    """
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), id_generator=Ids(submitted))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))

    def flush(**_: Any) -> None:
        provider.force_flush(flush_ms)

    # a child of a pool that is replaced ends without running what is registered for the end
    worker_process_shutdown.connect(flush, weak=False)
    return provider.get_tracer("tocsin"), provider.shutdown
