"""The credit limit of a customer, checked when an order is submitted. Source: facts 4.8."""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ZERO, exact


def check_credit_limit(site: Site, order: Doc) -> None:
    """Raises Refused when orders not yet billed and invoices not yet paid exceed the limit; no limit, no check."""
    name = order["customer"]
    customer = site.store.get("Customer", name)
    limit, bypass = _limit(site, customer.fields if customer is not None else {}, order["company"])
    if not limit or bypass:
        return
    exposure = _exposure(site, name)
    if exposure > limit:
        text = f"Credit limit has been crossed for customer {name} ({exact(exposure)}/{exact(limit)})<br><br>"
        raise throw(
            f"{text}Please contact your administrator to extend the credit limits for {name}.", title="Credit Limit Crossed"
        )


def _limit(site: Site, customer: Doc, company: str) -> tuple[Decimal, bool]:
    for row in customer.get("credit_limits") or ():
        if row.get("company") == company:
            return row["credit_limit"], bool(row["bypass_credit_limit_check"])
    return site.value("Company", company, "credit_limit") or ZERO, False


def _exposure(site: Site, customer: str) -> Decimal:
    """The order in hand is already stored as submitted, so it counts."""
    exposure = ZERO
    for invoice in site.store.where("Sales Invoice", "customer", customer):
        if invoice.fields["docstatus"] == 1:
            exposure += invoice.fields["outstanding_amount"]
    for order in site.store.where("Sales Order", "customer", customer):
        fields = order.fields
        if fields["docstatus"] == 1 and fields["status"] != "Closed" and fields["per_billed"] < 100:
            exposure += fields["base_grand_total"] * (HUNDRED - fields["per_billed"]) / HUNDRED
    return exposure
