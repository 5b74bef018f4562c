"""From one document to the next: the unsaved proposals of the vendor's mapping methods. Source: facts 4.4 and 4.7.

Nothing is reserved: calling twice proposes the same twice. Same-named fields are copied, `no_copy` fields are not; what follows
from the rows (amounts, totals, payment schedule) is left for the target to compute.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fake_erp.erpnext.business.masters import CASH, COST_CENTER
from fake_erp.erpnext.business.outstanding import INVOICE, ORDER, amounts_due
from fake_erp.erpnext.business.outstanding_amounts import in_own_currency
from fake_erp.erpnext.business.party_accounts import receivable_account
from fake_erp.erpnext.business.payment_entry import exchange_of
from fake_erp.erpnext.business.quotation import ordered_quantities
from fake_erp.erpnext.business.returns import ORIGINAL_ROW, returned_quantities
from fake_erp.erpnext.errors import throw
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
    until, today = source.fields.get("valid_till"), site.time.today()
    if until and until < today and not site.settings.allow_sales_order_creation_for_expired_quotation:
        raise throw("Validity period of this quotation has ended.")
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


def make_invoice_from_quotation(site: Site, name: str) -> Doc:
    """Quotation → Sales Invoice, all of it, whatever has been ordered: nothing links the two."""
    source = _submitted(site, "Quotation", name)
    target = _mapped(site, source, INVOICE)
    if source.fields.get("quotation_to") == "Customer":
        target["customer"] = source.fields.get("party_name")
    for row in source.fields["items"]:
        _add_row(site, target, "Quotation Item", row, row["qty"])
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
    """Sales Order → Sales Invoice, what is not billed yet, delivered or not; what came back unbilled is not proposed."""
    source = _submitted(site, ORDER, name)
    target = _mapped(site, source, INVOICE)
    for row in source.fields["items"]:
        if row["billed_amt"] >= row["amount"] and row["amount"]:
            continue
        billed = row["billed_amt"] / row["rate"] if row["rate"] and row["billed_amt"] else ZERO
        left = site.rounding.number(row["qty"] - (billed or row["returned_qty"]))
        if left > 0:
            _add_row(site, target, "Sales Order Item", row, left, sales_order=source.id, so_detail=row["name"])
    return target


def make_sales_invoice_from_delivery(site: Site, name: str) -> Doc:
    """Delivery Note → Sales Invoice, less what is invoiced and what came back. Raises Refused when nothing is left."""
    source = _submitted(site, "Delivery Note", name)
    target = _mapped(site, source, INVOICE)
    invoiced: dict[str, Decimal] = {}
    for _, line in site.references.rows(INVOICE, "delivery_note", source.id):
        if line.get("dn_detail"):
            invoiced[line["dn_detail"]] = invoiced.get(line["dn_detail"], ZERO) + line["qty"]
    for row in source.fields["items"]:
        returned = row["returned_qty"] / (row["conversion_factor"] or ONE) if row["returned_qty"] else ZERO
        left = site.rounding.number(row["qty"] - invoiced.get(row["name"], ZERO) - returned)
        if left > 0:
            links = {"delivery_note": source.id, "dn_detail": row["name"]}
            if row.get("against_sales_order"):
                links |= {"sales_order": row["against_sales_order"], "so_detail": row.get("so_detail")}
            _add_row(site, target, "Delivery Note Item", row, left, **links)
    if not target["items"]:
        raise throw("All these items have already been Invoiced/Returned")
    return target


def make_delivery_from_invoice(site: Site, name: str) -> Doc:
    """Sales Invoice → Delivery Note, what is not delivered yet by notes made from it."""
    source = _submitted(site, INVOICE, name)
    target = _mapped(site, source, "Delivery Note")
    for row in source.fields["items"]:
        left = exact(row["qty"] - row["delivered_qty"])
        if left > 0:
            links = {"against_sales_invoice": source.id, "si_detail": row["name"]}
            if row.get("sales_order"):
                links |= {"against_sales_order": row["sales_order"], "so_detail": row.get("so_detail")}
            _add_row(site, target, "Sales Invoice Item", row, left, **links)
    return target


def _return_mapper(doctype: str) -> Mapper:
    links = ("so_detail", "dn_detail", "against_sales_order", "against_sales_invoice", "si_detail", "sales_order", "delivery_note")
    prefix = "MAT-DN-RET-.YYYY.-" if doctype == "Delivery Note" else "ACC-SINV-RET-.YYYY.-"

    def make_sales_return(site: Site, name: str) -> Doc:
        """The same document with quantities below zero: what has not come back yet. Fixed charges and discounts turn too."""
        source = _submitted(site, doctype, name)
        target = _mapped(site, source, doctype)
        target |= {"is_return": 1, "return_against": source.id, "naming_series": prefix, "payment_schedule": []}
        if target.get("discount_amount") and not target.get("additional_discount_percentage"):
            target["discount_amount"] = exact(-target["discount_amount"])
        for tax in target["taxes"]:
            if tax.get("charge_type") == "Actual" and tax.get("tax_amount"):
                tax["tax_amount"] = exact(-tax["tax_amount"])
        returned = returned_quantities(site, doctype, source.id)
        for row in source.fields["items"]:
            back = returned.get(row["name"], ZERO)
            left = site.rounding.number(row["qty"] - (back / (row["conversion_factor"] or ONE) if back else ZERO))
            if left > 0:
                kept = {link: row[link] for link in links if row.get(link)}
                _add_row(site, target, f"{doctype} Item", row, exact(-left), **{**kept, ORIGINAL_ROW[doctype]: row["name"]})
        return target

    return make_sales_return


def get_payment_entry(site: Site, doctype: str, name: str) -> Doc:
    """An unsaved Payment Entry that settles all that is outstanding of an invoice, credit note or order. Raises Refused."""
    if doctype not in (INVOICE, ORDER):
        raise throw(f"Payment against {doctype}: Not supported by fake")
    source = _submitted(site, doctype, name)
    if doctype == ORDER and source.fields["per_billed"] >= Decimal("99.99"):
        raise throw("Can only make payment against unbilled Sales Order")
    total, outstanding = amounts_due(site, source)
    if not outstanding or (outstanding < 0 and not source.fields.get("is_return")):
        raise throw(f"{doctype} {source.id} has already been fully paid.")
    return {**_payment(site, source.fields, outstanding), "references": [_reference(site, source, total, outstanding)]}


def _reference(site: Site, source: Record, total: Decimal, outstanding: Decimal) -> Doc:
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
        "exchange_rate": exchange_of(site, source.fields),
    }


def _payment(site: Site, fields: Doc, outstanding: Decimal) -> Doc:
    """Cash from the customer, or (below zero) back to them. The customer's account may be in a foreign currency."""
    today, amount, rate = site.time.today(), abs(outstanding), exchange_of(site, fields)
    base = site.rounding.money(amount * rate)
    own = site.value("Company", fields["company"], "default_currency")
    currency = (fields["currency"] if in_own_currency(fields) else fields["party_account_currency"]) or own
    party = (fields.get("debit_to") or receivable_account(site, fields), "Receivable", currency, rate, amount)
    cash = (CASH, "Cash", own, ONE, base)
    source, target = (party, cash) if outstanding > 0 else (cash, party)
    return {
        **UNSAVED,
        "paid_from": source[0],
        "paid_from_account_type": source[1],
        "paid_from_account_currency": source[2],
        "paid_amount": source[4],
        "base_paid_amount": base,
        "source_exchange_rate": source[3],
        "paid_to": target[0],
        "paid_to_account_type": target[1],
        "paid_to_account_currency": target[2],
        "received_amount": target[4],
        "base_received_amount": base,
        "target_exchange_rate": target[3],
        "doctype": "Payment Entry",
        "naming_series": "ACC-PAY-.YYYY.-",
        "payment_type": "Receive" if outstanding > 0 else "Pay",
        "posting_date": today,
        "reference_date": today,
        "company": fields["company"],
        "party_type": "Customer",
        "party": fields["customer"],
        "party_name": fields.get("customer_name"),
        "total_allocated_amount": amount,
        "base_total_allocated_amount": base,
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
    "erpnext.selling.doctype.quotation.quotation.make_sales_invoice": make_invoice_from_quotation,
    "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_invoice": make_sales_invoice_from_delivery,
    "erpnext.stock.doctype.delivery_note.delivery_note.make_sales_return": _return_mapper("Delivery Note"),
    "erpnext.accounts.doctype.sales_invoice.sales_invoice.make_delivery_note": make_delivery_from_invoice,
    "erpnext.accounts.doctype.sales_invoice.sales_invoice.make_sales_return": _return_mapper(INVOICE),
}


