"""A bad day in miniature: every call may be lost, garbled or refused, the process dies now and then, and people go on working."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tiny_vendors import World

POISONED = "1005"


class BadDay:
    """One seed's day: who won what, what was shipped, invoiced and paid, and what went wrong with the calls."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.vendors, self.chance = world, world.vendors, Random(seed)
        self.deals: list[str] = []
        self.deaths = 0
        world.vendors.mishap = self.mishap

    def mishap(self, method: str, path: str, nth: int) -> str | None:
        drawn = self.chance.random()
        if 0.09 <= drawn < 0.12 and self.world.engine is not None:
            self.world.loop.call_later(self.chance.random() * 0.03, self.die)
        return next(
            (kind for kind, limit in (("lose", 0.03), ("html", 0.05), ("refuse", 0.07), ("truncate", 0.09)) if drawn < limit), None
        )

    def die(self) -> None:
        if self.world.engine is not None:
            self.deaths += 1
            self.world.kill()
            self.world.loop.call_later(20, self.world.start)

    def live_through(self) -> None:
        self.world.start()
        for number in range(12):
            self.win(str(1000 + number))
            self.world.pass_time(self.chance.random() * 200)
            self.work_in_the_erp(number)
        self.vendors.mishap = lambda method, path, nth: None
        self.world.pass_time(700)
        self.world.until_quiet(30_000)
        self.world.pass_time(620)
        self.world.until_quiet()

    def win(self, deal: str) -> None:
        company, contact = str(700 + self.chance.randrange(6)), str(300 + self.chance.randrange(8))
        self.vendors.won_deal(deal, company=company, contact=contact, sku="LEGACY" if deal == POISONED else "SKU-1")
        self.vendors.edit("companies", company, name=f"Acme {company}", phone=deal)
        self.deals.append(deal)

    def work_in_the_erp(self, number: int) -> None:
        invoices = self.vendors.erp.setdefault("Sales Invoice", {})
        for name in list(self.vendors.erp.get("Sales Order", {})):
            if self.chance.random() < 0.2:
                self.vendors.change(
                    "Sales Order", name, per_delivered=50 + number, status=self.chance.choice(["To Bill", "To Deliver"])
                )
            if self.chance.random() < 0.2:
                invoice = {"name": f"INV-{name}-{number}", "docstatus": 1, "grand_total": 35.7, "outstanding_amount": 35.7}
                invoices[invoice["name"]] = {**invoice, "items": [{"sales_order": name}]}  # type: ignore[index]
                self.vendors.change("Sales Invoice", str(invoice["name"]))
        for name in list(invoices):
            if self.chance.random() < 0.1:
                self.vendors.change("Sales Invoice", name, outstanding_amount=0)

    def invoiced(self, order: str, *, paid: bool = False) -> Decimal:
        docs = [doc for doc in self.vendors.erp["Sales Invoice"].values() if doc["items"][0]["sales_order"] == order]
        return sum(
            (Decimal(str(doc["grand_total"])) - Decimal(str(doc["outstanding_amount"] if paid else 0)) for doc in docs), Decimal(0)
        )


@pytest.mark.parametrize("seed", range(8))
def test_after_a_bad_day_everything_is_right_and_nothing_is_there_twice(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    day = BadDay(world, seed)
    try:
        day.live_through()
        erp, crm = world.vendors.erp, world.vendors.crm
        orders: dict[str, dict[str, Any]] = erp["Sales Order"]
        assert sorted(order["custom_crm_deal_id"] for order in orders.values()) == sorted(set(day.deals) - {POISONED})
        for name, order in orders.items():
            deal = crm["deals"][order["custom_crm_deal_id"]]
            assert deal["erp_order_id"] == name
            assert Decimal(deal["erp_shipped_percent"]) == Decimal(str(order["per_delivered"]))
            assert Decimal(deal["erp_invoiced_amount"]) == day.invoiced(name)
            assert Decimal(deal["erp_paid_amount"]) == day.invoiced(name, paid=True)
        for name, customer in erp["Customer"].items():
            company = crm["companies"][customer["custom_crm_company_id"]]
            assert (company["erp_customer_id"], company["phone"], company["name"]) == (
                name,
                customer["custom_phone"],
                customer["customer_name"],
            )
        for kind, link in (
            ("Customer", "custom_crm_company_id"),
            ("Address", "custom_crm_company_id"),
            ("Contact", "custom_crm_contact_id"),
        ):
            ids = [doc[link] for doc in erp[kind].values()]
            assert len(ids) == len(set(ids))
        assert len(erp["Address"]) == len(erp["Customer"])
        assert world.engine is not None
        assert [record for record, _ in world.engine.open_errors()] == [f"crm deals {POISONED}"]
        assert "LEGACY" in crm["deals"][POISONED]["erp_sync_error"]
        assert day.deaths > 0, "the process never died, so this seed proved too little"
    finally:
        world.close()
