"""Master data back: items, prices and stock change in the ERP, customers are stopped and released, while deals go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

from harness.kit.people import Product
from harness.run.flows.office import Office

NEW_STOCK = Decimal(500)


class MasterData:
    """What people in the ERP do to items, and finance to customers."""

    def __init__(self, office: Office) -> None:
        self._office = office
        customers = [entity for entity in office.dictionary.entities if entity.name == "customer"]
        self._link = customers[0].erp.link_field if customers else ""

    def prepare(self) -> None:
        self._office.finance.on_customer(self._customer_appeared)

    def begin(self) -> None:
        office = self._office
        for product in office.cast.products:
            self._plan_item(product)
        new = round(office.workload.new_item * len(office.cast.products))
        for number in range(1, new + 1):
            office.spawn(self._new_item(number), f"new item {number}")

    def _plan_item(self, product: Product) -> None:
        office, share = self._office, self._office.workload
        random = office.seed.stream(f"item/{product.sku}")
        for wanted, act in ((share.price_change, self._reprice), (share.stock_move, self._move), (share.item_rename, self._rename)):
            if random.random() < wanted:
                office.spawn(self._later(random, act, product), f"item {product.sku}")

    async def _later(self, random: Random, act: Callable[[Product, Random], None], product: Product) -> None:
        """Once, and sometimes again soon after."""
        await self._office.pause(self._office.day * random.random())
        act(product, random)
        if random.random() < 0.4:
            await self._office.pause(timedelta(seconds=random.randrange(1, 1800)))
            act(product, random)

    def _reprice(self, product: Product, random: Random) -> None:
        price = Decimal(random.randrange(500, 250_000)) / 100
        office = self._office
        self._act(f"set the price of {product.sku} to {price}", product.sku, lambda: office.warehouse.set_price(product.sku, price))

    def _move(self, product: Product, random: Random) -> None:
        quantity = Decimal(random.choice((-1, 1)) * random.randrange(1, 200))
        what = f"booked {quantity:+f} of {product.sku}"
        self._act(what, product.sku, lambda: self._office.warehouse.move_stock(product.sku, quantity))

    def _rename(self, product: Product, random: Random) -> None:
        name = f"{product.name} {random.choice(('II', '½″', '– neu', '(Größe L)', '100% & more'))}"
        self._act(f"renamed {product.sku} to {name!r}", product.sku, lambda: self._office.warehouse.rename_item(product.sku, name))

    async def _new_item(self, number: int) -> None:
        office = self._office
        random = office.seed.stream(f"new item/{number}")
        await office.pause(office.day * random.random())
        product = Product(f"NEW-{number:04d}", f"New article {number}", Decimal(random.randrange(500, 250_000)) / 100)
        stock = NEW_STOCK if random.random() < 0.7 else Decimal(0)
        if not self._act(f"added the item {product.sku}", product.sku, lambda: office.warehouse.add_item(product, stock)):
            return
        if random.random() < office.workload.price_change:
            await office.pause(timedelta(seconds=random.randrange(1, 3600)))
            self._reprice(product, random)
        if random.random() < office.workload.item_disable:
            await office.pause(timedelta(minutes=random.randrange(1, 120)))
            self._act(f"disabled {product.sku}", product.sku, lambda: office.warehouse.disable_item(product.sku))

    def _act(self, what: str, record: str, act: Callable[[], object]) -> bool:
        return self._office.attempt(self._office.cast.warehouse, what, 0, "erp", record, act)

    # -- credit ---------------------------------------------------------------------------------------------------

    def _customer_appeared(self, customer_id: str) -> None:
        random = self._office.seed.stream(f"credit/{customer_id}")
        if random.random() < self._office.workload.credit_hold:
            self._office.spawn(self._hold(customer_id, random), f"credit of {customer_id}")

    async def _hold(self, customer_id: str, random: Random) -> None:
        office = self._office
        person, desk = office.cast.finance, office.finance
        await office.pause(timedelta(minutes=random.randrange(5, 200)))
        company_id = desk.customer_field(customer_id, self._link) if self._link else ""
        since = office.clock.now()
        if not office.attempt(person, f"stopped {customer_id}", 0, "erp", customer_id, lambda: desk.hold_credit(customer_id, True)):
            return
        office.stop_customer(company_id, since, None)
        if random.random() < 0.7:
            await office.pause(timedelta(minutes=random.randrange(10, 240)))
            office.attempt(person, f"released {customer_id}", 0, "erp", customer_id, lambda: desk.hold_credit(customer_id, False))
            office.release_customer(since, office.clock.now())
