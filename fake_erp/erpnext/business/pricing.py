"""Prices: Item Price documents, which of them a row takes, and the one a row leaves behind. Source: facts 4.1, P42."""

from __future__ import annotations

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.documents import insert
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
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


def price_for(site: Site, item_code: str, price_list: str, uom: str, customer: str | None, day: str) -> Record | None:
    """The price valid on `day`: the customer's own first, then the one that began last."""
    best: tuple[bool, str] | None = None
    found: Record | None = None
    for price in site.store.where("Item Price", "item_code", item_code):
        fields = price.fields
        owner, start, end = fields.get("customer"), fields.get("valid_from") or "", fields.get("valid_upto")
        if fields["price_list"] != price_list or fields["uom"] != uom or (owner and owner != customer):
            continue
        if start > day or (end and end < day):
            continue
        rank = (owner is not None, start)
        if best is None or rank > best:
            best, found = rank, price
    return found


def fill_price(site: Site, doc: Doc, row: Doc, date_field: str) -> None:
    """The list price of a row; a rate without any list price becomes the item's list price as a side effect of saving."""
    if row["price_list_rate"]:
        return
    day = doc.get(date_field) or site.time.today()
    price = price_for(site, row["item_code"], doc["selling_price_list"], row["uom"], doc.get("customer"), day)
    if price is not None:
        row["price_list_rate"] = price.fields["price_list_rate"]
    elif row["rate"] > 0 and site.settings.auto_insert_price_list_rate_if_missing:
        values = {
            "item_code": row["item_code"],
            "price_list": doc["selling_price_list"],
            "uom": row["uom"],
            "price_list_rate": row["rate"],
        }
        known = site.store.where("Item Price", "item_code", row["item_code"])
        units = [unit.get("uom") for unit in site.store.get("Item", row["item_code"]).fields["uoms"]]  # type: ignore[union-attr]
        if row["uom"] in units and not any(
            p.fields["price_list"] == values["price_list"] and p.fields["uom"] == row["uom"] for p in known
        ):
            insert(site, "Item Price", values)
