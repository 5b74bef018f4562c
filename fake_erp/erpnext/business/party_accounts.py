"""Which account a customer's invoices are booked on, and what currency it is kept in. Source: facts 4.6 and 10.1."""

from __future__ import annotations

from fake_erp.erpnext.business.masters import RECEIVABLE
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site


def receivable_account(site: Site, doc: Doc) -> str:
    """The customer's own account for the document's company, else the company's."""
    for row in site.value("Customer", doc.get("customer"), "accounts") or ():
        if row.get("company") == doc["company"] and row.get("account"):
            return str(row["account"])
    return site.value("Company", doc["company"], "default_receivable_account") or RECEIVABLE


def account_currency(site: Site, doc: Doc, account: str) -> str:
    return str(site.value("Account", account, "account_currency") or doc["currency"])
