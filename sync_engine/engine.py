"""The engine: takes due work, hands it to its handler, writes down how it ended. One bad record never stops the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import partial

from sync_engine.context import Context
from sync_engine.endings import Endings, record_of
from sync_engine.governor import Work as Urgency
from sync_engine.governor import working_as
from sync_engine.operations.log import Log, no_log
from sync_engine.operations.operators import Operators
from sync_engine.polling import Poller
from sync_engine.processes.customers import CustomerPairs
from sync_engine.processes.deals import BATCH_MAX as DEALS_MAX
from sync_engine.processes.deals import Deals, Failed
from sync_engine.processes.details import Details
from sync_engine.processes.gone import Gone
from sync_engine.processes.mirror import BATCH_MAX as MIRROR_MAX
from sync_engine.processes.mirror import Mirrors
from sync_engine.processes.mirrored import MIRROR
from sync_engine.processes.onboarding import Customers
from sync_engine.processes.progress import BATCH_MAX, Progress
from sync_engine.processes.tell import Teller
from sync_engine.provision import SETUP, Provisioner
from sync_engine.reconcile.handlers import handlers
from sync_engine.requests import take_requests
from sync_engine.store import LeaseLost, StoreUnavailable, WorkRow
from sync_engine.triggers import Triggers
from sync_engine.vendors.together import side_by_side

Handler = Callable[[WorkRow], Awaitable[None]]
BatchHandler = Callable[[Sequence[WorkRow]], Awaitable[Failed | None]]  # items that ended well have been ended
Work = Callable[[], Awaitable[None]]
SIDE_BY_SIDE_MAX = 200  # of two kinds of records, each of which the CRM takes a hundred of in one call
POLLING = "polling"  # the lease of the one replica that polls
BACKGROUND = frozenset({"reconcile", "relink"})  # processes that nobody waits for: they get what is left of the vendors' quotas
STORE_RETRY = timedelta(seconds=2)  # how soon to ask a store again that did not answer


class Engine:
    """`run` until cancelled; `receive` webhook calls meanwhile. The harness knows it by these few methods."""

    def __init__(self, context: Context, log: Log = no_log) -> None:
        self.c, self.log = context, log
        customers = Customers(context)
        teller = Teller(context)
        deals = Deals(context, customers, teller)
        self._progress = Progress(context)
        details = Details(context, customers.properties)
        self._poller = Poller(context, self._progress, deals.reader.properties, customers.properties)
        self._triggers = Triggers(context)
        self._provisioner = Provisioner(context)
        self.operators = Operators(
            context.store, context.dictionary, crm_portal=context.settings.crm_portal, erp_url=context.settings.erp_url
        )
        self._endings = Endings(context, self._provisioner, log)
        self._tasks: set[asyncio.Task[None]] = set()
        self._polling: asyncio.Task[None] | None = None
        self._stopping = False
        self._looks_first = True  # this engine polls once it can: what was told while it was down may have reached nobody
        self._ready = False  # the fields exist, as of the last look
        self._batches: dict[str, tuple[BatchHandler, int]] = {
            "order": (deals.handle, DEALS_MAX),
            "lines": (deals.handle_lines, DEALS_MAX),
            "progress": (self._progress.handle, BATCH_MAX),
            MIRROR: (Mirrors(context).handle, MIRROR_MAX),
            **dict.fromkeys(("details", "sync", "tell"), (self._side_by_side, SIDE_BY_SIDE_MAX)),
        }
        self._handlers: dict[tuple[str, str], Handler] = {
            ("sync", "customer"): CustomerPairs(context).handle,
            ("sync", "contact"): details.handle_contact,
            ("details", "customer"): details.handle_customer,
            ("details", "contact"): details.handle_new_contact,
            ("gone", "order"): Gone(context).handle,
            ("tell", "order"): teller.handle,
            ("tell", "customer"): teller.handle,
            ("poll", "erp"): self._poller.handle,
            ("setup", "fields"): self._provisioner.handle,
            **handlers(context),
        }

    # -- the loop -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until cancelled. A store that does not answer is waited for: nothing is lost, as nothing was acknowledged."""
        try:
            while True:
                try:
                    self._tend()
                    self.c.queue.changed.clear()
                    self._start_due()
                    self.c.conditions.clear("store")
                except StoreUnavailable as error:
                    self.c.conditions.set("store", self.c.mask(str(error)))
                    await self.c.clock.sleep(STORE_RETRY)
                    continue
                await self._sleep_until_due()
        finally:
            for task in (*self._tasks, *([self._polling] if self._polling is not None else [])):
                task.cancel()
            self.c.replica.leave()

    def _tend(self) -> None:
        """What only one replica does: have somebody set up the fields, and poll. Renews what is held."""
        replica = self.c.replica
        replica.begin()
        ready = self.c.provisioned
        if ready and not self._ready:
            self.log("ready")
        self._ready = ready
        if not ready and not self.c.queue.has_open("setup"):
            with self.c.store.transaction():
                self.c.queue.put(*SETUP)
        if replica.tend():
            self.c.queue.renew()
            self.c.share_quotas(replica.count)
        elif self._polling is not None:
            return
        if ready and self._looks_first:
            replica.take_over(POLLING)
            self._looks_first = False
        polls = ready and not self._stopping and replica.acquire(POLLING)
        if polls and self._polling is None:
            self._polling = asyncio.create_task(self._poll(), name="polling")
        elif not polls and self._polling is not None:
            self._polling.cancel()
            self._polling = None

    async def _poll(self) -> None:
        while True:
            try:
                await self._poller.run()
            except StoreUnavailable:  # the loop tells of it
                await self.c.clock.sleep(STORE_RETRY)

    def _start_due(self) -> None:
        if self._stopping:
            return
        ready = self._ready
        while len(self._tasks) < self.c.settings.workers:
            rows = self.c.queue.take("" if ready else "setup")
            if not rows:
                return
            batch = self._batches.get(rows[0].process)
            if batch is not None:
                rows += self.c.queue.take(rows[0].process, batch[1] - 1)
                work: Work = partial(self._batch, rows, batch[0])
            else:
                work = partial(self._handler(rows[0]), rows[0])
            with working_as(_urgency(rows[0])):
                task = asyncio.create_task(self._finish(rows, work), name=f"{rows[0].process} {rows[0].record}")
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    async def _batch(self, rows: Sequence[WorkRow], handle: BatchHandler) -> None:
        """What goes well ends inside; every other item ends for itself."""
        for row, error in await handle(rows) or ():
            await self._finish([row], partial(_raise, error))

    async def _side_by_side(self, rows: Sequence[WorkRow]) -> None:
        """Items that are handled one by one, at the same time: their calls travel together, and each of them ends for itself."""
        with side_by_side() if len(rows) > 1 else nullcontext():
            await asyncio.gather(*(self._finish([row], partial(self._handler(row), row)) for row in rows))

    def _handler(self, row: WorkRow) -> Handler:
        return self._handlers.get((row.process, row.entity), _unknown)

    async def _finish(self, rows: list[WorkRow], work: Work) -> None:
        """Do the work and write down how it ended, unless that is no longer ours to say, or cannot be said just now."""
        try:
            await self._endings.guard(rows, work)
        except LeaseLost as lost:
            self.log("lease_lost", work=str(lost))
            self.c.queue.abandon(rows)
        except StoreUnavailable as error:
            self.c.conditions.set("store", self.c.mask(str(error)))
            self.c.queue.abandon(rows)

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
        """Until something changes, the next item is due, or leases have to be renewed; with all workers busy, until one is free."""
        changed, replica = self.c.queue.changed, self.c.replica
        idle = not self._stopping and len(self._tasks) < self.c.settings.workers
        due = self.c.queue.next_due() if idle else None
        if replica.shared:
            due = min(due or replica.tend_at, replica.tend_at)
        if due is None:
            await changed.wait()
            return
        wait = (due - self.c.clock.now()).total_seconds()
        least = 0.0 if self._ready else 1.0  # what is due must wait for the setup: do not spin meanwhile
        timer = asyncio.get_running_loop().call_later(max(wait, least), changed.set)
        try:
            await changed.wait()
        finally:
            timer.cancel()

    # -- asked from outside ---------------------------------------------------------------------------------------

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Answer a webhook call with a status, without waiting for anything."""
        try:
            return self._triggers.receive(method, path, headers, body)
        except StoreUnavailable:
            return 503  # not written down: the vendor has to deliver it again

    def pending(self) -> str | None:
        """What is still worked on, by any replica, in words, or None. Problems that wait for a person are not pending."""
        try:
            if not self.c.provisioned:
                return "the custom fields are not created yet"
            return self.c.queue.describe_pending() or self._pending_polls()
        except StoreUnavailable as error:
            return str(error)

    def _pending_polls(self) -> str | None:
        if self._polling is None and self.c.replica.shared:
            if self._looks_first or not self.c.replica.is_held_by_anybody(POLLING):
                return "no replica polls yet"
            return None
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
        try:
            errors = [(letter.record, letter.cause) for letter in self.c.store.dead_letters()]
            errors += [(record_of(self.c, row), f"tried {row.attempts} times: {row.cause}") for row in self.c.queue.stuck()]
        except StoreUnavailable as error:
            return [("store", str(error))]
        return errors + self._poller.stuck()

    def look_for_requests(self) -> None:
        """Take up what a person wants tried again, without waiting for the next poll. Raises StoreUnavailable."""
        with self.c.store.transaction():
            take_requests(self.c)

    def waiting(self) -> str | None:
        """What keeps the whole engine from working, in words, or None."""
        try:
            return self.c.conditions.describe() or (None if self.c.provisioned else "the custom fields are not created yet")
        except StoreUnavailable as error:
            return self.c.mask(str(error))

    def kill(self) -> None:
        """Drop the store without committing, as the death of the process would."""
        self.c.store.close()


def _urgency(row: WorkRow) -> Urgency:
    if row.process in BACKGROUND:
        return Urgency.BACKFILL
    return Urgency.RETRY if row.attempts else Urgency.INTERACTIVE


async def _unknown(row: WorkRow) -> None:
    raise LookupError(f"no handler for {row.process} {row.entity}")


async def _raise(error: Exception) -> None:
    raise error
