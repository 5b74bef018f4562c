"""Numbers, traces, and never a secret."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from operators_desk import SECRETS, ask, log_of, settings_of
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tiny_vendors import World

from sync_engine.operations.tracing import NO_TRACES, OtelTracer, TracingError, open_tracer


def test_metrics_are_openmetrics_and_count_what_happened(world: World) -> None:
    world.vendors.won_deal()
    world.vendors.won_deal("502", sku="LEGACY-7", company="702", contact="302")
    engine = world.start(settings_of(world))
    world.until_quiet()
    ask(world, engine, "POST", "/w/crm", content=b"[]")

    answer = ask(world, engine, "GET", "/metrics")

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    values = {(sample.name, *sorted(sample.labels.values())): sample.value for each in families.values() for sample in each.samples}
    assert values["sync_work_total", "done", "order"] == 1
    assert values["sync_work_total", "order", "permanent"] == 1
    assert values["sync_vendor_calls_total", "417", "erp"] == 1
    assert values["sync_webhooks_total", "bad signature", "crm"] == 1
    assert values["sync_open_errors", "permanent"] == 1
    assert values["sync_ready",] == 1
    assert values["sync_propagation_delay_seconds_count",] >= 2
    assert {"sync_open_work", "sync_oldest_work_age_seconds", "sync_quota_used", "sync_replicas", "sync_build"} <= set(families)


def test_a_trace_shows_a_change_and_the_calls_it_took(world: World) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    world.vendors.won_deal()
    world.start(settings_of(world), tracer=OtelTracer(provider))
    world.until_quiet()

    spans = exporter.get_finished_spans()
    order = next(span for span in spans if span.name == "order order")
    calls = [span for span in spans if span.parent is not None and span.parent.span_id == order.context.span_id]
    assert dict(order.attributes or {})["sync.record"] == "501"
    assert dict(order.attributes or {})["sync.outcome"] == "done"
    create = next(span for span in calls if dict(span.attributes or {})["sync.path"] == "/api/resource/Sales%20Order")
    assert dict(create.attributes or {})["sync.outcome"] == "200"


@pytest.mark.parametrize("secret", list(SECRETS.values()))
def test_no_secret_is_ever_shown_even_if_a_vendor_repeats_it(world: World, secret: str) -> None:
    world.vendors.won_deal(sku=f"{secret} 7")
    settings = settings_of(world)
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    world.until_quiet()
    log("started", **{name: getattr(settings, name) for name in SECRETS})

    shown = [stream.getvalue(), repr(settings), repr(replace(settings)), str(engine.operators.errors())]
    shown += [ask(world, engine, "GET", path).text for path in ("/errors", "/health", "/ready", "/metrics")]
    assert len(engine.open_errors()) == 1, "without the vendor's words this test proves nothing"
    for text in shown:
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text


def test_traces_to_the_console_and_what_is_said_where_the_extra_is_missing(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = open_tracer("console", "")
    with tracer.span("order order", record="501") as span:
        span.note(outcome="done")
    tracer.close()
    assert json.loads(capfd.readouterr().out)["attributes"] == {"sync.record": "501", "sync.outcome": "done"}
    assert open_tracer("off", "") is NO_TRACES
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(TracingError, match=r"pip install 'syncproof\[otel\]'"):
        open_tracer("otlp", "")
