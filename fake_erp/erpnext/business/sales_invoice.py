"""Sales Invoice and credit note: what is charged, and what submitting and cancelling it changes elsewhere. Source: facts 4.6.

What is owed of it and its status: outstanding.py. Not modelled: point of sale.
"""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.business.advances import fill_advances, settle_advances
from fake_erp.erpnext.business.credit import check_credit_at_billing
from fake_erp.erpnext.business.delivery_note import (
    check_order_references,
    check_over_delivery,
    orders_of,
    over_limit,
    refresh_billing,
)
from fake_erp.erpnext.business.masters import COST_CENTER, EXPENSE, INCOME
from fake_erp.erpnext.business.outstanding import INVOICE, left_of, refresh_invoice, status_of, unlink_payments
from fake_erp.erpnext.business.outstanding_amounts import party_total
from fake_erp.erpnext.business.party_accounts import account_currency, receivable_account
from fake_erp.erpnext.business.payment_terms import fill_schedule
from fake_erp.erpnext.business.returns import check_return, check_signs
from fake_erp.erpnext.business.sales_order import check_open, refresh_order
from fake_erp.erpnext.business.same_rate import DELIVERY_OF_INVOICE, ORDER_OF_INVOICE, check_same_rates
from fake_erp.erpnext.business.selling import SellingController, check_rates
from fake_erp.erpnext.business.stock import Movement, add, is_stock_item, post
from fake_erp.erpnext.errors import notice, throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ONE, ZERO, exact
from harness.kit.records import Record

_SLACK = Decimal("0.005")


