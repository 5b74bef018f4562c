"""The switches of this fake, each with the default the facts recommend (section 17). `README.md` documents them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

DEFAULT_TOKEN = "pat-na1-00000000-0000-0000-0000-000000000000"
DEFAULT_SECRET = "00000000-0000-0000-0000-000000000000"

DEFAULT_CLIENT = "00000000-0000-0000-0000-000000000001"
DEFAULT_DEVELOPER_KEY = "00000000-0000-0000-0000-000000000002"

PACKS_MAX, PACK_BURST, PACK_DAILY = 2, 250, 1_000_000
TIERS = {"free": (100, 250_000), "starter": (100, 250_000), "professional": (190, 625_000), "enterprise": (190, 1_000_000)}


@dataclass(frozen=True, slots=True)
class Settings:
    """`scopes` None means all. `apps` names further private apps of the account: token → its scopes, or None for all."""

    tier: str = "professional"
    burst_limit: int | None = None  # calls of one app in 10 s; None: the tier's
    daily_limit: int | None = None  # calls of the account from midnight to midnight; None: the tier's
    limit_increase_packs: int = 0  # 0 to 2: each raises the day by 1,000,000, the first the burst to 250
    association_limits: bool = False  # whether calls about associations have the limits of the associations page on top
    search_limit: int = 5  # searches of the account in 1 s
    oauth_burst: int = 110  # calls of the OAuth app in 10 s
    url_limit: int = 16_384  # characters of path and query, more are refused with 414
    retry_after: bool = False  # whether a 429 carries Retry-After
    refused_calls_count: bool = True  # whether a 429 counts to the limit that refused it
    token: str = DEFAULT_TOKEN
    client_secret: str = DEFAULT_SECRET
    client_id: str = DEFAULT_CLIENT  # of the OAuth app, whose secret is `client_secret`
    developer_key: str = DEFAULT_DEVELOPER_KEY  # the `hapikey` of webhook settings
    redirect_uris: tuple[str, ...] | None = None  # where the OAuth app may send people back to; None: anywhere
    oauth_scopes: tuple[str, ...] | None = None  # what the account can grant to the OAuth app; None: whatever is asked
    access_token_s: Annotated[int, msgspec.Meta(ge=0)] = 1800
    oauth_hub_known: bool = True  # False: the token endpoint no longer knows the account
    scopes: tuple[str, ...] | None = None
    apps: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    portal_id: int = 48211907
    app_id: int = 1344071
    currency: str = "EUR"
    time_zone: str = "Europe/Berlin"
    index_lag_s: Seconds = 5.0  # a write is findable by search this much later
    index_lag_s_max: Seconds | None = None  # with it, each write's lag is drawn between the two
    read_lag_s: Seconds = 0.0  # reads of records, lists and associations show the account as it was so long ago
    webhook_latency_s_min: Seconds = 1.0
    webhook_latency_s_max: Seconds = 5.0
    webhook_shuffle_s: Seconds = 2.0  # events of a batch may change places with others this much earlier or later
    webhook_retry_minutes: tuple[Annotated[float, msgspec.Meta(ge=0)], ...] = (
        1,
        5,
        15,
        30,
        60,
        120,
        180,
        240,
        300,
        480,
    )  # waits before further attempts
    webhook_retry_jitter: Share = 0.2  # share by which each of these waits varies
    webhook_event_id_repeats: Share = 0.02  # chance of an event to have the number of the event before it
    webhook_echo_source: Literal["INTEGRATION", "API"] = "INTEGRATION"  # `changeSource` of what apps write
    webhook_signatures: tuple[Literal["v1", "v2", "v3"], ...] = ("v1", "v3")  # v2 is what workflows and cards send
    property_events_on_create: bool = False  # whether a creation also emits a propertyChange for each value
    null_clears: bool = True  # JSON null as a property value; False: refused
    same_value_is_a_change: bool = False
    canonical_numbers: bool = False  # `1500.00` is stored as `1500`
    closedate_on_close: bool = True  # moving a deal into a won or lost stage sets `closedate` unless the request does
    stage_must_fit_pipeline: bool = True
    first_stage_when_missing: bool = True  # a deal without a stage gets the first of its pipeline; False: none
    strip_domains: bool = False  # a company's domain loses scheme, `www.` and path
    strict_required: bool = False  # contacts, companies and deals need what the documentation lists
    neq_matches_missing: bool = False  # NEQ and NOT_IN find records without a value as well
    racing_creates_s: Seconds = 0.0  # contacts made this soon after the first of their e-mail address are answered 201, then merged
    merge_keeps_contact_id: bool = False  # merged contacts and companies keep the primary's id; False: they are a new record
    merge_keeps_deal_id: bool = True  # merged deals, tickets and custom objects keep the primary's id; False: a new record
    deal_amount_from_lines: bool = False  # a deal's amount follows its line items
    deals_raise_lifecycle: bool = False  # opening and winning a deal raises the life cycle of its contacts and companies
    deals_inherit_company: bool = False  # a deal linked to a contact is linked to the contact's primary company as well
    companies_from_domains: bool = False  # a contact is linked to the company with its e-mail's domain, which is made if need be
    custom_objects_on_any_tier: bool = False  # else schemas are made on `enterprise` only
    open_invoices_deletable: bool = True
    payments_set_up: bool = True
    first_company_is_primary: bool = True
    count_associations: bool = True  # maintained counts, which move the modification time
    required_properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # kind → what its creation needs as well
    all_missing_status: Literal[207, 404] = 207  # batch/read when every id is missing: 207 or 404
    missing_update_status: Literal[207, 404] = 207  # batch/update of a missing id without trace ids: 207 or 404
    unknown_tlds: tuple[str, ...] = ("badtld", "invalid", "localhost")

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Settings:
        """Check names and types. Raises ValueError naming what does not fit, and for a name the nearest known setting."""
        known = {each.name: each for each in fields(cls)}
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
                raise ValueError(f"the HubSpot fake has no setting {name!r}{hint}")
        try:
            settings = msgspec.convert(dict(given), cls)
        except msgspec.ValidationError as bad:
            raise ValueError(f"a setting of the HubSpot fake does not fit: {bad}") from None
        if settings.tier not in TIERS:
            raise ValueError(f"setting tier is {settings.tier!r}; known: {', '.join(TIERS)}")
        if {"v1", "v2"} <= set(settings.webhook_signatures):
            raise ValueError("setting webhook_signatures has v1 and v2, which share one header; choose one of them")
        if not 0 <= settings.limit_increase_packs <= PACKS_MAX:
            raise ValueError(f"setting limit_increase_packs is {settings.limit_increase_packs}; an account has 0 to {PACKS_MAX}")
        settings._check_spans()
        return settings

    def _check_spans(self) -> None:
        for name in ("index_lag_s", "webhook_latency_s"):
            low = getattr(self, f"{name}_min" if name.startswith("webhook") else name)
            high = getattr(self, f"{name}_max")
            if high is not None and high < low:
                raise ValueError(f"setting {name}_max is {high}, less than the least, {low}")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, OSError, ValueError):
            raise ValueError(f"setting time_zone is {self.time_zone!r}, which is no time zone such as Europe/Berlin") from None

    @property
    def burst(self) -> int:
        if self.burst_limit is not None:
            return self.burst_limit
        return PACK_BURST if self.limit_increase_packs else TIERS[self.tier][0]

    @property
    def daily(self) -> int:
        if self.daily_limit is not None:
            return self.daily_limit
        return TIERS[self.tier][1] + self.limit_increase_packs * PACK_DAILY

    @property
    def association_burst(self) -> int:
        if self.limit_increase_packs:
            return 200
        return 100 if self.tier in ("free", "starter") else 150

    @property
    def association_daily(self) -> int:
        return 1_000_000 if self.limit_increase_packs else 500_000
