"""Histories by hand: two stores, a journal, and verbs for what people, a good engine and a bad one do. Literal values only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.kit.clock import ManualClock
from harness.kit.journal import (
    Answered,
    Arrived,
    Changed,
    Decided,
    DeliveryAttempted,
    EngineEvent,
    FaultFired,
    Journal,
    PersonActed,
    Received,
)
from harness.kit.records import RecordStore
from harness.oracles.history import FlowCase, History, OpenError
from sync_engine.dictionary import Dictionary, load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DICTIONARY = load(SCENARIOS / "hubspot-erpnext.dictionary.yaml")
FULL_CYCLE = load(SCENARIOS / "full-cycle.dictionary.yaml")
VAT = Decimal("1.19")
Line = tuple[str, str, str]  # sku, quantity, price
PUMPS: tuple[Line, ...] = (("PUMP", "3", "100.00"), ("HOSE", "10", "4.95"))


class Books:
    """Both systems and everything that happened. Every verb takes a minute of virtual time."""

    def __init__(self, dictionary: Dictionary = DICTIONARY) -> None:
        self.dictionary = dictionary
        self.clock, self.journal = ManualClock(), Journal()
        self.started_at = self.clock.now()
        self.crm, self.erp = RecordStore(self.clock), RecordStore(self.clock)
        for system, store in (("crm", self.crm), ("erp", self.erp)):
            store.on_commit(lambda changes, name=system: [self.journal.add(Changed(c.at, name, c)) for c in changes])  # type: ignore[misc]
        self.flows: list[FlowCase] = []
        self.open_errors: list[OpenError] = []
        self.deals: dict[str, tuple[str, tuple[Line, ...]]] = {}

    # -- people ---------------------------------------------------------------------------------------------------

    @contextmanager
    def person(self, system: str, record: str, action: str, name: str = "anna") -> Iterator[RecordStore]:
        store = self._store(system)
        self.clock.advance(timedelta(minutes=1))
        store.actor = f"person:{name}"
        yield store
        store.actor = "system"
        self.journal.add(PersonActed(self.clock.now(), name, action, 0, system, record))

    def company(self, company_id: str = "9001", name: str = "Acme Pumps", phone: str = "+49 30 1") -> str:
        fields = {"name": name, "domain": "ACME.example", "phone": phone, "tax_id": "DE123456789"}
        with self.person("crm", f"companies {company_id}", f"added the company {name}") as store:
            store.insert("companies", company_id, fields)
        return company_id

    def deal(self, deal_id: str = "501", company: str = "9001", lines: tuple[Line, ...] = PUMPS, name: str = "") -> str:
        amount = sum((Decimal(quantity) * Decimal(price) for _, quantity, price in lines), Decimal(0))
        self.deals[deal_id] = company, lines
        with self.person("crm", f"deals {deal_id}", "opened the deal") as store:
            store.insert("deals", deal_id, {"dealname": name or f"Pumps {deal_id}", "amount": str(amount), "dealstage": "quoted"})
            for number, (sku, quantity, price) in enumerate(lines, 1):
                line_id = f"{deal_id}{number:02d}"
                store.insert("line_items", line_id, {"hs_sku": sku, "quantity": quantity, "price": price})
                store.insert("associations", f"0-3:{deal_id}>0-8:{line_id}", {"from_id": deal_id, "to_id": line_id})
        return deal_id

    def decide(self, deal_id: str = "501", outcome: Literal["won", "lost"] = "won", refused_because: str = "") -> None:
        with self.person("crm", f"deals {deal_id}", f"marked the deal as {outcome}") as store:
            store.update("deals", deal_id, {"dealstage": f"closed{outcome}"})
        won_at = self.clock.now() if outcome == "won" else None
        case = FlowCase(len(self.flows) + 1, self.deals[deal_id][0], deal_id, outcome, won_at, refused_because)
        self.flows.append(case)

    def leave(self, deal_id: str = "501") -> None:
        """A won deal is lost after all."""
        self.edit("crm", "deals", deal_id, dealstage="closedlost")
        self._recast(deal_id, outcome="lost", left_at=self.clock.now())

    def amend(self, lines: tuple[Line, ...], deal_id: str = "501") -> None:
        """Quantities and prices of a won deal change, and its amount with them."""
        total = sum((Decimal(quantity) * Decimal(price) for _, quantity, price in lines), Decimal(0))
        for number, (_, quantity, price) in enumerate(lines, 1):
            self.edit("crm", "line_items", f"{deal_id}{number:02d}", quantity=quantity, price=price)
        self.edit("crm", "deals", deal_id, amount=str(total))
        self._recast(deal_id, changed_at=self.clock.now())

    def bin(self, deal_id: str = "501") -> None:
        """A won deal is archived."""
        with self.person("crm", f"deals {deal_id}", "put the deal into the bin") as store:
            store.archive("deals", deal_id)
        self._recast(deal_id, archived=True)

    def unbin(self, deal_id: str = "501") -> None:
        """It is taken out of the bin again."""
        with self.person("crm", f"deals {deal_id}", "took the deal out of the bin") as store:
            store.restore_record("deals", deal_id)
        self._recast(deal_id, archived=False)

    def clock_on(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    def _recast(self, deal_id: str, **changes: Any) -> None:
        self.flows = [replace(flow, **changes) if flow.deal_id == deal_id else flow for flow in self.flows]

    def edit(self, system: str, kind: str, record_id: str, **changes: Any) -> None:
        with self.person(system, f"{kind} {record_id}", f"changed {', '.join(changes)}") as store:
            store.update(kind, record_id, changes)

    # -- any engine -----------------------------------------------------------------------------------------------

    @contextmanager
    def call(
        self, system: str, method: str, path: str, body: Any = None, *,
        status: int = 200, answer: str = "", seen: str = "reply", fault: str = "",
    ) -> Iterator[RecordStore]:  # fmt: skip
        """One call of the engine; what the block writes is what it changed."""
        self.clock.advance(timedelta(minutes=1))
        store, now, number = self._store(system), self.clock.now(), self.journal.next_request()
        text = msgspec.json.encode(body).decode() if body is not None else ""
        self.journal.add(Received(now, number, system, "engine", method, path, "", text))
        if fault:
            self.journal.add(FaultFired(now, fault, f"{system}.call", 1, number=number))
        store.request, store.actor = number, "engine"
        yield store
        store.request, store.actor = 0, "system"
        self.journal.add(Decided(now, number, "call", "accepted"))
        self.journal.add(Answered(now, number, status, "applied", answer))
        self.journal.add(Arrived(now, number, seen))

    def refused(self, system: str, method: str, path: str, body: Any, status: int, answer: dict[str, Any]) -> None:
        with self.call(system, method, path, body, status=status, answer=msgspec.json.encode(answer).decode()):
            pass

    def crash(self) -> None:
        self.journal.add(EngineEvent(self.clock.now(), "crashed"))
        self.clock.advance(timedelta(minutes=1))
        self.journal.add(EngineEvent(self.clock.now(), "restarted"))

    def notification(self, system: str, subject: str, result: str) -> None:
        self.journal.add(
            DeliveryAttempted(self.clock.now(), system, f"{system}-{len(self.journal.entries)}", 1, result, subject, "[]")
        )

    def create_customer(self, name: str, company: str = "9001", *, link: bool = True, **how: Any) -> str:
        source = self.crm.get("companies", company)
        assert source is not None
        fields = {
            "customer_name": source.fields["name"], "website": source.fields["domain"].lower(),
            "custom_phone": source.fields["phone"], "tax_id": source.fields["tax_id"],
            "custom_crm_company_id": company if link else None, "docstatus": 0,
        }  # fmt: skip
        with self.call("erp", "POST", "/api/resource/Customer", fields, **how) as store:
            store.insert("Customer", name, fields)
        if self.dictionary is FULL_CYCLE:
            self.write("crm", "companies", company, {"erp_credit_status": "good"})
        return name

    def create_order(
        self, name: str, deal: str = "501", customer: str = "Acme Pumps", *,
        link: bool = True, docstatus: int = 1, lines: tuple[Line, ...] | None = None, **how: Any,
    ) -> str:  # fmt: skip
        source = self.crm.get("deals", deal)
        assert source is not None
        rows = [
            {"item_code": sku, "qty": Decimal(quantity), "rate": Decimal(price), "amount": Decimal(quantity) * Decimal(price)}
            for sku, quantity, price in (lines or self.deals[deal][1])
        ]
        net = sum((row["amount"] for row in rows), Decimal(0))
        fields = {
            "customer": customer, "items": rows, "net_total": net,
            "grand_total": (net * VAT).quantize(Decimal("0.01"), ROUND_HALF_UP),
            "currency": "EUR", "status": "To Deliver and Bill" if docstatus else "Draft", "per_delivered": Decimal(0),
            "docstatus": docstatus, "custom_crm_deal_id": deal if link else None, "custom_crm_deal_name": source.fields["dealname"],
        }  # fmt: skip
        body = {
            "customer": customer,
            "custom_crm_deal_id": deal if link else None,
            "custom_crm_deal_name": source.fields["dealname"],
        }
        with self.call("erp", "POST", "/api/resource/Sales Order", body, **how) as store:
            store.insert("Sales Order", name, fields)
        return name

    def write(self, system: str, kind: str, record_id: str, changes: dict[str, Any], **how: Any) -> None:
        path = f"/crm/v3/objects/{kind}/{record_id}" if system == "crm" else f"/api/resource/{kind}/{record_id}"
        with self.call(system, "PATCH" if system == "crm" else "PUT", path, changes, **how) as store:
            store.update(kind, record_id, changes)

    def show(self, order: str, deal: str = "501") -> None:
        """The engine writes the order's state back to the deal, as the dictionary demands."""
        record = self.erp.get("Sales Order", order)
        assert record is not None
        status = next(field for field in DICTIONARY.entity("order").fields if field.name == "Order status")
        mine = [
            one
            for one in self.erp.all("Sales Invoice")
            if one.fields["docstatus"] == 1 and one.fields["items"][0]["sales_order"] == order
        ]
        invoiced = sum((one.fields["grand_total"] for one in mine), Decimal(0))
        paid = invoiced - sum((one.fields["outstanding_amount"] for one in mine), Decimal(0))
        self.write("crm", "deals", deal, {
            "erp_order_id": order, "erp_order_status": status.values[record.fields["status"]],
            "erp_shipped_percent": str(record.fields["per_delivered"]),
            "erp_invoiced_amount": str(invoiced), "erp_paid_amount": str(paid),
        })  # fmt: skip

    # -- warehouse and finance ------------------------------------------------------------------------------------

    def ship(self, order: str, percent: str = "100", status: str = "To Bill") -> None:
        self.edit("erp", "Sales Order", order, per_delivered=Decimal(percent), status=status)

    def invoice(self, name: str, order: str, amount: str, outstanding: str = "0", currency: str = "EUR") -> None:
        with self.person("erp", f"Sales Invoice {name}", f"invoiced {order}", "frida") as store:
            store.insert("Sales Invoice", name, {
                "docstatus": 1, "currency": currency, "grand_total": Decimal(amount), "outstanding_amount": Decimal(outstanding),
                "items": [{"sales_order": order, "item_code": "PUMP"}, {"sales_order": order, "item_code": "HOSE"}],
            })  # fmt: skip

    # -- the end --------------------------------------------------------------------------------------------------

    def history(self, *, still_pending: str = "", wait: timedelta = timedelta(hours=2)) -> History:
        faults_off_at = self.clock.now()
        self.clock.advance(wait)
        records = {
            system: {kind: {record.id: record for record in store.all(kind)} for kind in store.kinds()}
            for system, store in (("crm", self.crm), ("erp", self.erp))
        }
        return History(
            "by hand", 1, "test", "simulation", self.dictionary, self.journal.entries, records, self.flows, self.open_errors,
            self.started_at, faults_off_at, self.clock.now(), timedelta(hours=1), still_pending,
        )  # fmt: skip

    def _store(self, system: str) -> RecordStore:
        return self.crm if system == "crm" else self.erp


def in_sync(
    deal: str = "501", company: str = "9001", order: str = "SO-1", customer: str = "Acme Pumps", books: Books | None = None
) -> Books:
    """A won deal that a good engine carried over, shipped, invoiced, half paid and shown in the CRM."""
    books = books or Books()
    if books.crm.get("companies", company) is None:
        books.company(company, name=customer)
    books.deal(deal, company)
    books.decide(deal)
    if books.erp.get("Customer", customer) is None:
        books.create_customer(customer, company)
    books.create_order(order, deal, customer)
    books.show(order, deal)
    books.ship(order)
    books.invoice(f"SI-{order}", order, "415.91", "200.00")
    books.show(order, deal)
    return books
