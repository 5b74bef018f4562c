"""What every part of the engine works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar
from urllib.parse import urlsplit

from sync_engine.dictionary import Dictionary
from sync_engine.home import claim
from sync_engine.operations.conditions import Conditions
from sync_engine.operations.log import Log, masking, no_log
from sync_engine.operations.metrics import Metrics
from sync_engine.operations.tracing import NO_TRACES, Tracer
from sync_engine.operations.watch import WatchedHttp
from sync_engine.ports import Clock, Http
from sync_engine.queue import WorkQueue
from sync_engine.replica import Replica
from sync_engine.store import Store, is_postgres, open_store
from sync_engine.vendors.erpnext import ErpNext
from sync_engine.vendors.hubspot import CrmRecord, HubSpot

V = TypeVar("V")


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
    store: str = field(default="", repr=False)  # a postgresql:// URL; empty: a file in `state_dir`
    replicas: bool | None = None  # whether engines share the store; None: where it is PostgreSQL
    reconcile_every: timedelta | None = None  # how often both systems are compared and repaired; None: never
    start_from: datetime | None = None  # deals closed before are history, which only a backfill turns into orders

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        password = urlsplit(self.store).password if "://" in self.store else ""
        given = (self.crm_token, self.erp_key, self.erp_secret, self.webhook_secret, self.control_token, self.store, password)
        return tuple(secret for secret in given if secret)


class JustRead(dict[str, V]):
    """Records read a moment ago, which saves reading them again. Stays empty where replicas share the work: the item that a record
    was kept for may be handled by another, and what is left here would be old news by the next time."""

    def __init__(self, *, shared: bool) -> None:
        super().__init__()
        self._shared = shared

    def __setitem__(self, name: str, record: V) -> None:
        if not self._shared:
            super().__setitem__(name, record)


@dataclass(slots=True)
class Context:
    """One engine's parts. `address_link` and `contact_link`: unique ERP fields that make those creates safe to repeat."""

    settings: Settings
    dictionary: Dictionary
    clock: Clock
    random: Random
    store: Store
    replica: Replica
    queue: WorkQueue
    crm: HubSpot
    erp: ErpNext
    conditions: Conditions
    metrics: Metrics
    companies: JustRead[CrmRecord]
    fresh_orders: JustRead[dict[str, object]]  # rows of the last poll
    wanted_fields: str = ""  # what must exist in both systems, in the words that are stored once it does
    address_link: str = "custom_crm_company_id"
    contact_link: str = "custom_crm_contact_id"
    tracer: Tracer = NO_TRACES
    mask: Callable[[str], str] = str  # takes secrets out of a text

    @property
    def provisioned(self) -> bool:
        """The fields exist in both systems; whichever replica made sure of it, perhaps with a dictionary that has others too."""
        made = self.store.cursor("provisioned")
        return made == self.wanted_fields or set(self.wanted_fields.split()) <= set(made.split())

    def share_quotas(self, count: int) -> None:
        """So many replicas use the vendors' quotas now: each takes its share."""
        self.crm.share(count)
        self.erp.share(count)


def _open(settings: Settings) -> Store:
    store = open_store(settings.store or settings.state_dir)
    try:
        claim(store, settings.crm_url, settings.crm_portal, settings.erp_url)
    except Exception:
        store.close()
        raise
    return store


def make_context(
    settings: Settings,
    dictionary: Dictionary,
    clock: Clock,
    random: Random,
    http: Http,
    log: Log = no_log,
    tracer: Tracer = NO_TRACES,
) -> Context:
    """Raises StoreError when the store cannot be used."""
    timeout_s = settings.timeout.total_seconds()
    store = _open(settings)
    shared = settings.replicas if settings.replicas is not None else is_postgres(settings.store)
    replica = Replica(store, clock, shared=shared)
    queue = WorkQueue(store, clock, random, replica)
    conditions, metrics = Conditions(store, clock, log), Metrics()
    http = WatchedHttp(http, {"crm": settings.crm_url, "erp": settings.erp_url}, conditions, metrics, tracer)
    crm = HubSpot(settings.crm_url, settings.crm_token, http, clock, random, timeout_s)
    erp = ErpNext(settings.erp_url, settings.erp_key, settings.erp_secret, http, clock, random, timeout_s)
    companies, orders = JustRead[CrmRecord](shared=shared), JustRead[dict[str, object]](shared=shared)
    mask = masking(settings.secrets())
    return Context(
        settings,
        dictionary,
        clock,
        random,
        store,
        replica,
        queue,
        crm,
        erp,
        conditions,
        metrics,
        companies,
        orders,
        tracer=tracer,
        mask=mask,
    )
