"""Documents for golden totals: short ways to say a document, and its figures as short lists.

Items A, B and C are services sold by the kilogram, so that any quantity goes and no stock is needed; they have no list price.
"""

from __future__ import annotations

from typing import Any

from erpnext_site import ErpSite, data_of

from harness.kit.call import Reply

VAT = "VAT - ACM"
FREIGHT = "Freight and Forwarding Charges - ACM"
DUTY = "Round Off - ACM"
# What a short name means: where it is found in the answer.
ROWS = {"rates": "rate", "amounts": "amount", "nets": "net_amount", "net_rates": "net_rate", "base_nets": "base_net_amount"}
MARGIN = ("margin_rate_or_amount", "margin_type", "rate_with_margin", "base_rate_with_margin", "base_price_list_rate")
TAXES = {"taxes": "tax_amount_after_discount_amount", "before": "tax_amount", "totals": "total", "details": "item_wise_tax_detail"}


def golden_site(**switches: Any) -> ErpSite:
    site = ErpSite(auto_insert_price_list_rate_if_missing=False, **switches)
    for code in "ABC":
        site.add("Item", item_code=code, item_group="Services", stock_uom="Kg", is_stock_item=0)
    return site


def line(qty: float, rate: float, item: str = "A", **more: Any) -> dict[str, Any]:
    return {"item_code": item, "qty": qty, "rate": rate, **more}


def tax(kind: str, rate: float = 0, account: str = VAT, **more: Any) -> dict[str, Any]:
    return {"charge_type": kind, "account_head": account, "description": kind, "rate": rate, **more}


def vat(rate: float = 19, **more: Any) -> dict[str, Any]:
    return tax("On Net Total", rate, **more)


def included(rate: float = 19, **more: Any) -> dict[str, Any]:
    return vat(rate, included_in_print_rate=1, **more)


def actual(amount: float, **more: Any) -> dict[str, Any]:
    return tax("Actual", account=FREIGHT, tax_amount=amount, **more)


def off(percent: float = 0, *, on: str = "Grand Total", amount: float = 0) -> dict[str, Any]:
    """The discount of a document."""
    return {"apply_discount_on": on, "additional_discount_percentage": percent, "discount_amount": amount}


def sent(site: ErpSite, lines: list[dict[str, Any]], taxes: list[dict[str, Any]] | None = None, **values: Any) -> Reply:
    return site.post("Sales Order", customer="ACME", delivery_date="2026-04-01", items=lines, taxes=taxes or [], **values)


def check(
    site: ErpSite, lines: list[dict[str, Any]], taxes: list[dict[str, Any]] | None = None, /, *, of: Any = (), **expected: Any
) -> None:
    """Save an order of `lines` and `taxes`, `of` being more fields of it, and compare every figure that is expected."""
    data = data_of(sent(site, lines, taxes, **dict(of)))
    found: dict[str, Any] = {}
    for name in expected:
        if name in ROWS:
            found[name] = [row[ROWS[name]] for row in data["items"]]
        elif name == "margins":
            found[name] = [tuple(row[key] for key in MARGIN) for row in data["items"]]
        elif name in TAXES:
            found[name] = [row[TAXES[name]] for row in data["taxes"]]
        else:
            found[name] = data[name]
    assert found == expected
