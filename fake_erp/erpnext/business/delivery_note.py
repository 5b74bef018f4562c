"""Delivery Note: what leaves the warehouse, against which order. Source: facts 4.5.

Over-delivery and shortage are found at submit, never when a draft is saved [P20]. Not modelled: returns.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.sales_order import check_open, refresh_order
from fake_erp.erpnext.business.selling import SellingController, check_rates
from fake_erp.erpnext.business.stock import Movement, add, is_stock_item, post
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ZERO, exact, percent
from harness.kit.records import Record


class DeliveryNoteController(SellingController):
    date_field = "posting_date"
    is_posting = True

    def before_insert(self, site: Site, doc: Doc) -> None:
        doc["per_billed"] = doc["per_returned"] = ZERO
        for row in doc["items"]:
            row["billed_amt"] = row["returned_qty"] = ZERO

    def before_totals(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if doc["is_return"]:
            raise throw("Returns: Not supported by fake")

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None:
        check_order_references(site, doc, "against_sales_order")
        check_open(site, orders_of(doc, "against_sales_order"))
        for row in doc["items"]:
            if is_stock_item(site, row.get("item_code")) and not row.get("warehouse"):
                raise throw(f"Warehouse required for stock Item {row['item_code']}")
        doc["status"] = status_of(doc)

    def before_submit(self, site: Site, doc: Doc) -> None:
        check_rates(doc)

    def on_submit(self, site: Site, doc: Doc) -> None:
        for name in sorted(orders_of(doc, "against_sales_order")):
            order = refresh_order(site, name, delivered=True)
            check_over_delivery(site, order, doc)
        post(site, self._movement(site, doc, -1))

    def before_cancel(self, site: Site, doc: Doc) -> None:
        for invoice, _ in site.references.rows("Sales Invoice", "delivery_note", doc["name"]):
            raise throw(f"Sales Invoice {invoice.id} has already been submitted")
        check_open(site, orders_of(doc, "against_sales_order"))
        doc["status"] = "Cancelled"

    def on_cancel(self, site: Site, doc: Doc) -> None:
        post(site, self._movement(site, doc, 1))
        for name in sorted(orders_of(doc, "against_sales_order")):
            refresh_order(site, name, delivered=True)

    def _movement(self, site: Site, doc: Doc, sign: int) -> Movement:
        movement: Movement = {}
        for row in doc["items"]:
            if is_stock_item(site, row.get("item_code")):
                add(movement, row["item_code"], row["warehouse"], sign * row["stock_qty"])
        return movement


def orders_of(doc: Doc, column: str) -> set[str]:
    return {row[column] for row in doc["items"] if row.get(column)}


def check_order_references(site: Site, doc: Doc, column: str) -> None:
    """Order and order row come together or not at all [P19], and must fit the customer, company, currency and item."""
    for row in doc["items"]:
        order, detail = row.get(column), row.get("so_detail")
        if not order and not detail:
            continue
        if not order or not detail:
            labels = site.meta(f"{doc['doctype']} Item").columns
            label = labels["so_detail" if order else column].label
            text = f"The field <strong>{label}</strong> in row <strong>{row['idx']}</strong> is not set"
            raise throw(text, title="References to Sales Orders are Incomplete")
        record = site.store.get("Sales Order", order)
        if record is not None:
            _check_same(record, doc, row)


def _check_same(order: Record, doc: Doc, row: Doc) -> None:
    for name, label in (("customer", "Customer"), ("company", "Company"), ("currency", "Currency")):
        if doc.get(name) != order.fields.get(name):
            raise throw(f"Incorrect value:{label} must be equal to '{order.fields.get(name)}'")
    source = next((r for r in order.fields["items"] if r["name"] == row["so_detail"]), None)
    if source is None:
        raise throw(f"Incorrect value in row {row['idx']}:Sales Order Item must be a row of {order.id}")
    for name, label in (("item_code", "Item Code"), ("uom", "UOM"), ("conversion_factor", "UOM Conversion Factor")):
        if row.get(name) != source.get(name):
            raise throw(f"Incorrect value in row {row['idx']}:{label} must be equal to '{source.get(name)}'")


def check_over_delivery(site: Site, order: Record, doc: Doc) -> None:
    touched = {row.get("so_detail") for row in doc["items"]}
    for row in order.fields["items"]:
        over = row["delivered_qty"] - row["qty"] * (1 + Decimal(str(site.settings.over_delivery_allowance)) / HUNDRED)
        if row["name"] in touched and over > Decimal("0.0000001"):
            advice = 'To allow over receipt / delivery, update "Over Receipt/Delivery Allowance" in Stock Settings or the Item.'
            raise over_limit("Qty", over, row["item_code"], doc["doctype"], "Sales Order Item", advice)


def over_limit(what: str, by: Decimal, item: str, doctype: str, source: str, advice: str) -> Exception:
    text = (
        f"This document is over limit by <strong>{what}</strong> <strong>{exact(by)}</strong> for item <strong>{item}</strong>. "
        f"Are you making another <strong>{doctype}</strong> against the same <strong>{source}</strong>?<br><br>{advice}"
    )
    return throw(text, "OverAllowanceError", "Limit Crossed")


def status_of(doc: Doc) -> str:
    if doc["docstatus"] != 1:
        return "Cancelled" if doc["docstatus"] == 2 else "Draft"
    if doc.get("status") == "Closed":
        return "Closed"
    billed = doc["per_billed"]
    return "Completed" if billed >= 100 else "Partially Billed" if billed > 0 else "To Bill"


def refresh_billing(site: Site, names: set[str]) -> None:
    """Recompute what is billed of these delivery notes: their own invoices first, then invoices of the order, oldest note first."""
    for name in sorted(names):
        note = site.store.get("Delivery Note", name)
        if note is None or note.fields["docstatus"] != 1:
            continue
        rows = [{**row, "billed_amt": exact(_billed(site, note, row))} for row in note.fields["items"]]
        billed = sum((min(abs(row["amount"]), abs(row["billed_amt"])) for row in rows), ZERO)
        values: dict[str, Any] = {"items": rows, "per_billed": percent(billed, sum((abs(row["amount"]) for row in rows), ZERO))}
        values["status"] = status_of({**note.fields, **values})
        site.set_values(note, values)
        site.emit("on_change", "Delivery Note", note.fields)


def _billed(site: Site, note: Record, row: Doc) -> Decimal:
    own = _direct(site, note.id, row["name"])
    order, detail = row.get("against_sales_order"), row.get("so_detail")
    if not order or not detail:
        return own
    spare = sum(
        (
            line["amount"]
            for _, line in site.references.rows("Sales Invoice", "sales_order", order)
            if line.get("so_detail") == detail and not line.get("dn_detail")
        ),
        ZERO,
    )
    for other, line in site.references.rows("Delivery Note", "against_sales_order", order):
        if line.get("so_detail") != detail or spare <= 0:
            continue
        billed = own if line["name"] == row["name"] else _direct(site, other.id, line["name"])
        part = min(spare, max(ZERO, line["amount"] - billed))
        spare -= part
        if line["name"] == row["name"]:
            return billed + Decimal(part)
    return own


def _direct(site: Site, note: str, row: str) -> Decimal:
    lines = site.references.rows("Sales Invoice", "delivery_note", note)
    return sum((line["amount"] for _, line in lines if line.get("dn_detail") == row), ZERO)
