"""A small run made by hand: a won deal that was ordered twice after a lost reply, one that went well, one lost; and a crash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.kit.journal import (
    Answered,
    Arrived,
    Changed,
    Decided,
    DeliveryAttempted,
    EngineEvent,
    FaultFired,
    Journal,
    Marker,
    PersonActed,
    Received,
)
from harness.kit.records import ARCHIVED, CREATED, UPDATED, Change, Record
from harness.oracles.finding import Finding, Judgement, StoryLine, Verdict
from harness.oracles.history import FlowCase, History, OpenError
from harness.report.result import RunResult, make_result
from sync_engine.dictionary import load

DICTIONARY = Path(__file__).parents[2] / "scenarios" / "hubspot-erpnext.dictionary.yaml"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOTES = {
    "weather": "office-day",
    "crm_title": "HubSpot",
    "erp_title": "ERPNext",
    "crm_limit": "190 per 10 s",
    "scenario_title": "A day of quote to cash",
}


class Day:
    """Writes a journal and the final records, in the words of what happens. Times are seconds after START."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.records: dict[str, dict[str, dict[str, Record]]] = {"crm": {}, "erp": {}}
        self.at = START

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def person(self, who: str, action: str, flow: int, system: str, record: str) -> None:
        self.journal.add(PersonActed(self.at, who, action, flow, system, record))

    def change(self, system: str, kind: str, record_id: str, by: str, request: int = 0, **new: Any) -> None:
        """Create or update one record, as `by`."""
        kinds = self.records[system].setdefault(kind, {})
        record = kinds.get(record_id)
        action = UPDATED if record is not None else CREATED
        if record is None:
            record = kinds[record_id] = Record(kind, record_id, {}, 0, self.at, self.at)
        old = {name: record.fields.get(name) for name in new} if action == UPDATED else {}
        record.fields, record.version, record.updated_at = {**record.fields, **new}, record.version + 1, self.at
        sequence = len(self.journal.entries)
        change = Change(sequence, self.at, kind, record_id, record.version, action, old, new, by, request)
        self.journal.add(Changed(self.at, system, change))

    def request(
        self,
        system: str,
        method: str,
        path: str,
        body: str = "",
        status: int = 200,
        seen: str = "reply",
        fault: str = "",
        query: str = "",
    ) -> int:
        """One call of the engine, with all that the journal says about it; the answer arrives 40 ms later."""
        journal, number = self.journal, self.journal.next_request()
        journal.add(Received(self.at, number, system, "engine", method, path, query, body))
        if fault:
            journal.add(FaultFired(self.at, fault, f"{system}.call", 1, number=number))
        journal.add(Decided(self.at, number, "call", f"fault:{fault}" if fault else "accepted"))
        journal.add(Answered(self.at, number, status, "applied" if status < 400 else "not_applied", "{}"))
        self.later(30.0 if seen == "timeout" else 0.04)
        journal.add(Arrived(self.at, number, seen))
        return number

    def webhook(self, system: str, delivery: str, subject: str, result: str = "204", attempt: int = 1, fault: str = "") -> None:
        if fault:
            self.journal.add(FaultFired(self.at, fault, f"{system}.webhook", attempt, delivery=delivery))
        self.journal.add(DeliveryAttempted(self.at, system, delivery, attempt, result, subject, "[]"))

    def engine(self, event: str, detail: str = "") -> None:
        self.journal.add(EngineEvent(self.at, event, detail))


def _sales(day: Day, flow: int, company: str, deal: str, name: str, outcome: str) -> datetime:
    """A sales person makes a company and a deal, and decides it. Returns when."""
    day.change("crm", "companies", company, "person:anna", name=name)
    day.person("Anna (sales)", f"added the company {name}", flow, "crm", f"companies {company}")
    day.later(60)
    day.change("crm", "deals", deal, "person:anna", dealname=f"Deal of {name}", amount="1190.00", dealstage="contractsent")
    day.person("Anna (sales)", f"opened the deal {name!r}", flow, "crm", f"deals {deal}")
    day.later(1_500)
    day.change("crm", "deals", deal, "person:anna", dealstage="closedwon" if outcome == "won" else "closedlost")
    day.person("Anna (sales)", f"marked the deal as {outcome}", flow, "crm", f"deals {deal}")
    return day.at


