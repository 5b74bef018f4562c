"""Changing the items of a submitted order or quotation: rows added, changed, taken out; everything that follows is recomputed.

Source: facts 4.3, "Update items after submit". What the rows of the call leave out counts as 0, as in the vendor: a row without
`rate` becomes free. A new row takes no list price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fake_erp.erpnext.business.credit import check_credit_limit
from fake_erp.erpnext.business.payment_terms import fill_schedule
from fake_erp.erpnext.business.quotation import ordered_quantities, refresh_quotations
from fake_erp.erpnext.business.sales_order import check_delivery_dates, progress, write
from fake_erp.erpnext.business.selling import check_quantity, conversion_factor, fill_from_item
from fake_erp.erpnext.business.totals import compute
from fake_erp.erpnext.errors import Refused, not_found, throw
from fake_erp.erpnext.framework import documents, validation
from fake_erp.erpnext.framework.drafts import identify_rows, stored_form, working_copy
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ONE, ZERO, date_of, exact, number_of, text_of
from harness.kit.records import Record

ORDER, QUOTATION = "Sales Order", "Quotation"
CHANGEABLE: Final = (ORDER, QUOTATION)
_NOT_DELETED: Final = (
    ("delivered_qty", "Cannot delete item {} which has already been delivered"),
    ("work_order_qty", "Cannot delete item {} which has work order assigned to it."),
    ("ordered_qty", "Cannot delete item {} which is already ordered against this Sales Order."),
    ("billed_amt", "Cannot delete item {} which has already been billed."),
)


def update_items(site: Site, doctype: str, name: str, sent: list[Doc]) -> None:
    """Make the rows of `items` those that were sent. Raises Refused; then nothing has changed."""
    if doctype not in CHANGEABLE:
        raise throw(f"Update items of {doctype}: Not supported by fake")
    meta, record = site.meta(doctype), site.fetch(doctype, name)
    if record.fields["docstatus"] == 2:
        raise Refused(417, "ValidationError", "Cannot edit cancelled document")
    doc = working_copy(meta, record.fields)
    ordered = ordered_quantities(site, record.id) if doctype == QUOTATION else {}
    _delete_rows(doc, sent, ordered)
    known = {row["name"]: row for row in doc["items"]}
    for values in sent:
        if values.get("item_code"):
            _change_row(site, doc, known, values, ordered)
    for number, row in enumerate(doc["items"], start=1):
        row["idx"] = number
    if record.fields["docstatus"] == 0:
        documents.save(site, meta, record, doc, 0)
    else:
        _save_submitted(site, meta, record, doc)


# -- rows ---------------------------------------------------------------------------------------------------------


def _delete_rows(doc: Doc, sent: list[Doc], ordered: dict[str, Decimal]) -> None:
    """Rows that the call does not name go, unless something has been done with them."""
    named = {str(values.get("docname")) for values in sent}
    for row in doc["items"]:
        if row["name"] in named:
            continue
        if doc["doctype"] == ORDER:
            for column, text in _NOT_DELETED:
                if row.get(column):
                    raise throw(f"Row #{row['idx']}: {text.format(row['item_code'])}")
        elif ordered.get(row["name"]):
            raise throw("Cannot delete an item which has been ordered")
    doc["items"] = [row for row in doc["items"] if row["name"] in named]


def _change_row(site: Site, doc: Doc, known: dict[str, Doc], values: Doc, ordered: dict[str, Decimal]) -> None:
    docname = str(values.get("docname") or "")
    if docname:
        if docname not in known:
            raise not_found(f"{doc['doctype']} Item", docname)
        row = known[docname]
        if doc["doctype"] == ORDER and _is_unchanged(row, values):
            return
    else:
        row = _new_row(site, doc, values)
    _check_quantity(doc, row, values, ordered)
    row["qty"] = number_of(values.get("qty"))
    _set_rate(site, doc, row, values)
    _set_unit(site, row, values)
    if values.get("delivery_date") and doc["doctype"] == ORDER:
        row["delivery_date"] = date_of(values["delivery_date"])


def _is_unchanged(row: Doc, values: Doc) -> bool:
    same = all(row[column] == number_of(values.get(column)) for column in ("qty", "rate", "conversion_factor"))
    return same and row.get("uom") == values.get("uom") and row.get("delivery_date") == date_of(values.get("delivery_date"))


def _new_row(site: Site, doc: Doc, values: Doc) -> Doc:
    """A row at the end, with everything an item brings but its price."""
    code = str(values["item_code"])
    item = site.find("Item", code)
    if item is None:
        raise not_found("Item", code)
    child = site.meta(f"{doc['doctype']} Item")
    row: Doc = {"doctype": child.name, **child.blank, "item_code": item.id, "uom": text_of(values.get("uom"))}
    row["idx"], row["parentfield"] = len(doc["items"]) + 1, "items"
    row["conversion_factor"] = number_of(values.get("conversion_factor"))
    if doc["doctype"] == ORDER:
        row["transaction_date"], row["delivery_date"] = doc.get("transaction_date"), doc.get("delivery_date")
    fill_from_item(site, doc, row, item.fields, doc.get("transaction_date") or site.time.today())
    doc["items"].append(row)
    return row


def _check_quantity(doc: Doc, row: Doc, values: Doc, ordered: dict[str, Decimal]) -> None:
    qty, where = number_of(values.get("qty")), f"Row #{values.get('idx')}:"
    if not qty:
        text = f"{where}Quantity for Item <strong>{values.get('item_code')}</strong> cannot be zero."
        raise throw(text, title="Invalid Qty")
    if doc["doctype"] == ORDER and qty < row["delivered_qty"]:
        raise throw(f"{where}Cannot set quantity less than delivered quantity", title="Invalid Qty")
    if qty * row["conversion_factor"] < ordered.get(row.get("name") or "", ZERO):  # what is ordered is told in stock units
        raise throw("Cannot reduce quantity than ordered or purchased quantity")


def _set_rate(site: Site, doc: Doc, row: Doc, values: Doc) -> None:
    """The rate as sent; what lies between it and the list price is told as a margin or a discount in percent."""
    money = site.rounding.money
    rate, listed = money(number_of(values.get("rate"))), row["price_list_rate"]
    if doc["doctype"] == ORDER and rate > 0 and row["billed_amt"] > money(rate * row["qty"]):
        item = row["item_code"]
        raise throw(f"Row #{row['idx']}: Cannot set Rate if the billed amount is greater than the amount for Item {item}.")
    row["rate"] = rate
    if not listed:
        return
    row["margin_type"], row["margin_rate_or_amount"] = "", ZERO
    if rate <= listed:
        share = site.rounding.number((ONE - site.rounding.ratio(rate, listed)) * HUNDRED)
        row["discount_percentage"], row["discount_amount"] = share, exact(listed - rate)


def _set_unit(site: Site, row: Doc, values: Doc) -> None:
    item = site.store.get("Item", row.get("item_code") or "")
    row["uom"] = text_of(values.get("uom")) or row["uom"]
    if row["uom"] == row.get("stock_uom"):
        row["conversion_factor"] = ONE
    elif number_of(values.get("conversion_factor")):
        row["conversion_factor"] = site.rounding.number(number_of(values["conversion_factor"]))
    elif values.get("uom") and item is not None:
        row["conversion_factor"] = conversion_factor(item.fields, row["uom"])


# -- what follows -------------------------------------------------------------------------------------------------


def _save_submitted(site: Site, meta: DocType, record: Record, doc: Doc) -> None:
    """Past the lock of submitted documents: totals, schedule, dates, progress, reservations, quotations, credit limit."""
    before = record.fields["items"]
    doc["modified"], doc["modified_by"] = site.next_stamp(record), site.user
    validation.check_links(site, meta, doc)
    identify_rows(site, meta, doc, record.fields)
    compute(site, doc)
    fill_schedule(site, doc, doc.get("transaction_date"))
    for row in doc["items"]:
        if row.get("item_code"):
            check_quantity(site, row)
    if doc["doctype"] == ORDER:
        check_delivery_dates(doc)
        doc.update(progress(doc))
    identify_rows(site, meta, doc, doc)  # rows that the totals have made
    validation.check_document(site, meta, doc)
    values = stored_form(site, meta, doc, set())
    site.references.note(meta.name, record.id, values)
    if doc["doctype"] == ORDER:
        write(site, record, values)
        refresh_quotations(site, {"items": [*before, *doc["items"]]})
        check_credit_limit(site, record.fields)
    else:
        site.set_values(record, values)
        site.emit("on_change", meta.name, record.fields)
    if site.settings.update_after_submit_webhook_fires:
        site.emit("on_update_after_submit", meta.name, record.fields)
