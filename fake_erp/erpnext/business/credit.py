"""The credit limit of a customer: when it is asked, what counts, and who may let a document pass. Source: facts 4.8.

Exposure: the customer's balance in the general ledger, orders not yet billed, deliveries without an order not yet billed. The
document in hand is already stored as submitted, so it counts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from fake_erp.erpnext.errors import Refused, throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ZERO, exact

_SEND_EMAILS: Final = "erpnext.selling.doctype.customer.customer.send_emails"


def check_credit_limit(site: Site, order: Doc) -> None:
    """At submit, reopening and changed items of an order, unless the customer's row says to bypass it there."""
    limit, bypass = _limit(site, order["customer"], order["company"])
    if limit > 0 and not bypass:
        _check(site, order, limit, exposure_of(site, order["customer"], order["company"]))


def check_credit_at_delivery(site: Site, note: Doc) -> None:
    """At submit of a delivery: when a row has no order behind it, and always for customers whose orders bypass the check."""
    limit, bypass = _limit(site, note["customer"], note["company"])
    if limit <= 0:
        return
    if bypass or any(not row.get("against_sales_order") and not row.get("against_sales_invoice") for row in note["items"]):
        exposure = exposure_of(site, note["customer"], note["company"], orders=not bypass)
        _check(site, note, limit, exposure + (note["base_grand_total"] if bypass else ZERO))


def check_credit_at_billing(site: Site, invoice: Doc) -> None:
    """At submit of an invoice, by the same rule."""
    limit, bypass = _limit(site, invoice.get("customer"), invoice["company"])
    if limit <= 0:
        return
    if bypass or any(not row.get("sales_order") and not row.get("delivery_note") for row in invoice["items"]):
        _check(site, invoice, limit, exposure_of(site, invoice["customer"], invoice["company"], orders=not bypass))


def check_new_limits(site: Site, customer: Doc) -> None:
    """At every save of a customer that exists: a limit may not be set below what is already owed."""
    seen: set[Any] = set()
    for row in customer["credit_limits"]:
        if row.get("company") in seen:
            raise throw(f"Credit limit is already defined for the Company {row.get('company')}", title="Message")
        seen.add(row.get("company"))
        exposure = exposure_of(site, customer["name"], row.get("company") or "")
        if ZERO < row["credit_limit"] < exposure:
            start = "New credit limit is less than current outstanding amount for the customer."
            raise throw(f"{start} Credit limit has to be atleast {exact(exposure)}")


def _limit(site: Site, name: str | None, company: str) -> tuple[Decimal, bool]:
    """The limit and whether orders bypass it: the customer's own, else the group's, else the company's; 0 is none."""
    customer = site.store.get("Customer", name or "")
    fields = customer.fields if customer is not None else {}
    for row in fields.get("credit_limits") or ():
        if row.get("company") == company:
            bypass = bool(row["bypass_credit_limit_check"])
            if row["credit_limit"]:
                return row["credit_limit"], bypass
            return _group_limit(site, fields, company), bypass
    return _group_limit(site, fields, company), False


def _group_limit(site: Site, customer: Doc, company: str) -> Decimal:
    for row in site.value("Customer Group", customer.get("customer_group"), "credit_limits") or ():
        if row.get("company") == company and row["credit_limit"]:
            return Decimal(row["credit_limit"])
    return site.value("Company", company, "credit_limit") or ZERO


def exposure_of(site: Site, customer: str, company: str, *, orders: bool = True) -> Decimal:
    """In company currency."""
    exposure = balance_of(site, customer, company) + _delivered_unbilled(site, customer, company)
    if not orders:
        return exposure
    for order in site.store.where("Sales Order", "customer", customer):
        fields = order.fields
        is_open = fields["docstatus"] == 1 and fields["status"] != "Closed" and fields["per_billed"] < 100
        if is_open and fields["company"] == company:
            exposure += fields["base_grand_total"] * (HUNDRED - fields["per_billed"]) / HUNDRED
    return exposure


def balance_of(site: Site, customer: str, company: str) -> Decimal:
    """What the customer's account says: invoices less credit notes and payments, allocated or not, in company currency."""
    balance = ZERO
    for invoice in site.store.where("Sales Invoice", "customer", customer):
        fields = invoice.fields
        if fields["docstatus"] == 1 and fields["company"] == company:
            balance += (fields["base_rounded_total"] or fields["base_grand_total"]) - fields["base_write_off_amount"]
    for payment in site.store.where("Payment Entry", "party", customer):
        fields = payment.fields
        if fields["docstatus"] == 1 and fields["company"] == company and fields.get("party_type") == "Customer":
            balance += party_amount(fields) * (1 if fields["payment_type"] == "Pay" else -1)
    return balance


def party_amount(payment: Doc) -> Decimal:
    """What a payment books on the party's account, in company currency: allocated or not."""
    rate = payment["source_exchange_rate" if payment["payment_type"] == "Receive" else "target_exchange_rate"]
    return exact(payment["base_total_allocated_amount"] + payment["unallocated_amount"] * rate)


def _delivered_unbilled(site: Site, customer: str, company: str) -> Decimal:
    total = ZERO
    for note in site.store.where("Delivery Note", "customer", customer):
        fields = note.fields
        if fields["docstatus"] != 1 or fields["company"] != company or fields["status"] == "Closed" or not fields["base_net_total"]:
            continue
        billed: dict[str | None, Decimal] = {}
        for _, line in site.references.rows("Sales Invoice", "delivery_note", note.id):
            billed[line.get("dn_detail")] = billed.get(line.get("dn_detail"), ZERO) + line["amount"]
        for row in fields["items"]:
            left = row["amount"] - billed.get(row["name"], ZERO)
            if left > 0 and not row.get("against_sales_order") and not row.get("against_sales_invoice"):
                total += site.rounding.ratio(left, fields["base_net_total"]) * fields["base_grand_total"]
    return total


def _check(site: Site, doc: Doc, limit: Decimal, exposure: Decimal) -> None:
    if exposure <= limit:
        return
    role, name = site.settings.credit_controller, doc["customer"]
    if role and role in _roles(site, site.user):
        return
    users = [
        (record.fields.get("full_name"), record.id)
        for record in site.store.all("User")
        if (role or "Sales Master Manager") in _roles(site, record.id) and record.id not in ("Administrator", "Guest")
    ]
    exposure = exact(site.rounding.money(exposure))
    if not users:
        raise throw(f"Please contact your administrator to extend the credit limits for {name}.")
    listed = "<li>".join(f"{full_name} ({email})" for full_name, email in users)
    start = f"Credit limit has been crossed for customer {name} ({exposure}/{exact(limit)})<br><br>"
    advice = f"Please contact any of the following users to extend the credit limits for {name}: "
    raise _with_action(
        throw(f"{start}{advice}<br><br><ul><li>{listed}</li></ul>", title="Credit Limit Crossed"), name, exposure, limit, users
    )


def _with_action(refused: Refused, customer: str, exposure: Decimal, limit: Decimal, users: list[tuple[Any, str]]) -> Refused:
    """What the desk's button would send; which arguments it has is our guess."""
    args = {
        "customer": customer,
        "customer_outstanding": float(exposure),
        "credit_limit": float(limit),
        "credit_controller_users_list": [email for _, email in users],
    }
    action = {"label": "Send Email", "server_action": _SEND_EMAILS, "hide_on_success": True, "args": args}
    refused.messages[0]["primary_action"] = action
    return refused


def _roles(site: Site, user: str) -> set[str]:
    return {str(row.get("role")) for row in site.value("User", user, "roles") or ()}
