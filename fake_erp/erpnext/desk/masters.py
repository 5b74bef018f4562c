"""Items, prices, stock and customers at ERPNext's screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.desk.screen import Screen
from harness.kit.people import Product
from harness.kit.records import CREATED, Change

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

WAREHOUSE = "Stores - ACM"
PRICE_LIST = "Standard Selling"


class MasterDesk:
    """What a person does to master data."""

    def __init__(self, fake: ErpNextFake, person: str) -> None:
        self._screen = Screen(fake, person)

    def add_item(self, product: Product, stock: Decimal) -> str:
        item = {
            "item_code": product.sku,
            "item_name": product.name,
            "description": product.description or product.name,
            "item_group": "Products",
            "stock_uom": "Nos",
            "is_stock_item": 1,
            "standard_rate": product.price,
        }
        name = str(self._screen.create("Item", item)["name"])
        if stock > 0:
            row = {"item_code": name, "qty": stock, "t_warehouse": WAREHOUSE, "basic_rate": product.price}
            self._screen.create("Stock Entry", {"stock_entry_type": "Material Receipt", "docstatus": 1, "items": [row]})
        return name

    def rename_item(self, sku: str, name: str) -> None:
        self._screen.change("Item", sku, {"item_name": name})

    def set_price(self, sku: str, price: Decimal) -> None:
        prices = self._screen.names("Item Price", {"item_code": sku, "price_list": PRICE_LIST})
        if prices:
            self._screen.change("Item Price", prices[0], {"price_list_rate": price})
        else:
            self._screen.create("Item Price", {"item_code": sku, "price_list": PRICE_LIST, "price_list_rate": price})

    def move_stock(self, sku: str, quantity: Decimal) -> str:
        """A receipt, or an issue of what is taken for the house."""
        row: dict[str, Any] = {"item_code": sku, "qty": abs(quantity)}
        if quantity > 0:
            entry = {"stock_entry_type": "Material Receipt", "items": [{**row, "t_warehouse": WAREHOUSE, "basic_rate": Decimal(1)}]}
        else:
            entry = {"stock_entry_type": "Material Issue", "items": [{**row, "s_warehouse": WAREHOUSE}]}
        return str(self._screen.create("Stock Entry", {**entry, "docstatus": 1})["name"])

    def disable_item(self, sku: str) -> None:
        self._screen.change("Item", sku, {"disabled": 1})

    def edit_customer(self, customer_id: str, changes: Mapping[str, Any]) -> None:
        self._screen.change("Customer", customer_id, changes)

    def customer_field(self, customer_id: str, name: str) -> str:
        value = self._screen.read("Customer", customer_id).get(name)
        return "" if value is None else str(value)

    def hold_credit(self, customer_id: str, held: bool) -> None:
        self._screen.change("Customer", customer_id, {"is_frozen": int(held)})

    def on_customer(self, notice: Callable[[str], None]) -> None:
        def watch(changes: list[Change]) -> None:
            for change in changes:
                if change.kind == "Customer" and change.action == CREATED:
                    notice(change.id)

        self._screen.on_commit(watch)
