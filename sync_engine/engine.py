"""The engine: takes due work, hands it to its handler, writes down how it ended. One bad record never stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sync_engine.apply import Applier
from sync_engine.context import Context
from sync_engine.customers import Customers
from sync_engine.endings import Endings, record_of
from sync_engine.log import Log, no_log
from sync_engine.polling import Poller
from sync_engine.progress import BATCH_MAX, Progress
from sync_engine.provision import Provisioner
from sync_engine.reconcile.handlers import handlers
from sync_engine.store import WorkRow
from sync_engine.triggers import Triggers

Handler = Callable[[WorkRow], Awaitable[None]]


class Engine:
    """`run` until cancelled; `receive` webhook calls meanwhile. The harness knows it by these few methods."""

    def __init__(self, context: Context, log: Log = no_log) -> None:
        self.c, self.log = context, log
        customers = Customers(context)
        applier = Applier(context, customers)
        self._progress = Progress(context)
        self._poller = Poller(context, self._progress, applier.properties, customers.properties)
        self._triggers = Triggers(context)
        self._provisioner = Provisioner(context)
        self._endings = Endings(context, self._provisioner, log)
        self._tasks: set[asyncio.Task[None]] = set()
        self._polling: asyncio.Task[None] | None = None
        self._stopping = False
        self._handlers: dict[tuple[str, str], Handler] = {
            ("order", "order"): applier.handle_deal,
            ("sync", "customer"): customers.handle_company,
            ("details", "customer"): customers.handle_details,
            ("details", "contact"): customers.handle_contact,
            ("tell", "order"): applier.handle_tell,
            ("tell", "customer"): applier.handle_tell,
            ("poll", "erp"): self._poller.handle,
            ("setup", "fields"): self._provisioner.handle,
            **handlers(context),
        }

    # -- the loop -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled."""
        if not self.c.provisioned:
            with self.c.store.transaction():
                self._provisioner.ask()
        try:
            while True:
                self.c.queue.changed.clear()
                self._start_due()
                await self._sleep_until_due()
        finally:
            for task in (*self._tasks, *([self._polling] if self._polling is not None else [])):
                task.cancel()

    def _start_due(self) -> None:
        if self._stopping:
            return
        ready = self.c.provisioned
        if ready and self._polling is None:
            self._polling = asyncio.create_task(self._poller.run(), name="polling")
        while len(self._tasks) < self.c.settings.workers:
            rows = self.c.queue.take(None if ready else _is_setup)
            if not rows:
                return
            if rows[0].process == "progress":
                rows += self.c.queue.take(_is_progress, BATCH_MAX - 1)
                work = self._endings.guard(rows, self._progress.handle(rows))
            else:
                handler = self._handlers.get((rows[0].process, rows[0].entity))
                work = self._endings.guard(rows, handler(rows[0]) if handler is not None else _unknown(rows[0]))
            task = asyncio.create_task(work, name=f"{rows[0].process} {rows[0].record}")
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.c.queue.changed.set()

    async def drain(self, within: timedelta) -> None:
        """Begin nothing more and let running work end, for at most so long; what is left waits in the store."""
        self._stopping = True
        if self._polling is not None:
            self._polling.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within.total_seconds())

    async def _sleep_until_due(self) -> None:
        """Until something changes or the next item is due; with all workers busy, until one is free."""
        idle = not self._stopping and len(self._tasks) < self.c.settings.workers
        changed, due = self.c.queue.changed, self.c.queue.next_due() if idle else None
        if due is None:
            await changed.wait()
            return
        wait = (due - self.c.clock.now()).total_seconds()
        least = 0.0 if self.c.provisioned else 1.0  # what is due must wait for the setup: do not spin meanwhile
        timer = asyncio.get_running_loop().call_later(max(wait, least), changed.set)
        try:
            await changed.wait()
        finally:
            timer.cancel()

    # -- asked from outside ---------------------------------------------------------------------------------------

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Answer a webhook call with a status, without waiting for anything."""
        return self._triggers.receive(method, path, headers, body)

    def pending(self) -> str | None:
        """What the engine still works on, in words, or None. Problems that wait for a person are not pending."""
        if not self.c.provisioned:
            return "the custom fields are not created yet"
        work = self.c.queue.describe_pending()
        if work is not None:
            return work
        if self._poller.running:
            return f"polling {self._poller.running}"
        if not self._poller.looked:
            return "the first look at both systems since the start"
        if self._poller.failures:
            name, (attempts, cause) = next(iter(self._poller.failures.items()))
            return f"polling {name} failed {attempts} times: {cause}"
        return None

    def open_errors(self) -> list[tuple[str, str]]:
        """(record, cause) of everything a person should look at: dead letters, and what fails again and again."""
        errors = [(letter.record, letter.cause) for letter in self.c.store.dead_letters()]
        errors += [(record_of(self.c, row), f"tried {row.attempts} times: {row.cause}") for row in self.c.queue.stuck()]
        return errors + self._poller.stuck()

    def kill(self) -> None:
        """Drop the store without committing, as the death of the process would."""
        self.c.store.close()


def _is_setup(row: WorkRow) -> bool:
    return row.process == "setup"


def _is_progress(row: WorkRow) -> bool:
    return row.process == "progress"


async def _unknown(row: WorkRow) -> None:
    raise LookupError(f"no handler for {row.process} {row.entity}")