def _order(day: Day, deal: str, order: str, customer: str, *, lost: bool = False) -> int:
    """The engine makes and submits an order; with `lost` it never hears that it did."""
    number = day.request(
        "erp",
        "POST",
        "/api/resource/Sales Order",
        f'{{"customer": "{customer}", "custom_crm_deal_id": "{deal}"}}',
        seen="timeout" if lost else "reply",
        fault="lose_reply" if lost else "",
    )
    day.change(
        "erp", "Sales Order", order, "engine", number, custom_crm_deal_id=deal, customer=customer, docstatus=0, status="Draft"
    )
    submit = day.request("erp", "PUT", f"/api/resource/Sales Order/{order}", '{"docstatus": 1}')
    day.change("erp", "Sales Order", order, "engine", submit, docstatus=1, status="To Deliver and Bill", per_delivered="0")
    return number


def _fulfilment(day: Day, deal: str, order: str, invoice: str) -> None:
    """Warehouse and finance do their part; the engine carries it back to the deal, once after a 429."""
    day.later(1_800)
    day.change("erp", "Sales Order", order, "person:wanda", 0, per_delivered="100", status="To Bill")
    day.person("Wanda (warehouse)", f"shipped {order}: DN-1", 0, "erp", order)
    day.webhook("erp", "erp-1", f"Sales Order {order}")
    day.later(2)
    day.request("crm", "PATCH", f"/crm/v3/objects/deals/{deal}", '{"properties": {"erp_shipped_percent": "100"}}', status=429)
    day.later(10)
    number = day.request("crm", "PATCH", f"/crm/v3/objects/deals/{deal}", '{"properties": {"erp_shipped_percent": "100"}}')
    day.change("crm", "deals", deal, "engine", number, erp_shipped_percent="100", erp_order_status="to bill")
    day.later(900)
    items = [{"sales_order": order}]
    day.change(
        "erp",
        "Sales Invoice",
        invoice,
        "person:fritz",
        0,
        items=items,
        grand_total="1416.10",
        outstanding_amount="1416.10",
        docstatus=0,
    )
    day.change("erp", "Sales Invoice", invoice, "person:fritz", 0, docstatus=1)
    day.person("Fritz (finance)", f"invoiced {order}: {invoice}", 0, "erp", order)
    day.later(4)
    number = day.request("crm", "PATCH", f"/crm/v3/objects/deals/{deal}", '{"properties": {"erp_invoiced_amount": "1416.10"}}')
    day.change("crm", "deals", deal, "engine", number, erp_invoiced_amount="1416.10")
    day.later(3_000)
    day.change("erp", "Sales Invoice", invoice, "person:fritz", 0, outstanding_amount="0.00")
    day.person("Fritz (finance)", f"booked a payment for {invoice}: PAY-1", 0, "erp", invoice)


