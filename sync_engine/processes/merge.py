"""Three-way merge of one pair of records: last agreed values × CRM values × ERP values → what to write where. Pure.

What was agreed is the link's shadow (`shadow`). A side has changed when it differs from that; nobody's clock is asked for it. Only
`newest` compares the times of two edits, and within `SKEW` the owner wins, because the clocks of two systems are never equal (our
choice).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sync_engine.dictionary import FieldMap, System
from sync_engine.mapping.values import carried, carried_back, same
from sync_engine.processes.flows import Flows
from sync_engine.processes.shadow import as_text, key, known_pair, overwrites, sent_pair, settle, waiting_pair
from sync_engine.wire import write_text

SKEW = timedelta(minutes=2)
TIDYING = ("trim", "lower", "upper")
OVERWRITES_MAX = 5  # of one field within OVERWRITES_WITHIN: more is no person but a program that writes against us

Pair = tuple[Any, Any]  # a field's value in the CRM and in the ERP, as the systems gave them
Ages = Mapping[str, tuple[datetime | None, datetime | None]]  # field name → when it was edited last in CRM and ERP


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides of a field were edited, and only a person can say which is right."""

    field: FieldMap
    crm: str
    erp: str


@dataclass(slots=True)
class Merged:
    """`crm`, `erp`: what to write, by the vendor's field. `intents`: marks for the shadow before that is written.
    `agreed`: the shadow once it is. `unsure`: fields whose edits' times have to be known (merge again with them).
    `fought`: fields that another program keeps overwriting. `unreadable`: fields with a value that cannot be converted, and why.
    """

    crm: dict[str, str] = field(default_factory=dict)
    erp: dict[str, str] = field(default_factory=dict)
    intents: dict[str, str] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    unsure: list[FieldMap] = field(default_factory=list)
    fought: list[FieldMap] = field(default_factory=list)
    unreadable: list[tuple[FieldMap, str]] = field(default_factory=list)

    def write(self, system: System) -> dict[str, str]:
        return self.crm if system == "crm" else self.erp


def merging(fields: Iterable[FieldMap]) -> list[FieldMap]:
    """The fields that are kept equal all the time: neither computed by the target nor carried once only."""
    return [each for each in fields if not each.derived and not each.frozen_after_create]


def merge(
    fields: Iterable[FieldMap],
    agreed: Mapping[str, str] | None,
    sides: Mapping[str, Pair],
    now: datetime,
    ages: Ages | None = None,
    records: Mapping[System, Mapping[str, Any]] = {},
    flows: Flows | None = None,
) -> Merged:
    """`sides`: field name → (CRM value, ERP value). A field that is not in it is unknown just now: it stays as it was.

    `records`: the whole records, which the dictionary's expressions read. `flows`: what flows; everything, if left out.
    """
    merged = Merged()
    for each in merging(fields):
        field_ = _Field(each, agreed or {}, merged, now, records.get(each.owner), flows)
        field_.decide(sides.get(each.name), (ages or {}).get(each.name))
    return merged


def news(fields: Iterable[FieldMap], agreed: Mapping[str, str] | None, system: System, values: Mapping[str, Any]) -> bool:
    """Whether one side alone (vendor field → value; a field not in it is unknown) shows anything that was not agreed or noticed."""
    compared = merging(fields)
    if agreed is None:
        return bool(compared)
    for each in compared:
        name = each.side(system).field
        if name not in values or each.side(system).of is not None:
            continue
        is_source = each.owner == system
        try:
            shown = carried(each, values[name], values) if is_source else as_text(each, values[name])
        except ValueError:
            return True
        known, waiting = known_pair(agreed, key(each)), waiting_pair(agreed, key(each))
        if waiting is not None and same(each, shown, waiting[0 if is_source else 1]):
            continue
        if known is None or waiting is not None or not same(each, shown, known[0 if is_source else 1]):
            return True
    return False


