"""What operators see: errors with everything a person needs, waiting states, numbers, traces, and never a secret."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from postgres_server import PostgresServer
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tiny_vendors import CRM, ERP, World

from sync_engine.app import make_app
from sync_engine.context import Settings
from sync_engine.engine import Engine
from sync_engine.log import Log, line_log, masking
from sync_engine.operators import UnknownError
from sync_engine.tracing import OtelTracer

SECRETS = {
    "crm_token": "pat-na1-0123456789",
    "erp_key": "key-of-the-erp",
    "erp_secret": "hush-of-the-erp",
    "webhook_secret": 'signed "here"',
    "control_token": "control-me",
}


def settings_of(world: World, **changes: Any) -> Settings:
    named = {"crm_url": CRM, "erp_url": ERP, "webhook_url": "https://hook.example/w", "state_dir": world.state_dir, **SECRETS}
    return Settings(**{**named, **changes})


def log_of(world: World, settings: Settings) -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return line_log(world.clock, stream, form="json", mask=masking(settings.secrets())), stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def ask(world: World, engine: Engine, method: str, path: str, *, token: str = "", **more: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app=make_app(engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8480") as client:
            return await client.request(method, path, headers={**headers, **more.pop("headers", {})}, **more)

    return world.loop.run_until_complete(send())


# -- errors -------------------------------------------------------------------------------------------------------------------


def test_a_refused_deal_is_shown_with_its_screen_its_repair_and_what_the_vendor_said(world: World) -> None:
    world.vendors.won_deal(sku="LEGACY-7")
    engine = world.start(settings_of(world, crm_portal="4711"))
    world.until_quiet()

    report = engine.operators.find("crm deals 501")
    assert (report.classification, report.status, report.attempts) == ("permanent", "open", 1)
    assert report.screen == "https://app.hubspot.com/contacts/4711/record/0-3/501"
    assert "LEGACY-7" in report.cause
    assert report.last_call.startswith("POST /api/resource/Sales%20Order: HTTP 417")
    assert report.repair
    assert len(report.correlation) == 16
    assert report.first_seen == report.last_seen


def test_an_error_names_both_screens_once_there_is_a_pair(world: World) -> None:
    world.vendors.won_deal()
    engine = world.start(settings_of(world, crm_portal="4711"))
    world.until_quiet()
    store = engine.c.store
    store.bury("crm deals 501", "Somebody cancelled the order.", "", world.clock.now())

    report = engine.operators.find("crm deals 501")

    assert report.other_screen == f"{ERP}/app/sales-order/Sales%20Order-1"
    assert report.classification == "needs a person"


def test_the_work_that_a_change_leads_to_carries_its_correlation(world: World) -> None:
    world.vendors.won_deal(sku="LEGACY-7")
    settings = settings_of(world)
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    seen: set[str] = set()
    put = engine.c.store.put_work

    def noted(process: str, entity: str, record: str, due: Any, now: Any, correlation: str = "") -> None:
        if process in ("order", "tell") and record == "501":
            seen.add(correlation)
        put(process, entity, record, due, now, correlation)

    engine.c.store.put_work = noted  # type: ignore[method-assign]
    world.until_quiet()

    assert seen == {engine.operators.find("crm deals 501").correlation}
    problem = next(line for line in lines(stream) if line["event"] == "problem")
    assert problem["correlation"] in seen
    assert (problem["level"], problem["problem"], problem["record"], problem["attempt"]) == (
        "error",
        "crm deals 501",
        "order 501",
        1,
    )


def test_a_skipped_record_is_left_alone_until_it_changes(world: World) -> None:
    world.vendors.won_deal(sku="LEGACY-7")
    engine = world.start(settings_of(world))
    world.until_quiet()
    assert "LEGACY-7" in world.vendors.crm["deals"]["501"]["erp_sync_error"]
    engine.operators.skip("crm deals 501", "a test of ours", "Kim", world.clock.now())
    engine.look_for_requests()

    world.pass_time(600)  # our own words in the deal's error field are a change that polling sees: one more look
    tries = world.vendors.sent("POST", "Sales Order")
    world.pass_time(3600)
    assert engine.open_errors() == []
    assert world.vendors.crm["deals"]["501"]["erp_sync_error"] == ""
    assert world.vendors.sent("POST", "Sales Order") == tries
    assert "a test of ours (skipped by Kim" in engine.operators.find("crm deals 501").note

    world.vendors.edit("line_items", "9501", hs_sku="SKU-1")
    world.vendors.edit("deals", "501", dealname="Big one, corrected")
    world.pass_time(900)
    world.until_quiet()
    assert len(world.vendors.erp["Sales Order"]) == 1


def test_only_an_open_error_can_be_skipped_and_an_unknown_one_names_those_that_are_open(world: World) -> None:
    world.vendors.won_deal(sku="LEGACY-7")
    engine = world.start(settings_of(world))
    world.until_quiet()
    with pytest.raises(UnknownError, match="open: crm deals 501"):
        engine.operators.skip("crm deals 502", "why not", "Kim", world.clock.now())
    engine.operators.skip("crm deals 501", "why not", "Kim", world.clock.now())
    with pytest.raises(UnknownError, match="this one is skipped"):
        engine.operators.skip("crm deals 501", "why not", "Kim", world.clock.now())


# -- over HTTP ----------------------------------------------------------------------------------------------------------------


def test_errors_are_retried_over_http_with_the_control_token_only(world: World) -> None:
    world.vendors.won_deal(sku="LEGACY-7")
    engine = world.start(settings_of(world))
    world.until_quiet()
    asked = {"json": {"record": "crm deals 501"}}
    token = SECRETS["control_token"]
    world.vendors.items.add("LEGACY-7")

    assert ask(world, engine, "POST", "/errors/retry", **asked).status_code == 401
    assert ask(world, engine, "POST", "/errors/retry", token="wrong", **asked).status_code == 401
    assert ask(world, engine, "GET", "/errors/retry", token=token).status_code == 405
    assert ask(world, engine, "POST", "/errors/retry", token=token, json={"record": "crm deals 9"}).status_code == 404
    assert ask(world, engine, "POST", "/errors/retry", token=token, content=b"{").status_code == 400
    assert ask(world, engine, "POST", "/errors/skip", token=token, **asked).status_code == 400
    assert ask(world, engine, "POST", "/errors/retry", token=token, **asked).status_code == 200
    world.pass_time(60)
    assert len(world.vendors.erp["Sales Order"]) == 1
    assert engine.open_errors() == []


def test_without_a_control_token_nobody_may_change_anything(world: World) -> None:
    engine = world.start(settings_of(world, control_token=""))
    answer = ask(world, engine, "POST", "/errors/skip", token="", json={"record": "crm deals 501"})
    assert answer.status_code == 403


def test_a_page_that_points_its_own_name_here_is_sent_away(world: World) -> None:
    engine = world.start(settings_of(world))
    for host, status in (("evil.example", 421), ("localhost:8480", 200), ("[::1]:8480", 200), ("hook.example", 200)):
        assert ask(world, engine, "GET", "/errors", headers={"Host": host}).status_code == status, host


# -- waiting states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "mishap", "said"),
    [
        ("/crm/", "refuse", "the CRM cannot be reached"),
        ("/api/", "refuse", "the ERP cannot be reached"),
        ("/crm/", "401", "the CRM refuses our credentials"),
        ("/api/", "401", "the ERP refuses our credentials"),
        ("/crm/", "html", "the CRM does not work"),
        ("/crm/v3/properties", "403", "the fields of the integration cannot be made"),
    ],
)
def test_what_keeps_the_engine_from_working_is_visible_said_once_and_over_by_itself(
    world: World, system: str, mishap: str, said: str
) -> None:
    world.vendors.won_deal()
    world.vendors.mishap = lambda method, path, nth: mishap if path.startswith(system) else None
    settings = settings_of(world)
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    world.pass_time(3600)

    ready = ask(world, engine, "GET", "/ready")
    assert (ready.status_code, ask(world, engine, "GET", "/health").status_code) == (503, 200)
    assert said in ready.json()["waiting"]
    assert [cause for record, cause in engine.open_errors() if record.startswith("system ") and said in cause]
    assert [line["event"] for line in lines(stream) if line["event"] in ("waiting", "back")] == ["waiting"]

    world.vendors.mishap = lambda method, path, nth: None
    world.pass_time(1300)
    world.until_quiet()
    assert ask(world, engine, "GET", "/ready").status_code == 200
    assert engine.open_errors() == []
    assert len(world.vendors.erp["Sales Order"]) == 1
    assert [line["event"] for line in lines(stream) if line["event"] in ("waiting", "back")] == ["waiting", "back"]


def test_a_single_bad_answer_is_no_waiting_state(world: World) -> None:
    world.vendors.won_deal()
    engine = world.start(settings_of(world))
    world.until_quiet()
    world.vendors.mishap = lambda method, path, nth: "html" if nth % 3 == 0 else None
    world.pass_time(1800)
    assert engine.waiting() is None


# -- numbers, traces, secrets -------------------------------------------------------------------------------------------------


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


def test_the_same_errors_are_there_after_a_restart(world: World) -> None:
    world.vendors.mishap = lambda method, path, nth: "refuse" if path.startswith("/crm/") else None
    world.start(settings_of(world))
    world.pass_time(60)
    world.kill()
    settings = settings_of(world)
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    assert "the CRM cannot be reached" in str(engine.waiting())
    world.pass_time(60)
    assert [line for line in lines(stream) if line["event"] == "waiting"] == []


def test_what_another_replica_said_is_over_when_this_one_finds_that_it_works(world: World) -> None:
    world.vendors.won_deal()
    engine = world.start(settings_of(world))
    world.until_quiet()
    engine.c.store.bury("system crm", "the CRM cannot be reached", "", world.clock.now())
    world.pass_time(600)
    assert engine.open_errors() == []


def test_a_store_that_goes_away_is_waited_for(world: World, postgres: PostgresServer) -> None:
    world.vendors.won_deal()
    settings = settings_of(world, store=postgres.new_database("waiting"))
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    world.until_quiet()
    postgres.stop()
    try:
        world.pass_time(600)
        ready = ask(world, engine, "GET", "/ready")
        assert (ready.status_code, "store" in ready.json()["waiting"]) == (503, True)
        assert ask(world, engine, "GET", "/health").status_code == 200
        assert ask(world, engine, "GET", "/metrics").status_code == 503
        assert ask(world, engine, "GET", "/errors").status_code == 200
        assert [line["condition"] for line in lines(stream) if line["event"] == "waiting"] == ["store"]
    finally:
        postgres.start()
    world.vendors.won_deal("502", company="702", contact="302")
    world.pass_time(600)
    world.until_quiet()
    assert ask(world, engine, "GET", "/ready").status_code == 200
    assert len(world.vendors.erp["Sales Order"]) == 2
