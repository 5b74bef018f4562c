"""What the site does by itself: the daily jobs when its date has changed, the ledgers when somebody reads them.

Daily jobs write past the documents: no webhook, `modified` stays. Source: facts 4.2, 4.6, P48. The vendor runs them at some time
after midnight; here they have run before the first call of a day is answered (our guess).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from fake_erp.erpnext.business import ledger
from fake_erp.erpnext.business.outstanding import INVOICE, status_of
from fake_erp.erpnext.framework.site import Site
from harness.kit.call import Call

_ASKS_FOR_A_LEDGER: Final = re.compile(r"(?:gl|ledger)(?:%20|[ +_])entry", re.IGNORECASE)
_IN_THE_BODY: Final = re.compile(rb"(?:GL|Ledger) Entry", re.IGNORECASE)


def before_call(site: Site, call: Call) -> None:
    """Do what is due, in transactions of its own."""
    today = site.time.today()
    if today != site.jobs_day:
        if site.jobs_day and site.settings.daily_jobs:
            _by_itself(site, run_daily)
        site.jobs_day = today
    if site.booked and _reads_ledgers(call):
        _by_itself(site, ledger.write)


def _by_itself(site: Site, job: Callable[[Site], None]) -> None:
    """In a transaction that is nobody's request."""
    store = site.store
    request, actor, user = store.request, store.actor, site.user
    store.request, store.actor, site.user = 0, "system", "Administrator"
    try:
        with store.transaction():
            job(site)
    finally:
        store.request, store.actor, site.user = request, actor, user


def _reads_ledgers(call: Call) -> bool:
    if _ASKS_FOR_A_LEDGER.search(call.path) or (call.query and _ASKS_FOR_A_LEDGER.search(call.query)):
        return True
    return "/method/" in call.path and _IN_THE_BODY.search(call.body) is not None


def run_daily(site: Site) -> None:
    """Invoices become overdue, quotations expire."""
    for status in ("Unpaid", "Partly Paid"):
        for invoice in list(site.store.where(INVOICE, "status", status)):
            now = status_of(site, invoice.fields)
            if now == "Overdue":
                site.set_values(invoice, {"status": now}, changed=False)
    today = site.time.today()
    for status in ("Open", "Replied"):
        for quotation in list(site.store.where("Quotation", "status", status)):
            until = quotation.fields.get("valid_till")
            if quotation.fields["docstatus"] == 1 and until and until < today and not _ordered(site, quotation.id):
                site.set_values(quotation, {"status": "Expired"}, changed=False)


def _ordered(site: Site, quotation: str) -> bool:
    return any(True for _ in site.references.rows("Sales Order", "prevdoc_docname", quotation))
