"""Reconciliation inside the running engine, off by default: a watch that notices when it is due, and the handler of its steps."""

from __future__ import annotations

from datetime import datetime

from sync_engine.context import Context
from sync_engine.dictionary import System
from sync_engine.outcomes import Problem
from sync_engine.reconcile.repair import TooManyChanges
from sync_engine.reconcile.run import Reconciler
from sync_engine.reconcile.scope import Scope
from sync_engine.store import WorkRow

STEP = ("reconcile", "all", "step")
DUE = "reconcile due"


class Due:
    """Looked at with every poll, by the one replica that polls; the time of the next run is in the store."""

    name = "reconciliation"
    system: System = "crm"
    every = 1

    def __init__(self, context: Context) -> None:
        self.c = context

    async def look(self) -> bool:
        now, every, due = self.c.clock.now(), self.c.settings.reconcile_every, self.c.store.cursor(DUE)
        if every is None or (due and datetime.fromisoformat(due) > now):
            return False
        with self.c.store.transaction():
            if due:
                self.c.queue.put(*STEP)
            self.c.store.set_cursor(DUE, (now + every).isoformat())
        return False


class Scheduled:
    """Handler of `reconcile all` items: one page each time, repaired at the end."""

    def __init__(self, context: Context) -> None:
        self.c, self._reconciler = context, Reconciler(context, "scheduled reconcile")

    async def handle(self, row: WorkRow) -> None:
        """Raises VendorError, and Problem where so much would change that a person has to look first."""
        state = self._reconciler.begin(Scope(), repair=True)
        try:
            await self._reconciler.step(state)
        except TooManyChanges as error:
            self._reconciler.give_up(state)
            hint = "Run `syncproof-engine reconcile --repair` and read its report."
            raise Problem("reconcile all step", f"Nothing was repaired: {error}.", hint) from None
        with self.c.store.transaction():
            self.c.queue.done(row)
            if state.phase != "done":
                self.c.queue.put(*STEP)
            elif state.rows == 0:
                self.c.store.resolve("reconcile all step")
