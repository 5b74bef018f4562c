"""One business case picked out of the journal: what people, the CRM, the engine and the ERP did about it, step by step.

A step belongs to a flow when a person did it for that flow or to one of its ERP documents, when a request or a webhook names the
deal or its order, or when a request changed one of the flow's records. Engine crashes in between belong to it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import unquote_plus

from harness.kit.journal import Answered, Arrived, Changed, DeliveryAttempted, EngineEvent, FaultFired, PersonActed, Received
from harness.oracles.history import FlowCase, History
from harness.report.propagation import is_person
from harness.report.result import RunResult
from harness.report.words import clean, fault_words, shorten

STEPS_MAX: Final = 56
TEXT_LENGTH_MAX: Final = 160  # characters
AFTER_CRASH: Final = timedelta(minutes=30)  # crashes are shown up to this long after the last step
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SEEN_WORDS: Final = {
    "timeout": "no answer in time",
    "reset": "connection reset",
    "refused": "connection refused",
    "cut": "answer cut off",
    "gone": "engine was dead",
}
_EVENT_WORDS: Final = {
    "crashed": "engine crashed",
    "died": "engine ended",
    "restarted": "engine started again",
    "started": "engine started",
}


@dataclass(slots=True)
class Step:
    """One arrow or break of the picture. `target` is `crm`, `erp` or `engine`; a break has `source` and `target` `engine`."""

    kind: Literal["person", "request", "webhook", "crash", "restart"]
    at: datetime
    source: str
    target: str
    what: str  # `marked the deal as won`, `POST /api/resource/Customer`, `deal.propertyChange 123`
    who: str = ""  # a person's name; `webhook`, `webhook, attempt 2`
    outcome: str = ""  # `201`, `no answer in time`
    bad: bool = False
    number: int = 0  # of the request
    faults: list[str] = field(default_factory=list)
    quiet: bool = False  # a read, or a delivery that went well: first to be left out
    marked: bool = False  # a finding's story names it


@dataclass(frozen=True, slots=True)
class Trace:
    flow: FlowCase
    steps: tuple[Step, ...]
    left_out: int

    @property
    def marks(self) -> bool:
        """Whether any step is part of a finding's story."""
        return any(step.marked for step in self.steps)


def trace_of(result: RunResult) -> Trace | None:
    """The flow of the first finding that has one, else the first won flow, else the first; None where there are none."""
    flow = _choose(result)
    if flow is None:
        return None
    marked = {
        line.request for finding in result.findings() if finding.flow == flow.number for line in finding.story if line.request
    }
    collector = _Collector(result.history, flow, marked)
    steps, left_out = _cap(collector.steps())
    return Trace(flow, tuple(steps), left_out)


def _choose(result: RunResult) -> FlowCase | None:
    flows = {flow.number: flow for flow in result.history.flows}
    named = (flows.get(finding.flow) for finding in result.findings() if finding.flow)
    won = (flow for flow in flows.values() if flow.outcome == "won")
    return next((flow for flow in (*named, *won, *flows.values()) if flow is not None), None)


