"""Everything that /metrics tells: what is counted, and how things stand at this moment."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from sync_engine.governor import Pace
from sync_engine.operations.metrics import Labels, exposition, family, gauge

if TYPE_CHECKING:
    from sync_engine.engine import Engine


def measures(engine: Engine) -> str:
    """The text of one scrape."""
    context = engine.c
    now = context.clock.now()
    work = context.store.work_by_process()
    oldest = min((since for _, since in work.values()), default=now)
    errors = engine.operators.errors_by_classification()
    return exposition(
        [
            *context.metrics.families(),
            gauge(
                "sync_open_work", "Open items of work.", [((("process", name),), each[0]) for name, each in sorted(work.items())]
            ),
            gauge(
                "sync_oldest_work_age_seconds", "Age of the oldest open item.", [((), (now - oldest).total_seconds())], "seconds"
            ),
            gauge(
                "sync_open_errors", "Errors that wait.", [((("classification", name),), n) for name, n in sorted(errors.items())]
            ),
            gauge("sync_ready", "1 while nothing keeps the engine from working.", [((), float(engine.waiting() is None))]),
            gauge("sync_replicas", "Engines that share the store.", [((), context.queue.replica.count)]),
            *_quotas(engine),
            family("sync_build", "info", "The program.", [("_info", (("version", _version()),), 1)]),
        ]
    )


def _quotas(engine: Engine) -> list[str]:
    """How the vendors' quotas stand: calls in a window for the CRM, microseconds of processing for the ERP."""
    context = engine.c
    gates = {"crm": context.crm.burst, "crm search": context.crm.searches, "erp": context.erp.governor}
    paces = {name: gate.describe() for name, gate in gates.items()}
    return [
        gauge("sync_quota_limit", "What the vendor allows in one window.", _each(paces, lambda pace: pace.limit)),
        gauge("sync_quota_used", "What is used of it.", _each(paces, lambda pace: pace.used)),
        gauge("sync_quota_foreign", "What others use of it.", _each(paces, lambda pace: pace.foreign)),
        gauge("sync_quota_waiting", "Calls that wait for it.", _each(paces, lambda pace: sum(pace.waiting.values()))),
    ]


def _each(paces: dict[str, Pace], value: Callable[[Pace], float | None]) -> list[tuple[Labels, float]]:
    return [((("quota", name),), float(value(pace) or 0)) for name, pace in paces.items()]


def _version() -> str:
    try:
        return version("syncproof")
    except PackageNotFoundError:
        return "unknown"
