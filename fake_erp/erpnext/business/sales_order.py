"""Sales Order: dates, purchase order numbers, reservations, and the progress that deliveries and invoices write into it.

Source: facts 4.3. Closing, holding and reopening is `change_status`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.credit import check_credit_limit
from fake_erp.erpnext.business.outstanding import unlink_payments
from fake_erp.erpnext.business.party_accounts import account_currency, receivable_account
from fake_erp.erpnext.business.payment_terms import fill_schedule
from fake_erp.erpnext.business.quotation import refresh_quotations
from fake_erp.erpnext.business.selling import SellingController, check_rates
from fake_erp.erpnext.business.stock import Movement, add, is_stock_item, post
from fake_erp.erpnext.errors import notice, throw
from fake_erp.erpnext.framework.links import link_to
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ZERO, exact, percent
from harness.kit.records import Record

SETTING = "'Allow Multiple Sales Orders Against a Customer's Purchase Order'"


class SalesOrderController(SellingController):
    def before_insert(self, site: Site, doc: Doc) -> None:
        for name in ("per_delivered", "per_billed", "per_picked", "advance_paid"):
            doc[name] = ZERO
        for row in doc["items"]:
            row["delivered_qty"] = row["billed_amt"] = row["returned_qty"] = row["picked_qty"] = ZERO

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None:
        check_delivery_dates(doc)
        _check_purchase_order(site, doc)
        for row in doc["items"]:
            row["transaction_date"] = doc["transaction_date"]
            if is_stock_item(site, row.get("item_code")):
                _check_warehouse(site, doc, row)
        doc["party_account_currency"] = account_currency(site, doc, receivable_account(site, doc))
        fill_schedule(site, doc, doc.get("transaction_date"))
        doc.update(progress(doc))

    def before_submit(self, site: Site, doc: Doc) -> None:
        check_rates(doc)

    def on_submit(self, site: Site, doc: Doc) -> None:
        check_credit_limit(site, doc)
        post(site, {}, reserved_by(site, doc))
        refresh_quotations(site, doc)

    def before_cancel(self, site: Site, doc: Doc) -> None:
        if doc["status"] == "Closed":
            raise throw("Closed order cannot be cancelled. Unclose to cancel.")
        for invoice, _ in site.references.rows("Sales Invoice", "sales_order", doc["name"], docstatus=0):
            raise throw(
                f"Sales Invoice {link_to(site, 'Sales Invoice', invoice.id)} must be deleted before cancelling this Sales Order"
            )
        post(site, {}, {place: -amount for place, amount in reserved_by(site, {**doc, "docstatus": 1}).items()})
        doc["status"] = "Cancelled"
        if site.settings.unlink_advance_payment_on_cancelation_of_order:
            unlink_payments(site, "Sales Order", doc["name"])
            doc["advance_paid"] = ZERO

    def on_cancel(self, site: Site, doc: Doc) -> None:
        refresh_quotations(site, doc)


def check_delivery_dates(doc: Doc) -> None:
    if doc.get("order_type") != "Sales" or doc["skip_delivery_note"]:
        return
    dates = [row["delivery_date"] for row in doc["items"] if row.get("delivery_date")]
    if dates and (not doc.get("delivery_date") or max(dates) != doc["delivery_date"]):
        doc["delivery_date"] = max(dates)
    if not doc.get("delivery_date"):
        raise throw("Please enter Delivery Date")
    for row in doc["items"]:
        row["delivery_date"] = row.get("delivery_date") or doc["delivery_date"]
        if row["delivery_date"] < (doc.get("transaction_date") or ""):
            raise throw(
                "Expected Delivery Date should be after Sales Order Date", title="Invalid Delivery Date", indicator="orange"
            )
        if doc.get("po_date") and row["delivery_date"] < doc["po_date"]:
            raise throw(f"Row #{row['idx']}: Expected Delivery Date cannot be before Purchase Order Date")


def _check_purchase_order(site: Site, doc: Doc) -> None:
    """A customer's purchase order number may be used once, drafts count [P21]."""
    number = doc.get("po_no")
    if not number:
        return
    for other in site.store.where("Sales Order", "po_no", number):
        fields = other.fields
        if fields["customer"] != doc.get("customer") or fields["docstatus"] == 2 or other.id == doc["name"]:
            continue
        if site.settings.allow_against_multiple_purchase_orders:
            order, purchase = f"<strong>{other.id}</strong>", f"<strong>{number}</strong>"
            text = f"Warning: Sales Order {order} already exists against Customer's Purchase Order {purchase}"
            site.notices.append(notice(text, indicator="orange", alert=True))
            return
        where = f"<a href='{site.settings.desk}/selling-settings'>Selling Settings</a>"
        start = f"Sales Order {other.id} already exists against Customer's Purchase Order {number}."
        raise throw(f"{start} To allow multiple Sales Orders, Enable {SETTING} in {where}")


def _check_warehouse(site: Site, doc: Doc, row: Doc) -> None:
    warehouse = row.get("warehouse")
    if not warehouse:
        raise throw(f"Source warehouse required for stock item {row['item_code']}", "WarehouseRequired")
    company = site.value("Warehouse", warehouse, "company")
    if company and company != doc["company"]:
        raise throw(f"Warehouse {warehouse} does not belong to company {doc['company']}", "InvalidWarehouseCompany")