class _Collector:
    """Walks the journal twice: once for the requests that changed the flow's records, once for the steps."""

    def __init__(self, history: History, flow: FlowCase, marked: set[int]) -> None:
        self._history, self._flow, self._marked = history, flow, marked
        self._named, self._owned = _ids_of(history, flow)
        ids = sorted(re.escape(one) for one in self._named)
        self._names = re.compile(rf"(?<![\w-])(?:{'|'.join(ids)})(?![\w-])") if ids else None
        self._links = _link_pattern(history, flow)
        self._orders = {entity.erp.kind for entity in history.dictionary.entities if entity.when}
        self._ordered = False  # from here on, whatever asks for the customer may do so for another flow of the same company
        self._wanted = set(marked)
        for entry in history.entries:
            if isinstance(entry, Changed) and (entry.system, entry.change.kind, entry.change.id) in self._owned:
                self._wanted.add(entry.change.request)
        self._steps: list[Step] = []
        self._requests: dict[int, Step] = {}
        self._faults_of_delivery: dict[str, list[str]] = {}
        self._breaks: list[Step] = []

    def steps(self) -> list[Step]:
        for entry in self._history.entries:
            match entry:
                case Received():
                    self._received(entry)
                case Answered() if entry.number in self._requests:
                    self._answered(self._requests[entry.number], entry)
                case Arrived() if entry.number in self._requests and entry.seen != "reply":
                    step = self._requests[entry.number]
                    step.outcome, step.bad = _SEEN_WORDS.get(entry.seen, clean(entry.seen)), True
                case Changed() if (
                    entry.change.kind in self._orders and (entry.system, entry.change.kind, entry.change.id) in self._owned
                ):
                    self._ordered = True
                case FaultFired():
                    self._fault(entry)
                case DeliveryAttempted():
                    self._delivered(entry)
                case PersonActed():
                    self._acted(entry)
                case EngineEvent() if entry.event in _EVENT_WORDS:
                    self._event(entry)
                case _:
                    pass
        return self._with_breaks()

    def _with_breaks(self) -> list[Step]:
        if self._steps:
            first, last = self._steps[0].at, self._steps[-1].at
            self._steps += [step for step in self._breaks if first <= step.at <= last + AFTER_CRASH]
            self._steps.sort(key=lambda step: step.at)
        return self._steps

    def _is_about(self, *texts: str) -> bool:
        return self._names is not None and any(self._names.search(text) for text in texts if text)

    def _received(self, entry: Received) -> None:
        if is_person(entry.caller):
            return
        if (
            entry.number in self._wanted
            or self._is_about(entry.path, unquote_plus(entry.query), entry.body)
            or self._links_company(entry)
        ):
            step = Step(
                "request",
                entry.at,
                "engine",
                entry.system,
                f"{entry.method} {shorten(clean(entry.path), TEXT_LENGTH_MAX)}",
                number=entry.number,
            )
            step.quiet, step.marked = entry.method in READS, entry.number in self._marked
            self._requests[entry.number] = step
            self._steps.append(step)

    def _links_company(self, entry: Received) -> bool:
        """Whether the request looks for, or makes, the counterpart of the flow's company before there is an order."""
        if self._ordered or self._links is None or not self._steps:
            return False
        return self._links.search(entry.body) is not None or self._links.search(unquote_plus(entry.query)) is not None

    @staticmethod
    def _answered(step: Step, entry: Answered) -> None:
        step.outcome = str(entry.status) if entry.status else "no answer"
        step.bad = step.bad or entry.status >= 400 or not entry.status

    def _fault(self, entry: FaultFired) -> None:
        if entry.delivery:
            self._faults_of_delivery.setdefault(entry.delivery, []).append(fault_words(entry.fault))
        step = self._requests.get(entry.number)
        if step is not None:
            step.faults.append(fault_words(entry.fault))
            step.bad = True

    def _delivered(self, entry: DeliveryAttempted) -> None:
        if not self._is_about(entry.subject, entry.body):
            return
        well = entry.result.startswith("2")
        who = f"webhook, attempt {entry.attempt}" if entry.attempt > 1 else "webhook"
        step = Step("webhook", entry.at, entry.system, "engine", clean(entry.subject), who, clean(entry.result), not well)
        step.faults = self._faults_of_delivery.pop(entry.delivery, [])
        step.bad, step.quiet = step.bad or bool(step.faults), well
        self._steps.append(step)

    def _acted(self, entry: PersonActed) -> None:
        record = entry.record.rpartition(" ")[2] if entry.system == "crm" else entry.record
        if entry.flow == self._flow.number or (entry.system == "erp" and record in self._named):
            target = entry.system if entry.system in ("crm", "erp") else "crm"
            self._steps.append(
                Step("person", entry.at, "people", target, shorten(clean(entry.action), TEXT_LENGTH_MAX), clean(entry.person))
            )

    def _event(self, entry: EngineEvent) -> None:
        kind: Literal["crash", "restart"] = "crash" if entry.event in ("crashed", "died") else "restart"
        detail = f" ({shorten(clean(entry.detail), TEXT_LENGTH_MAX)})" if entry.detail and kind == "crash" else ""
        self._breaks.append(Step(kind, entry.at, "engine", "engine", f"{_EVENT_WORDS[entry.event]}{detail}", bad=kind == "crash"))


def _link_pattern(history: History, flow: FlowCase) -> re.Pattern[str] | None:
    """The company's id right after the name of a field that links a record to it: `"custom_crm_company_id": "11"`."""
    fields = [re.escape(entity.erp.link_field) for entity in history.dictionary.entities if not entity.when]
    if not fields or not flow.company_id:
        return None
    return re.compile(rf"(?:{'|'.join(fields)})\W{{1,9}}{re.escape(flow.company_id)}(?![\w-])")


def _ids_of(history: History, flow: FlowCase) -> tuple[set[str], set[tuple[str, str, str]]]:
    """The ids that only this flow has (deal, orders, their documents), and the keys of all its records, shared ones too."""
    named, owned = {flow.deal_id} - {""}, set()
    for entity in history.dictionary.entities:
        crm_id = flow.deal_id if entity.when else flow.company_id
        owned.add(("crm", entity.crm.kind, crm_id))
        for record in history.records.get("erp", {}).get(entity.erp.kind, {}).values():
            if crm_id and str(record.fields.get(entity.erp.link_field, "")) == crm_id:
                owned.add(("erp", entity.erp.kind, record.id))
                if entity.when:
                    named.add(record.id)
        for related in entity.related.values():
            table, _, column = related.through.partition(".")
            for record in history.records.get("erp", {}).get(related.kind, {}).values():
                rows = record.fields.get(table)
                values = [row.get(column) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [rows]
                if any(value in named for value in values if isinstance(value, str)):
                    named.add(record.id)
    return named, owned


def _cap(steps: list[Step]) -> tuple[list[Step], int]:
    """At most STEPS_MAX steps: quiet ones go first, the last ones next; what a story marks or a fault met stays longest."""
    spare = len(steps) - STEPS_MAX
    if spare <= 0:
        return steps, 0
    quiet = [id(step) for step in steps if step.quiet and not step.bad and not step.marked]
    dropped = set(quiet[-spare:])
    kept = [step for step in steps if id(step) not in dropped]
    return kept[:STEPS_MAX], len(steps) - min(len(kept), STEPS_MAX)