class _Field:
    """One field's decision. s, t: the source's value (in the target's form) and the target's; agreed ones have a `0`."""

    def __init__(
        self,
        each: FieldMap,
        agreed: Mapping[str, str],
        merged: Merged,
        now: datetime,
        record: Mapping[str, Any] | None,
        flows: Flows | None,
    ) -> None:
        self.field, self.agreed, self.merged, self.now, self.record = each, agreed, merged, now, record
        self.key = key(each)
        first = known_pair(agreed, self.key) is None
        other: System = "erp" if each.owner == "crm" else "crm"
        self.forth = flows is None or flows.carries(each, each.owner, first=first)
        self.back = each.both_ways and (flows is None or flows.carries(each, other, first=first))

    def decide(self, pair: Pair | None, ages: tuple[datetime | None, datetime | None] | None) -> None:
        if pair is None or not (self.forth or self.back):
            self._keep()
            return
        each = self.field
        raw_source, raw_target = pair if each.owner == "crm" else (pair[1], pair[0])
        try:
            s = carried(each, raw_source, self.record)
        except ValueError as error:
            self._keep()
            self.merged.unreadable.append((each, str(error)))
            return
        t, known = as_text(each, raw_target), known_pair(self.agreed, self.key)
        if (
            same(each, s, t)
            or self._tidied_alike(s, raw_target)
            or (known is not None and same(each, s, known[0]) and same(each, t, known[1]))
        ):
            fights = self.agreed.get(f"# {self.key}")
            settle(self.merged.agreed, each, s, t)
            if fights is not None and known is not None and same(each, s, known[0]):
                self.merged.agreed[f"# {self.key}"] = fights
        elif each.both_ways:
            self._both_ways(s, t, known, (raw_source, raw_target), ages)
        else:
            self._one_way(s, t, known)

    def _tidied_alike(self, s: str, raw_target: Any) -> bool:
        """Whether people wrote the same on both sides but for what the field's transform tidies: blanks, capitals."""
        each = self.field
        return each.both_ways and each.transform in TIDYING and same(each, s, carried(each, raw_target, self.record))

    def _keep(self) -> None:
        for name in (self.key, *(f"{mark} {self.key}" for mark in "<!>#")):
            if name in self.agreed:
                self.merged.agreed[name] = self.agreed[name]

    def _one_way(self, s: str, t: str, known: tuple[str, str] | None) -> None:
        if s == "" and self.field.when_empty() == "keep":
            settle(self.merged.agreed, self.field, s, t)
            return
        foreign = known is not None and same(self.field, s, known[0])
        if not foreign:
            self._to_target(s)
            return
        count, since = overwrites(self.agreed.get(f"# {self.key}", ""), self.now)
        if count >= OVERWRITES_MAX:
            self._keep()
            self.merged.fought.append(self.field)
            return
        self._to_target(s)
        self.merged.agreed[f"# {self.key}"] = f"{count + 1} {since.isoformat()}"

    def _both_ways(
        self, s: str, t: str, known: tuple[str, str] | None, raw: Pair, ages: tuple[datetime | None, datetime | None] | None
    ) -> None:
        each = self.field
        waiting = waiting_pair(self.agreed, self.key)
        base = sent_pair(self.agreed, each, s, t) or waiting or known
        s_changed = base is None or not same(each, s, base[0])
        t_changed = base is None or not same(each, t, base[1])
        if base is None and "" in (s, t):  # never compared yet: what is there fills what is empty
            s_changed, t_changed = s != "", t != ""
        s_changed, t_changed = s_changed and self.forth, t_changed and self.back  # nobody listens to the others
        if s_changed and not t_changed:
            self._to_target(s)
        elif t_changed and not s_changed:
            self._to_source(raw[1], t)
        elif not (self.forth and self.back):
            self._keep()
        elif each.conflict == "ask" or not s_changed:  # not even one changed: a conflict that still waits
            self._ask(s, t, raw)
        elif each.conflict == "newest":
            self._newest(s, t, raw, ages)
        else:
            self._to_target(s)

    def _newest(self, s: str, t: str, raw: Pair, ages: tuple[datetime | None, datetime | None] | None) -> None:
        if ages is None:
            self._keep()
            self.merged.unsure.append(self.field)
            return
        source_at, target_at = ages if self.field.owner == "crm" else (ages[1], ages[0])
        if source_at is not None and target_at is not None and target_at > source_at + SKEW:
            self._to_source(raw[1], t)
        else:
            self._to_target(s)

    def _to_target(self, s: str) -> None:
        settle(self.merged.agreed, self.field, s, s)
        self.merged.write("erp" if self.field.owner == "crm" else "crm")[self.field.target().field] = s
        if self.field.both_ways:
            self.merged.intents[f"> {self.key}"] = write_text([s, s, "target"])

    def _to_source(self, raw: Any, t: str) -> None:
        try:
            value = carried_back(self.field, raw)
            s = carried(self.field, value, self.record)
        except ValueError as error:
            self._keep()
            self.merged.unreadable.append((self.field, str(error)))
            return
        settle(self.merged.agreed, self.field, s, t)
        self.merged.write(self.field.owner)[self.field.source().field] = value
        self.merged.intents[f"> {self.key}"] = write_text([s, t, "source"])

    def _ask(self, s: str, t: str, raw: Pair) -> None:
        self._keep()
        self.merged.agreed[f"! {self.key}"] = write_text([s, t])
        shown = ["" if value is None else str(value) for value in raw]
        crm, erp = shown if self.field.owner == "crm" else reversed(shown)
        self.merged.clashes.append(Clash(self.field, crm, erp))
