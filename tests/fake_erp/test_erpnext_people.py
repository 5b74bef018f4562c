"""Warehouse and finance people: master data, credit holds, goods that come back, orders ended by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import ErpSite

from harness.kit.people import ErpDesk, NotPossible, Product

ONE, HALF = Decimal(1), Decimal("0.5")


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


@pytest.fixture
def frida(site: ErpSite) -> ErpDesk:
    return site.fake.erp_desk("frida")


def prices(site: ErpSite, sku: str) -> list[dict[str, Any]]:
    return site.rows("Item Price", filters=json.dumps({"item_code": sku}), fields='["price_list", "price_list_rate"]')


def test_an_item_gets_a_price_a_name_and_stock(site: ErpSite, frida: ErpDesk) -> None:
    frida.add_item(Product("N-1", "Nut", Decimal("1.50")), Decimal(10))
    frida.set_price("N-1", Decimal("1.75"))
    assert [row["price_list_rate"] for row in prices(site, "N-1")] == [1.75]
    frida.rename_item("N-1", "Wing nut")
    assert site.get("Item", "N-1")["item_name"] == "Wing nut"
    frida.move_stock("N-1", Decimal(5))
    frida.move_stock("N-1", Decimal(-3))
    assert site.bin("N-1") == (12.0, 0.0)
    with pytest.raises(NotPossible, match="N-1"):
        frida.move_stock("N-1", Decimal(-100))
    frida.disable_item("N-1")
    assert site.get("Item", "N-1")["disabled"] == 1


def test_an_item_without_a_price_gets_its_first_one(site: ErpSite, frida: ErpDesk) -> None:
    frida.add_item(Product("N-2", "Nut", Decimal(0)), Decimal(0))
    frida.set_price("N-2", Decimal("2.00"))
    assert [(row["price_list"], row["price_list_rate"]) for row in prices(site, "N-2")] == [("Standard Selling", 2.0)]


def test_a_customer_on_hold_gets_no_order_until_it_is_released(site: ErpSite, frida: ErpDesk) -> None:
    seen: list[str] = []
    frida.on_customer(seen.append)
    name = str(site.add("Customer", customer_name="Held Ltd", customer_type="Company")["name"])
    assert seen == [name]
    frida.hold_credit(name, True)
    with pytest.raises(AssertionError):
        site.submitted_order(customer=name)
    frida.hold_credit(name, False)
    assert site.submitted_order(customer=name)
    frida.edit_customer(name, {"website": "held.example"})
    assert frida.customer_field(name, "website") == "held.example"
    assert frida.customer_field(name, "tax_id") == ""


def test_goods_come_back_and_money_is_credited(site: ErpSite, frida: ErpDesk) -> None:
    order = site.submitted_order(("SKU-1", 4, 10.0))
    note, invoice = frida.ship(order, ONE), frida.invoice(order)
    assert note is not None
    assert invoice is not None
    back = frida.take_back(note, HALF)
    assert site.get("Delivery Note", str(back))["items"][0]["qty"] == -2
    credit = frida.credit(invoice, HALF)
    assert site.get("Sales Invoice", str(credit))["net_total"] == -20
    assert frida.credit(invoice, ONE)
    assert frida.credit(invoice, ONE) is None, "nothing is left to credit"
    assert frida.take_back(note, ONE)
    assert frida.take_back(note, ONE) is None


def test_orders_are_held_closed_and_cancelled_by_hand(site: ErpSite, frida: ErpDesk) -> None:
    order = site.submitted_order()
    frida.mark_order(order, "hold")
    assert site.get("Sales Order", order)["status"] == "On Hold"
    frida.mark_order(order, "reopen")
    assert site.get("Sales Order", order)["status"] == "To Deliver and Bill"
    frida.mark_order(order, "close")
    assert site.get("Sales Order", order)["status"] == "Closed"
    frida.mark_order(order, "reopen")
    frida.cancel_order(order)
    assert site.get("Sales Order", order)["docstatus"] == 2
    shipped = site.submitted_order()
    assert frida.ship(shipped, ONE)
    with pytest.raises(NotPossible):
        frida.cancel_order(shipped)
