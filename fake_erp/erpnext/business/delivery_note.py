"""Delivery Note: what leaves the warehouse, against which order. Source: facts 4.5.

Over-delivery and shortage are found at submit, never when a draft is saved [P20]. A return brings goods back: the order's delivered
quantity falls and the order is open again [P47].
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.credit import check_credit_at_delivery
from fake_erp.erpnext.business.returns import check_return, check_signs, returned_quantities
from fake_erp.erpnext.business.sales_order import check_open, refresh_order
from fake_erp.erpnext.business.same_rate import ORDER_OF_DELIVERY, check_same_rates
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

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None:
        check_order_references(site, doc, "against_sales_order")
        check_invoice_references(doc)
        if doc["is_return"]:
            check_return(site, doc)
        else:
            check_open(site, orders_of(doc, "against_sales_order"))
        check_same_rates(site, doc, ORDER_OF_DELIVERY)
        for row in doc["items"]:
            if is_stock_item(site, row.get("item_code")) and not row.get("warehouse"):
                raise throw(f"Warehouse required for stock Item {row['item_code']}")
        doc["status"] = status_of(doc)

    def before_submit(self, site: Site, doc: Doc) -> None:
        check_rates(doc)
        check_signs(doc)

    def on_submit(self, site: Site, doc: Doc) -> None:
        reserved: Movement = {}
        for name in sorted(orders_of(doc, "against_sales_order")):
            order = refresh_order(site, name, delivered=True, reserved=reserved)
            check_over_delivery(site, order.fields["items"], "delivered_qty", "so_detail", doc)
        self._refresh_others(site, doc, check=True)
        check_credit_at_delivery(site, doc)
        post(site, self._movement(site, doc, -1), reserved, voucher=doc)

    def before_cancel(self, site: Site, doc: Doc) -> None:
        for invoice, _ in site.references.rows("Sales Invoice", "delivery_note", doc["name"]):
            raise throw(f"Sales Invoice {invoice.id} has already been submitted")
        check_open(site, orders_of(doc, "against_sales_order"))
        doc["status"] = "Cancelled"

    def on_cancel(self, site: Site, doc: Doc) -> None:
        reserved: Movement = {}
        for name in sorted(orders_of(doc, "against_sales_order")):
            order = refresh_order(site, name, delivered=True, reserved=reserved)
            if doc["is_return"]:  # what came back may have been delivered again
                check_over_delivery(site, order.fields["items"], "delivered_qty", "so_detail", doc)
        self._refresh_others(site, doc, check=bool(doc["is_return"]))
        post(site, self._movement(site, doc, 1), reserved, voucher=doc)

    def _refresh_others(self, site: Site, doc: Doc, *, check: bool) -> None:
        """The invoices that the rows deliver, and the note that they return."""
        for name in sorted(orders_of(doc, "against_sales_invoice")):
            rows = refresh_invoice_deliveries(site, name)
            if check:
                check_over_delivery(site, rows, "delivered_qty", "si_detail", doc)
        if doc["is_return"] and doc.get("return_against"):
            refresh_returned(site, doc["return_against"])

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
            raise _incomplete(labels["so_detail" if order else column].label, row, "Sales Orders")
        record = site.store.get("Sales Order", order)
        if record is not None:
            _check_same(record, doc, row)


def check_invoice_references(doc: Doc) -> None:
    """Invoice and invoice row come together or not at all."""
    for row in doc["items"]:
        invoice, detail = row.get("against_sales_invoice"), row.get("si_detail")
        if bool(invoice) != bool(detail):
            label = "Against Sales Invoice Item" if invoice else "Against Sales Invoice"
            raise _incomplete(label, row, "Sales Invoices")


def _incomplete(label: str, row: Doc, what: str) -> Exception:
    text = f"The field <strong>{label}</strong> in row <strong>{row['idx']}</strong> is not set"
    return throw(text, title=f"References to {what} are Incomplete")


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


def check_over_delivery(site: Site, sources: list[Doc], column: str, detail: str, doc: Doc) -> None:
    """Rows of an order or invoice, `column` already recomputed, of which `doc` may have delivered too much."""
    touched = {row.get(detail) for row in doc["items"]}
    allowance = 1 + Decimal(str(site.settings.over_delivery_allowance)) / HUNDRED
    for row in sources:
        over = row[column] - row["qty"] * allowance
        if row["name"] in touched and over > Decimal("0.0000001"):
            advice = 'To allow over receipt / delivery, update "Over Receipt/Delivery Allowance" in Stock Settings or the Item.'
            raise over_limit("Qty", over, row["item_code"], doc["doctype"], row["doctype"], advice)


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
    if doc["is_return"]:
        return "Return"
    if doc["per_returned"] >= 100:
        return "Return Issued"
    billed = doc["per_billed"]
    return "Completed" if billed >= 100 else "Partially Billed" if billed > 0 else "To Bill"


def change_status(site: Site, name: str, status: str) -> None:
    """Close a submitted note, or open it again with any other word: its status is then computed."""
    note = site.fetch("Delivery Note", name)
    if note.fields["docstatus"] != 1:
        raise throw("Cannot change the status of a Delivery Note that is not submitted")  # our guess
    site.set_values(note, {"status": "Closed" if status == "Closed" else status_of({**note.fields, "status": ""})})
    site.emit("on_change", "Delivery Note", note.fields)


def refresh_returned(site: Site, name: str) -> None:
    """Recompute what of a note has come back."""
    note = site.store.get("Delivery Note", name)
    if note is None or note.fields["docstatus"] != 1:
        return
    returned = returned_quantities(site, "Delivery Note", name)
    rows = [{**row, "returned_qty": returned.get(row["name"], ZERO)} for row in note.fields["items"]]
    back = sum((min(row["stock_qty"], row["returned_qty"]) for row in rows), ZERO)
    values: dict[str, Any] = {"items": rows, "per_returned": percent(back, sum((row["stock_qty"] for row in rows), ZERO))}
    values["status"] = status_of({**note.fields, **values})
    site.set_values(note, values)
    site.emit("on_change", "Delivery Note", note.fields)


def refresh_invoice_deliveries(site: Site, name: str) -> list[Doc]:
    """Recompute what delivery notes made from an invoice have delivered of it. Returns its rows."""
    invoice = site.fetch("Sales Invoice", name)
    delivered: dict[str, Decimal] = {}
    for _, row in site.references.rows("Delivery Note", "against_sales_invoice", name):
        if row.get("si_detail"):
            delivered[row["si_detail"]] = delivered.get(row["si_detail"], ZERO) + row["qty"]
    rows = [{**row, "delivered_qty": exact(delivered.get(row["name"], ZERO))} for row in invoice.fields["items"]]
    site.set_values(invoice, {"items": rows})
    return rows


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
            for invoice, line in site.references.rows("Sales Invoice", "sales_order", order)
            if line.get("so_detail") == detail and not line.get("dn_detail") and _counts(invoice)
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
    return sum((line["amount"] for invoice, line in lines if line.get("dn_detail") == row and _counts(invoice)), ZERO)


def _counts(invoice: Record) -> bool:
    """Credit notes may be told to leave deliveries alone."""
    return bool(not invoice.fields["is_return"] or invoice.fields["update_billed_amount_in_delivery_note"])
