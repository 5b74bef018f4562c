"""What a document alone says is owed of it, in the currency of the customer's account. Source: facts 4.6.

The account is kept in the document's currency or, as the one that the setup wizard makes, in the company's.
"""

from __future__ import annotations

from decimal import Decimal

from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.wire import ZERO, exact


def in_own_currency(doc: Doc) -> bool:
    """Whether the customer's account is kept in the document's currency."""
    return bool((doc.get("party_account_currency") or doc["currency"]) == doc["currency"])


def party_total(doc: Doc) -> Decimal:
    """The total, rounded where the document is, in the currency of the customer's account."""
    prefix = "" if in_own_currency(doc) else "base_"
    total: Decimal = doc[f"{prefix}rounded_total"] or doc[f"{prefix}grand_total"]
    return total


def owed(doc: Doc) -> Decimal:
    """Outstanding before any payment. A credit note may leave it to the invoice that it is against."""
    if doc["is_return"] and doc.get("return_against") and not doc["update_outstanding_for_self"]:
        return ZERO
    written_off = doc["write_off_amount"] if in_own_currency(doc) else doc["base_write_off_amount"]
    return exact(party_total(doc) - written_off)
