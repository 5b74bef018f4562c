"""Executes what the plan says about deals, so that doing it twice is doing it once. Customers: `customers.py`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from sync_engine.context import Context
from sync_engine.customers import Customers, finish, new_name
from sync_engine.outcomes import Conflict, NotFound, NotYet, Problem, Refused
from sync_engine.plan import (
    Onboard,
    PlaceOrder,
    Recheck,
    differing,
    is_wanted,
    order_doc,
    plan_deal,
    progress_values,
    total_differs,
)
from sync_engine.store import WorkRow
from sync_engine.vendors.hubspot import CrmRecord


class Applier:
    """Handlers of work about deals. Each reads the newest state and acts on that."""

    def __init__(self, context: Context, customers: Customers) -> None:
        self.c, self._customers = context, customers
        self.order = context.dictionary.entity("order")
        self._company_kind = context.dictionary.entity("customer").crm.kind
        assert self.order.lines is not None
        self._line_kind = self.order.lines.crm_kind
        self._line_properties = [field.crm.field for field in self.order.lines.fields]
        fields = {field.crm.field for field in self.order.fields} | {self.order.crm.link_field, self.order.error_field, "closedate"}
        self.properties = sorted(fields | set(self.order.when))

    # -- won deal → customer and order ----------------------------------------------------------------------------

    async def handle_deal(self, row: WorkRow) -> None:
        c, kind = self.c, self.order.crm.kind
        try:
            deal = await c.crm.read(kind, row.record, self.properties, (self._line_kind, self._company_kind, "contacts"))
        except NotFound:
            finish(self.c, row)  # archived or deleted: nothing to order; a restore is an event of its own
            return
        link = c.store.linked("order", deal.id)
        lines = await self._lines(deal) if link is None and is_wanted(self.order, deal) else None
        plan = plan_deal(c.dictionary, deal, lines, link)
        if isinstance(plan, Problem):
            self._wait_until_settled(row, plan)
            raise plan
        for action in plan:
            match action:
                case Onboard(company_id):
                    customer = await self._customers.ensure(company_id, deal)
                case PlaceOrder():
                    await self._place_order(deal, lines or [], customer)
                case Recheck(erp_id):
                    with c.store.transaction():
                        c.store.set_shadow("order", deal.id, None)
                        c.queue.put("progress", "order", erp_id)
        finish(self.c, row, resolved=f"crm {kind} {deal.id}")

    def _wait_until_settled(self, row: WorkRow, problem: Problem) -> None:
        """Raises NotYet for the first looks at a deal that seems wrong: a person may be in the middle of an edit."""
        settings, letter = self.c.settings, self.c.store.dead_letter(problem.record)
        known = letter is not None and letter.status == "open"
        if not known and self.c.clock.now() - row.since < settings.settle * settings.settle_tries:
            raise NotYet(f"looking again before calling it wrong: {problem.cause}", settings.settle)

    async def _lines(self, deal: CrmRecord) -> list[CrmRecord]:
        ids = deal.ids(self._line_kind)
        found = await self.c.crm.read_many(self._line_kind, ids, self._line_properties) if ids else {}
        return [found[id] for id in ids if id in found]

    async def _place_order(self, deal: CrmRecord, lines: list[CrmRecord], customer: str) -> None:
        """Make the order and tell the deal. Progress of the order waits meanwhile, or this older word would land on it."""
        c, entity = self.c, self.order
        sent_before = c.store.is_intended("order", deal.id)
        if not sent_before:
            with c.store.transaction():
                c.store.intend("order", deal.id, c.clock.now())
        name = (
            await c.erp.find(entity.erp.kind, entity.erp.link_field, deal.id)
            if sent_before or deal.get(entity.crm.link_field)
            else None
        )
        order = await c.erp.read(entity.erp.kind, name) if name is not None else await self._create_order(deal, lines, customer)
        if order.get("docstatus") == 0:
            order = await c.erp.update(entity.erp.kind, str(order["name"]), {"docstatus": 1})
        with c.store.transaction():
            c.store.link("order", deal.id, str(order["name"]), None)
            c.store.see(entity.erp.kind, [(str(order["name"]), str(order.get("modified")))], c.clock.now())
        await self._write_back(deal, order)
        wrong = total_differs(entity, deal, order)
        if wrong is not None:
            raise Problem(f"crm {entity.crm.kind} {deal.id}", wrong, "Correct the order in the ERP, or the deal.")

    async def _create_order(self, deal: CrmRecord, lines: list[CrmRecord], customer: str) -> Mapping[str, Any]:
        c, entity = self.c, self.order
        record = f"crm {entity.crm.kind} {deal.id}"
        try:
            order = await c.erp.create(entity.erp.kind, order_doc(c.dictionary, deal, lines, customer, c.clock.now().date()))
        except Conflict:
            name = await c.erp.find(entity.erp.kind, entity.erp.link_field, deal.id)
            if name is None:
                raise Problem(
                    record,
                    "The ERP says that this order exists, but does not show it.",
                    "Check the integration user's rights in the ERP.",
                ) from None
            return await c.erp.read(entity.erp.kind, name)
        except Refused as error:
            with c.store.transaction():
                c.store.forget_intent("order", deal.id)
            raise Problem(
                record, f"The ERP did not accept the order: {error}", "Correct the deal, or add what is missing in the ERP."
            ) from None
        new_name(c, order, entity.erp.link_field, deal.id, record)
        return order

    async def _write_back(self, deal: CrmRecord, order: Mapping[str, Any]) -> None:
        """Tell the deal about its order. An adopted order with a life of its own already is told by `Progress`."""
        c, entity = self.c, self.order
        if order.get("per_billed"):
            with c.store.transaction():
                c.queue.put("progress", "order", str(order["name"]))
            return
        values = progress_values(entity, order, {})
        changes = differing(entity, "erp", deal.properties, values)
        if entity.error_field and deal.get(entity.error_field):
            changes[entity.error_field] = ""
        try:
            if changes:
                await c.crm.update(entity.crm.kind, deal.id, changes)
        except NotFound:
            return
        with c.store.transaction():
            c.store.set_shadow("order", deal.id, values)

    # -- telling people -------------------------------------------------------------------------------------------

    async def handle_tell(self, row: WorkRow) -> None:
        """Write the open problem of a record into its error field, or clear the field."""
        c, entity = self.c, self.c.dictionary.entity(row.entity)
        letter = c.store.dead_letter(f"crm {entity.crm.kind} {row.record}")
        text = ""
        if letter is not None and letter.status == "open":
            text = f"{letter.cause.rstrip('.')}. {letter.hint}".strip()
        with contextlib.suppress(NotFound):
            await c.crm.update(entity.crm.kind, row.record, {entity.error_field: text})
        finish(self.c, row)
