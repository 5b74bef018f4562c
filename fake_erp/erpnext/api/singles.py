"""Settings documents of which a site has one: what integrations ask of them. Source: facts 0. They are read-only here.

A value that follows one of our settings is computed from it; the others are the defaults of the setup wizard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.settings import Settings

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake


def singles(settings: Settings) -> dict[str, dict[str, Any]]:
    """Fields by settings document, values as the database holds them (checks are 0 or 1)."""
    return {
        "Selling Settings": _selling(settings),
        "Stock Settings": {
            "item_naming_by": settings.item_naming_by,
            "stock_uom": "Nos",
            "default_warehouse": "Stores - ACM",
            "auto_insert_price_list_rate_if_missing": int(settings.auto_insert_price_list_rate_if_missing),
            "allow_negative_stock": int(settings.allow_negative_stock),
            "over_delivery_receipt_allowance": settings.over_delivery_allowance,
        },
        "Accounts Settings": {
            "over_billing_allowance": settings.over_billing_allowance,
            "add_taxes_from_taxes_and_charges_template": int(settings.add_taxes_from_taxes_and_charges_template),
            "unlink_payment_on_cancellation_of_invoice": int(settings.unlink_payment_on_cancellation_of_invoice),
            "automatically_fetch_payment_terms": 0,
        },
        "System Settings": _system(settings),
        "Global Defaults": {"default_company": "Acme GmbH", "default_currency": "EUR", "current_fiscal_year": None},
    }


def _selling(settings: Settings) -> dict[str, Any]:
    return {
        "cust_master_name": settings.cust_master_name,
        "customer_group": "All Customer Groups",
        "territory": "All Territories",
        "selling_price_list": "Standard Selling",
        "so_required": "No",
        "dn_required": "No",
        "allow_multiple_items": 1,
        "allow_against_multiple_purchase_orders": int(settings.allow_against_multiple_purchase_orders),
        "maintain_same_sales_rate": int(settings.maintain_same_sales_rate),
        "maintain_same_rate_action": "Stop",
        "editable_price_list_rate": 0,
        "validate_selling_price": 0,
        "allow_negative_rates_for_items": 0,
        "sales_update_frequency": "Each Transaction",
    }


def _system(settings: Settings) -> dict[str, Any]:
    hours, minutes = divmod(round(settings.session_hours * 60), 60)
    return {
        "time_zone": settings.time_zone,
        "country": "Germany",
        "language": "en",
        "session_expiry": f"{hours:02d}:{minutes:02d}",
        "allow_error_traceback": int(settings.allow_error_traceback),
        "allow_consecutive_login_attempts": settings.login_attempts_max,
        "allow_login_after_fail": settings.login_lock_seconds,
    }


def single_value(fake: ErpNextFake, doctype: str, field: str) -> Any:
    """Raises Refused: 404 for a DocType nobody knows, 403 without a desk, 417 for a field the document does not have."""
    known = singles(fake.settings).get(doctype)
    if known is None:
        fake.site.meta(doctype)
        raise throw(f"Field <strong>{field}</strong> does not exist on <strong>{doctype}</strong>")
    fake.permissions.check(doctype, "read")
    if field not in known:
        raise throw(f"Field <strong>{field}</strong> does not exist on <strong>{doctype}</strong>")
    return known[field]
