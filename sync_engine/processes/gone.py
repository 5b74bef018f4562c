"""An order that was deleted in the ERP: its deal stops showing it, and a person decides. Nothing is ordered again by itself."""

from __future__ import annotations

from sync_engine.context import Context
from sync_engine.mapping.values import carried
from sync_engine.outcomes import NotFound, Problem
from sync_engine.processes.onboarding import finish
from sync_engine.store import Store, WorkRow

CANCELLED = "Cancelled"
GONE = "gone order of"


class Gone:
    """Handler of `gone order` items; the record is the order's name."""

    def __init__(self, context: Context) -> None:
        self.c, self.entity = context, context.dictionary.entity("order")

    async def handle(self, row: WorkRow) -> None:
        c, entity = self.c, self.entity
        link = c.store.linked_erp("order", row.record)
        if link is None or await self._exists(row.record, link.crm_id):
            finish(c, row)
            return
        shown = {entity.crm.link_field: ""} if entity.crm.link_field else {}
        for field in entity.fields:
            if field.owner == "erp" and field.erp.field == "status":
                shown[field.crm.field] = carried(field, CANCELLED)
        record = f"crm {entity.crm.kind} {link.crm_id}"
        try:
            await c.crm.update(entity.crm.kind, link.crm_id, shown)
        except NotFound:
            finish(c, row)
            return
        with c.store.transaction():
            c.store.set_shadow("order", link.crm_id, {**(link.shadow or {}), **shown})
            c.store.set_cursor(f"{GONE} {link.crm_id}", row.record)
        raise Problem(
            record,
            f"The order {row.record} of this deal was deleted in the ERP.",
            "Move the deal to another stage if nothing is to be delivered; a new order has to be written in the ERP.",
        )

    async def _exists(self, name: str, deal_id: str) -> bool:
        """Whether the order is still this deal's: numbers of deleted documents are given out again."""
        try:
            held = (await self.c.erp.read(self.entity.erp.kind, name)).get(self.entity.erp.link_field)
        except NotFound:
            return False
        return not held or held == deal_id


def is_gone(store: Store, deal_id: str) -> bool:
    """Whether the deal's order was deleted, which no look at the deal can put right."""
    link, name = store.linked("order", deal_id), store.cursor(f"{GONE} {deal_id}")
    return link is not None and name == link.erp_id