def sample_history(
    *, names: tuple[str, str, str] = ("Müller & Söhne GmbH", "Beispiel AG", "Adler KG"), notes: Mapping[str, str] = NOTES
) -> History:
    """The whole day. The payment of the second flow never reaches the CRM."""
    day = Day()
    day.engine("started")
    day.journal.add(Marker(day.at, "faults_on"))
    won_1 = _sales(day, 1, "11", "101", names[0], "won")
    day.later(3)
    day.webhook("crm", "crm-1", "deal.propertyChange 101", "timeout", fault="webhook_delay")
    day.later(5)
    day.webhook("crm", "crm-1", "deal.propertyChange 101", attempt=2)
    day.request("crm", "GET", "/crm/v3/objects/deals/101", query="associations=companies&hapikey=SECRET-TOKEN")
    number = day.request("erp", "POST", "/api/resource/Customer", '{"custom_crm_company_id": "11"}')
    day.change("erp", "Customer", names[0], "engine", number, customer_name=names[0], custom_crm_company_id="11")
    first = _order(day, "101", "SO-1", names[0], lost=True)
    day.engine("crashed", "around request 4")
    day.later(45)
    day.engine("restarted")
    day.later(15)
    again = _order(day, "101", "SO-2", names[0])
    link = day.request("crm", "PATCH", "/crm/v3/objects/deals/101", '{"properties": {"erp_order_id": "SO-2"}}')
    day.change("crm", "deals", "101", "engine", link, erp_order_id="SO-2")
    won_2 = _sales(day, 2, "12", "102", names[1], "won")
    day.webhook("crm", "crm-2", "deal.propertyChange 102", "lost", fault="webhook_lost")
    day.later(95)
    number = day.request("erp", "POST", "/api/resource/Customer", '{"custom_crm_company_id": "12"}', status=502, fault="proxy_page")
    number = day.request("erp", "POST", "/api/resource/Customer", '{"custom_crm_company_id": "12"}')
    day.change("erp", "Customer", names[1], "engine", number, customer_name=names[1], custom_crm_company_id="12")
    _order(day, "102", "SO-3", names[1])
    _fulfilment(day, "102", "SO-3", "SINV-1")
    faults_off = day.at
    day.journal.add(Marker(day.at, "faults_off"))
    _sales(day, 3, "13", "103", names[2], "lost")
    day.records["crm"]["deals"]["103"].archived = True
    gone = Change(len(day.journal.entries), day.at, "deals", "103", 3, ARCHIVED, {}, {}, "person:anna")
    day.journal.add(Changed(day.at, "crm", gone))
    day.later(600)
    day.journal.add(Marker(day.at, "end"))
    flows = [
        FlowCase(1, "11", "101", "won", won_1),
        FlowCase(2, "12", "102", "won", won_2),
        FlowCase(3, "13", "103", "lost"),
    ]
    assert (first, again) == (3, 5)
    return _history(day, flows, faults_off, notes)


def _history(day: Day, flows: list[FlowCase], faults_off: datetime, notes: Mapping[str, str]) -> History:
    return History(
        scenario="quote-to-cash",
        seed=7,
        engine="point-to-point",
        mode="simulation",
        dictionary=load(DICTIONARY),
        entries=day.journal.entries,
        records=day.records,
        flows=flows,
        open_errors=[OpenError("crm deals 102", "the payment could not be written")],
        started_at=START,
        faults_off_at=faults_off,
        ended_at=day.at,
        converge_within=timedelta(hours=4),
        still_pending="",
        replay="syncproof run quote-to-cash --seed 7 --engine point-to-point",
        notes=notes,
    )


def duplicate_of(history: History, name: str, number: int = 1) -> Finding:
    """The story of the order that was made twice."""
    by_number = {entry.number: entry for entry in history.entries if isinstance(entry, Received)}
    lines = (
        StoryLine(history.flows[0].won_at or START, "Anna (sales)", "marked the deal as won"),
        StoryLine(by_number[3].at, "engine", "asked ERPNext for an order of deal 101", request=3),
        StoryLine(by_number[3].at, "erp", "made SO-1, but the reply was lost", request=3),
        StoryLine(by_number[5].at, "engine", "asked again, without looking whether the order exists", request=5),
        StoryLine(by_number[5].at, "erp", "made SO-2", request=5),
    )
    return Finding(
        oracle="no_duplicates",
        key=f"no_duplicates/order/deals {100 + number}",
        summary=f"the deal of {name} has two sales orders in ERPNext: SO-1 and SO-2",
        record="crm deals 101",
        flow=1,
        story=lines,
        likely="the reply to request 3 was lost after the order had been made, and the engine asked again",
    )


def judge(history: History, findings: list[Finding], verdict: Verdict = Verdict.VIOLATED) -> RunResult:
    """Three promises: one with these findings, one held, one not exercised."""
    judgements = [
        Judgement(
            "no_duplicates",
            "Every won deal becomes exactly one sales order.",
            Verdict.VIOLATED if findings else Verdict.HELD,
            findings,
        ),
        Judgement("money_conserved", "No cent is lost or made up between the two systems.", Verdict.HELD),
        Judgement("no_resurrection", "What a person deleted stays deleted.", Verdict.UNKNOWN),
    ]
    return make_result(history, judgements, verdict, "0.1.0")


def sample_result(name: str = "Müller & Söhne GmbH") -> RunResult:
    history = sample_history(names=(name, "Beispiel AG", "Adler KG"))
    return judge(history, [duplicate_of(history, name)])


def held_result() -> RunResult:
    return judge(sample_history(), [], Verdict.HELD)
