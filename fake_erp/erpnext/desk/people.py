"""Warehouse and finance people at ERPNext's screens: the calls the desk makes, by the vendor's rules."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from fake_erp.erpnext.desk.masters import MasterDesk
from fake_erp.erpnext.desk.screen import decimal
from harness.kit.money import CENT
from harness.kit.people import OrderMark
from harness.kit.records import Change

_SALES_ORDER = "erpnext.selling.doctype.sales_order.sales_order"
_PAYMENT = "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry"
_NOTE_RETURN = "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_return"
_INVOICE_RETURN = "erpnext.accounts.doctype.sales_invoice.sales_invoice.make_sales_return"
_MARKS: dict[OrderMark, str] = {"hold": "On Hold", "close": "Closed", "reopen": "Draft"}
# What a proposal copies from the order and a person at the screen lets the server fill anew.
_LEFT_TO_THE_SERVER = ("payment_schedule", "due_date", "posting_date")


class Desk(MasterDesk):
    """One person; implements `harness.kit.people.ErpDesk`. Raises NotPossible with the vendor's own words."""

    def remaining(self, order_id: str) -> dict[str, Decimal]:
        left: dict[str, Decimal] = {}
        for row in self._screen.read("Sales Order", order_id)["items"]:
            open_qty = decimal(row["qty"]) - decimal(row["delivered_qty"])
            if open_qty > 0:
                left[row["item_code"]] = left.get(row["item_code"], Decimal(0)) + open_qty
        return left

    def ship(self, order_id: str, share: Decimal) -> str | None:
        if self._screen.read("Sales Order", order_id)["docstatus"] != 1:
            return None
        note = self._screen.call(f"{_SALES_ORDER}.make_delivery_note", {"source_name": order_id})
        rows = []
        for row in note["items"]:
            whole = (decimal(row["qty"]) * share).to_integral_value(ROUND_HALF_EVEN)
            quantity = max(Decimal(1), whole) if share < 1 else decimal(row["qty"])
            rows.append({**row, "qty": quantity})
        if not rows:
            return None
        return str(self._screen.create("Delivery Note", {**note, "items": rows, "docstatus": 1})["name"])

    def invoice(self, order_id: str) -> str | None:
        """Only what has left the house and is not billed yet."""
        order = self._screen.read("Sales Order", order_id)
        if order["docstatus"] != 1:
            return None
        due = {row["name"]: decimal(row["delivered_qty"]) - _billed(row) for row in order["items"]}
        if not any(quantity > 0 for quantity in due.values()):
            return None
        proposal = self._screen.call(f"{_SALES_ORDER}.make_sales_invoice", {"source_name": order_id})
        rows = [{**row, "qty": due[row["so_detail"]]} for row in proposal["items"] if due.get(row["so_detail"], Decimal(0)) > 0]
        invoice = {key: value for key, value in proposal.items() if key not in _LEFT_TO_THE_SERVER}
        return str(self._screen.create("Sales Invoice", {**invoice, "items": rows, "docstatus": 1})["name"])

    def pay(self, invoice_id: str, share: Decimal) -> str | None:
        if decimal(self._screen.read("Sales Invoice", invoice_id)["outstanding_amount"]) <= 0:
            return None
        payment = self._screen.call(_PAYMENT, {"dt": "Sales Invoice", "dn": invoice_id})
        row = payment["references"][0]
        amount = max(CENT, (decimal(row["outstanding_amount"]) * share).quantize(CENT, ROUND_HALF_EVEN))
        values = {
            "paid_amount": amount,
            "received_amount": amount,
            "references": [{**row, "allocated_amount": amount}],
            "docstatus": 1,
        }
        return str(self._screen.create("Payment Entry", {**payment, **values})["name"])

    def on_order(self, notice: Callable[[str], None]) -> None:
        def watch(changes: list[Change]) -> None:
            for change in changes:
                if change.kind == "Sales Order" and change.new.get("docstatus") == 1:
                    notice(change.id)

        self._screen.on_commit(watch)

    def take_back(self, note_id: str, share: Decimal) -> str | None:
        return self._return("Delivery Note", _NOTE_RETURN, note_id, share)

    def credit(self, invoice_id: str, share: Decimal) -> str | None:
        return self._return("Sales Invoice", _INVOICE_RETURN, invoice_id, share)

    def cancel_order(self, order_id: str) -> None:
        self._screen.change("Sales Order", order_id, {"docstatus": 2})

    def mark_order(self, order_id: str, mark: OrderMark) -> None:
        self._screen.call(f"{_SALES_ORDER}.update_status", {"name": order_id, "status": _MARKS[mark]})

    def _return(self, doctype: str, method: str, name: str, share: Decimal) -> str | None:
        """The site proposes everything that has not come back yet; a person takes less of each line."""
        proposal = self._screen.call(method, {"source_name": name})
        rows = []
        for row in proposal["items"]:
            whole = (-decimal(row["qty"]) * share).to_integral_value(ROUND_HALF_EVEN)
            if decimal(row["qty"]) < 0:
                rows.append({**row, "qty": -max(Decimal(1), whole)})
        if not rows:
            return None
        document = {key: value for key, value in proposal.items() if key not in _LEFT_TO_THE_SERVER}
        return str(self._screen.create(doctype, {**document, "items": rows, "docstatus": 1})["name"])


def _billed(row: dict[str, Any]) -> Decimal:
    rate = decimal(row["rate"])
    return (decimal(row["billed_amt"]) / rate).quantize(Decimal("0.001"), ROUND_HALF_EVEN) if rate else Decimal(0)
