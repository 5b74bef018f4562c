"""Line items: copied from their product once, priced by quantity and price. Source: facts section 7.2; discounts: inferred."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fake_crm.hubspot.model.rules.base import Problems, Rules, Values
from fake_crm.hubspot.model.standard_types import DEALS, INVOICES, LINE_ITEMS
from fake_crm.hubspot.model.values import decimal_text
from harness.kit.money import decimal_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import NewLink

# what a line item copies from its product at the moment it is made
COPIED = (
    "name",
    "description",
    "price",
    "hs_sku",
    "hs_cost_of_goods_sold",
    "hs_recurring_billing_period",
    "recurringbillingfrequency",
    "hs_pricing_model",
    "hs_tier_ranges",
    "hs_tier_prices",
)
_PRICED_BY = ("quantity", "price", "discount", "hs_discount_percentage", "amount")


class LineItemRules(Rules):
    follows_updates = True

    def check(self, values: Values, current: Values, problems: Problems) -> None:
        """A price is never below zero (the code is our guess)."""
        price = decimal_of(values.get("price"))
        if price is not None and price < 0:
            problems.append(("price", "INVALID_INTEGER", "price was not a valid number"))

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        """Copy from the product named by `hs_product_id` what was not given, then price the line."""
        product = self.account.store.get("products", values["hs_product_id"]) if "hs_product_id" in values else None
        if product is not None and not product.archived:
            for name in COPIED:
                if product.fields.get(name):
                    values.setdefault(name, product.fields[name])
        values.setdefault("quantity", "1")
        amount = amount_of(values)
        if amount:
            values["amount"] = amount

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        """Price the line anew; a written `amount` is overwritten by quantity × price."""
        if not any(name in changes for name in _PRICED_BY):
            return
        current = record.fields
        amount = amount_of({**current, **changes})
        changes.pop("amount", None)
        if amount != current.get("amount", ""):
            changes["amount"] = amount

    def stored(self, record: Record, changes: Values) -> None:
        """Invoices follow their lines; deals do so only where the account wants it (facts 6: an account setting)."""
        if "amount" not in changes:
            return
        for invoice in self.account.links_of_record(LINE_ITEMS, record.id, INVOICES):
            if invoice.fields["hs_invoice_status"] in ("draft", "open"):
                self.account.invoices.total(invoice)
        if self.account.settings.deal_amount_from_lines:
            for deal in self.account.links_of_record(LINE_ITEMS, record.id, DEALS):
                self.account.sum_lines(deal)

    def linked(self, record: Record, other_kind: str, other_id: str, *, is_new: bool) -> None:
        if other_kind == DEALS.plural and self.account.settings.deal_amount_from_lines:
            deal = self.account.live(DEALS, other_id)
            if deal is not None:
                self.account.sum_lines(deal)


def amount_of(values: dict[str, Any]) -> str:
    """Quantity × (price − discount), less the discount percentage; empty without a price."""
    price = decimal_of(values.get("price"))
    if price is None:
        return ""
    quantity = decimal_of(values.get("quantity"))
    discount = decimal_of(values.get("discount")) or Decimal(0)
    share = decimal_of(values.get("hs_discount_percentage")) or Decimal(0)
    amount = (price - discount) * (quantity if quantity is not None else Decimal(1)) * (1 - share / 100)
    return decimal_text(amount) if abs(amount.adjusted()) < 30 else ""
