"""Rates of deliveries and invoices that must be those of what they come from. Source: facts 0 and 4.6."""

from __future__ import annotations

from typing import Final

from fake_erp.erpnext.errors import Message, Refused
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import CENT

# Where a row says what it comes from: DocType, document, row.
ORDER_OF_DELIVERY: Final = ("Sales Order", "against_sales_order", "so_detail")
ORDER_OF_INVOICE: Final = ("Sales Order", "sales_order", "so_detail")
DELIVERY_OF_INVOICE: Final = ("Delivery Note", "delivery_note", "dn_detail")


def check_same_rates(site: Site, doc: Doc, *sources: tuple[str, str, str]) -> None:
    """Raises Refused with a list of all rows that differ, where the site asks for it."""
    if not site.settings.maintain_same_sales_rate:
        return
    texts = []
    for doctype, column, detail in sources:
        for row in doc["items"]:
            record = site.store.get(doctype, row.get(column) or "")
            for source in record.fields["items"] if record is not None else ():
                if source["name"] == row.get(detail) and abs(row["rate"] - source["rate"]) >= CENT:
                    rates = f"({row['rate']} / {source['rate']})"
                    texts.append(f"Row #{row['idx']}: Rate must be same as {doctype}: {row[column]} {rates}")
    if texts:
        entry: Message = {"message": texts, "title": "Message", "indicator": "red", "as_list": 1, "raise_exception": 1}
        raise Refused(417, "ValidationError", str(texts), [entry])
