"""What an invoice amounts to, and how payments settle it. Source: facts section 7.5; the names of the totals are our guess."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from fake_crm.hubspot.model.standard_types import DISCOUNTS, FEES, INVOICES, LINE_ITEMS, PAYMENTS, TAXES
from fake_crm.hubspot.model.values import decimal_text
from harness.kit.money import decimal_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import Account

_CENT = Decimal("0.01")


class InvoiceTotals:
    def __init__(self, account: Account) -> None:
        self._account = account

    def billed(self, invoice_id: str) -> Decimal:
        """Line items, less discounts, plus fees, plus taxes, in this order; a percentage is of what stands before its kind."""
        lines = self._account.links_of_record(INVOICES, invoice_id, LINE_ITEMS)
        total = sum((decimal_of(each.fields.get("amount")) or Decimal(0) for each in lines), Decimal(0))
        for kind, sign in ((DISCOUNTS, -1), (FEES, 1), (TAXES, 1)):
            base = total
            for each in self._account.links_of_record(INVOICES, invoice_id, kind):
                value = decimal_of(each.fields.get("hs_value")) or Decimal(0)
                total += sign * (base * value / 100 if each.fields.get("hs_type") == "PERCENT" else value)
        return total.quantize(_CENT) if abs(total.adjusted()) < 20 else total

    def total(self, invoice: Record) -> None:
        """Write the totals anew: after a line item or an adjustment was linked or changed."""
        billed, paid = self.billed(invoice.id), decimal_of(invoice.fields.get("hs_amount_paid")) or Decimal(0)
        amounts = {"hs_amount_billed": decimal_text(billed), "hs_balance_due": decimal_text(billed - paid)}
        self._account.set_by_system(INVOICES, invoice, amounts)

    def settle(self, invoice: Record) -> None:
        """Sum what was received; an open invoice is paid once nothing is due."""
        paid = sum((_received(each) for each in self._account.links_of_record(INVOICES, invoice.id, PAYMENTS)), Decimal(0))
        billed = decimal_of(invoice.fields.get("hs_amount_billed")) or Decimal(0)
        changes = {"hs_amount_paid": decimal_text(paid), "hs_balance_due": decimal_text(billed - paid)}
        if invoice.fields["hs_invoice_status"] == "open" and paid >= billed > 0:
            changes["hs_invoice_status"] = "paid"
        self._account.set_by_system(INVOICES, invoice, changes)


def _received(payment: Record) -> Decimal:
    if payment.fields.get("hs_latest_status") != "succeeded":
        return Decimal(0)
    refunded = decimal_of(payment.fields.get("hs_refunds_amount")) or Decimal(0)
    return (decimal_of(payment.fields.get("hs_initial_amount")) or Decimal(0)) - refunded
