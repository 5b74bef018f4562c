"""The payment schedule: what of a document is due when. Source: facts 4.6 and 10.1.

Payment terms templates are refused (facts 9.1).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import HUNDRED, ONE, ZERO, exact

_SLACK: Final = Decimal("0.1")


def fill_schedule(site: Site, doc: Doc, due_date: str | None) -> None:
    """Amounts of every instalment; without any, one of 100 % that is due on `due_date`.

    A row with a portion gets its part of the total, a row without keeps its amount. Raises Refused when they do not add up.
    """
    if doc.get("payment_terms_template"):
        raise throw("Payment Terms Template: Not supported by fake")
    rows = doc["payment_schedule"]
    if not rows:
        blank = site.meta("Payment Schedule").blank
        rows = doc["payment_schedule"] = [
            {**blank, "doctype": "Payment Schedule", "due_date": due_date, "invoice_portion": HUNDRED, "idx": 1}
        ]
    total, rate = doc["rounded_total"] or doc["grand_total"], doc["conversion_rate"] or ONE
    base = doc["base_rounded_total"] or doc["base_grand_total"]
    for row in rows:
        _fill(site, row, total, base, rate)
    _check(doc, rows, total, base)


def _fill(site: Site, row: Doc, total: Decimal, base: Decimal, rate: Decimal) -> None:
    portion, money = exact(row.get("invoice_portion") or ZERO), site.rounding.money
    row["invoice_portion"] = portion
    if portion == HUNDRED:
        row["payment_amount"], row["base_payment_amount"] = total, base
    elif portion:
        row["payment_amount"], row["base_payment_amount"] = money(total * portion / HUNDRED), money(base * portion / HUNDRED)
    else:
        row["payment_amount"] = money(row["payment_amount"])
        row["base_payment_amount"] = row["payment_amount"] if rate == 1 else money(row["payment_amount"] * rate)
    row["outstanding"], row["base_outstanding"] = row["payment_amount"], row["base_payment_amount"]
    row["paid_amount"] = row["base_paid_amount"] = ZERO


def _check(doc: Doc, rows: list[Doc], total: Decimal, base: Decimal) -> None:
    """Dates differ and are not before an order's own; amounts add up. The text for early dates is our guess."""
    dates: list[str] = []
    repeated: list[str] = []
    for row in rows:
        date = row.get("due_date")
        if date and date < (doc.get("transaction_date") or ""):
            raise throw(f"Row {row['idx']}: Due Date in the Payment Terms table cannot be before Posting Date")
        if date in dates:
            repeated.append(f"{date} in row {row['idx']}")
        dates.append(date or "")
    if repeated:
        raise throw(f"Rows with duplicate due dates in other rows were found: <br>{'<br>'.join(repeated)}")
    off = abs(sum((row["payment_amount"] for row in rows), ZERO) - total)
    if off > _SLACK or abs(sum((row["base_payment_amount"] for row in rows), ZERO) - base) > _SLACK:
        raise throw("Total Payment Amount in Payment Schedule must be equal to Grand / Rounded Total")
