"""One deal on its way through the actions of its event, and how many deals go through a step without harming each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sync_engine.operations.correlation import working_on
from sync_engine.processes.agreed import Agreed
from sync_engine.store import Link, WorkRow
from sync_engine.vendors.erpnext import Doc
from sync_engine.vendors.hubspot import CrmRecord


@dataclass(slots=True, eq=False)
class Case:
    """A due item of work about a deal. `deal` is None when the CRM shows it no longer. `error`: why it went no further."""

    row: WorkRow
    deal: CrmRecord | None
    link: Link | None
    agreed: Agreed | None
    lines: list[CrmRecord] = field(default_factory=list)
    changed: frozenset[str] = frozenset()  # names of fields that differ from what was agreed; `Lines` for positions
    customer: str = ""  # the ERP's name of the customer, once it is known
    order: Doc | None = None  # the order as the ERP showed it, when an action has just made it
    told: Mapping[str, str] | None = None  # what the deal was just told about its order
    error: Exception | None = None

    @property
    def id(self) -> str:
        return self.deal.id if self.deal is not None else self.row.record

    @property
    def open(self) -> bool:
        return self.error is None


Step = Callable[[Case], Awaitable[None]]


async def for_each(cases: Iterable[Case], step: Step, gate: asyncio.Semaphore) -> None:
    """Take every case that is still open through a step, side by side; what a step raises stays with its case."""

    async def one(case: Case) -> None:
        try:
            async with gate:
                with working_on(case.row):
                    await step(case)
        except Exception as error:
            case.error = error

    waiting = [case for case in cases if case.open]
    if len(waiting) == 1:
        await one(waiting[0])
    else:
        await asyncio.gather(*(one(case) for case in waiting))
