"""What happened in a run, in numbers: counted from the history alone, in one pass over its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.kit.journal import Answered, Arrived, Changed, DeliveryAttempted, EngineEvent, FaultFired, PersonActed, Received
from harness.oracles.history import History
from harness.report.propagation import PropagationMeter, is_person
from harness.report.spread import Delays
from harness.report.usage import Usage, UsageMeter
from harness.report.words import effect_name

SYSTEMS = ("crm", "erp")
_GONE = frozenset({"crashed", "died"})


@dataclass(slots=True)
class Calls:
    """What the engine asked of one system. `writes` changed a record; `unanswered`: no whole answer reached it."""

    requests: int = 0
    writes: int = 0
    refused_429: int = 0
    other_errors: int = 0  # any other status of 400 or more
    unanswered: int = 0


@dataclass(slots=True)
class Deliveries:
    """Webhook calls of one system to the engine. `never_arrived`: deliveries of which no attempt was answered 2xx."""

    deliveries: int = 0
    attempts: int = 0
    lost: int = 0
    retried: int = 0
    never_arrived: int = 0


@dataclass(frozen=True, slots=True)
class FaultMoment:
    """When a fault fired: `effect` is its kind (`lose_reply`), `on` the operation it met (`erp.create_customer`)."""

    at: datetime
    effect: str
    on: str


@dataclass(frozen=True, slots=True)
class RunNumbers:
    """One run in numbers. Mappings by system have the keys `crm` and `erp`."""

    flows_won: int
    flows_lost: int
    flows_open: int
    people_actions: int
    calls: Mapping[str, Calls]
    webhooks: Mapping[str, Deliveries]
    faults: Mapping[str, int]  # by effect, most frequent first
    fault_moments: Sequence[FaultMoment]
    engine_crashes: int
    crashed_at: Sequence[datetime]
    records_changed: Mapping[str, int]  # distinct records of each system that changed at all
    duration_s: float  # virtual time from the first to the last moment
    won_to_order: Delays
    erp_to_crm: Delays
    usage: Mapping[str, Usage]


class _Counter:
    """State of the one pass."""

    def __init__(self, history: History) -> None:
        self.calls = {system: Calls() for system in SYSTEMS}
        self.webhooks = {system: Deliveries() for system in SYSTEMS}
        self.meters = {system: UsageMeter(history.notes.get(f"{system}_limit", ""), history.started_at) for system in SYSTEMS}
        self.propagation = PropagationMeter(history)
        self.changed: dict[str, set[tuple[str, str]]] = {system: set() for system in SYSTEMS}
        self.faults: list[FaultMoment] = []
        self.crashed_at: list[datetime] = []
        self.actions = 0
        self._system_of: dict[int, str] = {}  # of each engine request
        self._wrote: set[int] = set()  # those that changed a record: a POST may be a search
        self._silent: set[int] = set()  # those whose answer has not arrived
        self._delivered: dict[tuple[str, str], bool] = {}

    def received(self, entry: Received) -> None:
        if is_person(entry.caller):
            return
        calls = self.calls[entry.system]
        calls.requests += 1
        self._system_of[entry.number] = entry.system
        self._silent.add(entry.number)
        self.meters[entry.system].request(entry.at)

    def answered(self, entry: Answered) -> None:
        system = self._system_of.get(entry.number)
        if system is None:
            return
        if entry.status:
            self._silent.discard(entry.number)
        if entry.status == 429:
            self.calls[system].refused_429 += 1
            self.meters[system].refusal(entry.at)
        elif entry.status >= 400:
            self.calls[system].other_errors += 1

    def arrived(self, entry: Arrived) -> None:
        if entry.seen != "reply" and entry.number in self._system_of:
            self._silent.add(entry.number)

    def delivered(self, entry: DeliveryAttempted) -> None:
        webhooks, key = self.webhooks[entry.system], (entry.system, entry.delivery)
        before = self._delivered.get(key)
        webhooks.attempts += 1
        webhooks.lost += entry.result == "lost"
        webhooks.deliveries += before is None
        webhooks.retried += before is not None
        self._delivered[key] = bool(before) or entry.result.startswith("2")

    def changed_record(self, entry: Changed) -> None:
        self.changed[entry.system].add((entry.change.kind, entry.change.id))
        if entry.change.request in self._system_of:
            self._wrote.add(entry.change.request)
        self.propagation.take(entry)

    def finish(self) -> None:
        for number in self._wrote:
            self.calls[self._system_of[number]].writes += 1
        for number in self._silent:
            self.calls[self._system_of[number]].unanswered += 1
        for (system, _), arrived in self._delivered.items():
            self.webhooks[system].never_arrived += not arrived


def numbers_of(history: History) -> RunNumbers:
    counter = _count(history)
    outcomes = [flow.outcome for flow in history.flows]
    return RunNumbers(
        flows_won=outcomes.count("won"),
        flows_lost=outcomes.count("lost"),
        flows_open=outcomes.count("open"),
        people_actions=counter.actions,
        calls=counter.calls,
        webhooks=counter.webhooks,
        faults=_by_effect(counter.faults),
        fault_moments=counter.faults,
        engine_crashes=len(counter.crashed_at),
        crashed_at=counter.crashed_at,
        records_changed={system: len(records) for system, records in counter.changed.items()},
        duration_s=(history.ended_at - history.started_at).total_seconds(),
        won_to_order=counter.propagation.won_to_order(),
        erp_to_crm=counter.propagation.erp_to_crm(),
        usage={system: meter.usage() for system, meter in counter.meters.items()},
    )


def _count(history: History) -> _Counter:
    counter = _Counter(history)
    for entry in history.entries:
        match entry:
            case Received():
                counter.received(entry)
            case Answered():
                counter.answered(entry)
            case Arrived():
                counter.arrived(entry)
            case Changed():
                counter.changed_record(entry)
            case DeliveryAttempted():
                counter.delivered(entry)
            case FaultFired():
                counter.faults.append(FaultMoment(entry.at, effect_name(entry.fault), entry.on))
            case PersonActed():
                counter.actions += 1
            case EngineEvent() if entry.event in _GONE:
                counter.crashed_at.append(entry.at)
            case _:
                pass
    counter.finish()
    return counter


def _by_effect(moments: Sequence[FaultMoment]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for moment in moments:
        counts[moment.effect] = counts.get(moment.effect, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
