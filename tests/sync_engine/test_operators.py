"""What operators see and do about errors, at the command line's core and over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from operators_desk import SECRETS, ask, lines, log_of, settings_of
from tiny_vendors import ERP, World

from sync_engine.operations.operators import UnknownError
from sync_engine.operations.screens import screen


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


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("crm companies 7", "https://app.hubspot.com/contacts/47/record/0-2/7"),
        ("crm deals property amount", ""),
        ("crm unheard 7", ""),
        ("erp Sales Order SAL-ORD 1/2", "https://erp.example/app/sales-order/SAL-ORD%201%2F2"),
        ("erp Customer Acme & Sons", "https://erp.example/app/customer/Acme%20%26%20Sons"),
        ("erp Unheard Of X", ""),
        ("system crm", ""),
    ],
)
def test_a_record_s_screen_where_there_is_one(record: str, expected: str) -> None:
    assert screen(record, crm_portal="47", erp_url="https://erp.example/") == expected
    assert screen(record, crm_portal="", erp_url="https://erp.example") == ("" if record.startswith("crm") else expected)


# -- over HTTP -----------------------------------------------------------------------------------------------------------------


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
