"""Invoices, payments and subscriptions: status, totals, what may be deleted. Source: facts sections 7.5 and 7.6.

Texts of refusals and the names of the totals are our guess. Not modelled: partly refunded payments reopening an invoice.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from fake_crm.hubspot.errors import HubSpotError, validation
from fake_crm.hubspot.model.rules.base import Problems, Rules, Values
from fake_crm.hubspot.model.standard_types import CONTACTS, DISCOUNTS, FEES, INVOICES, LINE_ITEMS, PAYMENTS, TAXES
from fake_crm.hubspot.model.values import decimal_text
from harness.kit.money import decimal_of
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_crm.hubspot.model.account import NewLink

_STEPS = {"draft": ("open",), "open": ("paid", "voided"), "paid": (), "voided": ()}
_FOREIGN_PROCESSORS = ("hs_payments", "byo_stripe")


class InvoiceRules(Rules):
    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        values.setdefault("hs_invoice_status", "draft")
        values.setdefault("hs_invoice_date", now)
        values.setdefault("hs_due_date", now)
        values["hs_number"] = f"INV-{values['hs_object_id'][-6:]}"
        status = values["hs_invoice_status"]
        if status not in ("draft", "open"):
            raise validation(f"An invoice cannot be created as {status}.")
        if status == "open":
            self._open(values, {link.target.plural for link, _ in links})

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        status, before = changes.get("hs_invoice_status"), record.fields["hs_invoice_status"]
        if status is None:
            return
        if status not in _STEPS[before]:
            raise validation(f"An invoice cannot go from {before} to {status or 'no status'}.")
        if status == "paid":
            raise validation("An invoice becomes paid by a payment that is associated with it.")
        if status == "open":
            kinds = (CONTACTS, LINE_ITEMS)
            self._open(changes, {kind.plural for kind in kinds if self.account.links.of(INVOICES, record.id, kind)}, record.id)
            total = self.account.invoices.billed(record.id)
            changes["hs_amount_billed"] = changes["hs_balance_due"] = decimal_text(total)

    def archiving(self, record: Record) -> None:
        status = record.fields["hs_invoice_status"]
        if status == "draft" or (status == "open" and self.account.settings.open_invoices_deletable):
            return
        raise validation(f"Invoice {record.id} is {status} and cannot be deleted.")

    def linked(self, record: Record, other_kind: str, other_id: str, *, is_new: bool) -> None:
        """Totals follow line items, discounts, fees and taxes while the invoice is not settled; a payment settles it."""
        if record.fields["hs_invoice_status"] in ("draft", "open") and other_kind in _COUNTED:
            self.account.invoices.total(record)
        if other_kind == PAYMENTS.plural:
            self.account.invoices.settle(record)

    def _open(self, values: Values, linked: set[str], record_id: str = "") -> None:
        missing = [words for kind, words in ((CONTACTS, "a contact"), (LINE_ITEMS, "a line item")) if kind.plural not in linked]
        if missing:
            raise validation(f"An invoice cannot be opened without {' and '.join(missing)}.")
        address = f"https://invoice.hubspot.com/{self.account.portal_id}/{values.get('hs_object_id') or record_id}"
        values["hs_invoice_link"], values["hs_pdf_download_link"] = address, f"{address}.pdf"


_COUNTED = frozenset(kind.plural for kind in (LINE_ITEMS, DISCOUNTS, FEES, TAXES))


class PaymentRules(Rules):
    """Money received elsewhere. What HubSpot or Stripe processed is theirs to change."""

    follows_updates = True

    def check(self, values: Values, current: Values, problems: Problems) -> None:
        if not self.account.settings.payments_set_up:
            raise HubSpotError(403, "Payments are not set up in this account.", "FORBIDDEN")

    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        """A recorded payment has succeeded unless it says otherwise (our guess)."""
        values.setdefault("hs_latest_status", "succeeded")
        values.setdefault("hs_currency_code", self.account.settings.currency)
        values["hs_net_amount"] = _net(values)

    def changed(self, record: Record, values: Values, changes: Values, now: str) -> None:
        self._check_processor(record)
        changes["hs_net_amount"] = _net({**record.fields, **changes})

    def archiving(self, record: Record) -> None:
        self._check_processor(record)

    def stored(self, record: Record, changes: Values) -> None:
        """A payment that succeeds or is refunded later settles its invoices anew."""
        if changes.keys() & {"hs_latest_status", "hs_initial_amount", "hs_refunds_amount"}:
            for invoice in self.account.links_of_record(PAYMENTS, record.id, INVOICES):
                self.account.invoices.settle(invoice)

    def _check_processor(self, record: Record) -> None:
        processor = record.fields.get("hs_processor_type")
        if processor in _FOREIGN_PROCESSORS:
            raise validation(f"Payment {record.id} was processed by {processor} and cannot be changed by API.")


def _net(values: Values) -> str:
    gross, fees, refunds = (decimal_of(values.get(name)) or Decimal(0) for name in _NET_OF)
    return decimal_text(gross - fees - refunds)


_NET_OF = ("hs_initial_amount", "hs_fees_amount", "hs_refunds_amount")


class SubscriptionRules(Rules):
    def created(self, values: Values, links: list[NewLink], now: str) -> None:
        values.setdefault("hs_invoice_creation", "off")

    def archiving(self, record: Record) -> None:
        billable = record.fields.get("hs_invoice_creation") == "on"
        if billable and record.fields.get("hs_status") not in ("expired", "canceled"):
            raise validation(f"Subscription {record.id} is billable; only an expired or canceled one can be deleted.")
