"""Warehouse and finance people at ERPNext's screens: the calls the desk makes, by the vendor's rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from harness.kit.call import Call, Reply
from harness.kit.money import CENT
from harness.kit.people import NotPossible, Product
from harness.kit.records import Change

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

WAREHOUSE = "Stores - ACM"
_SALES_ORDER = "erpnext.selling.doctype.sales_order.sales_order"
_PAYMENT = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=lru_cache(maxsize=4096)(Decimal))
# What a proposal copies from the order and a person at the screen lets the server fill anew.
_LEFT_TO_THE_SERVER = ("payment_schedule", "due_date", "posting_date")


class Desk:
    """One person. Raises NotPossible with the vendor's own words."""

    def __init__(self, fake: ErpNextFake, person: str) -> None:
        self._fake, self._person = fake, person

    def add_item(self, product: Product, stock: Decimal) -> str:
        item = {
            "item_code": product.sku,
            "item_name": product.name,
            "description": product.description or product.name,
            "item_group": "Products",
            "stock_uom": "Nos",
            "is_stock_item": 1,
            "standard_rate": product.price,
        }
        name = str(self._create("Item", item)["name"])
        if stock > 0:
            row = {"item_code": name, "qty": stock, "t_warehouse": WAREHOUSE, "basic_rate": product.price}
            self._create("Stock Entry", {"stock_entry_type": "Material Receipt", "docstatus": 1, "items": [row]})
        return name

    def remaining(self, order_id: str) -> dict[str, Decimal]:
        left: dict[str, Decimal] = {}
        for row in self._read("Sales Order", order_id)["items"]:
            open_qty = _decimal(row["qty"]) - _decimal(row["delivered_qty"])
            if open_qty > 0:
                left[row["item_code"]] = left.get(row["item_code"], Decimal(0)) + open_qty
        return left

    def ship(self, order_id: str, share: Decimal) -> str | None:
        if self._read("Sales Order", order_id)["docstatus"] != 1:
            return None
        note = self._call(f"{_SALES_ORDER}.make_delivery_note", {"source_name": order_id})
        rows = []
        for row in note["items"]:
            whole = (_decimal(row["qty"]) * share).to_integral_value(ROUND_HALF_EVEN)
            quantity = max(Decimal(1), whole) if share < 1 else _decimal(row["qty"])
            rows.append({**row, "qty": quantity})
        if not rows:
            return None
        return str(self._create("Delivery Note", {**note, "items": rows, "docstatus": 1})["name"])

    def invoice(self, order_id: str) -> str | None:
        """Only what has left the house and is not billed yet."""
        order = self._read("Sales Order", order_id)
        if order["docstatus"] != 1:
            return None
        due = {row["name"]: _decimal(row["delivered_qty"]) - _billed(row) for row in order["items"]}
        if not any(quantity > 0 for quantity in due.values()):
            return None
        proposal = self._call(f"{_SALES_ORDER}.make_sales_invoice", {"source_name": order_id})
        rows = [{**row, "qty": due[row["so_detail"]]} for row in proposal["items"] if due.get(row["so_detail"], Decimal(0)) > 0]
        invoice = {key: value for key, value in proposal.items() if key not in _LEFT_TO_THE_SERVER}
        return str(self._create("Sales Invoice", {**invoice, "items": rows, "docstatus": 1})["name"])

    def pay(self, invoice_id: str, share: Decimal) -> str | None:
        if _decimal(self._read("Sales Invoice", invoice_id)["outstanding_amount"]) <= 0:
            return None
        payment = self._call(_PAYMENT, {"dt": "Sales Invoice", "dn": invoice_id})
        row = payment["references"][0]
        amount = max(CENT, (_decimal(row["outstanding_amount"]) * share).quantize(CENT, ROUND_HALF_EVEN))
        values = {
            "paid_amount": amount,
            "received_amount": amount,
            "references": [{**row, "allocated_amount": amount}],
            "docstatus": 1,
        }
        return str(self._create("Payment Entry", {**payment, **values})["name"])

    def on_order(self, notice: Callable[[str], None]) -> None:
        def watch(changes: list[Change]) -> None:
            for change in changes:
                if change.kind == "Sales Order" and change.new.get("docstatus") == 1:
                    notice(change.id)

        self._fake.store.on_commit(watch)

    # -- the calls ------------------------------------------------------------------------------------------------

    def _read(self, doctype: str, name: str) -> Any:
        return self._send("GET", f"/api/resource/{doctype}/{name}")["data"]

    def _create(self, doctype: str, document: dict[str, Any]) -> Any:
        return self._send("POST", f"/api/resource/{doctype}", document)["data"]

    def _call(self, method: str, arguments: dict[str, Any]) -> Any:
        return self._send("POST", f"/api/method/{method}", arguments)["message"]

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        raw = _ENCODER.encode(body) if body is not None else b""
        headers = {"content-type": "application/json"} if raw else {}
        call = Call(method, path, "", headers, raw, f"person:{self._person}", self._person)
        reply = self._fake.handle(call)
        if not reply.ok:
            raise NotPossible(_words_of(reply))
        return _DECODER.decode(reply.body)


def _billed(row: dict[str, Any]) -> Decimal:
    rate = _decimal(row["rate"])
    return (_decimal(row["billed_amt"]) / rate).quantize(Decimal("0.001"), ROUND_HALF_EVEN) if rate else Decimal(0)


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _words_of(reply: Reply) -> str:
    """What the screen would show: the last message, or the exception's line."""
    body = reply.json()
    messages = json.loads(body.get("_server_messages", "[]"))
    if messages:
        return str(json.loads(messages[-1])["message"])
    return str(body.get("exception") or body.get("exc_type"))