def progress(doc: Doc) -> dict[str, Any]:
    """per_delivered, per_billed and the three statuses that follow from the rows."""
    rows = doc["items"]
    delivered = sum((min(abs(row["qty"]), abs(row["delivered_qty"])) for row in rows), ZERO)
    ordered = sum((abs(row["qty"]) for row in rows), ZERO)
    billed = sum((min(abs(row["amount"]), abs(row["billed_amt"])) for row in rows), ZERO)
    amount = sum((abs(row["amount"]) for row in rows), ZERO)
    values: dict[str, Any] = {"per_delivered": percent(delivered, ordered), "per_billed": percent(billed, amount)}
    values["status"] = status_of(doc, values["per_delivered"], values["per_billed"])
    closed = values["status"] == "Closed"
    values["delivery_status"] = "Closed" if closed else _word(values["per_delivered"], "Delivered")
    values["billing_status"] = "Closed" if closed else _word(values["per_billed"], "Billed")
    return values


def _word(share: Decimal, what: str) -> str:
    if share < Decimal("0.001"):
        return f"Not {what}"
    return f"Fully {what}" if share >= Decimal("99.999999") else f"Partly {what}"


def status_of(doc: Doc, delivered: Decimal, billed: Decimal) -> str:
    if doc["docstatus"] == 2:
        return "Cancelled"
    if doc["docstatus"] == 0:
        return "Draft"
    if doc.get("status") in ("Closed", "On Hold"):
        return str(doc["status"])
    all_delivered, all_billed = delivered >= 100 or bool(doc["skip_delivery_note"]), billed >= 100
    if all_delivered:
        return "Completed" if all_billed else "To Bill"
    return "To Deliver" if all_billed else "To Deliver and Bill"


def reserved_by(site: Site, doc: Doc) -> Movement:
    """Stock units this order reserves: what is not delivered of a submitted order that is neither closed nor on hold."""
    movement: Movement = {}
    if doc["docstatus"] != 1 or doc["status"] in ("Closed", "On Hold"):
        return movement
    for row in doc["items"]:
        open_qty = row["qty"] - row["delivered_qty"]
        if open_qty > 0 and row.get("warehouse") and is_stock_item(site, row["item_code"]):
            add(movement, row["item_code"], row["warehouse"], exact(open_qty * (row["conversion_factor"] or 1)))
    return movement


def write(site: Site, order: Record, values: Doc, reserved: Movement | None = None) -> None:
    """Write progress or status into a submitted order: its reservations follow, `modified` moves, on_change may fire.

    `reserved` takes what changes of the reservations, for callers that post it together with stock of their own.
    """
    before = reserved_by(site, order.fields)
    site.set_values(order, values)
    after = reserved_by(site, order.fields)
    if before != after:
        changes: Movement = {} if reserved is None else reserved
        for place in {**before, **after}:
            add(changes, *place, after.get(place, ZERO) - before.get(place, ZERO))
        if reserved is None:
            post(site, {}, changes)
    site.emit("on_change", "Sales Order", order.fields)


def refresh_order(
    site: Site, name: str, *, delivered: bool = False, billed: bool = False, reserved: Movement | None = None
) -> Record:
    """Recompute a submitted order's rows from the submitted deliveries and invoices that refer to it. `reserved`: see `write`."""
    order = site.fetch("Sales Order", name)
    shipped, returned = _shipped(site, name) if delivered else ({}, {})
    charged = _charged(site, name) if billed else {}
    rows = []
    for row in order.fields["items"]:
        changed = dict(row)
        if delivered:
            changed["delivered_qty"] = exact(shipped.get(row["name"], ZERO))
            changed["returned_qty"] = exact(returned.get(row["name"], ZERO))
        if billed:
            changed["billed_amt"] = exact(charged.get(row["name"], ZERO))
        rows.append(changed)
    values = {"items": rows}
    write(site, order, {**values, **progress({**order.fields, **values})}, reserved)
    return order


def _shipped(site: Site, name: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """What has left the house of each row, less what has come back; and what has come back."""
    shipped: dict[str, Decimal] = {}
    returned: dict[str, Decimal] = {}
    for note, row in site.references.rows("Delivery Note", "against_sales_order", name):
        _add_shipped(shipped, returned, note, row)
    for invoice, row in site.references.rows("Sales Invoice", "sales_order", name):
        if invoice.fields["update_stock"]:
            _add_shipped(shipped, returned, invoice, row)
    return shipped, returned


def _add_shipped(shipped: dict[str, Decimal], returned: dict[str, Decimal], document: Record, row: Doc) -> None:
    detail = row.get("so_detail")
    if detail:
        shipped[detail] = shipped.get(detail, ZERO) + row["qty"]
        if document.fields["is_return"]:
            returned[detail] = returned.get(detail, ZERO) - row["qty"]


def _charged(site: Site, name: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for invoice, row in site.references.rows("Sales Invoice", "sales_order", name):
        if row.get("so_detail") and not (invoice.fields["is_return"] and not invoice.fields["update_billed_amount_in_sales_order"]):
            found[row["so_detail"]] = found.get(row["so_detail"], ZERO) + row["amount"]
    return found


def check_open(site: Site, names: set[str]) -> None:
    """Deliveries and invoices cannot be saved against an order that is closed or on hold."""
    for name in sorted(names):
        status = site.value("Sales Order", name, "status")
        if status in ("Closed", "On Hold"):
            raise throw(f"Sales Order {name} is {status}", "InvalidStatusError")


def change_status(site: Site, name: str, status: str) -> None:
    """Close, hold or (with `Draft`) reopen a submitted order; reopening asks for the credit limit again."""
    order = site.fetch("Sales Order", name)
    if status not in ("Closed", "On Hold", "Draft"):
        raise throw(f'Status cannot be "{status}". It should be one of "Closed", "On Hold", "Draft"')
    if order.fields["docstatus"] != 1:
        raise throw("Cannot change the status of a Sales Order that is not submitted")
    write(site, order, progress({**order.fields, "status": status}))
    if status == "Draft":
        check_credit_limit(site, order.fields)
