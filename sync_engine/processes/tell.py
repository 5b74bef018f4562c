"""Telling people: a process's own words, and the open problem of a record in the CRM's error field, where sales people look."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from sync_engine.context import Context
from sync_engine.dictionary import Action
from sync_engine.outcomes import NotFound, Problem
from sync_engine.processes.case import Case
from sync_engine.store import WorkRow


class Teller:
    """The verb `tell`, and the handler of `tell` items."""

    def __init__(self, context: Context) -> None:
        self.c = context

    async def say(self, cases: Sequence[Case], action: Action) -> None:
        """A process asks for a person. What it says is the problem; the order is named, for the deal may be gone."""
        order = self.c.dictionary.entity("order")
        for case in cases:
            name = case.link.erp_id if case.link is not None else ""
            said = action.say or "A process of the data dictionary asks a person to look at this deal."
            case.error = Problem(f"crm {order.crm.kind} {case.id}", said, f"Its order is {name}." if name else "")

    async def handle(self, row: WorkRow) -> None:
        """Write the open problem of a record into its error field, or clear the field."""
        c, entity = self.c, self.c.dictionary.entity(row.entity)
        letter = c.store.dead_letter(f"crm {entity.crm.kind} {row.record}")
        text = ""
        if letter is not None and letter.status == "open":
            text = f"{letter.cause.rstrip('.')}. {letter.hint}".strip()
        with contextlib.suppress(NotFound):
            await c.crm.update(entity.crm.kind, row.record, {entity.error_field: text})
        with c.store.transaction():
            c.queue.done(row)
