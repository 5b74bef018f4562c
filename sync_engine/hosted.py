"""The engine as the harness hosts it: in process with a clock and an HTTP port of the harness, or as a process of its own.

The shapes are those of `harness.run.engines`, matched structurally: this package imports nothing of the harness.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Protocol

from sync_engine.context import Settings, make_context
from sync_engine.dictionary import load
from sync_engine.engine import Engine
from sync_engine.ports import Clock, Http


class System(Protocol):
    """One vendor as the harness describes it."""

    @property
    def base_url(self) -> str: ...

    @property
    def credentials(self) -> Mapping[str, str]: ...


class Host(Protocol):
    """What the harness gives an engine."""

    @property
    def crm(self) -> System: ...

    @property
    def erp(self) -> System: ...

    @property
    def webhook_url(self) -> str: ...

    @property
    def webhook_secret(self) -> str: ...

    @property
    def state_dir(self) -> Path: ...

    @property
    def dictionary(self) -> Path: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def random(self) -> Random: ...

    @property
    def http(self) -> Http: ...

    @property
    def options(self) -> Mapping[str, Any]: ...


class Middleware:
    """The spec found under the entry-point group `syncproof.engines`.

    Options: `poll_every_s` (300; 2 as a process of its own), `overlap_s` (600), `settle_s`, `timeout_s` (15), `workers` (8),
    `store` (a `postgresql://` URL instead of a file in the state directory), `replicas` (whether others work on the same store; so
    it is where the host names a `replica`), `reconcile_every_s` (off), `start_from` (ISO date; none).
    """

    name = "middleware"
    description = "the reference engine: durable inbox, one work item per record, idempotent creates, polling under the webhooks"

    def create(self, surroundings: Host) -> Engine:
        """Raises DictionaryError or StoreError."""
        settings = _settings(surroundings)
        return Engine(
            make_context(settings, load(surroundings.dictionary), surroundings.clock, surroundings.random, surroundings.http)
        )

    def command(self, surroundings: Host) -> list[str] | None:
        return [sys.executable, "-m", "sync_engine", "run"]

    def environment(self, surroundings: Host) -> Mapping[str, str]:
        settings, options = _settings(surroundings), surroundings.options
        return {
            "SYNC_ENGINE_CRM_URL": settings.crm_url,
            "SYNC_ENGINE_CRM_TOKEN": settings.crm_token,
            "SYNC_ENGINE_ERP_URL": settings.erp_url,
            "SYNC_ENGINE_ERP_KEY": settings.erp_key,
            "SYNC_ENGINE_ERP_SECRET": settings.erp_secret,
            "SYNC_ENGINE_WEBHOOK_URL": settings.webhook_url,
            "SYNC_ENGINE_WEBHOOK_SECRET": settings.webhook_secret,
            "SYNC_ENGINE_STATE_DIR": str(settings.state_dir),
            "SYNC_ENGINE_DICTIONARY": str(surroundings.dictionary),
            "SYNC_ENGINE_POLL_SECONDS": str(options.get("poll_every_s", 2)),
            "SYNC_ENGINE_TIMEOUT_SECONDS": str(options.get("timeout_s", 15)),
            "SYNC_ENGINE_SETTLE_SECONDS": str(options.get("settle_s", 3)),
            **({"SYNC_ENGINE_LISTEN": str(options["listen"])} if options.get("listen") else {}),
            **({"SYNC_ENGINE_STORE": settings.store} if settings.store else {}),
            **({"SYNC_ENGINE_REPLICAS": "on"} if settings.replicas else {}),
        }


def _settings(host: Host) -> Settings:
    options = host.options
    return Settings(
        crm_url=host.crm.base_url,
        crm_token=host.crm.credentials["token"],
        erp_url=host.erp.base_url,
        erp_key=host.erp.credentials["api_key"],
        erp_secret=host.erp.credentials["api_secret"],
        webhook_url=host.webhook_url,
        webhook_secret=host.webhook_secret,
        state_dir=host.state_dir,
        poll_every=timedelta(seconds=float(options.get("poll_every_s", 300))),
        overlap=timedelta(seconds=float(options.get("overlap_s", 600))),
        workers=int(options.get("workers", 8)),
        timeout=timedelta(seconds=float(options.get("timeout_s", 15))),
        settle=timedelta(seconds=float(options.get("settle_s", 30))),
        store=str(options.get("store", "")),
        replicas=True if options.get("replicas") or options.get("replica") else None,
        reconcile_every=timedelta(seconds=float(options["reconcile_every_s"])) if options.get("reconcile_every_s") else None,
        start_from=datetime.fromisoformat(str(options["start_from"])) if options.get("start_from") else None,
    )


SPEC = Middleware()
