"""Order progress back to the CRM: status, shipped, invoiced, paid. Many orders at once: one list each, one batch write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sync_engine.context import Context
from sync_engine.mapping.values import ConversionError, written_by_engine
from sync_engine.outcomes import NotFound, Problem
from sync_engine.processes.merges import MERGED_INTO
from sync_engine.processes.plan import differing, progress_values
from sync_engine.processes.reporting import shown_order
from sync_engine.store import Link, WorkRow
from sync_engine.vendors.erpnext import Doc

NOT_ACCEPTED = "The CRM did not accept the order's progress"
NO_COUNTERPART = "A value of the order cannot be shown in the CRM"
TELLING = "progress order "  # how the work begins that a dead letter about progress names
PUT_OFF = timedelta(seconds=1)
BATCH_MAX = 50  # order names go into one URL


class Progress:
    """Handler of `progress order` items, in batches."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self.entity = entity = shown_order(context.dictionary)
        own = [field.source().field for field in written_by_engine(entity, "erp", creating=True) if field.source().of is None]
        self.order_fields = list(dict.fromkeys(["name", "modified", "docstatus", "amended_from", entity.erp.link_field, *own]))

    async def handle(self, rows: Sequence[WorkRow]) -> None:
        """Raises VendorError for the whole batch; a problem of one order is kept to that order."""
        c = self.c
        orders = await self._orders([row.record for row in rows])
        links = {name: link for name, order in orders.items() if (link := self._link(order)) is not None}
        self._pass_on(links)
        rows = self._put_off(rows, links)
        related = await self._related(links) if links else {}
        values, unreadable = self._wanted(links, orders, related)
        shadows = {link.crm_id: link.shadow for link in links.values()}
        changes: dict[str, dict[str, str]] = {}
        for deal_id, wanted in values.items():
            shadow = shadows[deal_id]
            if different := wanted if shadow is None else differing(self.entity, "erp", shadow, wanted):
                changes[deal_id] = different
        problems = {**await self._write(changes), **unreadable}
        with c.store.transaction():
            for deal_id, wanted in values.items():
                c.store.set_shadow("order", deal_id, None if deal_id in problems else wanted)
                letter = c.store.dead_letter(f"crm {self.entity.crm.kind} {deal_id}") if deal_id not in problems else None
                if letter is not None and letter.status != "resolved" and letter.work.startswith(TELLING):
                    c.store.resolve(letter.record)
                    c.queue.put("tell", "order", deal_id)
            for deal_id, problem in problems.items():
                if problem is not None:
                    self._bury(deal_id, problem)
            for row in rows:
                if row.record not in orders and c.store.linked_erp("order", row.record) is not None:
                    c.queue.put("gone", "order", row.record)
                c.queue.done(row)

    def _bury(self, deal_id: str, problem: Problem) -> None:
        """Show a person what could not be told, once: telling changes the deal, and the deal's change asks for a look."""
        store, before = self.c.store, self.c.store.dead_letter(problem.record)
        link = store.linked("order", deal_id)
        work = f"{TELLING}{link.erp_id if link is not None else ''}"
        store.bury(
            problem.record, problem.cause, problem.hint, self.c.clock.now(), classification=problem.classification, work=work
        )
        if before is None or before.status == "resolved" or before.cause != problem.cause:
            self.c.queue.put("tell", "order", deal_id)

    def _pass_on(self, links: dict[str, Link]) -> None:
        """News of an order whose deal was merged into one with an order of its own: the survivor is looked at instead."""
        survivors = {name: link.shadow[MERGED_INTO] for name, link in links.items() if link.shadow and MERGED_INTO in link.shadow}
        if survivors:
            with self.c.store.transaction():
                for name, survivor in survivors.items():
                    del links[name]
                    self.c.queue.put("order", "order", survivor)

    def _wanted(
        self, links: Mapping[str, Link], orders: Mapping[str, Doc], related: Mapping[str, Mapping[str, list[Mapping[str, Any]]]]
    ) -> tuple[dict[str, dict[str, str]], dict[str, Problem | None]]:
        """What each deal should show, and what is wrong with those for which nobody can say; by deal."""
        values: dict[str, dict[str, str]] = {}
        problems: dict[str, Problem | None] = {}
        for name, link in links.items():
            documents = {relation: found.get(name, []) for relation, found in related.items()}
            try:
                values[link.crm_id] = progress_values(self.entity, orders[name], documents)
            except ConversionError as error:
                record = f"crm {self.entity.crm.kind} {link.crm_id}"
                problems[link.crm_id] = Problem(record, f"{NO_COUNTERPART}: {error}.", error.hint)
        return values, problems

    def _put_off(self, rows: Sequence[WorkRow], links: dict[str, Link]) -> list[WorkRow]:
        """Orders that are just being made wait a moment: what their making tells the deal is older than what we would tell."""
        c = self.c
        being_made = {name for name, link in links.items() if c.queue.is_worked_on("order", "order", link.crm_id)}
        busy = [row for row in rows if row.record in being_made]
        if busy:
            with c.store.transaction():
                for row in busy:
                    del links[row.record]
                    c.queue.again(row, "its order is being made", wait=PUT_OFF)
        return [row for row in rows if row not in busy]

    async def _orders(self, names: Sequence[str]) -> dict[str, Doc]:
        """Orders by name: those the poll has just read, the rest in one list."""
        c = self.c
        orders: dict[str, Doc] = {name: row for name in names if (row := c.fresh_orders.pop(name, None)) is not None}
        missing = [name for name in names if name not in orders]
        if missing:
            kind = self.entity.erp.kind
            for row in await c.erp.list(kind, self.order_fields, [[kind, "name", "in", missing]], order_by="name asc"):
                orders[str(row["name"])] = row
        return orders

    def _link(self, order: Doc) -> Link | None:
        """Our link, or the one the order itself carries when the store knows nothing of it (an older store was restored)."""
        c, name = self.c, str(order["name"])
        link = c.store.linked_erp("order", name)
        deal_id = str(order.get(self.entity.erp.link_field) or "")
        if link is None and deal_id and c.store.linked("order", deal_id) is None:
            with c.store.transaction():
                c.store.link("order", deal_id, name, None)
            return c.store.linked_erp("order", name)
        return link

    async def _related(self, links: Mapping[str, Link]) -> dict[str, dict[str, list[Mapping[str, Any]]]]:
        """Relation → order → its documents. Relations that differ only in `where` are read together."""
        together: dict[tuple[str, str, bool], list[str]] = {}
        for name, related in self.entity.related.items():
            together.setdefault((related.kind, related.through, related.submitted), []).append(name)
        found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        for names in together.values():
            by_order = await self._documents(names, links)
            for name in names:
                where = self.entity.related[name].where
                found[name] = {order: [row for row in rows if meets(row, where)] for order, rows in by_order.items()}
        return found

    async def _documents(self, names: Sequence[str], links: Mapping[str, Link]) -> dict[str, list[Mapping[str, Any]]]:
        """Documents by order, read anew. Which belong to an order is known from polling; an order we are unsure of is searched for,
        which makes the ERP look through all its documents."""
        related, store = self.entity.related[names[0]], self.c.store
        unsure = [order for order, link in links.items() if link.shadow is None]
        sure = [order for order, link in links.items() if link.shadow is not None]
        known = {doc for order in sure for name in names for doc in store.members(name, order)}
        table, _, field = related.through.partition(".")
        sums = {side for f in self.entity.fields if f.source().of in names for side in (f.source().field, f.source().minus) if side}
        columns = sums | {column for name in names for column in self.entity.related[name].where}
        fields = ["name", *sorted(columns), related.through]
        submitted = [[related.kind, "docstatus", "=", 1]] if related.submitted else []
        rows: list[Mapping[str, Any]] = []
        if unsure:
            rows += await self.c.erp.list(
                related.kind, fields, [[f"{related.kind} Item", field, "in", unsure], *submitted], order_by="name asc"
            )
        if known:
            rows += await self.c.erp.list(
                related.kind, fields, [[related.kind, "name", "in", sorted(known)], *submitted], order_by="name asc"
            )
        return _by_order(rows, field, table)

    async def _write(self, changes: Mapping[str, Mapping[str, str]]) -> dict[str, Problem | None]:
        """Write to the CRM; the answer holds the deals that could not be written (None: the deal is gone)."""
        written = await self.c.crm.update_many(self.entity.crm.kind, changes)
        failed: dict[str, Problem | None] = {}
        for id, error in written.failed.items():
            cause = f"{NOT_ACCEPTED}: {error}"
            gone = isinstance(error, NotFound)
            failed[id] = None if gone else Problem(f"crm {self.entity.crm.kind} {id}", cause, "Check the deal's properties.")
        return failed


def meets(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether a document is one of those a relation's `where` means. An ERP's empty number or check counts as 0."""
    return all(str(row.get(column) or 0) == str(value or 0) for column, value in where.items())


def _by_order(rows: Sequence[Mapping[str, Any]], field: str, table: str) -> dict[str, list[Mapping[str, Any]]]:
    """The list repeats a document for every child row: each counts once for each order."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    counted: set[tuple[str, str]] = set()
    for row in rows:
        order = row.get(field) or row.get(f"{table}.{field}")
        key = (str(order), str(row["name"]))
        if order and key not in counted:
            counted.add(key)
            found.setdefault(str(order), []).append(row)
    return found
