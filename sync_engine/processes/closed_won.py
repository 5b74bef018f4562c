"""Closed Won: customers are ensured, orders are made one by one (the ERP has no batch create), deals are told in one batch.

An order is announced in the store before it is sent and carries the deal's id in a unique field. After an outcome nobody knows it
is looked for before it is sent again. A deal that is won again after its order was cancelled gets an amendment of that order: the
cancelled one keeps the id, which cannot be changed any more, so the deal's order is the end of the chain of amendments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Action
from sync_engine.mapping.values import written_by_engine
from sync_engine.outcomes import Conflict, NotFound, Problem, Refused
from sync_engine.processes.agreed import agreed_on, is_followed, remember
from sync_engine.processes.case import Case, for_each
from sync_engine.processes.onboarding import Customers, new_name
from sync_engine.processes.plan import differing, order_doc, primary, progress_values, total_differs
from sync_engine.processes.reporting import shown_order
from sync_engine.vendors.erpnext import Doc

CANCELLED, DRAFT = 2, 0
AMENDED_FROM = "amended_from"


class ClosedWon:
    """The verbs `ensure` (customers), `create` and `report` (orders)."""

    def __init__(self, context: Context, customers: Customers, gate: asyncio.Semaphore) -> None:
        self.c, self._customers, self._gate = context, customers, gate
        self.order = entity = context.dictionary.entity("order")
        self._shown = shown_order(context.dictionary)
        self._company_kind = context.dictionary.entity("customer").crm.kind
        self._followed = is_followed(context.dictionary)
        own = [field.source().field for field in written_by_engine(entity, "erp", creating=True) if field.source().of is None]
        totals = [field.erp.field for field in entity.fields if field.derived]
        self._columns = list(
            dict.fromkeys(["name", "modified", "docstatus", "per_billed", AMENDED_FROM, entity.erp.link_field, *own, *totals])
        )

    def _record(self, case: Case) -> str:
        return f"crm {self.order.crm.kind} {case.id}"

    # -- ensure customer ------------------------------------------------------------------------------------------

    async def ensure(self, cases: Sequence[Case], action: Action) -> None:
        """Every deal's company is a customer. Two deals of one new company get one customer."""
        wanted = {}
        for case in cases:
            company_id = primary(case.deal, self._company_kind) if case.deal is not None else None
            if case.open and case.deal is not None and company_id is not None:
                wanted[case.id] = (company_id, case.deal)
        found = await self._customers.ensure_many(wanted, self._gate)
        for case in cases:
            name = found.get(case.id)
            if isinstance(name, Exception):
                case.error = name
            elif name is not None:
                case.customer = name

    # -- create order ---------------------------------------------------------------------------------------------

    async def create(self, cases: Sequence[Case], action: Action) -> None:
        known = await self._look_before(cases)
        with self.c.store.transaction():
            for case in cases:
                self.c.store.intend("order", case.id, self.c.clock.now())

        async def step(case: Case) -> None:
            await self._create(case, known.get(case.id))

        await for_each(cases, step, self._gate)

    async def _look_before(self, cases: Sequence[Case]) -> dict[str, Doc]:
        """Orders that may exist already, by deal: after an earlier try, an earlier win, a merge, or the loss of our memory."""
        keys: dict[str, str] = {}
        for case in cases:
            assert case.deal is not None
            merged = case.deal.merged_ids
            if case.link is not None or merged or case.deal.get(self.order.crm.link_field) or self._is_sent(case):
                keys.update(dict.fromkeys((case.id, *merged), case.id))
        found: dict[str, Doc] = {}
        for key, order in (await self._orders(self.order.erp.link_field, keys)).items():
            deal_id = keys[key]
            if deal_id not in found or found[deal_id]["docstatus"] == CANCELLED:
                found[deal_id] = order
        return await self._amended(found)

    def _is_sent(self, case: Case) -> bool:
        return self.c.store.is_intended("order", case.id)

    async def _amended(self, found: dict[str, Doc]) -> dict[str, Doc]:
        """Instead of a cancelled order the one that was amended from it, by us or by a person, to the end of the chain."""
        ended = {str(order["name"]): deal_id for deal_id, order in found.items() if order["docstatus"] == CANCELLED}
        while ended:
            newer = await self._orders(AMENDED_FROM, ended)
            following: dict[str, str] = {}
            for name, order in newer.items():
                found[ended[name]] = order
                if order["docstatus"] == CANCELLED:
                    following[str(order["name"])] = ended[name]
            ended = following
        return found

    async def _orders(self, field: str, values: Iterable[str]) -> dict[str, Doc]:
        """Orders by what they hold in a field, exactly: the site compares without case. Of several the one that still counts."""
        wanted = list(values)
        if not wanted:
            return {}
        kind = self.order.erp.kind
        rows = await self.c.erp.list(kind, self._columns, [[kind, field, "in", wanted]], order_by="creation asc, name asc")
        found: dict[str, Doc] = {}
        for row in rows:
            value = str(row.get(field) or "")
            if value in wanted and (value not in found or row.get("docstatus") != CANCELLED):
                found[value] = row
        return found

    async def _create(self, case: Case, known: Doc | None) -> None:
        """Raises Problem for a person, VendorError when it is to be tried again."""
        c, entity = self.c, self.order
        assert case.deal is not None
        ended = known if known is not None and known.get("docstatus") == CANCELLED else None
        again = case.agreed is not None and case.agreed.state == "left"
        order = known if known is not None and (ended is None or not again) else await self._send(case, ended)
        if order.get("docstatus") == DRAFT:
            order = await c.erp.update(entity.erp.kind, str(order["name"]), {"docstatus": 1})
        name = str(order["name"])
        case.order, case.agreed = order, agreed_on(entity, name, case.deal, case.lines) if self._followed else None
        with c.store.transaction():
            c.store.link("order", case.id, name, None)
            c.store.see(entity.erp.kind, [(name, str(order.get("modified")))], c.clock.now())
            if case.agreed is not None:
                remember(c.store, case.id, case.agreed)
        case.link = c.store.linked("order", case.id)

    async def _send(self, case: Case, ended: Doc | None) -> Doc:
        """The new order, or the one that turns out to exist."""
        c, entity, record = self.c, self.order, self._record(case)
        doc = self._document(case, ended)
        try:
            order = await c.erp.create(entity.erp.kind, doc)
        except Conflict:
            return await self._existing(case)
        except Refused as error:
            with c.store.transaction():
                c.store.forget_intent("order", case.id)
            raise Problem(
                record, f"The ERP did not accept the order: {error}", "Correct the deal, or add what is missing in the ERP."
            ) from None
        if ended is None:
            new_name(c, order, entity.erp.link_field, case.id, record)
        elif not order.get("name"):
            raise Problem(
                record, "The ERP answered a create without the new document's name.", "Look in the ERP whether it exists."
            )
        return order

    def _document(self, case: Case, ended: Doc | None) -> dict[str, Any]:
        c = self.c
        assert case.deal is not None
        customer = case.customer or self._known_customer(case)
        doc = order_doc(c.dictionary, case.deal, case.lines, customer, c.clock.now().date())
        if ended is not None:
            del doc[self.order.erp.link_field]  # unique, and the cancelled order keeps it
            doc[AMENDED_FROM] = str(ended["name"])
        return doc

    def _known_customer(self, case: Case) -> str:
        """Where no process makes customers of companies: those that a person linked."""
        company_id = primary(case.deal, self._company_kind) if case.deal is not None else None
        link = self.c.store.linked("customer", company_id) if company_id is not None else None
        if link is None:
            cause = "The deal's company is no customer in the ERP, and no process makes it one."
            raise Problem(self._record(case), cause, "Add a process that ensures the customer, or link the two by hand.")
        return link.erp_id

    async def _existing(self, case: Case) -> Doc:
        """The order that the ERP says exists. Raises Problem when it cannot be seen."""
        found = await self._amended(await self._orders(self.order.erp.link_field, [case.id]))
        order = found.get(case.id)
        again = case.agreed is not None and case.agreed.state == "left"
        if order is None or (again and order["docstatus"] == CANCELLED):
            raise Problem(
                self._record(case),
                "The ERP says that this order exists, but does not show it.",
                "Check the integration user's rights in the ERP.",
            )
        return order

    # -- report ---------------------------------------------------------------------------------------------------

    async def report(self, cases: Sequence[Case], action: Action) -> None:
        """Tell the deals about orders just made, all in one call; everything else is told by `Progress`, which reads the order."""
        changes: dict[str, dict[str, str]] = {}
        for case in cases:
            if case.order is None or case.order.get("per_billed") or case.deal is None:
                self._ask_for_progress(case)
                continue
            case.told = progress_values(self._shown, case.order, {})
            different = differing(self._shown, "erp", case.deal.properties, case.told)
            if self.order.error_field and case.deal.get(self.order.error_field):
                different[self.order.error_field] = ""
            if different:
                changes[case.id] = different
        await self._tell(cases, changes)
        for case in cases:
            if case.order is not None and case.deal is not None and case.open:
                wrong = total_differs(self.order, case.deal, case.order)
                if wrong is not None:
                    case.error = Problem(self._record(case), wrong, "Correct the order in the ERP, or the deal.")

    def _ask_for_progress(self, case: Case) -> None:
        if case.link is not None:
            with self.c.store.transaction():
                self.c.queue.put("progress", "order", case.link.erp_id)

    async def _tell(self, cases: Sequence[Case], changes: dict[str, dict[str, str]]) -> None:
        if not changes:
            return
        written = await self.c.crm.update_many(self.order.crm.kind, changes)
        for case in cases:
            failure = written.failed.get(case.id)
            if failure is not None:
                case.told = None
                if not isinstance(failure, NotFound):  # archived meanwhile: there is nobody to tell
                    case.error = failure
