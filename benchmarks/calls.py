"""The calls that the in-process benchmarks make, and fakes prepared to answer them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
from bench import ERPNEXT_HEADERS, HUBSPOT_HEADERS, UNLIMITED, make_fake

from harness.kit.call import Call
from harness.kit.clock import Clock
from harness.kit.fake import Fake
from harness.kit.journal import Journal, RecentJournal
from harness.kit.people import Product

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Prepared:
    """A fake with one record, and how to read and write it."""

    fake: Fake
    headers: dict[str, str]
    path: str
    query: str
    write_method: str
    bodies: Iterator[bytes]

    def read(self) -> Call:
        return Call("GET", self.path, self.query, self.headers, caller="engine")

    def write(self) -> Call:
        return Call(self.write_method, self.path, "", self.headers, next(self.bodies), "engine")


def prepare(vendor: str, clock: Clock, journal: Journal | None = None) -> Prepared:
    journal = journal if journal is not None else RecentJournal(10_000)
    if vendor == "hubspot":
        fake = make_fake(vendor, clock, journal, settings=UNLIMITED)
        deal = _create(fake, "/crm/v3/objects/deals", HUBSPOT_HEADERS, {"properties": {"dealname": "Saws", "amount": "1250.50"}})
        bodies = (msgspec.json.encode({"properties": {"amount": f"{number}.50"}}) for number in count(1))
        path = f"/crm/v3/objects/deals/{deal['id']}"
        return Prepared(fake, HUBSPOT_HEADERS, path, "properties=dealname,amount,dealstage", "PATCH", bodies)
    fake = make_fake(vendor, clock, journal)
    customer = _create(fake, "/api/resource/Customer", ERPNEXT_HEADERS, {"customer_name": "Acme", "customer_type": "Company"})
    bodies = (msgspec.json.encode({"website": f"acme-{number}.example"}) for number in count(1))
    return Prepared(fake, ERPNEXT_HEADERS, f"/api/resource/Customer/{customer['data']['name']}", "", "PUT", bodies)


def prepare_orders(clock: Clock) -> tuple[Fake, Call]:
    """An ERPNext site with items and a customer, and the call that makes and submits an order of two lines with tax."""
    fake = make_fake("erpnext", clock, RecentJournal(10_000))
    skus = [
        fake.erp_desk("Erika").add_item(Product(sku, f"Item {sku}", Decimal("33.33")), Decimal(10**7)) for sku in ("A-1", "A-2")
    ]
    customer = _create(fake, "/api/resource/Customer", ERPNEXT_HEADERS, {"customer_name": "Acme", "customer_type": "Company"})
    order = {
        "customer": customer["data"]["name"],
        "delivery_date": "2026-03-16",
        "docstatus": 1,
        "items": [{"item_code": sku, "qty": 3, "rate": 33.33, "warehouse": "Stores - ACM"} for sku in skus],
        "taxes": [{"charge_type": "On Net Total", "account_head": "VAT - ACM", "description": "VAT 19%", "rate": 19}],
    }
    return fake, Call("POST", "/api/resource/Sales Order", "", ERPNEXT_HEADERS, msgspec.json.encode(order), "engine")


def _create(fake: Fake, path: str, headers: dict[str, str], body: dict[str, Any]) -> Any:
    reply = fake.handle(Call("POST", path, "", headers, msgspec.json.encode(body), "engine"))
    assert reply.ok, reply.body
    return reply.json()
