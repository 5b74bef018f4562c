"""Polling: the safety net under the webhooks, sufficient alone. Windows overlap, versions already handled are skipped, and a cursor
moves only in the transaction that writes down the work it stands for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sync_engine.context import Context
from sync_engine.outcomes import Refused, VendorError
from sync_engine.plan import agrees, is_news, is_wanted, owned_by_crm
from sync_engine.progress import Progress
from sync_engine.retry import BETWEEN_ATTEMPTS
from sync_engine.store import WorkRow
from sync_engine.vendors.hubspot import MODIFIED, CrmRecord

ERP_POLL = ("poll", "erp", "changes")
ERP_PAGE = 500
SEARCH_ROWS_MAX = 9_600  # below HubSpot's 10,000 per query: then start a new query at the last row's date
DOORBELL_OVERLAP = timedelta(seconds=5)
GATHER = timedelta(milliseconds=300)  # an order and its invoices change together: one look for both, and for many orders
KEEP = timedelta(days=2)
VISIBLE_AFTER = 4


class Poller:
    """Reads what changed in both systems. One ERP poll at a time: a doorbell that rings meanwhile asks for one more."""

    def __init__(
        self, context: Context, progress: Progress, deal_properties: Sequence[str], company_properties: Sequence[str]
    ) -> None:
        self.c, self._progress = context, progress
        self._order, self._customer = context.dictionary.entity("order"), context.dictionary.entity("customer")
        self._deal_properties, self._company_properties = list(deal_properties), list(company_properties)
        self._erp_lock = asyncio.Lock()
        self.running = ""
        self.looked = False  # everything was looked at once since the start
        self.failures: dict[str, tuple[int, str]] = {}  # poll → failed attempts in a row, last cause

    async def run(self) -> None:
        """Poll at once, then every `poll_every`; what fails is tried again by backoff, and everything else goes on."""
        due = dict.fromkeys(("crm deals", "crm companies", "erp changes"), self.c.clock.now())
        while True:
            for name in due:
                if due[name] <= self.c.clock.now():
                    due[name] = self.c.clock.now() + await self._attempt(name)
            self.looked = self.looked or not self.failures
            wait = min(due.values()) - self.c.clock.now()
            await self.c.clock.sleep(max(wait, timedelta(0)))

    async def _attempt(self, name: str) -> timedelta:
        """One poll; the answer is when to come back."""
        polls: dict[str, Callable[[], Any]] = {
            "crm deals": self._deals,
            "crm companies": self._companies,
            "erp changes": self._erp_net,
        }
        self.running = name
        try:
            await polls[name]()
        except VendorError as error:
            return self._failed(name, str(error), getattr(error, "retry_after", None))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self._failed(name, f"the answer was not understood: {type(error).__name__}: {error}", None)
        finally:
            self.running = ""
        self.failures.pop(name, None)
        return self.c.settings.poll_every

    def _failed(self, name: str, cause: str, retry_after: timedelta | None) -> timedelta:
        attempts = self.failures.get(name, (0, ""))[0] + 1
        self.failures[name] = (attempts, cause)
        return min(BETWEEN_ATTEMPTS.wait(attempts, self.c.random, retry_after), self.c.settings.poll_every)

    # -- CRM ------------------------------------------------------------------------------------------------------

    async def _deals(self) -> None:
        await self._search(self._order.crm.kind, self._deal_properties, self._look_at_deal)
        with self.c.store.transaction():
            self.c.store.prune(self.c.clock.now() - KEEP)
            for record in self.c.store.take_requests():
                self._ask(record)

    def _ask(self, record: str) -> None:
        """A person wants this record tried again, whether it changed or not."""
        _, kind, id = [*record.split(" "), "", ""][:3]
        if kind == self._order.crm.kind:
            self.c.queue.put("order", "order", id)
        elif kind == self._customer.crm.kind:
            self.c.queue.put("sync", "customer", id)

    async def _companies(self) -> None:
        await self._search(self._customer.crm.kind, self._company_properties, self._look_at_company)

    async def _search(self, kind: str, properties: Sequence[str], look: Callable[[CrmRecord], None]) -> None:
        store, overlap_ms = self.c.store, self.c.settings.overlap // timedelta(milliseconds=1)
        cursor = int(store.cursor(kind) or 0)
        since, after, rows, newest = max(cursor - overlap_ms, 0), None, 0, cursor
        while True:
            page, after = await self.c.crm.search_modified(kind, since, properties, after)
            rows += len(page)
            dated = [(record, _epoch_ms(record.get(MODIFIED))) for record in page]
            newest = max([newest, *(at for _, at in dated)])
            self._write_down(kind, page, look, str(newest) if after is None and newest != cursor else "")
            if after is None:
                return
            if rows >= SEARCH_ROWS_MAX:
                last = max(at for _, at in dated)
                if last <= since:
                    raise Refused(
                        "crm", f"more than {SEARCH_ROWS_MAX} {kind} changed in one millisecond; the search cannot list them all"
                    )
                since, after, rows = last, None, 0

    def _write_down(self, kind: str, page: Sequence[CrmRecord], look: Callable[[CrmRecord], None], cursor: str) -> None:
        store = self.c.store
        versions = {record.id: record.get(MODIFIED) for record in page}
        fresh = store.unseen(kind, versions.items())
        if not fresh and not cursor:
            return  # most looks find nothing new: those cost no transaction
        with store.transaction():
            wanted = {id for id, _ in fresh}
            for record in page:
                if record.id in wanted:
                    look(record)
            store.see(kind, fresh, self.c.clock.now())
            if cursor:
                store.set_cursor(kind, cursor)

    def _look_at_deal(self, record: CrmRecord) -> None:
        link = self.c.store.linked("order", record.id)
        wanted = is_wanted(self._order, record) if link is None else not agrees(self._order, link.shadow, record)
        if wanted:
            self.c.queue.put("order", "order", record.id)

    def _look_at_company(self, record: CrmRecord) -> None:
        link = self.c.store.linked("customer", record.id)
        if link is not None:
            differs = (
                link.shadow != owned_by_crm(self._customer, record) or record.get(self._customer.crm.link_field) != link.erp_id
            )
        else:
            differs = self.c.store.is_intended("customer", record.id)
        if differs:
            self.c.queue.put("sync", "customer", record.id)

    # -- ERP ------------------------------------------------------------------------------------------------------

    async def handle(self, row: WorkRow) -> None:
        """The doorbell rang. Reads do not lag in this ERP, so a small overlap is enough; the regular poll has the large one."""
        await self._erp_changes(DOORBELL_OVERLAP)
        with self.c.store.transaction():
            self.c.queue.done(row)

    async def _erp_net(self) -> None:
        await self._erp_changes(self.c.settings.overlap)
        fields = [
            "name",
            "modified",
            self._customer.erp.link_field,
            *sorted({f.erp.field for f in self._customer.fields if f.owner == "crm"}),
        ]
        await self._list(self._customer.erp.kind, fields, self.c.settings.overlap, self._look_at_customer)

    async def _erp_changes(self, overlap: timedelta) -> None:
        async with self._erp_lock:
            await self._list(self._order.erp.kind, self._progress.order_fields, overlap, self._look_at_order)
            for name, related in self._order.related.items():
                look = partial(self._look_at_related, name, related.through)
                await self._list(related.kind, ["name", "modified", related.through], overlap, look)

    async def _list(self, kind: str, fields: Sequence[str], overlap: timedelta, look: Callable[[Mapping[str, Any]], None]) -> None:
        """Every document of a kind modified since the cursor, in pages by a total order."""
        store, name = self.c.store, f"erp {kind}"
        cursor = store.cursor(name)
        filters = [["modified", ">=", _earlier(cursor, overlap)]] if cursor else []
        start, newest = 0, cursor
        while True:
            rows = await self.c.erp.list(kind, fields, filters, start=start, limit=ERP_PAGE)
            newest = max([newest, *(_padded(row["modified"]) for row in rows)])
            last_page = len(rows) < ERP_PAGE
            self._write_down_rows(kind, rows, look, newest if last_page and newest != cursor else "", name)
            if last_page:
                return
            start += len(rows) - 1  # one row again: a row that left the window meanwhile would hide its neighbour

    def _write_down_rows(
        self, kind: str, rows: Sequence[Mapping[str, Any]], look: Callable[[Mapping[str, Any]], None], cursor: str, name: str
    ) -> None:
        store = self.c.store
        versions = {str(row["name"]): str(row["modified"]) for row in rows}
        fresh = store.unseen(kind, versions.items())
        if not fresh and not cursor:
            return
        with store.transaction():
            wanted = {name for name, _ in fresh}
            for row in rows:
                if str(row["name"]) in wanted:
                    look(row)
            store.see(kind, fresh, self.c.clock.now())
            if cursor:
                store.set_cursor(name, cursor)

    def _look_at_order(self, row: Mapping[str, Any]) -> None:
        name = str(row["name"])
        link = self.c.store.linked_erp("order", name)
        if link is None and not row.get(self._order.erp.link_field):
            return  # written in the ERP by hand: not ours
        if link is not None and not is_news(self._order, row, link.shadow):
            return
        self.c.fresh_orders[name] = dict(row)
        self.c.queue.put("progress", "order", name, GATHER)

    def _look_at_related(self, relation: str, through: str, row: Mapping[str, Any]) -> None:
        order = row.get(through) or row.get(through.rpartition(".")[2])
        if order:
            self.c.store.add_member(relation, str(order), str(row["name"]))
        if order and self.c.store.linked_erp("order", str(order)) is not None:
            self.c.queue.put("progress", "order", str(order), GATHER)

    def _look_at_customer(self, row: Mapping[str, Any]) -> None:
        link = self.c.store.linked_erp("customer", str(row["name"]))
        if link is None or link.shadow is None:
            return
        if any((row.get(name) or "") != value for name, value in link.shadow.items()):
            self.c.store.set_shadow("customer", link.crm_id, None)
            self.c.queue.put("sync", "customer", link.crm_id)

    def stuck(self) -> list[tuple[str, str]]:
        """Polls that fail again and again, as (record, cause)."""
        return [
            (f"{name} (polling)", cause) for name, (attempts, cause) in sorted(self.failures.items()) if attempts >= VISIBLE_AFTER
        ]


def _epoch_ms(text: str) -> int:
    """HubSpot's ISO instant (fraction omitted when zero) or epoch text as milliseconds; 0 for nothing."""
    if text.isdigit():
        return int(text)
    if not text:
        return 0
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _padded(modified: Any) -> str:
    """Six digits of fraction always: the site omits a fraction of zero, which would sort before the same second's other rows."""
    text = str(modified)
    return text if "." in text else f"{text}.000000"


def _earlier(cursor: str, overlap: timedelta) -> str:
    """The site's own wall-clock text, moved back; no zone is involved."""
    return (datetime.fromisoformat(cursor) - overlap).isoformat(sep=" ", timespec="microseconds")
