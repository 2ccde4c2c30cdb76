"""A call's span is linked to the spans of the webhooks that brought its leads, and nothing is stored when off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bridge import tracing
from bridge.outbox import operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.delivery.conftest import Pipeline

ACTIONS = "  - subscribe: {list: Newsletter}\n"
OTHERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.configure("test", processor=SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop()


def test_a_call_is_linked_to_the_webhooks_of_its_leads(pipeline: Pipeline, spans: InMemorySpanExporter) -> None:
    for name in ("ada", "grace"):
        with tracing.webhook("form", "POST", {"traceparent": OTHERS}):
            pipeline.receive(ACTIONS, f"{name}@example.com")
    pipeline.deliver()
    received = [span for span in spans.get_finished_spans() if span.name == "POST /hooks/form"]
    called = [span for span in spans.get_finished_spans() if span.name.startswith("deliver ")]
    assert len(received) == 2
    ids = {span.context.span_id for span in received}
    assert {link.context.span_id for span in called for link in span.links} == ids
    for span in received:
        assert [f"{link.context.trace_id:032x}" for link in span.links] == [OTHERS.split("-")[1]]
        assert (span.attributes or {})["leadbridge.events"] == 1
    for span in called:
        assert (span.attributes or {})["leadbridge.http_status"] == 200
    assert "example.com" not in "".join(span.to_json() for span in spans.get_finished_spans())


def test_an_exception_is_an_error_without_its_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="ada"), tracing.webhook("form", "POST", {}):
        raise ValueError("ada@example.com")
    (span,) = spans.get_finished_spans()
    assert (span.status.description, span.events) == ("ValueError", ())


def test_nothing_is_stored_and_nothing_traced_when_it_is_off(pipeline: Pipeline) -> None:
    with tracing.webhook("form", "POST", {"traceparent": OTHERS}):
        pipeline.receive(ACTIONS, "ada@example.com")
    stored = operator.request_of(pipeline.store, 1)
    assert stored is not None
    assert "traceparent" not in orjson.loads(stored.meta or b"{}")
