"""Reads deals and their positions: one call for one deal, a few batches for many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sync_engine.context import Context
from sync_engine.outcomes import NotFound, VendorError
from sync_engine.processes.agreed import recall
from sync_engine.processes.case import Case
from sync_engine.store import WorkRow
from sync_engine.vendors.hubspot import MERGED_IDS, CrmRecord

SINGLY_UP_TO = 4  # a batch takes a call for the records and one for each of three kinds of associations


class Reader:
    """What the CRM says of deals right now."""

    def __init__(self, context: Context) -> None:
        self.c = context
        self.order = order = context.dictionary.entity("order")
        assert order.lines is not None
        self.line_kind = order.lines.crm_kind
        self._related = (self.line_kind, context.dictionary.entity("customer").crm.kind, "contacts")
        self.line_properties = [field.crm.field for field in order.lines.fields]
        wanted = {field.crm.field for field in order.fields} | {order.crm.link_field, order.error_field, "closedate", MERGED_IDS}
        currency = order.currency_fields.get("crm")
        self.properties = sorted(wanted | set(order.when) | ({currency} if currency else set()))

    async def cases(self, rows: Sequence[WorkRow]) -> list[Case]:
        """A case for each row; one that the CRM does not show for a reason of its own has that as its error. Raises VendorError for
        all of them."""
        ids = [row.record for row in rows]
        found: dict[str, CrmRecord] = {}
        if len(ids) > SINGLY_UP_TO:
            found = await self.c.crm.read_many_with(self.order.crm.kind, ids, self.properties, self._related)
        left = [id for id in ids if id not in found]  # archived, merged away, locked: a batch does not say which
        ends = dict(zip(left, await asyncio.gather(*(self._read(id) for id in left)), strict=True))
        return [self._case(row, found.get(row.record) or ends[row.record]) for row in rows]

    def _case(self, row: WorkRow, end: CrmRecord | VendorError | None) -> Case:
        store, error = self.c.store, end if isinstance(end, VendorError) else None
        deal = end if isinstance(end, CrmRecord) else None
        return Case(row, deal, store.linked("order", row.record), recall(store, row.record), error=error)

    async def _read(self, id: str) -> CrmRecord | VendorError | None:
        try:
            return await self.c.crm.read(self.order.crm.kind, id, self.properties, self._related)
        except NotFound:
            return None
        except VendorError as error:
            return error

    async def lines(self, cases: Sequence[Case]) -> None:
        """Fill in the positions of these cases, in the order in which people entered them. Raises VendorError."""
        ids = list(dict.fromkeys(id for case in cases if case.deal is not None for id in case.deal.ids(self.line_kind)))
        found = await self.c.crm.read_many(self.line_kind, ids, self.line_properties) if ids else {}
        for case in cases:
            if case.deal is not None:
                case.lines = [line for id in case.deal.ids(self.line_kind) if (line := found.get(id) or await self._line(case, id))]

    async def _line(self, case: Case, id: str) -> CrmRecord | None:
        """One that the batch left out: it is gone, or there is an error that is this case's alone."""
        try:
            return await self.c.crm.read(self.line_kind, id, self.line_properties)
        except NotFound:
            return None
        except VendorError as error:
            case.error = error
            return None
