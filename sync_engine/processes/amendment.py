"""Amendment: a deal's positions changed after the win, and its order follows, while the dictionary's conditions hold.

The order is read first and the call states all rows, so a second try after a lost reply finds nothing left to do. What that call
cannot change (anything but item, quantity and price of a row) takes a new order in the place of this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Action
from sync_engine.outcomes import NotFound, Problem, Refused
from sync_engine.processes.agreed import agreed_on, remember
from sync_engine.processes.amended_rows import ITEM, QUANTITY, RATE, amended_rows, differ_otherwise
from sync_engine.processes.cancellation import Cancellation
from sync_engine.processes.case import Case, for_each
from sync_engine.processes.conditions import blockers
from sync_engine.processes.plan import order_rows, total_differs

CANCELLED = 2


class Amendment:
    """The verb `amend`."""

    def __init__(self, context: Context, cancellation: Cancellation, gate: asyncio.Semaphore) -> None:
        self.c, self._cancellation, self._gate = context, cancellation, gate
        self.order = context.dictionary.entity("order")
        columns = [field.erp.field for field in self.order.lines.fields] if self.order.lines is not None else []
        self._fixed = [name for name in columns if name not in (ITEM, QUANTITY, RATE)]
        self._record = f"crm {self.order.crm.kind} {{}}".format

    async def __call__(self, cases: Sequence[Case], action: Action) -> None:
        async def step(case: Case) -> None:
            await self._amend(case, action)

        await for_each(cases, step, self._gate)

    async def _amend(self, case: Case, action: Action) -> None:
        """Raises Problem for a person, VendorError when it is to be tried again."""
        c, kind, record = self.c, self.order.erp.kind, self._record(case.id)
        assert case.link is not None
        assert case.deal is not None
        assert self.order.lines is not None
        name, table = case.link.erp_id, self.order.lines.erp_table
        try:
            order = await c.erp.read(kind, name)
        except NotFound:
            raise Problem(record, f"The ERP's order {name} is gone.", "Enter it again in the ERP, or reopen the deal.") from None
        if differ_otherwise(order.get(table) or [], order_rows(c.dictionary, case.lines), self._fixed):
            self._may(record, action, order)
            await self._replace(case, action)
            return
        rows = self._rows(case, order)
        if rows is not None:
            self._may(record, action, order)
            try:
                await c.erp.update_child_qty_rate(kind, name, rows, table)
            except Refused as error:
                raise Problem(
                    record,
                    f"The ERP did not accept the changed positions of order {name}: {error}",
                    "Change the deal back, or change the order in the ERP.",
                ) from None
            order = await c.erp.read(kind, name)
            if self._rows(case, order) is not None:
                raise Problem(record, f"The ERP's order {name} does not have the deal's positions.", "Correct it in the ERP.")
        wrong = total_differs(self.order, case.deal, order)
        if wrong is not None:
            raise Problem(record, wrong, "Correct the order in the ERP, or the deal.")
        case.agreed = agreed_on(self.order, name, case.deal, case.lines)
        with c.store.transaction():
            remember(c.store, case.id, case.agreed)

    async def _replace(self, case: Case, action: Action) -> None:
        """End the order: the deal, which is still won, then gets one that is amended from it, as after any cancellation."""
        await self._cancellation.end(case, action)
        with self.c.store.transaction():
            self.c.queue.put("order", "order", case.id)

    def _rows(self, case: Case, order: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        assert self.order.lines is not None
        current = order.get(self.order.lines.erp_table) or []
        return amended_rows(current, order_rows(self.c.dictionary, case.lines), order.get("delivery_date"))

    def _may(self, record: str, action: Action, order: Mapping[str, Any]) -> None:
        if order.get("docstatus") == CANCELLED:
            cause = f"The deal was changed, but its order {order.get('name')} was cancelled in the ERP."
            raise Problem(record, cause, "Reopen the deal and win it again for a new order, or change the deal back.")
        reasons = blockers(self.order, action, order)
        if reasons:
            cause = f"The deal was changed after the win, but its order {order.get('name')} cannot follow: {'; '.join(reasons)}."
            raise Problem(record, cause, "Change the deal back, or change the order in the ERP and then the deal.")