def _submitted(site: Site, doctype: str, name: str) -> Record:
    record = site.fetch(doctype, name)
    if record.fields["docstatus"] != 1:
        raise throw("Cannot map because following condition fails: docstatus=1")
    return record


def _mapped(site: Site, source: Record, doctype: str) -> Doc:
    """The header and the tax rows."""
    meta, target_meta = site.meta(source.kind), site.meta(doctype)
    target: Doc = {"doctype": doctype, **UNSAVED, "__onload": {"load_after_mapping": True}}
    target.update(_copied(meta, target_meta, source.fields))
    target["items"] = []
    target["taxes"] = _copied_rows(site, source, doctype, "taxes")
    if source.fields.get("sales_team") and "sales_team" in target_meta.tables:
        target["sales_team"] = _copied_rows(site, source, doctype, "sales_team")
    return target


def _copied_rows(site: Site, source: Record, doctype: str, table: str) -> list[Doc]:
    child = site.meta(site.meta(source.kind).tables[table])
    place = {"parentfield": table, "parenttype": doctype}
    return [
        {"doctype": child.name, **UNSAVED, "idx": position, **place, **_copied(child, child, row)}
        for position, row in enumerate(source.fields.get(table) or (), start=1)
    ]


def _add_row(site: Site, target: Doc, source_child: str, row: Doc, qty: Decimal, **links: Any) -> None:
    meta = site.meta(target["doctype"])
    child = site.meta(meta.tables["items"])
    copied = _copied(site.meta(source_child), child, row)
    place = {"idx": len(target["items"]) + 1, "parentfield": "items", "parenttype": meta.name}
    target["items"].append({"doctype": child.name, **UNSAVED, **place, **copied, "qty": qty, **links})


def _copied(source: DocType, target: DocType, fields: Doc) -> Doc:
    names = _common(source, target)
    if source.also(fields) is not None:
        names += tuple(name for name in source.sparse if name in fields and _is_copied(source, target, name))
    return {name: value for name in names if (value := fields.get(name)) is not None}


def _is_copied(source: DocType, target: DocType, name: str) -> bool:
    column, other = source.columns[name], target.columns.get(name)
    return other is not None and name not in NOT_COPIED and "nocopy" not in column.flags and "nocopy" not in other.flags


def _common(source: DocType, target: DocType) -> tuple[str, ...]:
    """The columns that a mapping copies, but for sparse ones. Worked out once for two DocTypes, again after a custom field."""
    known = source.copied_to.get(target.name)
    if known is not None and known[0] is target.columns:
        return known[1]
    names = tuple(name for name in source.blank if _is_copied(source, target, name))
    source.copied_to[target.name] = (target.columns, names)
    return names