class SalesInvoiceController(SellingController):
    date_field = "posting_date"
    is_posting = True

    def before_insert(self, site: Site, doc: Doc) -> None:
        for row in doc["items"]:
            row["delivered_qty"] = ZERO

    def before_totals(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if doc["is_pos"]:
            raise throw("Point of sale: Not supported by fake")
        company = doc["company"]
        doc["debit_to"] = doc.get("debit_to") or receivable_account(site, doc)
        doc["party_account_currency"] = account_currency(site, doc, doc["debit_to"])
        _check_account(site, doc)
        for row in doc["items"]:
            row["income_account"] = row.get("income_account") or site.value("Company", company, "default_income_account") or INCOME
            row["expense_account"] = row.get("expense_account") or EXPENSE
            row["cost_center"] = row.get("cost_center") or COST_CENTER
        if doc["is_return"]:
            doc["payment_schedule"], doc["due_date"] = [], doc["posting_date"]
        elif not doc.get("due_date"):
            dates = [row["due_date"] for row in doc["payment_schedule"] if row.get("due_date")]
            doc["due_date"] = max(dates, default=doc["posting_date"])

    def own_rules(self, site: Site, doc: Doc, old: Doc | None) -> None:
        check_order_references(site, doc, "sales_order")
        doc["base_write_off_amount"] = site.rounding.money(doc["write_off_amount"] * (doc["conversion_rate"] or ONE))
        if doc["is_return"]:
            check_return(site, doc)
            _where_the_credit_goes(site, doc)
        else:
            _check_due_dates(doc)
            fill_schedule(site, doc, doc["due_date"])
            check_open(site, orders_of(doc, "sales_order"))
            _check_against_delivery(site, doc)
        _check_update_stock(doc)
        check_same_rates(site, doc, ORDER_OF_INVOICE, DELIVERY_OF_INVOICE)
        fill_advances(site, doc)
        doc["status"] = status_of(site, doc)

    def before_submit(self, site: Site, doc: Doc) -> None:
        check_rates(doc)
        check_signs(doc)
        for column, doctype in (("sales_order", "Sales Order"), ("delivery_note", "Delivery Note")):
            for name in sorted(orders_of(doc, column)):
                if site.value(doctype, name, "docstatus") != 1:
                    raise throw(f"{doctype} {name} is not submitted")

    def on_submit(self, site: Site, doc: Doc) -> None:
        for name in sorted(orders_of(doc, "sales_order")):
            order = refresh_order(site, name, delivered=bool(doc["update_stock"]), billed=True)
            if not doc["is_return"]:
                _check_over_billing(site, order, doc)
            if doc["update_stock"]:
                check_over_delivery(site, order.fields["items"], "delivered_qty", "so_detail", doc)
        refresh_billing(site, _notes_of(site, doc))
        check_credit_at_billing(site, doc)
        post(site, self._movement(site, doc, -1), voucher=doc)
        self._refresh_original(site, doc)
        if doc["advances"]:
            settle_advances(site, doc)
            refresh_invoice(site, doc["name"])

    def before_cancel(self, site: Site, doc: Doc) -> None:
        if not doc["is_return"]:
            check_open(site, orders_of(doc, "sales_order"))
        doc["status"], doc["outstanding_amount"] = "Cancelled", ZERO
        if site.settings.unlink_payment_on_cancellation_of_invoice:
            unlink_payments(site, INVOICE, doc["name"])

    def on_cancel(self, site: Site, doc: Doc) -> None:
        for name in sorted(orders_of(doc, "sales_order")):
            order = refresh_order(site, name, delivered=bool(doc["update_stock"]), billed=True)
            if doc["is_return"]:
                _check_over_billing(site, order, doc)
                check_over_delivery(site, order.fields["items"], "delivered_qty", "so_detail", doc)
        refresh_billing(site, _notes_of(site, doc))
        post(site, self._movement(site, doc, 1), voucher=doc)
        self._refresh_original(site, doc)

    def _refresh_original(self, site: Site, doc: Doc) -> None:
        """A credit note changes the invoice that it is against: its status, and what is owed of it where it says so [P46]."""
        if doc["is_return"] and doc.get("return_against"):
            refresh_invoice(site, doc["return_against"])

    def _movement(self, site: Site, doc: Doc, sign: int) -> Movement:
        movement: Movement = {}
        for row in doc["items"] if doc["update_stock"] else ():
            if is_stock_item(site, row.get("item_code")) and row.get("warehouse"):
                add(movement, row["item_code"], row["warehouse"], sign * row["stock_qty"])
        return movement


def _check_account(site: Site, doc: Doc) -> None:
    """The customer's account is kept in the company's currency or in the document's. The words are our guess."""
    account, kept = doc["debit_to"], doc["party_account_currency"]
    if kept not in (doc["currency"], site.value("Company", doc["company"], "default_currency")):
        raise throw(f"Party Account {account} currency ({kept}) and document currency ({doc['currency']}) should be same")


def _check_update_stock(doc: Doc) -> None:
    """What a delivery note has moved is not moved again. The words are our guess."""
    for row in doc["items"] if doc["update_stock"] else ():
        if row.get("delivery_note"):
            raise throw(f"Stock cannot be updated against Delivery Note {row['delivery_note']}")


def _where_the_credit_goes(site: Site, doc: Doc) -> None:
    """A credit note that is worth more than is owed of its invoice keeps what it is worth to itself. The words are our guess."""
    original = site.store.get(INVOICE, doc.get("return_against") or "")
    if original is None or doc["update_outstanding_for_self"]:
        return
    left = left_of(site, original.id, original.fields)
    if -party_total(doc) > left:
        doc["update_outstanding_for_self"] = 1
        text = f"The outstanding amount {left} in {original.id} is lesser than {exact(-party_total(doc))}. "
        site.notices.append(notice(f"{text}Updating the outstanding to this invoice."))


def _check_due_dates(doc: Doc) -> None:
    dates = [doc["due_date"], *(row["due_date"] for row in doc["payment_schedule"] if row.get("due_date"))]
    if any(date < doc["posting_date"] for date in dates):
        raise throw("Due Date cannot be before Posting / Supplier Invoice Date")


def _check_against_delivery(site: Site, doc: Doc) -> None:
    """Billing more than a delivery is refused when the draft is saved already."""
    over = []
    for row in doc["items"]:
        note = site.store.get("Delivery Note", row.get("delivery_note") or "")
        source = next((r for r in note.fields["items"] if r["name"] == row.get("dn_detail")), None) if note is not None else None
        if note is None or source is None:
            continue
        lines = site.references.rows("Sales Invoice", "delivery_note", note.id)
        billed = sum(
            (line["amount"] for other, line in lines if line.get("dn_detail") == source["name"] and other.id != doc["name"]), ZERO
        )
        allowed = source["amount"] * (1 + Decimal(str(site.settings.over_billing_allowance)) / HUNDRED)
        if billed + row["amount"] - allowed > _SLACK:
            excess = site.rounding.formatted(billed + row["amount"] - allowed, doc["currency"])
            item = f"Item <strong>{row['item_code']}</strong> in row(s) {row['idx']}"
            over.append(f"<li>{item} billed more than <strong>{excess}</strong></li>")
    if over:
        rows = "".join(over)
        advice = "<p>To allow over-billing, please set allowance in Accounts Settings.</p>"
        raise throw(f"<p>Cannot overbill for the following Items:</p><ul>{rows}</ul>{advice}")


def _check_over_billing(site: Site, order: Record, doc: Doc) -> None:
    touched = {row.get("so_detail") for row in doc["items"]}
    for row in order.fields["items"]:
        over = row["billed_amt"] - row["amount"] * (1 + Decimal(str(site.settings.over_billing_allowance)) / HUNDRED)
        if row["name"] in touched and over > _SLACK:
            advice = 'To allow over billing, update "Over Billing Allowance" in Accounts Settings or the Item.'
            raise over_limit("Amount", over, row["item_code"], "Sales Invoice", "Sales Order Item", advice)


def _notes_of(site: Site, doc: Doc) -> set[str]:
    """Delivery notes whose billing this invoice changes: those it names, and those of the orders it names."""
    notes = orders_of(doc, "delivery_note")
    for order in orders_of(doc, "sales_order"):
        notes |= {note.id for note, _ in site.references.rows("Delivery Note", "against_sales_order", order)}
    return notes
