"""The loop over everything that is polled: what is due is looked at, and what fails is tried again without holding up the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from sync_engine.context import Context
from sync_engine.outcomes import Refused, VendorError
from sync_engine.polling.erp import DOORBELL_OVERLAP, ERP_POLL, ErpWatch
from sync_engine.polling.watch import Pace, Watch, heard_cursor
from sync_engine.polling.watches import watches
from sync_engine.processes.progress import Progress
from sync_engine.requests import take_requests
from sync_engine.retry import BETWEEN_ATTEMPTS
from sync_engine.store import StoreError, WorkRow

KEEP, PRUNE_EVERY = timedelta(days=2), timedelta(hours=1)
VISIBLE_AFTER = 4


class Poller:
    """Reads what changed in both systems. One ERP poll at a time: a doorbell that rings meanwhile asks for one more."""

    def __init__(
        self, context: Context, progress: Progress, deal_properties: Sequence[str], company_properties: Sequence[str]
    ) -> None:
        self.c = context
        self.watches: list[Watch] = watches(context, progress, deal_properties, company_properties)
        self._paces = {watch.name: Pace(context.settings.poll_every) for watch in self.watches}
        order = context.dictionary.entity("order")
        self._rung = {order.erp.kind, *(related.kind for related in order.related.values())}
        self._erp_lock, self._prune_at = asyncio.Lock(), context.clock.now()
        self.running = ""
        self.looked = False  # everything was looked at once since polling began
        self.failures: dict[str, tuple[int, str]] = {}  # watch → failed attempts in a row, last cause
        self.refused: dict[str, str] = {}  # watch → why the vendor does not show it to us; a person has to change that

    async def run(self) -> None:
        """Look at everything at once, then each at its pace."""
        self.looked = False
        due = {watch.name: self.c.clock.now() for watch in self.watches}
        while True:
            for watch in self.watches:
                if due[watch.name] <= self.c.clock.now():
                    due[watch.name] = self.c.clock.now() + await self._attempt(watch)
            self._tidy()
            self.looked = self.looked or not self.failures
            wait = min(due.values()) - self.c.clock.now()
            await self.c.clock.sleep(max(wait, timedelta(0)))

    async def _attempt(self, watch: Watch) -> timedelta:
        """One look; the answer is when to come back."""
        name = self.running = watch.name
        try:
            if watch.system == "erp":
                async with self._erp_lock:
                    missed = await watch.look()
            else:
                missed = await watch.look()
        except Refused as error:
            self.failures.pop(name, None)
            self.refused[name] = str(error)
            return self.c.settings.poll_every
        except VendorError as error:
            return self._failed(name, str(error), getattr(error, "retry_after", None))
        except StoreError:
            raise  # nobody's answer is to blame: the loop waits for the store
        except Exception as error:  # whatever it is, polling goes on and a person hears of it
            return self._failed(name, f"the answer was not understood: {type(error).__name__}: {error}", None)
        finally:
            self.running = ""
        self.failures.pop(name, None)
        self.refused.pop(name, None)
        if watch.every > 1:
            return self.c.settings.poll_every * watch.every  # rare enough
        return self._paces[name].after(missed, self._heard(watch), self.c.clock.now())

    def _heard(self, watch: Watch) -> datetime | None:
        text = self.c.store.cursor(heard_cursor(watch.system))
        return datetime.fromisoformat(text) if text else None

    def _failed(self, name: str, cause: str, retry_after: timedelta | None) -> timedelta:
        attempts = self.failures.get(name, (0, ""))[0] + 1
        self.failures[name] = (attempts, cause)
        return min(BETWEEN_ATTEMPTS.wait(attempts, self.c.random, retry_after), self.c.settings.poll_every)

    def _tidy(self) -> None:
        """Forget what is old, and take up the records that a person wants tried again, whether they changed or not."""
        now = self.c.clock.now()
        with self.c.store.transaction():
            if now >= self._prune_at:
                self.c.store.prune(now - KEEP)
                self._prune_at = now + PRUNE_EVERY
            take_requests(self.c)

    async def handle(self, row: WorkRow) -> None:
        """A doorbell rang: `changes` stands for orders and what belongs to them, any other record for that kind of document."""
        kinds = self._rung if row.record == ERP_POLL[2] else {row.record}
        async with self._erp_lock:
            for watch in self.watches:
                if isinstance(watch, ErpWatch) and watch.kind in kinds:
                    await watch.changes(DOORBELL_OVERLAP)
        with self.c.store.transaction():
            self.c.queue.done(row)

    def stuck(self) -> list[tuple[str, str]]:
        """Polls that fail again and again, or are refused, as (record, cause)."""
        failing = {name: cause for name, (attempts, cause) in self.failures.items() if attempts >= VISIBLE_AFTER}
        return [(f"{name} (polling)", cause) for name, cause in sorted({**failing, **self.refused}.items())]
