"""What every part of the engine works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from sync_engine.dictionary import Dictionary
from sync_engine.ports import Clock, Http
from sync_engine.queue import WorkQueue
from sync_engine.store import Store
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import CrmRecord, HubSpot


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person configures. Secrets are never logged or shown."""

    crm_url: str
    crm_token: str = field(repr=False)
    erp_url: str
    erp_key: str = field(repr=False)
    erp_secret: str = field(repr=False)
    webhook_url: str
    webhook_secret: str = field(repr=False)
    state_dir: Path
    poll_every: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(minutes=10)  # longer than the CRM's search index lags
    workers: int = 8
    settle: timedelta = timedelta(seconds=30)  # a deal may be read in the middle of an edit: look again before calling it wrong
    settle_tries: int = 3
    timeout: timedelta = timedelta(seconds=15)  # how long to wait for one answer
    stop_within: timedelta = timedelta(seconds=20)  # how long running calls may take to end when the process is asked to stop
    listen: str = ""  # host:port, where that is not what `webhook_url` says: behind a proxy
    crm_portal: str = ""  # the account's number, for links to records
    log_format: str = "logfmt"
    control_token: str = field(default="", repr=False)  # who may retry and skip errors over HTTP; nobody, if empty
    traces: str = "off"
    traces_endpoint: str = ""

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        given = (self.crm_token, self.erp_key, self.erp_secret, self.webhook_secret, self.control_token)
        return tuple(secret for secret in given if secret)


@dataclass(slots=True)
class Context:
    """One engine's parts. `address_link` and `contact_link`: unique ERP fields that make those creates safe to repeat."""

    settings: Settings
    dictionary: Dictionary
    clock: Clock
    random: Random
    store: Store
    queue: WorkQueue
    crm: HubSpot
    erp: ErpNext
    companies: dict[str, CrmRecord] = field(default_factory=dict)  # just read; saves reading them again moments later
    ordering: set[str] = field(default_factory=set)  # deals whose order is being made and told about right now
    provisioned: bool = False  # the fields exist in both systems
    fresh_orders: dict[str, dict[str, object]] = field(default_factory=dict)  # rows of the last poll, same purpose
    address_link: str = "custom_crm_company_id"
    contact_link: str = "custom_crm_contact_id"


def make_context(settings: Settings, dictionary: Dictionary, clock: Clock, random: Random, http: Http) -> Context:
    """Raises StoreError when the state directory cannot be used."""
    timeout_s = settings.timeout.total_seconds()
    store = Store(settings.state_dir / "sync_engine.sqlite3")
    crm = HubSpot(settings.crm_url, settings.crm_token, http, clock, random, timeout_s)
    erp = ErpNext(settings.erp_url, settings.erp_key, settings.erp_secret, http, clock, random, timeout_s)
    return Context(settings, dictionary, clock, random, store, WorkQueue(store, clock, random), crm, erp)
