"""Returns of goods and credit notes: what may come back of a document, and what has come back. Source: facts 4.5 and 4.6.

A return is a document of the same DocType with `is_return`, negative quantities and `return_against`; its rows name the rows that
they return in `dn_detail` or `sales_invoice_item`. A return against nothing is checked for its signs only. The words of the checks
that the facts do not tell (another exchange rate, a time before the original, no row that returns anything) are our guess.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ZERO, exact

ORIGINAL_ROW: Final = {"Delivery Note": "dn_detail", "Sales Invoice": "sales_invoice_item"}


def check_return(site: Site, doc: Doc) -> None:
    """At every save of a return, once quantities are known. Raises Refused."""
    original = site.store.get(doc["doctype"], doc.get("return_against") or "")
    if original is None:
        return
    fields = original.fields
    if fields["docstatus"] == 1 and fields["customer"] == doc.get("customer") and fields["company"] == doc["company"]:
        _check_header(doc, fields)
    column = ORIGINAL_ROW[doc["doctype"]]
    returned = returned_quantities(site, doc["doctype"], original.id)
    for row in doc["items"]:
        _check_row(doc, row, _returnable(fields["items"], row, row.get(column)), returned)
    if not any(row["qty"] < 0 for row in doc["items"]):
        raise throw("Atleast one item should be entered with negative quantity in return document")


def _check_header(doc: Doc, original: Doc) -> None:
    if moment(doc) < moment(original):
        raise throw(f"Posting timestamp must be after {original['posting_date']} {original.get('posting_time')}")
    if doc["conversion_rate"] != original["conversion_rate"]:
        rate = original["conversion_rate"]
        raise throw(f"Exchange Rate must be same as {doc['doctype']} {doc['return_against']} ({rate})")
    if doc.get("update_stock") and not original.get("update_stock"):
        raise throw(f"'Update Stock' can not be checked because items are not delivered via {doc['return_against']}")


def moment(doc: Doc) -> tuple[str, str]:
    """Posting date and time, comparable."""
    hours, _, rest = str(doc.get("posting_time") or "").partition(":")
    return doc.get("posting_date") or "", f"{hours:0>2}:{rest}"


def _returnable(rows: list[Doc], row: Doc, detail: str | None) -> list[Doc]:
    """The original's rows that a row may return: the one it names, or all of its item."""
    return [each for each in rows if each.get("item_code") == row.get("item_code") and (not detail or each["name"] == detail)]


def _check_row(doc: Doc, row: Doc, sources: list[Doc], returned: dict[str, Decimal]) -> None:
    original, item = f"{doc['doctype']} {doc['return_against']}", row.get("item_code")
    if not sources:
        raise throw(f"Row # {row['idx']}: Returned Item {item} does not exist in {original}")
    if row["stock_qty"] > 0:
        raise throw("Stock Qty must be negative in return document")
    sold = sum((source["stock_qty"] for source in sources), ZERO)
    back = sum((returned.get(source["name"], ZERO) for source in sources), ZERO)
    if back >= sold:
        raise throw(f"Item {item} has already been returned", "StockOverReturnError")
    if -row["stock_qty"] > sold - back:
        text = f"Row # {row['idx']}: Cannot return more than {exact(sold - back)} for Item {item}"
        raise throw(text, "StockOverReturnError")
    highest = max(source["rate"] for source in sources)
    if highest and row["rate"] > highest:
        raise throw(f"Row # {row['idx']}: Rate cannot be greater than the rate used in {original}")


def check_signs(doc: Doc) -> None:
    """At submit: only returns have negative quantities, and they have no others. The words are our guess."""
    for row in doc["items"]:
        if row["qty"] < 0 and not doc["is_return"]:
            raise throw(f"For an item {row.get('item_code')}, quantity must be positive number")
        if row["qty"] > 0 and doc["is_return"]:
            raise throw(f"For an item {row.get('item_code')}, quantity must be negative number")


def returns_of(site: Site, doctype: str, name: str) -> list[Any]:
    """Submitted returns against a document."""
    return [record for record in site.store.where(doctype, "return_against", name) if record.fields["docstatus"] == 1]


def returned_quantities(site: Site, doctype: str, name: str) -> dict[str, Decimal]:
    """Stock units of each row that submitted returns have brought back. A row that names none counts for the first of its item."""
    column, found = ORIGINAL_ROW[doctype], dict[str, Decimal]()
    records = returns_of(site, doctype, name)
    if not records:
        return found
    original = site.store.get(doctype, name)
    for record in records:
        for row in record.fields["items"]:
            sources = _returnable(original.fields["items"] if original else [], row, row.get(column))
            if sources:
                key = sources[0]["name"]
                found[key] = exact(found.get(key, ZERO) - row["stock_qty"])
    return found
