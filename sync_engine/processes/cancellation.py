"""Cancellation: a deal that is won no longer ends its order, while the dictionary's conditions hold; else a person is asked.

Before the call is sent it is written down that the deal is `leaving`. Whoever looks next reads what became of the order, so that
a deal that was won again meanwhile gets a new order exactly if the old one was cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sync_engine.context import Context
from sync_engine.dictionary import Action
from sync_engine.outcomes import NotFound, Problem, Refused
from sync_engine.processes.agreed import Agreed, State, remember
from sync_engine.processes.case import Case, for_each
from sync_engine.processes.conditions import blockers
from sync_engine.processes.plan import is_wanted
from sync_engine.vendors.erpnext import Doc

CANCELLED, DRAFT = 2, 0


class Cancellation:
    """The verb `cancel`."""

    def __init__(self, context: Context, gate: asyncio.Semaphore) -> None:
        self.c, self._gate = context, gate
        self.order = context.dictionary.entity("order")

    async def __call__(self, cases: Sequence[Case], action: Action) -> None:
        async def step(case: Case) -> None:
            await self.end(case, action)

        await for_each(cases, step, self._gate)

    async def end(self, case: Case, action: Action) -> None:
        """Raises Problem for a person, VendorError when it is to be tried again."""
        assert case.link is not None
        name, kind = case.link.erp_id, self.order.erp.kind
        order = await self._read(name)
        if order is not None and order.get("docstatus") != CANCELLED:
            self._may(case, action, order)
            self._note(case, "leaving")
            try:
                await self.c.erp.cancel(kind, name)
            except NotFound:
                pass  # deleted meanwhile: it is as ended as can be
            except Refused as error:
                self._note(case, "won")
                raise self._problem(case, f"the ERP refuses to cancel it: {error}") from None
        self._note(case, "left")

    async def _read(self, name: str) -> Doc | None:
        try:
            return await self.c.erp.read(self.order.erp.kind, name)
        except NotFound:
            return None

    def _may(self, case: Case, action: Action, order: Doc) -> None:
        reasons = blockers(self.order, action, order)
        if order.get("docstatus") == DRAFT:
            reasons.append("it is a draft")
        if reasons:
            raise self._problem(case, "; ".join(reasons))

    def _problem(self, case: Case, why: str) -> Problem:
        assert case.link is not None
        what = "was archived" if case.deal is None else "is won no longer"
        if case.deal is not None and is_wanted(self.order, case.deal):
            what = "was changed in a way that takes a new order"
        return Problem(
            f"crm {self.order.crm.kind} {case.id}",
            f"The deal {what}, but its order {case.link.erp_id} cannot be cancelled: {why}.",
            "Win the deal again, or undo in the ERP what was done for the order and cancel it there.",
        )

    def _note(self, case: Case, state: State) -> None:
        assert case.link is not None
        known = case.agreed or Agreed(case.link.erp_id, state, {}, {})
        case.agreed = known.now(state)
        with self.c.store.transaction():
            remember(self.c.store, case.id, case.agreed)

    async def look_back(self, case: Case) -> None:
        """A deal that is won while its cancellation was on the way: whether the order was cancelled decides."""
        assert case.link is not None
        order = await self._read(case.link.erp_id)
        ended = order is None or order.get("docstatus") == CANCELLED
        self._note(case, "left" if ended else "won")
