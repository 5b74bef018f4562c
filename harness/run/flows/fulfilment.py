"""Warehouse and finance: every order that appears is shipped, invoiced and paid; some goods come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from harness.kit.people import NotPossible
from harness.run.flows.office import Office

STOCK = Decimal(1_000_000)
ORDER_ODDS = (Decimal("0.34"), Decimal("0.5"), Decimal("0.67"))
RETURN_ODDS = (Decimal("0.2"), Decimal("0.5"), Decimal(1))


class Fulfilment:
    """What happens to orders, and the master data they need: the same products on both sides."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._person = office.cast.warehouse

    def prepare(self) -> None:
        office = self._office
        desk = office.sales[office.cast.sales_people[0]]
        for product in office.cast.products:
            desk.add_product(product)
            office.warehouse.add_item(product, STOCK)
        office.warehouse.on_order(self._order_appeared)

    def begin(self) -> None:
        """Orders begin it."""

    def _order_appeared(self, order_id: str) -> None:
        self._office.spawn(self._fulfil(order_id), f"fulfilment of {order_id}")

    async def _fulfil(self, order_id: str) -> None:
        office = self._office
        random = office.seed.stream(f"fulfil/{order_id}")
        partial = random.random() < office.workload.partial_shipment
        part_payment = random.random() < office.workload.part_payment
        shares = [random.choice(ORDER_ODDS), Decimal(1)] if partial else [Decimal(1)]
        for share in shares:
            await office.pause(timedelta(minutes=random.randrange(15, 150)))
            note = self._try(self._person, "shipped", order_id, lambda share=share: office.warehouse.ship(order_id, share))  # type: ignore[misc]
            if not note:
                return
            await office.pause(timedelta(minutes=random.randrange(5, 60)))
            invoice = self._try(office.cast.finance, "invoiced", order_id, lambda: office.finance.invoice(order_id))
            if invoice:
                await self._take_payments(invoice, part_payment, random.randrange(10, 200))
                self._maybe_returned(order_id, note, invoice)

    async def _take_payments(self, invoice: str, in_parts: bool, minutes: int) -> None:
        office = self._office
        for share in (Decimal("0.4"), Decimal(1)) if in_parts else (Decimal(1),):
            await office.pause(timedelta(minutes=minutes))
            self._try(
                office.cast.finance,
                "booked a payment for",
                invoice,
                lambda share=share: office.finance.pay(invoice, share),  # type: ignore[misc]
            )

    def _maybe_returned(self, order_id: str, note: str, invoice: str) -> None:
        random = self._office.seed.stream(f"returns/{note}")
        if random.random() < self._office.workload.return_goods:
            minutes, share = random.randrange(20, 180), random.choice(RETURN_ODDS)
            self._office.spawn(self._return(note, invoice, minutes, share), f"goods of {order_id} come back")

    async def _return(self, note: str, invoice: str, minutes: int, share: Decimal) -> None:
        office = self._office
        await office.pause(timedelta(minutes=minutes))
        if self._try(self._person, "took back goods of", note, lambda: office.warehouse.take_back(note, share)):
            await office.pause(timedelta(minutes=minutes / 2))
            self._try(office.cast.finance, "credited", invoice, lambda: office.finance.credit(invoice, share))

    def _try(self, person: str, verb: str, record: str, act: Callable[[], str | None]) -> str | None:
        """Do it, and tell the journal; what the ERP refuses, a person notes and leaves."""
        try:
            done = act()
        except NotPossible as refusal:
            self._office.acted(person, f"could not: {verb} {record} ({refusal})", 0, "erp", record)
            return None
        if done is not None:
            self._office.acted(person, f"{verb} {record}: {done}", 0, "erp", record)
        return done
