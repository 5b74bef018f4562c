"""Prices: Item Price documents, which of them a row takes, and the one a row leaves behind. Source: facts 4.1, P42."""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.business.exchange import in_document_currency
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.documents import insert
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import ONE, exact
from harness.kit.records import Record

_KEY = ("price_list", "uom", "valid_from", "valid_upto", "customer", "packing_unit")


class ItemPriceController(Controller):
    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        item = site.store.get("Item", doc.get("item_code") or "")
        prices = site.store.get("Price List", doc.get("price_list") or "")
        if item is None or prices is None:
            return
        if not prices.fields["enabled"]:
            raise throw(f"The price list link(Price List,{prices.id}) does not exist or is disabled")
        doc["uom"] = doc.get("uom") or item.fields["stock_uom"]
        doc["item_name"], doc["item_description"] = item.fields.get("item_name"), item.fields.get("description")
        doc["currency"] = prices.fields["currency"]
        doc["selling"], doc["buying"] = prices.fields["selling"], prices.fields["buying"]
        if not any(row.get("uom") == doc["uom"] for row in item.fields["uoms"]):
            raise throw(f"UOM {doc['uom']} not found in Item {item.id}")
        for other in site.store.where("Item Price", "item_code", item.id):
            if other.id != doc["name"] and all((other.fields.get(key) or None) == (doc.get(key) or None) for key in _KEY):
                text = (
                    "Item Price appears multiple times based on Price List, Supplier/Customer, Currency, Item, Batch, UOM, "
                    "Qty, and Dates."
                )
                raise throw(text, "ItemPriceDuplicateItem")


def price_for(
    site: Site, item: Doc, price_list: str, uom: str, customer: str | None, day: str, qty: Decimal, factor: Decimal
) -> Decimal | None:
    """The list price of one `uom` valid on `day`, in the list's currency; None when there is none.

    The customer's own comes first, then everybody's, then everybody's for the stock unit times the units in one `uom`. Of several,
    the one that began last. A customer's price for a packing unit that does not divide the quantity is no price.
    """
    best: Record | None = None
    rank: tuple[int, str] = (0, "")
    for price in site.store.where("Item Price", "item_code", item["item_code"]):
        fields = price.fields
        owner, start, end = fields.get("customer"), fields.get("valid_from") or "", fields.get("valid_upto")
        if fields["price_list"] != price_list or start > day or (end and end < day) or (owner and owner != customer):
            continue
        if fields["uom"] == uom:
            kind = 3 if owner else 2
        elif fields["uom"] == item["stock_uom"] and not owner:
            kind = 1
        else:
            continue
        if (kind, start) > rank:
            best, rank = price, (kind, start)
    if best is None:
        return None
    fields, rate = best.fields, Decimal(best.fields["price_list_rate"])
    if rank[0] == 3 and fields["packing_unit"] and qty * factor % fields["packing_unit"]:
        return None
    return rate if rank[0] > 1 else rate * factor


def fill_price(site: Site, doc: Doc, row: Doc, customer: str | None, day: str) -> None:
    """The list price of a row; a rate without any list price becomes the item's list price as a side effect of saving [P42]."""
    if row["price_list_rate"]:
        return
    item = site.store.get("Item", row["item_code"])
    if item is None:
        return
    factor = row["conversion_factor"] or ONE
    price = price_for(site, item.fields, doc["selling_price_list"], row["uom"], customer, day, row["qty"], factor)
    if price is not None:
        row["price_list_rate"] = in_document_currency(site, doc, price)
        return
    leaves = site.settings.auto_insert_price_list_rate_if_missing and doc["price_list_currency"] == doc["currency"]
    if leaves and row["rate"] > 0:
        _leave_price(site, item.fields, doc["selling_price_list"], site.rounding.ratio(row["rate"], factor))


def _leave_price(site: Site, item: Doc, price_list: str, rate: Decimal) -> None:
    """An Item Price for the stock unit, unless there is one for whatever day or customer."""
    code, unit = item["item_code"], item["stock_uom"]
    known = site.store.where("Item Price", "item_code", code)
    if not any(price.fields["price_list"] == price_list and price.fields["uom"] == unit for price in known):
        insert(site, "Item Price", {"item_code": code, "price_list": price_list, "uom": unit, "price_list_rate": exact(rate)})
