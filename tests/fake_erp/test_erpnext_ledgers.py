"""The ledgers: what documents book, what cancelling books back, and what stock is worth. Source: facts 4.5 to 4.7, 4.10."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import DELIVERY_NOTE, VAT, ErpSite, data_of, refused

from harness.kit.call import Call

ONE = Decimal(1)
ACCOUNTS = ["account", "debit", "credit", "party", "against_voucher", "is_cancelled"]


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def entries(site: ErpSite, voucher: str, doctype: str = "GL Entry", fields: list[str] = ACCOUNTS) -> list[tuple[Any, ...]]:
    rows = site.rows(doctype, filters={"voucher_no": voucher}, fields=fields, limit_page_length=0, order_by="name")
    return [tuple(row[field] for field in fields) for row in rows]


def balances(site: ErpSite) -> dict[str, float]:
    """What every account comes to, without what is cancelled; accounts at zero are left out."""
    found: dict[str, Decimal] = {}
    for row in site.rows("GL Entry", fields=["account", "debit", "credit", "is_cancelled"], limit_page_length=0):
        amount = Decimal(str(row["debit"])) - Decimal(str(row["credit"]))
        found[row["account"]] = found.get(row["account"], Decimal(0)) + (amount if not row["is_cancelled"] else 0)
    return {account: float(amount) for account, amount in found.items() if amount}


def test_what_a_flow_books(site: ErpSite) -> None:
    order = site.submitted_order(taxes=[VAT])
    assert site.rows("GL Entry", filters={"voucher_type": "Sales Order"}) == []
    note, invoice = str(site.people.ship(order, ONE)), str(site.people.invoice(order))
    assert entries(site, note) == [
        ("Stock In Hand - ACM", 0.0, 99.99, None, None, 0),
        ("Cost of Goods Sold - ACM", 99.99, 0.0, None, None, 0),
    ]
    assert entries(site, invoice) == [
        ("Debtors - ACM", 118.99, 0.0, "ACME", invoice, 0),
        ("Sales - ACM", 0.0, 99.99, None, None, 0),
        ("VAT - ACM", 0.0, 19.0, None, None, 0),
    ]
    payment = str(site.people.pay(invoice, ONE))
    assert entries(site, payment) == [
        ("Cash - ACM", 118.99, 0.0, None, None, 0),
        ("Debtors - ACM", 0.0, 118.99, "ACME", invoice, 0),
    ]
    fields = ["voucher_type", "against_voucher_no", "amount", "delinked"]
    assert entries(site, payment, "Payment Ledger Entry", fields) == [("Payment Entry", invoice, -118.99, 0)]
    fields = ["item_code", "warehouse", "actual_qty", "qty_after_transaction", "stock_value_difference", "is_cancelled"]
    assert entries(site, note, "Stock Ledger Entry", fields) == [("SKU-1", "Stores - ACM", -3.0, 97.0, -99.99, 0)]


def test_cancelling_marks_the_rows_and_books_them_back(site: ErpSite) -> None:
    invoice = site.add("Sales Invoice", customer="ACME", items=[{"item_code": "SKU-1", "qty": 1, "rate": 10}], docstatus=1)["name"]
    assert [row[-1] for row in entries(site, invoice)] == [0, 0]
    data_of(site.put("Sales Invoice", invoice, docstatus=2))
    assert [row[:3] + row[-1:] for row in entries(site, invoice)] == [
        ("Debtors - ACM", 10.0, 0.0, 1),
        ("Sales - ACM", 0.0, 10.0, 1),
        ("Debtors - ACM", 0.0, 10.0, 1),
        ("Sales - ACM", 10.0, 0.0, 1),
    ]
    assert sorted(entries(site, invoice, "Payment Ledger Entry", ["amount", "delinked"])) == [(-10.0, 1), (10.0, 1)]


def test_ledgers_read_late_are_the_same_as_ledgers_read_all_the_time() -> None:
    def flow(site: ErpSite, *, watch: bool) -> list[dict[str, Any]]:
        order = site.submitted_order(taxes=[VAT])
        for step in (site.people.ship, lambda name, _: site.people.invoice(name)):
            step(order, ONE)
            if watch:
                site.rows("GL Entry")
        invoice = site.rows("Sales Invoice")[0]["name"]
        payment = str(site.people.pay(invoice, Decimal("0.5")))
        if watch:
            site.rows("Stock Ledger Entry")
        data_of(site.put("Sales Invoice", invoice, docstatus=2))
        data_of(site.put("Payment Entry", payment, docstatus=2))
        return site.rows("GL Entry", fields=["account", "debit", "credit", "voucher_no", "is_cancelled"], limit_page_length=0)

    def plain(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return sorted(tuple(row.values()) for row in rows)

    assert plain(flow(ErpSite(), watch=True)) == plain(flow(ErpSite(), watch=False))


def test_a_payment_whose_invoice_is_cancelled_stays_on_the_account_unallocated(site: ErpSite) -> None:
    order = site.submitted_order()
    site.people.ship(order, ONE)
    invoice = str(site.people.invoice(order))
    payment = str(site.people.pay(invoice, ONE))
    assert entries(site, payment)[1][-2] == invoice
    data_of(site.put("Sales Invoice", invoice, docstatus=2))
    assert entries(site, payment)[1] == ("Debtors - ACM", 0.0, 99.99, "ACME", None, 0)
    assert entries(site, payment, "Payment Ledger Entry", ["against_voucher_no", "amount"]) == [(payment, -99.99)]


def test_everything_cancelled_leaves_nothing_behind(site: ErpSite) -> None:
    before = balances(site)
    order = site.submitted_order(("SKU-1", 5, 33.33), ("SKU-2", 2, 12.5), taxes=[VAT])
    note = str(site.people.ship(order, ONE))
    back = site.proposal(f"{DELIVERY_NOTE}.make_sales_return", note)
    back = site.add("Delivery Note", **{**back, "docstatus": 1})["name"]
    assert balances(site) == before, "all that was delivered came back"
    for name in (back, note):
        data_of(site.put("Delivery Note", name, docstatus=2))
    data_of(site.put("Sales Order", order, docstatus=2))
    assert balances(site) == before
    assert (site.bin("SKU-1"), site.bin("SKU-2")) == ((100.0, 0.0), (100.0, 0.0))


def test_stock_is_worth_its_moving_average(site: ErpSite) -> None:
    def receive(qty: float, rate: float) -> str:
        row = {"item_code": "SKU-3", "qty": qty, "t_warehouse": "Stores - ACM", "basic_rate": rate}
        return str(site.add("Stock Entry", stock_entry_type="Material Receipt", items=[row], docstatus=1)["name"])

    def worth() -> tuple[float, float, float]:
        (row,) = site.rows("Bin", filters={"item_code": "SKU-3"}, fields=["actual_qty", "valuation_rate", "stock_value"])
        return row["actual_qty"], row["valuation_rate"], row["stock_value"]

    site.add("Item", item_code="SKU-3", item_group="Products", stock_uom="Nos", is_stock_item=1)
    receive(10, 10.0)
    second = receive(30, 20.0)
    assert worth() == (40.0, 17.5, 700.0)
    line = {"item_code": "SKU-3", "qty": 4, "rate": 50, "warehouse": "Stores - ACM"}
    note = site.add("Delivery Note", customer="ACME", items=[line], docstatus=1)["name"]
    assert worth() == (36.0, 17.5, 630.0)
    data_of(site.put("Delivery Note", note, docstatus=2))
    data_of(site.put("Stock Entry", second, docstatus=2))
    assert worth() == (10.0, 10.0, 100.0)


def test_a_transfer_moves_stock_and_its_value(site: ErpSite) -> None:
    row = {"item_code": "SKU-1", "qty": 30, "s_warehouse": "Stores - ACM", "t_warehouse": "Finished Goods - ACM"}
    transfer = site.add("Stock Entry", stock_entry_type="Material Transfer", items=[row], docstatus=1)["name"]
    fields = ["warehouse", "actual_qty", "stock_value"]
    rows = site.rows("Bin", filters={"item_code": "SKU-1"}, fields=fields, order_by="warehouse")
    assert [tuple(row.values()) for row in rows] == [("Finished Goods - ACM", 30.0, 999.9), ("Stores - ACM", 70.0, 2333.1)]
    assert entries(site, transfer) == []
    issue = {"item_code": "SKU-1", "qty": 1, "s_warehouse": "Stores - ACM"}
    name = site.add("Stock Entry", stock_entry_type="Material Issue", items=[issue], docstatus=1)["name"]
    assert [row[:3] for row in entries(site, name)] == [
        ("Stock In Hand - ACM", 0.0, 33.33),
        ("Stock Adjustment - ACM", 33.33, 0.0),
    ]


def test_ledgers_follow_a_site_that_goes_back(site: ErpSite) -> None:
    state = site.fake.remember()
    for qty in (1, 2):
        line = {"item_code": "SKU-1", "qty": qty, "rate": 10}
        name = site.add("Sales Invoice", customer="ACME", items=[line], docstatus=1)["name"]
        assert entries(site, name)[0][1] == 10.0 * qty
        site.fake.put_back(state)
        assert entries(site, name) == []


def test_nobody_writes_into_a_ledger(site: ErpSite) -> None:
    site.add("Sales Invoice", customer="ACME", items=[{"item_code": "SKU-1", "qty": 1, "rate": 10}], docstatus=1)
    assert site.post("GL Entry", account="Cash - ACM", debit=1).status == 403
    (name, *_) = (row["name"] for row in site.rows("GL Entry"))
    assert site.put("GL Entry", name, debit=5).status == 403
    assert site.delete("GL Entry", name).status == 403
    at_the_desk = Call("POST", "/api/resource/GL Entry", "", {}, b"{}", "person:Erika", "Erika")
    assert refused(site.fake.handle(at_the_desk), 417, "ValidationError") == "Creating a GL Entry: Not supported by fake"
