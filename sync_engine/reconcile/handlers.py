"""The engine's handlers of reconciliation: what they are called in the queue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sync_engine.context import Context
from sync_engine.reconcile.repair import Relinker
from sync_engine.reconcile.schedule import STEP, Scheduled
from sync_engine.store import WorkRow

Handler = Callable[[WorkRow], Awaitable[None]]


def handlers(context: Context) -> dict[tuple[str, str], Handler]:
    """(process, entity) → handler: `relink` for every entity, and one step of a scheduled reconciliation."""
    relinker = Relinker(context)
    found: dict[tuple[str, str], Handler] = {("relink", entity.name): relinker.handle for entity in context.dictionary.entities}
    return {**found, STEP[:2]: Scheduled(context).handle}
