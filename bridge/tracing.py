"""Traces by OpenTelemetry, where `leadbridge[otel]` is installed and LEADBRIDGE_TRACES is true. Its one home.

A webhook is a span; its context is stored with the request. A call to Zoho, perhaps hours later and with leads of many
webhooks, is a trace of its own, linked to theirs. Off, each place costs one comparison. No span holds personal data.
https://opentelemetry.io/docs/concepts/signals/traces/#span-links
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from bridge import __version__
from bridge.errors import LeadbridgeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Link, Span, Tracer

_on: Final[list[Tracer]] = []
"""The tracer of this process, once `configure` was called."""

_OFF: Final = nullcontext()


def configure(part: str, *, processor: SpanProcessor | None = None) -> None:
    """Start to trace in this process; call it after a fork. Spans go by OTLP to where OTEL_EXPORTER_OTLP_... says.

    With a `processor` they go there instead. Raises LeadbridgeError when the extra is not installed.
    """
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
    except ImportError as error:
        raise LeadbridgeError("LEADBRIDGE_TRACES is true, but leadbridge[otel] is not installed") from error
    resource = {"service.name": "leadbridge", "service.version": __version__, "leadbridge.part": part}
    provider = TracerProvider(resource=Resource.create(resource))
    provider.add_span_processor(processor or _to_collector())
    _on[:] = [provider.get_tracer("leadbridge", __version__)]


def stop() -> None:
    """Trace no more in this process."""
    _on.clear()


def is_on() -> bool:
    """Whether this process traces."""
    return bool(_on)


def webhook(hook: str, method: str, headers: Mapping[str, str]) -> AbstractContextManager[Any]:
    """The span of one webhook, around its receipt. A sender's own trace is linked, since anybody may name one."""
    if not _on:
        return _OFF
    attributes = {"http.request.method": method, "http.route": "/hooks/<name>", "leadbridge.hook": hook}
    return _span(f"{method} /hooks/{hook}", "SERVER", [headers.get("traceparent", "")], attributes)


def delivery(api: str, account: str, call: str, leads: int, traceparents: Iterable[str]) -> AbstractContextManager[Any]:
    """The span of one call to Zoho, linked to the webhooks that its leads came by."""
    if not _on:
        return _OFF
    attributes = {
        "leadbridge.api": api,
        "leadbridge.account": account,
        "leadbridge.call": call,
        "leadbridge.leads": leads,
    }
    return _span(f"deliver {api}", "CLIENT", traceparents, attributes)


def note(**attributes: str | int) -> None:
    """Add attributes to the span in whose block this is called; their names get the prefix `leadbridge.`."""
    if _on:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes({f"leadbridge.{name}": value for name, value in attributes.items()})


def traceparent() -> str:
    """The context of the current span as the W3C's header has it, "" where there is none."""
    if not _on:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def _span(name: str, kind: str, traceparents: Iterable[str], attributes: Mapping[str, Any]) -> Iterator[Span]:
    """A span that is an error if its block raises; the exception's text, which may be personal, is left out."""
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind, StatusCode

    with _on[0].start_as_current_span(
        name,
        context=Context(),
        kind=SpanKind[kind],
        links=list(_links(traceparents)),
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except Exception as error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def _links(traceparents: Iterable[str]) -> Iterator[Link]:
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    for text in dict.fromkeys(traceparents):
        context = TraceContextTextMapPropagator().extract({"traceparent": text}, Context())
        found = get_current_span(context).get_span_context()
        if found.is_valid:
            yield Link(found)


def _to_collector() -> SpanProcessor:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise LeadbridgeError("LEADBRIDGE_TRACES is true, but leadbridge[otel] is not installed") from error
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter())
