"""How long the other side waited for news: from a won deal to its order, and from an ERP document to the deal that shows it.

Measured from the journal alone, in one pass. *Won → order*: from the moment a person won the deal until the first order that
carries its id stands (is submitted, or made, where the vendor knows no drafts). *ERP → CRM*: from a person's change of a value that
the dictionary carries back (shipped, invoiced, paid, status) until the engine next writes such a value to the deal. One request of
a person counts once per deal, and several changes may be answered by one write. Not measured: whether the value then was right; the
oracles judge that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from harness.kit.journal import Changed
from harness.kit.records import CREATED, Change, Record
from harness.oracles.history import History
from harness.report.spread import Delay, Delays, delays_of
from sync_engine.dictionary import Entity

_SUBMITTED = 1


def is_person(by: str) -> bool:
    return by.startswith("person:")


class PropagationMeter:
    """Fed every `Changed` entry in order; `won_to_order()` and `erp_to_crm()` are ready afterwards."""

    def __init__(self, history: History) -> None:
        self._won_at = {flow.deal_id: flow.won_at for flow in history.flows if flow.won_at is not None and not flow.refused_because}
        self._orders: dict[str, Entity] = {}  # ERP kind → entity, for entities that are not master data
        self._deals: dict[str, Entity] = {}
        self._deal_of: dict[tuple[str, str], list[str]] = {}  # (ERP kind, id) → deals whose shown values depend on it
        self._sources: dict[str, set[str]] = {}  # ERP kind → fields that flow back
        self._targets: dict[str, set[str]] = {}  # CRM kind → fields they flow into
        self._drafts = {kind for kind, records in history.records.get("erp", {}).items() if _knows_drafts(records.values())}
        self._standing: set[tuple[str, str]] = set()
        self._waiting: dict[str, dict[object, datetime]] = {}
        self._to_order: list[Delay] = []
        self._to_crm: list[Delay] = []
        for entity in history.dictionary.entities:
            if entity.when:
                self._learn(history, entity)

    def _learn(self, history: History, entity: Entity) -> None:
        self._orders[entity.erp.kind] = self._deals[entity.crm.kind] = entity
        erp = history.records.get("erp", {})
        for order in erp.get(entity.erp.kind, {}).values():
            deal = order.fields.get(entity.erp.link_field)
            if deal not in (None, ""):
                self._deal_of[(entity.erp.kind, order.id)] = [str(deal)]
        for related in entity.related.values():
            for document in erp.get(related.kind, {}).values():
                deals = (
                    deal
                    for order in _values_at(document, related.through)
                    for deal in self._deal_of.get((entity.erp.kind, order), ())
                )
                self._deal_of[(related.kind, document.id)] = list(dict.fromkeys(deals))
        for field in entity.fields:
            if field.owner == "erp":
                kind = entity.erp.kind if field.erp.of is None else entity.related[field.erp.of].kind
                self._sources.setdefault(kind, set()).update({field.erp.field, field.erp.minus or field.erp.field})
                self._targets.setdefault(entity.crm.kind, set()).add(field.crm.field)

    def take(self, entry: Changed) -> None:
        change = entry.change
        if entry.system == "crm":
            if change.kind in self._targets and not is_person(change.by) and change.by != "system":
                self._deal_written(change)
        elif change.kind in self._sources:
            self._erp_changed(change)

    def _erp_changed(self, change: Change) -> None:
        key = (change.kind, change.id)
        submitted = change.new.get("docstatus") == _SUBMITTED or (change.action == CREATED and change.kind not in self._drafts)
        if submitted:
            self._standing.add(key)
            if change.kind in self._orders:
                self._order_stands(change)
        if key not in self._standing or not is_person(change.by):
            return
        if submitted or not self._sources[change.kind].isdisjoint(change.new):
            cause: object = change.request or change.at
            for deal in self._deal_of.get(key, ()):
                self._waiting.setdefault(deal, {}).setdefault(cause, change.at)

    def _order_stands(self, change: Change) -> None:
        for deal in self._deal_of.get((change.kind, change.id), ()):
            won_at = self._won_at.get(deal)
            if won_at is not None and change.at >= won_at:
                del self._won_at[deal]
                kind = self._orders[change.kind].crm.kind
                self._to_order.append(Delay(won_at, (change.at - won_at).total_seconds(), f"crm {kind} {deal}"))

    def _deal_written(self, change: Change) -> None:
        waiting = self._waiting.get(change.id)
        if not waiting or self._targets[change.kind].isdisjoint(change.new):
            return
        del self._waiting[change.id]
        for at in waiting.values():
            self._to_crm.append(Delay(at, (change.at - at).total_seconds(), f"crm {change.kind} {change.id}"))

    def won_to_order(self) -> Delays:
        return delays_of(self._to_order, never=len(self._won_at))

    def erp_to_crm(self) -> Delays:
        return delays_of(self._to_crm, never=sum(len(waiting) for waiting in self._waiting.values()))


def _knows_drafts(records: Iterable[Record]) -> bool:
    """Whether the vendor submits such documents after making them."""
    return any("docstatus" in record.fields for record in records)


def _values_at(document: Record, through: str) -> Iterator[str]:
    """The ids at `items.sales_order` (a column of a child table) or `sales_order` (a field)."""
    table, dot, column = through.partition(".")
    value: Any = document.fields.get(table)
    rows = [row.get(column) for row in value or () if isinstance(row, dict)] if dot else [value]
    return (str(row) for row in rows if row not in (None, ""))
