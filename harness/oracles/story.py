"""The story of a finding: what people, engine, vendors and weather did to a few records, in time order and plain sentences.

A story has at most `LINES_MAX` lines; what matters least is left out first, and the last line says how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from harness.kit.journal import DeliveryAttempted
from harness.kit.records import CREATED, DELETED, Change
from harness.oracles.finding import StoryLine
from harness.oracles.mapping import shown
from harness.oracles.view import Key, Request, View, is_person
from harness.oracles.words import called, complaint, vendor

LINES_MAX: Final = 12
_ESSENTIAL, _USEFUL, _DETAIL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class _Told:
    weight: int
    order: int
    line: StoryLine


class _Teller:
    def __init__(self, view: View, keys: Sequence[Key]) -> None:
        self.view, self.keys = view, list(dict.fromkeys(keys))
        self.told: list[_Told] = []
        self.made: dict[tuple[str, str], int] = {}

    def tell(self, weight: int, at: datetime, who: str, what: str, request: int = 0) -> None:
        self.told.append(_Told(weight, len(self.told), StoryLine(at, who, what, request)))

    def lines(self) -> tuple[StoryLine, ...]:
        self._people()
        requests = {request.number: request for key in self.keys for request in self.view.requests_about(key)}
        for number in sorted(requests):
            self._request(requests[number])
        self._deliveries()
        self._crashes()
        return _shorten(self.told)

    def _people(self) -> None:
        acted: set[tuple[Key, datetime]] = set()
        for key in self.keys:
            system, kind, record_id = key
            for act in (*self.view.acts.get((system, f"{kind} {record_id}"), ()), *self.view.acts.get((system, record_id), ())):
                self.tell(_USEFUL, act.at, act.person, act.action)
                acted.add((key, act.at))
        for key in self.keys:
            for change in self.view.changes.get(key, ()):
                if is_person(change.by) and (key, change.at) not in acted and change.action != CREATED and change.new:
                    self.tell(
                        _DETAIL,
                        change.at,
                        change.by.partition(":")[2],
                        f"changed {_fields(self.view, key, change)} of {called(key)}",
                    )

    def _request(self, request: Request) -> None:
        touched = [key for key in self.view.changed_by_request.get(request.number, ()) if key in self.keys]
        name = vendor(self.view, request.system)
        lost = self._lost(request)
        for key in dict.fromkeys(touched):
            change = next(c for c in self.view.changes[key] if c.request == request.number)
            if change.action == CREATED:
                self.tell(_ESSENTIAL, request.at, request.system, f"{self._creation(key, name)}{lost}", request.number)
            elif change.action == DELETED:
                self.tell(
                    _ESSENTIAL, request.at, request.system, f"{name} deleted {called(key)} for the engine{lost}", request.number
                )
            elif change.new:
                weight = _USEFUL if lost else _DETAIL
                what = f"the engine set {_fields(self.view, key, change)} of {called(key)}{lost}"
                self.tell(weight, request.at, "engine", what, request.number)
        if not touched and request.failed:
            weight = _USEFUL if request.is_write else _DETAIL
            what = f"{complaint(self.view, request)} (to the engine's {request.method} {request.path})"
            self.tell(weight, request.at, request.system, what, request.number)

    def _creation(self, key: Key, name: str) -> str:
        """The first, the second … record of its kind in this story."""
        nth = self.made[key[:2]] = self.made.get(key[:2], 0) + 1
        if nth == 1:
            return f"{name} created {called(key)}"
        ordinal = {2: "a second", 3: "a third"}.get(nth, "one more")
        return f"the engine tried again, and {name} created {ordinal}: {called(key)}"

    def _lost(self, request: Request) -> str:
        if request.never_arrived:
            how = "; the engine had died" if request.seen == "gone" else f" ({request.seen})"
            return f", but the answer never reached the engine{how}"
        if request.refused or any("truncated" in fault.fault for fault in request.faults):
            return f", but the engine was told otherwise ({request.status or 'no status'}, a broken answer)"
        return ""

    def _deliveries(self) -> None:
        seen: set[tuple[str, int]] = set()
        for key in self.keys:
            for delivery in self.view.deliveries_about(key):
                if (delivery.delivery, delivery.attempt) in seen:
                    continue
                seen.add((delivery.delivery, delivery.attempt))
                name = vendor(self.view, delivery.system)
                if not _was_delivered(delivery):
                    what = f"{name}'s notification ({delivery.subject}) did not reach the engine: {delivery.result}"
                    self.tell(_USEFUL, delivery.at, delivery.system, what)
                else:
                    self.tell(_DETAIL, delivery.at, delivery.system, f"{name} notified the engine ({delivery.subject})")

    def _crashes(self) -> None:
        if not self.told:
            return
        first, last = min(each.line.at for each in self.told), max(each.line.at for each in self.told)
        for event in self.view.crashes_and_restarts:
            if first <= event.at <= last:
                detail = f" {event.detail}" if event.detail else ""
                self.tell(_USEFUL, event.at, "engine", f"the engine {event.event}{detail}")


def story(view: View, keys: Sequence[Key]) -> tuple[StoryLine, ...]:
    """What happened to these records, at most `LINES_MAX` lines, oldest first."""
    return _Teller(view, keys).lines()


def _was_delivered(delivery: DeliveryAttempted) -> bool:
    return delivery.result.startswith("2")


def _fields(view: View, key: Key, change: Change) -> str:
    """The mapped fields among those that changed, with their new values; else how many fields there were."""
    labels: dict[str, str] = {}
    for entity in view.history.dictionary.entities:
        for system, binding in (("crm", entity.crm), ("erp", entity.erp)):
            if key[0] == system and key[1] == binding.kind:
                for field in entity.fields:
                    side = field.crm if system == "crm" else field.erp
                    labels[side.field] = field.name
                labels[binding.link_field] = binding.link_label or binding.link_field
                labels.update({name: name for name in (*entity.when, entity.error_field) if name and system == "crm"})
    known = [f"{labels[name]} to {shown(value)}" for name, value in change.new.items() if name in labels]
    if not known:
        return f"{len(change.new)} other fields"
    return ", ".join(known[:3]) + (f" and {len(known) - 3} more" if len(known) > 3 else "")


def _shorten(told: list[_Told]) -> tuple[StoryLine, ...]:
    """Repeated sentences become one with a count; then the least important go."""
    merged: dict[tuple[str, str], tuple[_Told, int]] = {}
    for each in sorted(told, key=lambda one: (one.line.at, one.line.request, one.order)):
        key = (each.line.who, each.line.what)
        first, times = merged.get(key, (each, 0))
        merged[key] = (first, times + 1)
    whole = [_with_count(each, times) for each, times in merged.values()]
    kept = sorted(whole, key=lambda one: one.weight)[: LINES_MAX if len(whole) <= LINES_MAX else LINES_MAX - 1]
    kept.sort(key=lambda one: (one.line.at, one.line.request, one.order))
    lines = [each.line for each in kept]
    if len(kept) < len(whole):
        lines.append(StoryLine(lines[-1].at, "engine", f"{len(whole) - len(kept)} further events of these records are left out"))
    return tuple(lines)


def _with_count(told: _Told, times: int) -> _Told:
    if times == 1:
        return told
    again = "once more" if times == 2 else f"{times - 1} more times"
    return replace(told, line=replace(told.line, what=f"{told.line.what}, and {again} later"))
