"""Known bugs of webhooks: lost, repeated, overtaken, badly signed, and deliveries that nobody was there to take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from after_the_win import LaterWorld
from tiny_vendors import World as Tiny
from world import World

from harness.kit.webhooks import DeliveryWeather
from sync_engine.signatures import frappe, hubspot_v3
from sync_engine.store import StoreUnavailable

URI = "https://hook.example/w/crm"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def won(*deals: int) -> bytes:
    events = [
        {
            "eventId": deal,
            "subscriptionType": "deal.propertyChange",
            "objectId": deal,
            "propertyName": "dealstage",
            "propertyValue": "closedwon",
            "occurredAt": 1,
        }
        for deal in deals
    ]
    return json.dumps(events).encode()


def signed(world: Tiny, body: bytes, secret: str = "secret") -> dict[str, str]:
    stamp = str(int(world.clock.now().timestamp() * 1000))
    return {"X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": hubspot_v3(secret, "POST", URI, body, stamp)}


def deliver(world: Tiny, body: bytes, headers: dict[str, str] | None = None) -> int:
    assert world.engine is not None
    headers = signed(world, body) if headers is None else headers
    return int(world.loop.run_until_complete(world.engine.receive("POST", "/w/crm", headers, body)))


def started(world: Tiny) -> Tiny:
    world.start()
    world.until_quiet()
    world.pass_time(60)
    return world


@pytest.mark.parametrize("down", [timedelta(minutes=2), timedelta(hours=30)])
def test_what_changed_while_the_receiver_was_down_is_found_when_it_is_back(both: World, down: timedelta) -> None:
    """Whatever schedule a vendor retries by, and whether it gave up."""
    both.host.start()
    both.pass_time(60)
    deal = both.win()
    both.until_quiet()
    both.host.kill("down for a while")
    other = both.win(2)
    both.bert.ship(both.orders[0], Decimal(1))
    both.pass_time(down.total_seconds())
    both.host.start()
    both.until_quiet()
    assert both.deal(deal)["erp_shipped_percent"] == "100"
    assert both.deal(other)["erp_order_id"] == both.orders[1]
    assert both.host.ask("open_errors", None) == []


def test_a_burst_of_events_in_one_instant_loses_none(world: Tiny) -> None:
    started(world)
    deals = [501 + at for at in range(25)]
    for deal in deals:
        world.vendors.won_deal(str(deal), company=str(deal + 200), contact=str(deal + 400))
    assert {deliver(world, won(deal)) for deal in deals} == {204}
    world.pass_time(30)
    assert sorted(order["custom_crm_deal_id"] for order in world.vendors.erp["Sales Order"].values()) == [str(d) for d in deals]


def test_an_event_whose_work_could_not_be_written_down_is_not_known_when_it_comes_again(world: Tiny) -> None:
    engine = started(world).engine
    assert engine is not None
    world.vendors.won_deal()
    put = engine.c.queue.put

    def fail(*_: Any) -> None:
        raise StoreUnavailable("the store is away")

    engine.c.queue.put = fail  # type: ignore[method-assign]
    assert deliver(world, won(501)) == 503
    engine.c.queue.put = put  # type: ignore[method-assign]
    assert deliver(world, won(501)) == 204
    world.pass_time(10)
    assert len(world.vendors.erp["Sales Order"]) == 1


def test_a_delivery_repeated_while_its_first_is_still_worked_on_makes_one_order(world: Tiny) -> None:
    """The answer comes before the work, and several registrations or impatient vendors deliver it several times."""
    started(world)
    world.vendors.won_deal()
    world.vendors.mishap = lambda method, path, nth: "slow" if method == "POST" and path.endswith("Sales Order") else None
    before = world.loop.time()
    assert deliver(world, won(501)) == 204
    assert world.loop.time() == before, "nothing is waited for"
    for _ in range(6):
        world.pass_time(2)
        assert deliver(world, won(501)) == 204
    world.until_quiet()
    assert len(world.vendors.erp["Sales Order"]) == 1


def test_a_document_saved_several_times_whose_first_state_alone_is_told_arrives_in_its_last(world: Tiny) -> None:
    world.vendors.won_deal()
    started(world)
    (order,) = world.vendors.erp["Sales Order"].values()
    told = []
    for shipped in (10.0, 20.0, 30.0):
        world.vendors.change("Sales Order", order["name"], per_delivered=shipped, status="To Deliver and Bill")
        told.append(json.dumps({"doctype": "Sales Order", **order}).encode())
    assert world.engine is not None
    headers = {"X-Frappe-Webhook-Signature": frappe("secret", told[0])}
    assert world.loop.run_until_complete(world.engine.receive("POST", "/w/erp", headers, told[0])) == 204
    world.pass_time(10)
    assert world.vendors.crm["deals"]["501"]["erp_shipped_percent"] == "30"


def test_a_state_of_yesterday_that_arrives_last_changes_nothing(world: Tiny) -> None:
    """Events are hints to look: what they say of a value is never copied."""
    started(world)
    world.vendors.won_deal()
    assert deliver(world, won(501)) == 204
    world.until_quiet()
    old = won(501).replace(b"closedwon", b"appointmentscheduled").replace(b'"occurredAt": 1', b'"occurredAt": 0')
    assert deliver(world, old) == 204
    world.pass_time(60)
    assert [order["docstatus"] for order in world.vendors.erp["Sales Order"].values()] == [1]
    assert world.vendors.crm["deals"]["501"]["dealstage"] == "closedwon"


@pytest.mark.parametrize("seed", range(3))
def test_events_in_any_order_and_twice_end_in_the_present_state(tmp_path: Path, seed: int) -> None:
    """A deal is won, reopened and won again, and its order shipped, invoiced and paid, faster than anything is delivered."""
    world = LaterWorld(tmp_path)
    for fake in (world.crm, world.erp):
        fake.webhooks.weather = DeliveryWeather(delay=1.0, duplicate=1.0)
    world.started()
    deal = world.win(seed)
    for stage in ("appointmentscheduled", "closedwon"):
        world.pass_time(7 * seed)
        world.crm_edit(deal, "deals", dealstage=stage)
    world.until_quiet()
    (order,) = world.live_orders()
    world.bert.ship(order, Decimal(1))
    invoice = world.bert.invoice(order)
    assert invoice is not None
    world.bert.pay(invoice, Decimal(1))
    world.until_quiet()
    shown = world.deal(deal)
    assert (shown["erp_order_id"], shown["erp_order_status"], shown["erp_paid_amount"]) == (order, "completed", "35.7")
    assert world.errors() == {}
    world.close()


def test_only_what_the_vendor_signed_is_taken_and_a_repeated_delivery_is_signed_anew_or_refused(world: Tiny) -> None:
    started(world)
    world.vendors.won_deal()
    body = json.dumps([{**json.loads(won(501))[0], "sourceId": "Zoë 🥐", "attemptNumber": 0}], ensure_ascii=False).encode()
    again = body.replace(b'"attemptNumber": 0', b'"attemptNumber": 1')
    old = {"X-HubSpot-Request-Timestamp": "1", "X-HubSpot-Signature-v3": hubspot_v3("secret", "POST", URI, body, "1")}
    refused = [{}, signed(world, body, "other"), signed(world, again), old, {"X-HubSpot-Signature": "ab" * 32}]
    assert [deliver(world, body, headers) for headers in refused] == [401] * len(refused)
    assert deliver(world, body) == 204
    assert deliver(world, again) == 204, "the same event, attempted again"
    world.until_quiet()
    assert len(world.vendors.erp["Sales Order"]) == 1
    assert world.vendors.sent("GET", "/objects/deals/501") == 1


def test_a_restarted_engine_registers_nothing_again(both: World) -> None:
    """Subscriptions are the vendors' settings, made by a person once: no start can add one."""
    both.host.start()
    both.win()
    both.until_quiet()
    since = len(both.journal.entries)
    for _ in range(3):
        both.host.kill("a new version")
        both.host.start()
        both.until_quiet()
    assert [call for call in both.calls(since) if "webhook" in call.lower() or "subscription" in call.lower()] == []
    assert len(both.orders) == 1
