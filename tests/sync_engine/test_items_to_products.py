"""Items of the ERP as products of the CRM: made once, kept up to date, found again after a lost answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from world import World

from harness.kit.call import Call
from harness.kit.faults import Fault, LoseReply, ProxyPage, ResetConnection
from harness.kit.journal import Received
from harness.kit.people import Product
from harness.kit.webhooks import DeliveryWeather
from sync_engine.processes.prices import counting

DAY_S = 86_400
FULL_CYCLE = Path(__file__).resolve().parents[2] / "scenarios" / "full-cycle.dictionary.yaml"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, dictionary=FULL_CYCLE)
    yield world
    world.close()


def products(world: World) -> dict[str, Any]:
    """By item code."""
    records = [record.fields for record in world.crm.store.all("products") if not record.archived]
    assert len({fields["erp_item_code"] for fields in records}) == len(records)
    return {fields["erp_item_code"]: fields for fields in records}


def test_items_become_products_and_follow_name_price_and_stock(both: World) -> None:
    both.host.start()
    both.until_quiet()
    product = products(both)["SKU-1"]
    assert (product["name"], product["price"], product["erp_stock"]) == ("Widget", "10", "1000")
    both.bert.rename_item("SKU-1", "Better widget")
    both.bert.set_price("SKU-1", Decimal("12.50"))
    both.bert.move_stock("SKU-1", Decimal(-10))
    both.until_quiet()
    product = products(both)["SKU-1"]
    assert (product["name"], product["price"], product["erp_stock"]) == ("Better widget", "12.5", "990")
    assert both.host.ask("open_errors", None) == []


def test_an_item_that_is_no_longer_sold_keeps_its_product_which_says_so(both: World) -> None:
    both.host.start()
    both.until_quiet()
    both.bert.disable_item("SKU-1")
    both.until_quiet()
    assert products(both)["SKU-1"]["erp_discontinued"] == "yes"


def test_a_product_that_sales_had_before_is_taken_over_and_two_of_them_are_a_question(both: World) -> None:
    both.anna.add_product(Product("SKU-1", "Old widget", Decimal(9)))
    for _ in range(2):
        both.anna.add_product(Product("SKU-2", "Twin", Decimal(9)))
    both.bert.add_item(Product("SKU-2", "Gadget", Decimal(5)), Decimal(10))
    both.pass_time(60)  # the search index shows new records late
    both.host.start()
    both.until_quiet()
    assert len(list(both.crm.store.all("products"))) == 3
    (taken,) = [record.fields for record in both.crm.store.all("products") if record.fields.get("erp_item_code")]
    assert (taken["hs_sku"], taken["name"]) == ("SKU-1", "Widget")
    ((record, cause),) = both.host.ask("open_errors", None)
    assert record == "erp Item SKU-2"
    assert "look like" in cause


@pytest.mark.parametrize("effect", [LoseReply(), ResetConnection(), ProxyPage(504, applied=True)], ids=lambda e: type(e).__name__)
def test_a_lost_answer_never_makes_a_second_product(both: World, effect: Any) -> None:
    both.crm.faults.inject(Fault("crm.batch_create_product*", effect))
    both.host.start()
    both.until_quiet()
    assert both.crm.faults.not_yet_fired == [], "the story never happened, so this test proved nothing"
    assert list(products(both)) == ["SKU-1"]


def test_a_hundred_items_cost_a_handful_of_calls(both: World) -> None:
    both.host.start()
    both.until_quiet()
    since = len(both.journal.entries)
    for number in range(100):
        both.bert.add_item(Product(f"NEW-{number}", f"New {number}", Decimal(3)), Decimal(1))
    both.until_quiet()
    assert len(products(both)) == 101
    calls = both.calls(since)
    writes = [call for call in calls if "products/batch" in call and "read" not in call]
    assert len(writes) < 20


def test_polling_alone_is_enough_for_items(both: World) -> None:
    for fake in (both.crm, both.erp):
        fake.webhooks.weather = DeliveryWeather(lose=1.0)
    both.host.start()
    both.until_quiet()
    both.bert.set_price("SKU-1", Decimal("12.50"))
    both.until_quiet()
    assert products(both)["SKU-1"]["price"] == "12.5"


def test_the_price_that_counts_is_everybodys_valid_one_that_began_last() -> None:
    rows = [
        {"name": "a", "item_code": "X", "price_list_rate": 1, "valid_from": "2026-01-01"},
        {"name": "b", "item_code": "X", "price_list_rate": 2, "valid_from": "2026-02-01"},
        {"name": "c", "item_code": "X", "price_list_rate": 3, "valid_from": "2026-04-01"},
        {"name": "d", "item_code": "X", "price_list_rate": 4, "valid_from": "2026-02-02", "customer": "Acme"},
        {"name": "e", "item_code": "X", "price_list_rate": 5, "valid_from": "2026-02-03", "valid_upto": "2026-02-10"},
    ]
    assert [row["name"] for row in counting(rows, "2026-03-02")] == ["b"]


def test_a_price_counts_from_its_first_day_to_its_last_without_any_edit(both: World) -> None:
    both.host.start()
    both.until_quiet()
    days = {"valid_from": "2026-03-05", "valid_upto": "2026-03-06"}
    price = {"item_code": "SKU-1", "price_list": "Standard Selling", "price_list_rate": 8, **days}
    body = json.dumps(price).encode()
    headers = {"content-type": "application/json"}
    assert both.erp.handle(Call("POST", "/api/resource/Item Price", "", headers, body, "person:bert", "bert")).ok
    shown: dict[str, str] = {}
    for _ in range(6):
        both.pass_time(DAY_S)
        shown[both.clock.now().date().isoformat()] = products(both)["SKU-1"]["price"]
    assert [shown[f"2026-03-0{day}"] for day in (4, 5, 6, 7)] == ["10", "8", "8", "10"]


def test_a_day_that_began_while_the_engine_was_down_is_made_up_for(both: World) -> None:
    both.host.start()
    both.until_quiet()
    price = {"item_code": "SKU-1", "price_list": "Standard Selling", "price_list_rate": 8, "valid_from": "2026-03-04"}
    headers = {"content-type": "application/json"}
    call = Call("POST", "/api/resource/Item Price", "", headers, json.dumps(price).encode(), "person:bert", "bert")
    assert both.erp.handle(call).ok
    both.until_quiet()
    both.host.kill("over a long weekend")
    both.pass_time(4 * DAY_S)
    both.host.start()
    begun = len(both.journal.entries)
    both.pass_time(DAY_S)
    assert products(both)["SKU-1"]["price"] == "8"
    asked = [e for e in both.journal.entries[begun:] if isinstance(e, Received) and "valid_" in e.query and "Item Price" in e.path]
    assert len(asked) <= 2 * 2, "two lists a day"
