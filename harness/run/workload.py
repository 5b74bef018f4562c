"""The people and things of a run: realistic names and numbers from the seed.

Names come from Faker, drawn once into pools: drawing them one by one would cost a tenth of a simulated flow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from faker import Faker

from harness.kit.people import Company, Contact, Line, Product
from harness.kit.seed import Seed
from harness.run.scenario import Workload

POOL_MAX = 250
COUNTRY = "Germany"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
UNKNOWN_SKU = "LEGACY"


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """What people intend to do in one flow, drawn before it begins. Delays are from one step to the next."""

    number: int
    starts: timedelta
    sales_person: str
    company: Company | None  # None: the company of flow `returning_from`
    returning_from: int
    contact: Contact
    lines: tuple[Line, ...]
    quote_after: timedelta
    decide_after: timedelta
    lost: bool
    changed_quantity: Decimal | None
    edited_phone: str
    edit_after: timedelta
    unknown_sku: str


class Cast:
    """Draws products, companies, contacts and flow plans. Equal seeds give equal draws, whatever the number of flows before."""

    def __init__(self, seed: Seed, workload: Workload, day: timedelta) -> None:
        self._seed, self._workload, self._day = seed, workload, day
        faker = Faker("de_DE")
        faker.seed_instance(seed.stream("faker").getrandbits(32))
        size = min(POOL_MAX, max(20, workload.flows))
        self._companies = [faker.company() for _ in range(size)]
        self._first = [faker.first_name() for _ in range(size)]
        self._last = [faker.last_name() for _ in range(size)]
        self._streets = [faker.street_address() for _ in range(size)]
        self._cities = [(faker.city(), faker.postcode()) for _ in range(size)]
        words = faker.words(nb=max(40, workload.products))
        self.products = [self._product(number, words) for number in range(1, workload.products + 1)]
        self.sales_people = [f"{faker.first_name()} (sales)" for _ in range(3)]
        self.warehouse, self.finance = f"{faker.first_name()} (warehouse)", f"{faker.first_name()} (finance)"

    def _product(self, number: int, words: list[str]) -> Product:
        random = self._seed.stream(f"product/{number}")
        price = Decimal(random.randrange(500, 250_000)) / 100
        return Product(f"SKU-{number:04d}", f"{words[number % len(words)].capitalize()} {number}", price)

    def plans(self) -> list[FlowPlan]:
        """All flows of the run in the order they begin."""
        order = self._seed.stream("arrivals")
        starts = sorted(order.random() for _ in range(self._workload.flows))
        plans = [self._plan(number, self._day * share) for number, share in enumerate(starts, 1)]
        if self._workload.unknown_item and not any(plan.unknown_sku and not plan.lost for plan in plans):
            candidates = [position for position, plan in enumerate(plans) if not plan.lost]
            if candidates:  # the scenario promises at least one, or nothing would exercise the surfacing of errors
                position = order.choice(candidates)
                plans[position] = self._with_unknown_item(plans[position])
        return plans

    def _plan(self, number: int, starts: timedelta) -> FlowPlan:
        random, share = self._seed.stream(f"flow/{number}"), self._workload
        returning = number > 3 and random.random() < share.returning_customer
        lines = self._lines(random)
        plan = FlowPlan(
            number=number,
            starts=starts,
            sales_person=random.choice(self.sales_people),
            company=None if returning else self._company(number, random),
            returning_from=random.randrange(1, number) if returning else number,
            contact=self._contact(number, random),
            lines=lines,
            quote_after=_minutes(random, 5, 40),
            decide_after=_minutes(random, 10, 90),
            lost=random.random() < share.lost,
            changed_quantity=lines[0].quantity + random.randrange(1, 5) if random.random() < share.quantity_change else None,
            edited_phone=_phone(random) if random.random() < share.company_edit else "",
            edit_after=_minutes(random, 1, 60),
            unknown_sku="",
        )
        return self._with_unknown_item(plan) if random.random() < share.unknown_item else plan

    def _with_unknown_item(self, plan: FlowPlan) -> FlowPlan:
        sku = f"{UNKNOWN_SKU}-{plan.number}"
        line = Line(sku, f"Discontinued article {plan.number}", Decimal(1), Decimal("99.00"))
        return replace(plan, lines=(*plan.lines, line), unknown_sku=sku)

    def _lines(self, random: Random) -> tuple[Line, ...]:
        chosen = random.sample(self.products, k=min(len(self.products), random.randrange(1, self._workload.lines_max + 1)))
        return tuple(Line(product.sku, product.name, Decimal(random.randrange(1, 21)), product.price) for product in chosen)

    def _company(self, number: int, random: Random) -> Company:
        name = f"{random.choice(self._companies)} {number}"
        city, code = random.choice(self._cities)
        tax_id = f"DE{random.randrange(100_000_000, 999_999_999)}"
        return Company(name, f"{_slug(name)}.example", _phone(random), random.choice(self._streets), city, code, COUNTRY, tax_id)

    def _contact(self, number: int, random: Random) -> Contact:
        first, last = random.choice(self._first), random.choice(self._last)
        return Contact(first, last, f"{_slug(first)}.{_slug(last)}.{number}@mail.example", _phone(random))


def _minutes(random: Random, least: int, most: int) -> timedelta:
    return timedelta(seconds=random.randrange(least * 60, most * 60 + 1))


def _phone(random: Random) -> str:
    return f"+49 {random.randrange(30, 999)} {random.randrange(100_000, 9_999_999)}"


def _slug(text: str) -> str:
    plain = text.lower().translate(_UMLAUTS)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
