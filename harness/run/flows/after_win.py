"""Change after the win: lines amended, deals reopened, lost and won again or binned, orders ended by hand in the ERP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from harness.kit.people import Line, SalesDesk
from harness.run.flows.office import Case, Office


class AfterTheWin:
    """What sales people do to a deal that is won already."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def prepare(self) -> None:
        self._office.on_won.append(
            lambda case: self._office.spawn(self._second_thoughts(case), f"after the win of {case.plan.number}")
        )
        self._office.warehouse.on_order(self._order_appeared)

    def begin(self) -> None:
        """Won deals begin it."""

    async def _second_thoughts(self, case: Case) -> None:
        office, share = self._office, self._office.workload
        random = office.seed.stream(f"after the win/{case.plan.number}")
        desk = office.sales[case.plan.sales_person]
        lines = list(case.plan.lines)
        for wanted, change in ((share.amend, self._amend), (share.add_line, self._add), (share.remove_line, self._remove)):
            if random.random() < wanted:
                await office.pause(_soon(random))
                change(case, desk, random, lines)
        if random.random() < share.cancel:
            await self._leave(case, desk, random)
        if random.random() < share.archive_deal:
            await self._archive(case, desk, random)

    # -- lines ----------------------------------------------------------------------------------------------------

    def _amend(self, case: Case, desk: SalesDesk, random: Random, lines: list[Line]) -> None:
        position = random.randrange(len(lines))
        line = lines[position]
        if random.random() < 0.5:
            line = Line(line.sku, line.name, line.quantity + random.randrange(1, 6), line.price)
            what = f"changed {line.sku} to {line.quantity} pieces"
            self._change(case, what, lambda: desk.change_quantity(case.deal_id, line.sku, line.quantity))
        else:
            line = Line(
                line.sku, line.name, line.quantity, line.price - min(line.price / 2, Decimal(random.randrange(1, 400)) / 100)
            )
            line = Line(line.sku, line.name, line.quantity, line.price.quantize(Decimal("0.01")))
            what = f"changed the price of {line.sku} to {line.price}"
            self._change(case, what, lambda: desk.change_price(case.deal_id, line.sku, line.price))
        lines[position] = line

    def _add(self, case: Case, desk: SalesDesk, random: Random, lines: list[Line]) -> None:
        sold = {line.sku for line in lines}
        product = random.choice(self._office.cast.products)
        if product.sku not in sold:
            line = Line(product.sku, product.name, Decimal(random.randrange(1, 10)), product.price)
            if self._change(case, f"added {line.quantity} of {line.sku}", lambda: desk.add_line(case.deal_id, line)):
                lines.append(line)

    def _remove(self, case: Case, desk: SalesDesk, random: Random, lines: list[Line]) -> None:
        """Never the last line, and never the article that the ERP does not know: its refusal is what the case is about."""
        known = [line for line in lines if line.sku != case.plan.unknown_sku]
        if len(lines) > 1 and known:
            line = random.choice(known)
            if self._change(case, f"took {line.sku} off the deal", lambda: desk.remove_line(case.deal_id, line.sku)):
                lines.remove(line)

    def _change(self, case: Case, what: str, act: Callable[[], object]) -> bool:
        done = self._act(case, f"{what}, after the win", act)
        if done:
            case.changed_at = self._office.clock.now()
        return done

    # -- the deal -------------------------------------------------------------------------------------------------

    async def _leave(self, case: Case, desk: SalesDesk, random: Random) -> None:
        """Reopened or lost after all; some are won again."""
        outcome: Literal["lost", "open"] = "lost" if random.random() < 0.6 else "open"
        await self._office.pause(_soon(random))
        stage = "lost" if outcome == "lost" else "quoted"
        if not self._act(case, f"moved the won deal to {stage}", lambda: desk.move_deal(case.deal_id, stage)):
            return
        case.outcome, case.left_at = outcome, self._office.clock.now()
        if random.random() < self._office.workload.win_again:
            await self._office.pause(_soon(random))
            if self._act(case, "won the deal again", lambda: desk.move_deal(case.deal_id, "won")):
                case.outcome, case.won_at = "won", self._office.clock.now()

    async def _archive(self, case: Case, desk: SalesDesk, random: Random) -> None:
        await self._office.pause(_soon(random))
        if not self._act(case, "put the deal into the bin", lambda: desk.archive("deal", case.deal_id)):
            return
        case.archived = True
        if random.random() < self._office.workload.restore_deal:
            await self._office.pause(_soon(random))
            case.archived = not self._act(case, "took the deal out of the bin", lambda: desk.restore("deal", case.deal_id))

    # -- in the ERP -----------------------------------------------------------------------------------------------

    def _order_appeared(self, order_id: str) -> None:
        random = self._office.seed.stream(f"by hand/{order_id}")
        if random.random() < self._office.workload.cancel_in_erp:
            self._office.spawn(self._end_by_hand(order_id, random), f"second thoughts about {order_id}")

    async def _end_by_hand(self, order_id: str, random: Random) -> None:
        office = self._office
        person, desk = office.cast.warehouse, office.warehouse
        await office.pause(timedelta(minutes=random.randrange(5, 200)))
        what = random.choice(("cancel", "hold", "close"))
        if what == "cancel":
            office.attempt(person, f"cancelled {order_id}", 0, "erp", order_id, lambda: desk.cancel_order(order_id))
        elif what == "close":
            office.attempt(person, f"closed {order_id}", 0, "erp", order_id, lambda: desk.mark_order(order_id, "close"))
        elif office.attempt(person, f"put {order_id} on hold", 0, "erp", order_id, lambda: desk.mark_order(order_id, "hold")):
            await office.pause(timedelta(minutes=random.randrange(10, 120)))
            office.attempt(person, f"went on with {order_id}", 0, "erp", order_id, lambda: desk.mark_order(order_id, "reopen"))

    def _act(self, case: Case, what: str, act: Callable[[], object]) -> bool:
        return self._office.attempt(case.plan.sales_person, what, case.plan.number, "crm", f"deals {case.deal_id}", act)


def _soon(random: Random) -> timedelta:
    """Often within seconds of the last change, when an engine is still at it; else within hours."""
    seconds = random.randrange(1, 90) if random.random() < 0.35 else random.randrange(90, 4 * 3600)
    return timedelta(seconds=seconds)
