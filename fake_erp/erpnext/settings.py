"""The switches of this fake: what a site's configuration decides, and our guesses."""

from __future__ import annotations

from typing import Any

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`FakeSetup.settings`, checked. Times in milliseconds or seconds as their names say."""

    time_zone: str = "Europe/Berlin"
    frappe_version: str = "15.54.1"
    erpnext_version: str = "15.109.0"
    rate_limit_seconds: float = 0.0  # 0: the site limiter is off, as on a fresh site
    rate_limit_window_seconds: int = 3600
    allow_negative_stock: bool = False
    over_delivery_allowance: float = 0.0  # percent
    over_billing_allowance: float = 0.0  # percent
    allow_against_multiple_purchase_orders: bool = False
    auto_insert_price_list_rate_if_missing: bool = True
    unlink_payment_on_cancellation_of_invoice: bool = True
    shuffle_unsorted_lists: bool = False
    update_after_submit_webhook_fires: bool = False
    webhook_retry_seconds: tuple[float, ...] = (1, 4, 7)
    webhook_latency_ms: tuple[int, int] = (50, 1500)  # our guess: a background worker picks the job up
    webhook_request_log: bool = False  # a Webhook Request Log for every attempt, as the vendor writes: costs memory in long runs
    read_ms: tuple[int, int] = (15, 60)  # our guess: simulated processing time
    write_ms: tuple[int, int] = (60, 250)  # our guess


def settings_from(values: Any) -> Settings:
    """Raises ValueError naming the setting that is unknown or has the wrong type."""
    try:
        return msgspec.convert(dict(values), Settings)
    except msgspec.ValidationError as error:
        raise ValueError(f"erpnext settings: {error}") from None
