"""Customer onboarding and quote to cash: sales people work in the CRM, warehouse and finance in the ERP.

People see what is on their own screens and nothing of the other system: the warehouse ships whatever order appears, twice if
an engine ordered twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from harness.kit.clock import Clock
from harness.kit.journal import Journal, PersonActed
from harness.kit.people import Deal, ErpDesk, NotPossible, SalesDesk
from harness.kit.seed import Seed
from harness.oracles.history import FlowCase
from harness.run.scenario import Workload
from harness.run.workload import Cast, FlowPlan

STOCK = Decimal(1_000_000)
ORDER_ODDS = (Decimal("0.34"), Decimal("0.5"), Decimal("0.67"))


class Case:
    """One flow as it goes: becomes a `FlowCase` for the oracles."""

    def __init__(self, plan: FlowPlan) -> None:
        self.plan = plan
        self.company_id = ""
        self.deal_id = ""
        self.outcome: Literal["won", "lost", "open"] = "open"
        self.won_at: datetime | None = None

    def known(self) -> FlowCase:
        refused = f"the ERP has no item {self.plan.unknown_sku}" if self.plan.unknown_sku and self.outcome == "won" else ""
        return FlowCase(self.plan.number, self.company_id, self.deal_id, self.outcome, self.won_at, refused)


class QuoteToCash:
    """All flows of one run. `pace` squeezes people's delays (1 = as drawn): live runs have no hours to wait."""

    def __init__(
        self,
        sales_desk: Callable[[str], SalesDesk],
        erp_desk: Callable[[str], ErpDesk],
        clock: Clock,
        journal: Journal,
        seed: Seed,
        workload: Workload,
        day: timedelta,
        *,
        pace: float = 1.0,
    ) -> None:
        self._clock, self._journal, self._seed, self._workload, self._pace = clock, journal, seed, workload, pace
        self.cast = Cast(seed, workload, day)
        self._sales = {person: sales_desk(person) for person in self.cast.sales_people}
        self._warehouse, self._finance = erp_desk(self.cast.warehouse), erp_desk(self.cast.finance)
        self._cases: dict[int, Case] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_act = clock.now()
        self.failures: list[BaseException] = []

    # -- what the world asks --------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Master data that exists before the day begins: the same products on both sides."""
        desk = self._sales[self.cast.sales_people[0]]
        for product in self.cast.products:
            desk.add_product(product)
            self._warehouse.add_item(product, STOCK)
        self._warehouse.on_order(self._order_appeared)

    def begin(self) -> None:
        self._spawn(self._open_doors(), "people arrive")

    def cases(self) -> list[FlowCase]:
        return [self._cases[number].known() for number in sorted(self._cases)]

    def describe_pending(self) -> str | None:
        """What people are still at, or None."""
        if not self._tasks:
            return None
        names = sorted(task.get_name() for task in self._tasks)
        return f"people are still busy: {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")

    # -- sales ----------------------------------------------------------------------------------------------------

    async def _open_doors(self) -> None:
        begun = timedelta(0)
        for plan in self.cast.plans():
            await self._pause(plan.starts - begun)
            begun = plan.starts
            self._cases[plan.number] = case = Case(plan)
            self._spawn(self._sell(case), f"flow {plan.number}")

    async def _sell(self, case: Case) -> None:
        plan, desk = case.plan, self._sales[case.plan.sales_person]
        origin = self._cases.get(plan.returning_from)
        if plan.company is not None:
            case.company_id = desk.add_company(plan.company)
            self._acted(
                plan.sales_person, f"added the company {plan.company.name}", plan.number, "crm", f"companies {case.company_id}"
            )
        elif origin is not None:
            case.company_id = origin.company_id
        contact_id = desk.add_contact(plan.contact, case.company_id)
        name = f"{plan.contact.last_name} {plan.number}"
        close = (self._clock.now() + timedelta(days=14)).date()
        case.deal_id = desk.open_deal(Deal(name, case.company_id, contact_id, plan.lines, close))
        self._acted(plan.sales_person, f"opened the deal {name!r}", plan.number, "crm", f"deals {case.deal_id}")
        await self._pause(plan.quote_after)
        desk.move_deal(case.deal_id, "quoted")
        self._acted(plan.sales_person, "sent the quote", plan.number, "crm", f"deals {case.deal_id}")
        if plan.changed_quantity is not None:
            await self._pause(plan.decide_after / 2)
            desk.change_quantity(case.deal_id, plan.lines[0].sku, plan.changed_quantity)
            self._acted(
                plan.sales_person,
                f"changed {plan.lines[0].sku} to {plan.changed_quantity} pieces",
                plan.number,
                "crm",
                f"deals {case.deal_id}",
            )
        await self._pause(plan.decide_after)
        self._decide(case, desk)
        if plan.edited_phone and not plan.lost:
            await self._pause(plan.edit_after)
            desk.edit_company(case.company_id, {"phone": plan.edited_phone})
            self._acted(
                plan.sales_person,
                f"changed the company's phone to {plan.edited_phone}",
                plan.number,
                "crm",
                f"companies {case.company_id}",
            )

    def _decide(self, case: Case, desk: SalesDesk) -> None:
        case.outcome = "lost" if case.plan.lost else "won"
        if case.outcome == "won":
            case.won_at = self._clock.now()
        desk.move_deal(case.deal_id, case.outcome)
        self._acted(case.plan.sales_person, f"marked the deal as {case.outcome}", case.plan.number, "crm", f"deals {case.deal_id}")

    # -- warehouse and finance ------------------------------------------------------------------------------------

    def _order_appeared(self, order_id: str) -> None:
        self._spawn(self._fulfil(order_id), f"fulfilment of {order_id}")

    async def _fulfil(self, order_id: str) -> None:
        random = self._seed.stream(f"fulfil/{order_id}")
        partial = random.random() < self._workload.partial_shipment
        part_payment = random.random() < self._workload.part_payment
        shares = [random.choice(ORDER_ODDS), Decimal(1)] if partial else [Decimal(1)]
        for share in shares:
            await self._pause(timedelta(minutes=random.randrange(15, 150)))
            if not self._try(self.cast.warehouse, "shipped", order_id, lambda share=share: self._warehouse.ship(order_id, share)):  # type: ignore[misc]
                return
            await self._pause(timedelta(minutes=random.randrange(5, 60)))
            invoice = self._try(self.cast.finance, "invoiced", order_id, lambda: self._finance.invoice(order_id))
            if invoice:
                await self._take_payments(invoice, part_payment, random.randrange(10, 200))

    async def _take_payments(self, invoice: str, in_parts: bool, minutes: int) -> None:
        for share in (Decimal("0.4"), Decimal(1)) if in_parts else (Decimal(1),):
            await self._pause(timedelta(minutes=minutes))
            self._try(self.cast.finance, "booked a payment for", invoice, lambda share=share: self._finance.pay(invoice, share))  # type: ignore[misc]

    def _try(self, person: str, verb: str, record: str, act: Callable[[], str | None]) -> str | None:
        """Do it, and tell the journal; what the ERP refuses, a person notes and leaves."""
        try:
            done = act()
        except NotPossible as refusal:
            self._acted(person, f"could not: {verb} {record} ({refusal})", 0, "erp", record)
            return None
        if done is not None:
            self._acted(person, f"{verb} {record}: {done}", 0, "erp", record)
        return done

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _pause(self, duration: timedelta) -> None:
        await self._clock.sleep(duration * self._pace)

    def _acted(self, person: str, action: str, flow: int, system: str, record: str) -> None:
        self.last_act = self._clock.now()
        self._journal.add(PersonActed(self.last_act, person, action, flow, system, record))

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failures.append(task.exception() or RuntimeError(task.get_name()))
