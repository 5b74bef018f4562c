"""What all flows share: the people's desks, their clock and journal, the cases they work on, and who hears of what.

People see what is on their own screens and nothing of the other system: the warehouse ships whatever order appears, twice if
an engine ordered twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Literal

from harness.kit.clock import Clock
from harness.kit.journal import Journal, PersonActed
from harness.kit.people import ErpDesk, NotPossible, SalesDesk
from harness.kit.seed import Seed
from harness.oracles.history import FlowCase
from harness.run.scenario import Workload
from harness.run.workload import Cast, FlowPlan
from sync_engine.dictionary import Dictionary

REFUSED_WITHIN = timedelta(hours=1)  # an order may come so much later than its win and still meet what stopped the customer


class Case:
    """One business case as it goes: becomes a `FlowCase` for the oracles."""

    def __init__(self, plan: FlowPlan) -> None:
        self.plan = plan
        self.company_id = ""
        self.contact_id = ""
        self.deal_id = ""
        self.outcome: Literal["won", "lost", "open"] = "open"
        self.won_at: datetime | None = None
        self.left_at: datetime | None = None
        self.changed_at: datetime | None = None
        self.archived = False
        self.doubt = ""

    def known(self) -> FlowCase:
        refused = f"the ERP has no item {self.plan.unknown_sku}" if self.plan.unknown_sku and self.outcome == "won" else ""
        return FlowCase(
            self.plan.number,
            self.company_id,
            self.deal_id,
            self.outcome,
            self.won_at,
            refused,
            self.left_at,
            self.changed_at,
            self.archived,
            self.doubt,
        )


class Office:
    """Everybody and everything that flows need. `pace` squeezes people's delays (1 = as drawn): live runs have no hours to wait."""

    def __init__(
        self,
        sales_desk: Callable[[str], SalesDesk],
        erp_desk: Callable[[str], ErpDesk],
        clock: Clock,
        journal: Journal,
        seed: Seed,
        workload: Workload,
        day: timedelta,
        dictionary: Dictionary,
        *,
        pace: float = 1.0,
    ) -> None:
        self.clock, self._journal, self.seed, self.workload, self.day, self._pace = clock, journal, seed, workload, day, pace
        self.dictionary = dictionary
        self.cast = Cast(seed, workload, day)
        self.sales = {person: sales_desk(person) for person in self.cast.sales_people}
        self.warehouse, self.finance = erp_desk(self.cast.warehouse), erp_desk(self.cast.finance)
        self.cases: dict[int, Case] = {}
        self.on_won: list[Callable[[Case], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._stops: dict[str, list[tuple[datetime, datetime | None]]] = {}  # company id → when its customer could not order
        self.last_act = clock.now()
        self.failures: list[BaseException] = []

    def known(self) -> list[FlowCase]:
        for case in self.cases.values():
            case.doubt = case.doubt or self._stopped(case)
        return [self.cases[number].known() for number in sorted(self.cases)]

    def describe_pending(self) -> str | None:
        """What people are still at, or None."""
        if not self._tasks:
            return None
        names = sorted(task.get_name() for task in self._tasks)
        return f"people are still busy: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")

    # -- what flows do --------------------------------------------------------------------------------------------

    async def pause(self, duration: timedelta) -> None:
        await self.clock.sleep(duration * self._pace)

    def acted(self, person: str, action: str, flow: int, system: str, record: str) -> None:
        self.last_act = self.clock.now()
        self._journal.add(PersonActed(self.last_act, person, action, flow, system, record))

    def attempt(self, person: str, action: str, flow: int, system: str, record: str, act: Callable[[], object]) -> bool:
        """Do it, and tell the journal; what the vendor refuses, a person notes and leaves. Whether it was done."""
        try:
            act()
        except NotPossible as refusal:
            self.acted(person, f"could not: {action} ({refusal})", flow, system, record)
            return False
        self.acted(person, action, flow, system, record)
        return True

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failures.append(task.exception() or RuntimeError(task.get_name()))

    # -- what people know of each other's customers ---------------------------------------------------------------

    def became(self, gone: tuple[str, str], company_id: str) -> None:
        """Two companies became one, under this id."""
        for case in self.cases.values():
            if case.company_id in gone:
                case.company_id = company_id
        self._stops.setdefault(company_id, []).extend(
            stop for each in gone if each != company_id for stop in self._stops.get(each, ())
        )

    def stop_customer(self, company_id: str, since: datetime, until: datetime | None) -> None:
        """From here to there the ERP takes no order of this company; None: for good."""
        self._stops.setdefault(company_id, []).append((since, until))

    def release_customer(self, since: datetime, until: datetime) -> None:
        """What was stopped at `since` is over."""
        for stops in self._stops.values():  # the company may have become another one meanwhile
            stops[:] = [(since, until) if stop == (since, None) else stop for stop in stops]

    def _stopped(self, case: Case) -> str:
        won_at = case.won_at
        for since, until in self._stops.get(case.company_id, ()) if won_at is not None else ():
            if won_at is not None and since <= won_at + REFUSED_WITHIN and (until is None or until >= won_at):
                return "the ERP took no orders of this customer at the time"
        return ""
