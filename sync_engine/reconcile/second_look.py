"""A difference is looked at a second time before it is called drift: values change while they are compared, and what the engine is
about to do anyway is on its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sync_engine.context import Context
from sync_engine.reconcile.compare import ErpRecord, Rules, examine
from sync_engine.reconcile.drift import Drift
from sync_engine.reconcile.reading import Reader
from sync_engine.vendors.hubspot import MODIFIED, CrmRecord


def alone_in_erp(rules: Rules, reader: Reader, erp: ErpRecord, crm_id: str) -> list[Drift]:
    """What is wrong with a document for which there is no CRM record (any more)."""
    entity = rules.entity
    if crm_id and erp.live:
        repair = f"restore {crm_id} in the CRM, or clear {reader.link_field or 'its link'} in the ERP"
        row = Drift(entity.name, "dangling", "", erp.name, reader.link_field, "", crm_id, owner="crm", repair=repair, who="person")
        return [row]
    if not crm_id and entity.origin == "erp" and rules.needs_counterpart(erp.doc):
        return [Drift(entity.name, "missing", "", erp.name, owner="erp", repair="create it in the CRM")]
    return []


class SecondLook:
    """For one entity."""

    def __init__(self, context: Context, rules: Rules, reader: Reader) -> None:
        self.c, self.rules, self.reader = context, rules, reader

    async def confirm(self, first: Sequence[Drift]) -> tuple[list[Drift], int]:
        """Those of the drifts that fresh reads still show, as they are now, and how many are on their way."""
        if not first:
            return [], 0
        await self.c.clock.sleep(self.c.settings.settle)
        seen = {row.identity for row in first}
        records = await self.reader.crm_records(sorted({row.crm for row in first if row.crm}))
        pairs = await self.reader.pairs(list(records.values()))
        alone = await self._alone([row.erp for row in first if not row.crm])
        waiting = {(row.entity, row.record) for row in self.c.store.all_work()}
        confirmed, on_its_way = list[Drift](), 0
        looks = [(examine(self.rules, pair), self._is_on_its_way(pair.crm, pair.found, waiting)) for pair in pairs]
        looks += [(rows, self._is_on_its_way(None, [erp], waiting)) for erp, rows in alone]
        for rows, busy in looks:
            still = [row for row in rows if row.identity in seen]
            if busy:
                on_its_way += len(still)
            else:
                confirmed += still
        return confirmed, on_its_way

    async def _alone(self, names: Sequence[str]) -> list[tuple[ErpRecord, list[Drift]]]:
        docs = await self.reader.erp_records("name", names) if names else []
        ids = {erp.name: self.crm_id(erp) for erp in docs}
        there = await self.reader.crm_records(sorted({id for id in ids.values() if id}))
        return [(erp, alone_in_erp(self.rules, self.reader, erp, ids[erp.name])) for erp in docs if ids[erp.name] not in there]

    def crm_id(self, erp: ErpRecord) -> str:
        """The CRM record that a document or the store says it belongs to, or an empty text."""
        link = self.c.store.linked_erp(self.rules.entity.name, erp.name)
        return str(erp.doc.get(self.reader.link_field) or "") or (link.crm_id if link is not None else "")

    def _is_on_its_way(self, crm: CrmRecord | None, found: Sequence[ErpRecord], waiting: set[tuple[str, str]]) -> bool:
        """Work is open for it, a create was announced, or polling has not come to this version yet."""
        name, store, entity = self.rules.entity.name, self.c.store, self.rules.entity
        if crm is not None:
            if (name, crm.id) in waiting or store.is_intended(name, crm.id):
                return True
            if self._is_ahead(entity.crm.kind, entity.crm.kind, crm.id, crm.get(MODIFIED), _milliseconds(crm.get(MODIFIED))):
                return True
        return any(
            (name, erp.name) in waiting
            or self._is_ahead(f"erp {entity.erp.kind}", entity.erp.kind, erp.name, str(erp.doc.get("modified")), "")
            for erp in found
        )

    def _is_ahead(self, cursor_name: str, kind: str, record: str, version: str, at: str) -> bool:
        """Whether the poll of this kind has yet to see this version. Where nothing is polled, nothing is ahead."""
        cursor = self.c.store.cursor(cursor_name)
        if not cursor or not self.c.store.unseen(kind, [(record, version)]):
            return False
        return int(at or 0) > int(cursor) - self.c.settings.overlap // timedelta(milliseconds=1) if at else version > cursor


def _milliseconds(text: str) -> str:
    return str(int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)) if text else ""
