"""OpenTelemetry traces, as an option: one span for an item of work, one inside it for each call of a vendor.

Nothing of OpenTelemetry is imported while traces are off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

INSTALL = "traces need the extra `otel`: pip install 'syncproof[otel]'"


class Span(Protocol):
    def note(self, **facts: object) -> None: ...


class Tracer(Protocol):
    def span(self, name: str, **facts: object) -> AbstractContextManager[Span]: ...

    def close(self) -> None:
        """Send what is not sent yet."""


class TracingError(RuntimeError):
    """Traces are wanted and cannot be made; the text says what to install."""


class _Silent:
    """A span and a tracer that tell nobody."""

    def note(self, **facts: object) -> None:
        pass

    def span(self, name: str, **facts: object) -> AbstractContextManager[Span]:
        return _QUIET

    def close(self) -> None:
        pass


NO_TRACES = _Silent()
_QUIET: AbstractContextManager[Span] = nullcontext(NO_TRACES)


class OtelSpan:
    def __init__(self, span: Any) -> None:
        self._span = span

    def note(self, **facts: object) -> None:
        for name, value in facts.items():
            self._span.set_attribute(f"sync.{name}", str(value))


class OtelTracer:
    """Over a TracerProvider of OpenTelemetry's SDK."""

    def __init__(self, provider: Any) -> None:
        self._provider, self._tracer = provider, provider.get_tracer("sync_engine")

    @contextmanager
    def span(self, name: str, **facts: object) -> Iterator[Span]:
        with self._tracer.start_as_current_span(name) as span:
            own = OtelSpan(span)
            own.note(**facts)
            yield own

    def close(self) -> None:
        self._provider.shutdown()


def open_tracer(traces: str, endpoint: str) -> Tracer:
    """`traces`: off, console or otlp. Raises TracingError."""
    if traces == "off":
        return NO_TRACES
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    except ImportError:
        raise TracingError(INSTALL) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "syncproof-engine"}))
    provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter(out=sys.stdout) if traces == "console" else _otlp(endpoint)))
    return OtelTracer(provider)


def _otlp(endpoint: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise TracingError(INSTALL) from None
    return OTLPSpanExporter(endpoint=endpoint or None)
