"""Deals that were merged: the survivor takes over the order of a deal that went under; two orders are a question for a person."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from sync_engine.context import Context
from sync_engine.outcomes import NotFound, Problem, Refused
from sync_engine.processes.agreed import Agreed, recall, remember
from sync_engine.processes.case import Case
from sync_engine.processes.plan import is_wanted

CANCELLED = 2
MERGED_INTO = "merged into"  # in the shadow of an order whose deal went under: its news is a question about the survivor


class Merges:
    """Keeps one order linked to the deal that is left."""

    def __init__(self, context: Context) -> None:
        self.c, self.order = context, context.dictionary.entity("order")

    def has_any(self, case: Case) -> bool:
        return case.deal is not None and any(self._old_ids(case))

    def _old_ids(self, case: Case) -> Iterable[str]:
        assert case.deal is not None
        store = self.c.store
        for id in case.deal.merged_ids:
            agreed = recall(store, id)
            if store.linked("order", id) is not None and (agreed is None or agreed.state != "left"):
                yield id

    async def inherit(self, case: Case) -> None:
        """Raises Problem when both deals have an order that still counts."""
        for old in list(self._old_ids(case)):
            link = self.c.store.linked("order", old)
            assert link is not None
            ended = case.agreed is not None and case.agreed.state == "left"
            if case.link is None or ended or await self._is_ended(case.link.erp_id):
                await self._take_over(case, old, link.erp_id)
            elif await self._is_ended(link.erp_id):
                self._forget(old)
            else:
                with self.c.store.transaction():
                    self.c.store.set_shadow("order", old, {MERGED_INTO: case.id})
                raise Problem(
                    f"crm {self.order.crm.kind} {case.id}",
                    f"Deal {old} was merged into this one, and both have an order: {case.link.erp_id} and {link.erp_id}.",
                    "Cancel the order in the ERP that does not count.",
                )

    async def _take_over(self, case: Case, old: str, order: str) -> None:
        """The store remembers it; the ERP is told where it lets a submitted document's id be changed."""
        store = self.c.store
        with contextlib.suppress(Refused, NotFound):  # made before that field could be changed: our own memory has to do
            await self.c.erp.update(self.order.erp.kind, order, {self.order.erp.link_field: case.id})
        agreed = recall(store, old)
        if agreed is not None:
            agreed = agreed.now("merged")
        with store.transaction():
            store.link("order", case.id, order, None)
            if agreed is not None:
                remember(store, case.id, agreed)
        case.link, case.agreed = store.linked("order", case.id), agreed

    def settle(self, case: Case) -> None:
        """An order that came with a merge stands once its deal is won; until then a person is asked."""
        if case.agreed is None or case.agreed.state != "merged" or case.deal is None or case.link is None:
            return
        if is_wanted(self.order, case.deal):
            case.agreed = case.agreed.now("won")
            with self.c.store.transaction():
                remember(self.c.store, case.id, case.agreed)
        else:
            case.error = Problem(
                f"crm {self.order.crm.kind} {case.id}",
                f"A deal with the order {case.link.erp_id} was merged into this one, which is not won.",
                "Win this deal, or cancel the order in the ERP.",
            )

    async def _is_ended(self, order: str) -> bool:
        try:
            return (await self.c.erp.read(self.order.erp.kind, order)).get("docstatus") == CANCELLED
        except NotFound:
            return True

    def _forget(self, old: str) -> None:
        agreed = recall(self.c.store, old)
        link = self.c.store.linked("order", old)
        assert link is not None
        with self.c.store.transaction():
            remember(self.c.store, old, (agreed or Agreed(link.erp_id, "left", {}, {})).now("left"))
