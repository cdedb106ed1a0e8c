"""OpenTelemetry, where it is asked for (`JURYGRID_TRACING=1`, and its own `OTEL_*` variables); else a span costs one comparison."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

_tracer: Any = None


def set_up(service: str, exporter: Any = None) -> None:
    """Send spans by OTLP, or to an exporter that is given."""
    global _tracer  # noqa: PLW0603 - one for the process, as OpenTelemetry's own
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    else:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    _tracer = provider.get_tracer("jurygrid")


@contextlib.contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """Mark a piece of work."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(name, attributes=attributes):
        yield
