"""Closed Won, many deals at a time: few calls, each deal for itself, and nothing twice wherever a try ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from after_the_win import LaterWorld

from harness.kit.webhooks import DeliveryWeather


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LaterWorld]:
    world = LaterWorld(tmp_path)
    yield world
    world.close()


def test_300_deals_with_one_poison_are_ordered_in_few_calls_and_the_poison_is_told(world: LaterWorld) -> None:
    for fake in (world.crm, world.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    company = ""
    deals = []
    for number in range(300):
        deals.append(world.win(number, company=company, sku="LEGACY-9" if number == 137 else "SKU-1"))
        company = world.company_of(deals[-1]) if number % 10 else ""
    world.started()
    world.until_quiet()

    assert len(world.live_orders()) == 299
    assert set(world.errors()) == {f"crm deals {deals[137]}"}
    assert "LEGACY-9" in world.deal(deals[137])["erp_sync_error"]
    assert all(world.deal(deal)["erp_order_status"] == "open" for number, deal in enumerate(deals) if number != 137)
    calls = Counter(call.split("?")[0] for call in world.calls())
    assert calls["POST /api/resource/Sales Order"] <= 302, "one create for each deal; the poison may be looked at again"
    assert calls["POST /crm/v3/objects/deals/batch/update"] <= 12
    assert sum(count for call, count in calls.items() if call.startswith("GET /crm/v3/objects/deals/")) <= 12
    assert calls["POST /crm/v3/objects/line_items/batch/read"] <= 12


def test_two_deals_of_one_new_company_at_once_get_one_customer(world: LaterWorld) -> None:
    world.started()
    first = world.win(1)
    second = world.win(2, company=world.company_of(first))
    world.until_quiet()
    assert len(list(world.erp.store.all("Customer"))) == 1
    assert len(world.live_orders()) == 2
    assert {world.order(name)["custom_crm_deal_id"] for name in world.live_orders()} == {first, second}


def test_one_deal_alone_costs_no_more_calls_than_it_must(world: LaterWorld) -> None:
    world.started()
    world.until_quiet()
    before = len(world.journal.entries)
    world.win()
    world.pass_time(30)
    calls = [call for call in world.calls(before) if not call.endswith("/search")]
    writes = [call for call in calls if call.startswith(("POST /api/resource", "PATCH"))]
    assert len(writes) == 6, "customer, order, address, contact; the deal and the company are told"
    reads = [call for call in calls if call.startswith("GET /crm") or call.endswith("/batch/read")]
    assert len(reads) <= 4, "the deal, its line items, its company, its contact"


def test_a_deal_that_cannot_be_ordered_is_looked_at_when_what_was_missing_comes(world: LaterWorld) -> None:
    world.started()
    deal = world.win()
    world.until_quiet()
    other = world.win(2)
    world.anna.remove_line(other, "SKU-1")
    world.until_quiet()
    if f"crm deals {other}" in world.errors():
        assert "no line items" in world.errors()[f"crm deals {other}"] or "add up" in world.errors()[f"crm deals {other}"]
    assert world.deal(deal)["erp_order_id"]


def test_merged_deals_keep_the_order_of_the_one_that_had_one(world: LaterWorld) -> None:
    world.started()
    loser = world.win(1)
    world.until_quiet()
    survivor = world.open(2, company=world.company_of(loser))
    world.merge(survivor, loser)
    world.until_quiet()
    (order,) = world.orders
    assert world.live_orders() == [order], "nobody cancels an order because of a merge"
    assert "merged into this one, which is not won" in world.errors()[f"crm deals {survivor}"]

    world.anna.move_deal(survivor, "won")
    world.anna.remove_line(survivor, "SKU-1")
    world.until_quiet()
    assert world.live_orders() == [order]
    assert world.deal(survivor)["erp_order_id"] == order
    assert world.order(order)["custom_crm_deal_id"] == survivor
    assert world.errors() == {}
    world.bert.ship(order, Decimal(1))
    world.until_quiet()
    assert world.deal(survivor)["erp_shipped_percent"] == "100"


def test_merged_deals_with_two_orders_are_a_question_for_a_person(world: LaterWorld) -> None:
    world.started()
    loser, survivor = world.win(1), world.win(2)
    world.until_quiet()
    world.merge(survivor, loser)
    world.until_quiet()
    cause = world.errors()[f"crm deals {survivor}"]
    assert all(order in cause for order in world.orders)
    assert len(world.live_orders()) == 2, "nobody cancels an order because of a merge"


@pytest.mark.parametrize("webhooks", [True, False], ids=["webhooks", "polling"])
def test_an_archived_deal_is_told_and_its_restore_takes_that_back(world: LaterWorld, webhooks: bool) -> None:
    world.started()
    if not webhooks:
        for fake in (world.crm, world.erp):
            fake.webhooks.weather = DeliveryWeather(lose=1.0)
    deal = world.win()
    world.until_quiet()
    world.anna.archive("deal", deal)
    world.pass_time(3600)
    world.until_quiet()
    assert "was archived but its order goes on" in world.errors()[f"crm deals {deal}"]
    assert len(world.live_orders()) == 1
    world.anna.restore("deal", deal)
    world.pass_time(3600)
    world.until_quiet()
    assert world.errors() == {}
    assert not world.deal(deal).get("erp_sync_error")


def test_a_deal_that_is_out_of_the_bin_before_anybody_looked_into_it_is_noticed(world: LaterWorld) -> None:
    world.started()
    deal = world.win()
    world.until_quiet()
    world.anna.archive("deal", deal)
    world.pass_time(20)  # the event of its deletion arrives, the one of its restoration is lost
    assert f"crm deals {deal}" in world.errors()
    world.crm.webhooks.weather = DeliveryWeather(lose=1.0)
    world.anna.restore("deal", deal)
    world.pass_time(2 * 3600)
    world.until_quiet()
    assert world.errors() == {}


@pytest.mark.parametrize("keeps", ["survivor", "loser"])
def test_once_a_person_cancelled_one_of_two_merged_orders_the_other_is_the_deals(world: LaterWorld, keeps: str) -> None:
    world.started()
    loser, survivor = world.win(1), world.win(2)
    world.until_quiet()
    of = {world.order(name)["custom_crm_deal_id"]: name for name in world.orders}
    world.merge(survivor, loser)
    world.until_quiet()
    world.bert.mark_order(of[loser], "hold")
    world.until_quiet()
    shown = world.deal(survivor)
    assert (shown["erp_order_id"], shown["erp_order_status"]) == (of[survivor], "open"), (
        "news of the other order is none of this deal"
    )

    kept, dropped = (of[survivor], of[loser]) if keeps == "survivor" else (of[loser], of[survivor])
    world.bert.cancel_order(dropped)
    world.until_quiet()
    world.anna.remove_line(survivor, "SKU-1")
    world.until_quiet()
    assert world.live_orders() == [kept]
    assert world.deal(survivor)["erp_order_id"] == kept
    assert world.errors() == {}
