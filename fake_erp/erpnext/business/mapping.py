"""From one document to the next: the unsaved proposals of the vendor's mapping methods. Source: facts 4.4 and 4.7.

Nothing is reserved: calling twice proposes the same twice. Same-named fields are copied, `no_copy` fields are not; what follows
from the rows (amounts, totals, payment schedule) is left for the target to compute.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.masters import CASH, COST_CENTER, RECEIVABLE
from fake_erp.erpnext.business.payment_entry import amounts_due
from fake_erp.erpnext.business.quotation import ordered_quantities
from fake_erp.erpnext.errors import Refused, throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, ZERO, exact
from harness.kit.records import Record

Mapper = Callable[[Site, str], Doc]
UNSAVED: Doc = {"docstatus": 0, "__islocal": 1, "__unsaved": 1}
NOT_COPIED = frozenset(
    {
        "naming_series",
        "status",
        "title",
        "amended_from",
        "delivery_date",
        "due_date",
        "valid_till",
        "order_type",
        "idx",
        "docstatus",
    }
)


def make_sales_order(site: Site, name: str) -> Doc:
    """Quotation → Sales Order, what is not ordered yet; `delivery_date` is for the caller to add [P44]."""
    source = _submitted(site, "Quotation", name)
    target = _mapped(site, source, "Sales Order")
    if source.fields.get("quotation_to") == "Customer":
        target["customer"] = source.fields.get("party_name")
    ordered = ordered_quantities(site, source.id)
    for row in source.fields["items"]:
        left = row["stock_qty"] - ordered.get(row["name"], ZERO)
        if left > 0:
            qty = site.rounding.number(left / (row.get("conversion_factor") or ONE))
            links = {"prevdoc_docname": source.id, "quotation_item": row["name"]}
            _add_row(site, target, "Quotation Item", row, qty, **links)
    return target


def make_delivery_note(site: Site, name: str) -> Doc:
    """Sales Order → Delivery Note, what is not delivered yet."""
    source = _submitted(site, "Sales Order", name)
    target = _mapped(site, source, "Delivery Note")
    for row in source.fields["items"]:
        left = row["qty"] - row["delivered_qty"]
        if left > 0:
            _add_row(site, target, "Sales Order Item", row, exact(left), against_sales_order=source.id, so_detail=row["name"])
    return target


def make_sales_invoice(site: Site, name: str) -> Doc:
    """Sales Order → Sales Invoice, what is not billed yet, delivered or not."""
    source = _submitted(site, "Sales Order", name)
    target = _mapped(site, source, "Sales Invoice")
    for row in source.fields["items"]:
        if row["billed_amt"] < row["amount"] or not row["amount"]:
            left = row["qty"] - (row["billed_amt"] / row["rate"] if row["rate"] else ZERO)
            links = {"sales_order": source.id, "so_detail": row["name"]}
            _add_row(site, target, "Sales Order Item", row, site.rounding.number(left), **links)
    return target


def make_sales_invoice_from_delivery(site: Site, name: str) -> Doc:
    """Delivery Note → Sales Invoice. Raises Refused when nothing of it is left to invoice."""
    source = _submitted(site, "Delivery Note", name)
    target = _mapped(site, source, "Sales Invoice")
    invoiced: dict[str, Decimal] = {}
    for _, line in site.references.rows("Sales Invoice", "delivery_note", source.id):
        if line.get("dn_detail"):
            invoiced[line["dn_detail"]] = invoiced.get(line["dn_detail"], ZERO) + line["qty"]
    for row in source.fields["items"]:
        left = row["qty"] - invoiced.get(row["name"], ZERO)
        if left > 0:
            links = {"delivery_note": source.id, "dn_detail": row["name"]}
            if row.get("against_sales_order"):
                links |= {"sales_order": row["against_sales_order"], "so_detail": row.get("so_detail")}
            _add_row(site, target, "Delivery Note Item", row, exact(left), **links)
    if not target["items"]:
        raise throw("All these items have already been Invoiced/Returned")
    return target


def get_payment_entry(site: Site, doctype: str, name: str) -> Doc:
    """An unsaved Payment Entry that pays all that is outstanding of an invoice or order. Raises Refused."""
    if doctype not in ("Sales Invoice", "Sales Order"):
        raise throw(f"Payment against {doctype}: Not supported by fake")
    source = _submitted(site, doctype, name)
    total, outstanding = amounts_due(site, source)
    if outstanding <= 0:
        raise throw(f"{doctype} {source.id} has already been fully paid.")
    return {**_receipt(site, source.fields, outstanding), "references": [_reference(source, total, outstanding)]}


def _reference(source: Record, total: Decimal, outstanding: Decimal) -> Doc:
    """The row that says what is paid."""
    return {
        **UNSAVED,
        "doctype": "Payment Entry Reference",
        "idx": 1,
        "parentfield": "references",
        "parenttype": "Payment Entry",
        "reference_doctype": source.kind,
        "reference_name": source.id,
        "due_date": source.fields.get("due_date"),
        "total_amount": total,
        "outstanding_amount": outstanding,
        "allocated_amount": outstanding,
        "exchange_rate": ONE,
    }


def _receipt(site: Site, fields: Doc, amount: Decimal) -> Doc:
    """Money received in cash from the customer, in one currency."""
    today, currency = site.time.today(), fields["currency"]
    amounts = ("paid_amount", "received_amount", "base_paid_amount", "base_received_amount", "total_allocated_amount")
    return {
        **UNSAVED,
        **dict.fromkeys(amounts, amount),
        "doctype": "Payment Entry",
        "naming_series": "ACC-PAY-.YYYY.-",
        "payment_type": "Receive",
        "posting_date": today,
        "reference_date": today,
        "company": fields["company"],
        "party_type": "Customer",
        "party": fields["customer"],
        "party_name": fields.get("customer_name"),
        "paid_from": fields.get("debit_to") or RECEIVABLE,
        "paid_from_account_type": "Receivable",
        "paid_from_account_currency": currency,
        "paid_to": CASH,
        "paid_to_account_type": "Cash",
        "paid_to_account_currency": currency,
        "source_exchange_rate": ONE,
        "target_exchange_rate": ONE,
        "unallocated_amount": ZERO,
        "difference_amount": ZERO,
        "cost_center": COST_CENTER,
        "deductions": [],
        "taxes": [],
    }


MAPPERS: dict[str, Mapper] = {
    "erpnext.selling.doctype.quotation.quotation.make_sales_order": make_sales_order,
    "erpnext.selling.doctype.sales_order.sales_order.make_delivery_note": make_delivery_note,
    "erpnext.selling.doctype.sales_order.sales_order.make_sales_invoice": make_sales_invoice,
    "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_invoice": make_sales_invoice_from_delivery,
}


def _submitted(site: Site, doctype: str, name: str) -> Record:
    record = site.fetch(doctype, name)
    if record.fields["docstatus"] != 1:
        raise Refused(417, "ValidationError", "Cannot map because following condition fails: docstatus=1", [])
    return record


def _mapped(site: Site, source: Record, doctype: str) -> Doc:
    """The header and the tax rows."""
    meta, target_meta = site.meta(source.kind), site.meta(doctype)
    target: Doc = {"doctype": doctype, **UNSAVED, "__onload": {"load_after_mapping": True}}
    target.update(_copied(meta, target_meta, source.fields))
    target["items"] = []
    child = site.meta("Sales Taxes and Charges")
    target["taxes"] = [
        {
            "doctype": child.name,
            **UNSAVED,
            "idx": position,
            "parentfield": "taxes",
            "parenttype": doctype,
            **_copied(child, child, row),
        }
        for position, row in enumerate(source.fields.get("taxes") or (), start=1)
    ]
    return target


def _add_row(site: Site, target: Doc, source_child: str, row: Doc, qty: Decimal, **links: Any) -> None:
    meta = site.meta(target["doctype"])
    child = site.meta(meta.tables["items"])
    copied = _copied(site.meta(source_child), child, row)
    place = {"idx": len(target["items"]) + 1, "parentfield": "items", "parenttype": meta.name}
    target["items"].append({"doctype": child.name, **UNSAVED, **place, **copied, "qty": qty, **links})


def _copied(source: DocType, target: DocType, fields: Doc) -> Doc:
    return {name: value for name in _common(source, target) if (value := fields.get(name)) is not None}


def _common(source: DocType, target: DocType) -> tuple[str, ...]:
    """The columns that a mapping copies. Worked out once for two DocTypes, and again after either has got a custom field."""
    known = source.copied_to.get(target.name)
    if known is not None and known[0] is target.columns:
        return known[1]
    names = tuple(
        name
        for name, column in source.columns.items()
        if (other := target.columns.get(name)) is not None
        and name not in NOT_COPIED
        and "nocopy" not in column.flags
        and "nocopy" not in other.flags
    )
    source.copied_to[target.name] = (target.columns, names)
    return names
