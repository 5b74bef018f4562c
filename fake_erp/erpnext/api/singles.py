"""Settings documents of which a site has one: what integrations ask of them. Source: facts 0. They are read-only here.

A value that follows one of our settings is read from it; the others are the defaults of the setup wizard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.settings import Settings

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

FIXED: Final[dict[str, dict[str, Any]]] = {
    "Selling Settings": {
        "customer_group": "All Customer Groups",
        "territory": "All Territories",
        "selling_price_list": "Standard Selling",
        "so_required": "No",
        "dn_required": "No",
        "allow_multiple_items": 1,
        "maintain_same_rate_action": "Stop",
        "editable_price_list_rate": 0,
        "validate_selling_price": 0,
        "allow_negative_rates_for_items": 0,
        "sales_update_frequency": "Each Transaction",
    },
    "Stock Settings": {"stock_uom": "Nos", "default_warehouse": "Stores - ACM"},
    "Accounts Settings": {"automatically_fetch_payment_terms": 0},
    "System Settings": {"country": "Germany", "language": "en"},
    "Global Defaults": {"default_company": "Acme GmbH", "default_currency": "EUR", "current_fiscal_year": None},
}
# Field → the setting it follows, where the two are not called the same.
RENAMED: Final = {
    "over_delivery_receipt_allowance": "over_delivery_allowance",
    "allow_consecutive_login_attempts": "login_attempts_max",
    "allow_login_after_fail": "login_lock_seconds",
    "password_reset_limit": "password_resets_per_hour",
}
# In which document a setting is that facts 0 does not list is our guess.
FOLLOWING: Final[dict[str, tuple[str, ...]]] = {
    "Selling Settings": (
        "cust_master_name",
        "allow_against_multiple_purchase_orders",
        "allow_sales_order_creation_for_expired_quotation",
        "maintain_same_sales_rate",
    ),
    "Stock Settings": (
        "item_naming_by",
        "auto_insert_price_list_rate_if_missing",
        "allow_negative_stock",
        "over_delivery_receipt_allowance",
    ),
    "Accounts Settings": (
        "over_billing_allowance",
        "add_taxes_from_taxes_and_charges_template",
        "unlink_payment_on_cancellation_of_invoice",
        "unlink_advance_payment_on_cancelation_of_order",
        "round_row_wise_tax",
        "credit_controller",
    ),
    "System Settings": (
        "time_zone",
        "allow_error_traceback",
        "allow_consecutive_login_attempts",
        "allow_login_after_fail",
        "password_reset_limit",
        "rounding_method",
        "float_precision",
        "currency_precision",
        "number_format",
        "session_expiry",
    ),
    "Global Defaults": ("disable_rounded_total",),
}
_BLANK_WHEN_ZERO: Final = frozenset({"currency_precision", "credit_controller"})


def single_value(fake: ErpNextFake, doctype: str, field: str) -> Any:
    """Raises Refused: 404 for a DocType nobody knows, 403 without a desk, 417 for a field the document does not have."""
    fixed = FIXED.get(doctype)
    if fixed is None:
        fake.site.meta(doctype)
        raise _no_field(doctype, field)
    fake.permissions.check(doctype, "read")
    if field in fixed:
        return fixed[field]
    if field not in FOLLOWING[doctype]:
        raise _no_field(doctype, field)
    return _following(fake.settings, field)


def _following(settings: Settings, field: str) -> Any:
    """The setting as the document shows it: switches are 0 or 1, times hours and minutes."""
    if field == "session_expiry":
        hours, minutes = divmod(round(settings.session_hours * 60), 60)
        return f"{hours:02d}:{minutes:02d}"
    value = getattr(settings, RENAMED.get(field, field))
    if isinstance(value, bool):
        return int(value)
    return None if field in _BLANK_WHEN_ZERO and not value else value


def _no_field(doctype: str, field: str) -> Exception:
    return throw(f"Field <strong>{field}</strong> does not exist on <strong>{doctype}</strong>")
