"""The switches of this fake: what a site's configuration decides, and our guesses."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

RoundingMethod = Literal["Banker's Rounding", "Banker's Rounding (legacy)", "Commercial Rounding"]
NumberFormat = Literal[
    "#,###.##", "#.###,##", "# ###.##", "# ###,##", "#'###.##", "#, ###.##", "#,##,###.##", "#,###.###", "#.###", "#,###"
]


class UserSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more user of the site. Without a password nobody can log in as them; without a key no token works."""

    email: str
    full_name: str = ""
    roles: tuple[str, ...] = ()
    password: str = ""
    api_key: str = ""
    api_secret: str = ""
    enabled: bool = True
    user_type: Literal["System User", "Website User"] = "System User"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`FakeSetup.settings`, checked. Times in milliseconds or seconds as their names say."""

    version: Literal[14, 15, 16] = 15
    time_zone: str = "Europe/Berlin"
    frappe_version: str = ""  # what the site says it is; empty: by `version`
    erpnext_version: str = ""
    users: tuple[UserSetting, ...] = ()
    site_by_host: bool = False  # off, because a fake is reached under many names
    site_name: str = "erp.example.com"
    redirect_trailing_slash: bool = True  # as the nginx of a usual installation does; our guess that most have one
    body_megabytes_max: int = 25
    maintenance_mode: bool = False
    allow_reads_during_maintenance: bool = False
    allow_error_traceback: bool = True
    allow_cors: str = ""  # an origin, or `*`
    ignore_csrf: bool = False
    allowed_referrers: tuple[str, ...] = ()  # hosts; version 16 only
    session_hours: float = 170.0
    login_attempts_max: int = 10
    login_lock_seconds: int = 60
    oauth_token_seconds: int = 3600
    set_value_in_objects: Literal["accepted", "rejected", "stripped"] = "accepted"  # standard fields inside an object
    reads_keep_nulls: bool = False  # single reads show nulls too (2026 minors)
    cust_master_name: Literal["Customer Name", "Naming Series", "Auto Name"] = "Customer Name"
    item_naming_by: Literal["Item Code", "Naming Series"] = "Item Code"
    amended_document_naming: Literal["Amend Counter", "Default Naming"] = "Amend Counter"
    keep_versions: bool = False  # a Version for every save of a document that tracks changes, as the vendor writes: costs memory
    password_resets_per_hour: int = 3  # password_reset_limit of System Settings
    rate_limit_seconds: float = 0.0  # 0: the site limiter is off, as on a fresh site
    rate_limit_window_seconds: int = 3600
    allow_negative_stock: bool = False
    over_delivery_allowance: float = 0.0  # percent
    over_billing_allowance: float = 0.0  # percent
    allow_against_multiple_purchase_orders: bool = False
    auto_insert_price_list_rate_if_missing: bool = True
    unlink_payment_on_cancellation_of_invoice: bool = True
    unlink_advance_payment_on_cancelation_of_order: bool = True
    allow_sales_order_creation_for_expired_quotation: bool = False
    maintain_same_sales_rate: bool = False
    credit_controller: str = ""  # a role whose users pass the credit limit
    daily_jobs: bool = True  # invoices become overdue and quotations expire when the site's date changes
    rounding_method: RoundingMethod = "Banker's Rounding"
    currency_precision: int = 0  # decimals of money; 0: those of number_format
    float_precision: int = 3  # decimals of quantities and percents
    number_format: NumberFormat = "#,###.##"
    round_row_wise_tax: bool = False
    disable_rounded_total: bool = False  # the default of the documents' own switch, as in Global Defaults
    add_taxes_from_taxes_and_charges_template: bool = False
    shuffle_unsorted_lists: bool = False
    update_after_submit_webhook_fires: bool = False
    webhook_retry_seconds: tuple[float, ...] = (1, 4, 7)
    webhook_latency_ms: tuple[int, int] = (50, 1500)  # our guess: a background worker picks the job up
    webhook_backoff: bool = False  # the schedule of 2026 minors instead: seven attempts in more than a day
    webhook_request_log: bool = True  # a Webhook Request Log for every attempt, as the vendor writes
    webhook_request_logs_max: int = 1000  # the newest are kept (our guess; the vendor clears them after 30 days)
    read_ms: tuple[int, int] = (15, 60)  # our guess: simulated processing time
    write_ms: tuple[int, int] = (60, 250)  # our guess

    @property
    def desk(self) -> str:
        """Where the screens are."""
        return "/desk" if self.version >= 16 else "/app"

    @property
    def versions(self) -> tuple[str, str]:
        """What frappe and erpnext say they are; the figures of 14 and 16 are our guess."""
        frappe, erpnext = {14: ("14.91.0", "14.83.0"), 15: ("15.54.1", "15.109.0"), 16: ("16.4.0", "16.4.0")}[self.version]
        return self.frappe_version or frappe, self.erpnext_version or erpnext


def settings_from(values: Any) -> Settings:
    """Raises ValueError naming the setting that is unknown or has the wrong type."""
    try:
        settings = msgspec.convert(dict(values), Settings)
    except msgspec.ValidationError as error:
        raise ValueError(f"erpnext settings: {error}") from None
    for name in ("currency_precision", "float_precision"):
        if not 0 <= getattr(settings, name) <= 9:
            raise ValueError(f"erpnext settings: {name} must be from 0 to 9")
    return settings
