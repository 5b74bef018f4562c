"""A run of many flows, made cheaply: every one is ordered, shipped and carried back, and every one is a finding."""

from __future__ import annotations

from datetime import datetime, timedelta

from sample_run import DICTIONARY, NOTES, START, judge

from harness.kit.journal import Answered, AnyEntry, Changed, DeliveryAttempted, EngineEvent, FaultFired, PersonActed, Received
from harness.kit.records import CREATED, UPDATED, Change, Record
from harness.oracles.finding import Finding, StoryLine
from harness.oracles.history import FlowCase, History
from harness.report.result import RunResult
from sync_engine.dictionary import load

EFFECTS = ("lose_reply", "late_reply(by_ms=30000)", "proxy_page(status=502, applied=False)", "refuse(kind=server_error)")


def big_result(flows: int) -> RunResult:
    entries: list[AnyEntry] = []
    cases, findings = [], []
    orders: dict[str, Record] = {}
    for number in range(1, flows + 1):
        won_at = START + timedelta(seconds=number * 30)
        deal, order = str(900_000 + number), f"SO-{number:05d}"
        cases.append(FlowCase(number, str(500_000 + number), deal, "won", won_at))
        orders[order] = Record("Sales Order", order, {"custom_crm_deal_id": deal, "docstatus": 1}, 2, won_at, won_at)
        entries += _flow(number, won_at, deal, order)
        findings.append(_finding(number, won_at, deal))
    history = History(
        scenario="month-end",
        seed=1,
        engine="point-to-point",
        mode="simulation",
        dictionary=load(DICTIONARY),
        entries=entries,
        records={"crm": {}, "erp": {"Sales Order": orders}},
        flows=cases,
        open_errors=[],
        started_at=START,
        faults_off_at=START + timedelta(seconds=flows * 30),
        ended_at=START + timedelta(seconds=flows * 30 + 3_600),
        converge_within=timedelta(hours=4),
        still_pending="3 crm webhook deliveries pending",
        replay="syncproof run month-end",
        notes=NOTES,
    )
    return judge(history, findings)


def _flow(number: int, won_at: datetime, deal: str, order: str) -> list[AnyEntry]:
    ordered_at = won_at + timedelta(seconds=1 + number * 7 % 400)
    shipped_at = ordered_at + timedelta(minutes=20)
    told_at = shipped_at + timedelta(seconds=0.5 + number * 13 % 50)
    request = number * 2
    made = Change(1, ordered_at, "Sales Order", order, 1, CREATED, {}, {"docstatus": 1}, "engine", request)
    shipped = Change(2, shipped_at, "Sales Order", order, 2, UPDATED, {}, {"per_delivered": 100}, "person:w", 0)
    told = Change(3, told_at, "deals", deal, 2, UPDATED, {}, {"erp_shipped_percent": 100}, "engine", request + 1)
    body = f'{{"custom_crm_deal_id":"{deal}"}}'
    entries: list[AnyEntry] = [
        PersonActed(won_at, "Anna (sales)", "marked the deal as won", number, "crm", f"deals {deal}"),
        DeliveryAttempted(won_at, "crm", f"crm-{number}", 1, "204", f"deal.propertyChange {deal}", ""),
        Received(ordered_at, request, "erp", "engine", "POST", "/api/resource/Sales Order", "", body),
        Changed(ordered_at, "erp", made),
        Answered(ordered_at, request, 200, "applied", "{}"),
        Changed(shipped_at, "erp", shipped),
        Received(told_at, request + 1, "crm", "engine", "PATCH", f"/crm/v3/objects/deals/{deal}", "", ""),
        Changed(told_at, "crm", told),
        Answered(told_at, request + 1, 429 if number % 50 == 0 else 200, "applied", "{}"),
    ]
    if number % 3 == 0:
        entries.append(FaultFired(ordered_at, EFFECTS[number % 4], "erp.create_sales_order", 1, number=request))
    if number % 1_000 == 0:
        entries.append(EngineEvent(told_at, "crashed"))
    return entries


def _finding(number: int, won_at: datetime, deal: str) -> Finding:
    story = tuple(StoryLine(won_at, "engine", f"asked for the order of deal {deal} again", number * 2) for _ in range(12))
    key, summary = f"no_duplicates/order/deals {deal}", f"deal {deal} has two orders"
    return Finding("no_duplicates", key, summary, f"crm deals {deal}", number, story)
