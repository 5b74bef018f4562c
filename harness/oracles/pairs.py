"""Which records are the same thing in both systems, and where the two disagree.

A pair is found by the ERP record's link field, else by the CRM record's link field, else (an engine that writes no links) by
the name the dictionary maps: a record made by the engine under the name of exactly one CRM record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from harness.kit.money import decimal_of
from harness.kit.records import Record
from harness.oracles.history import FlowCase
from harness.oracles.mapping import agree, shown, translate, value_at, values_over_time
from harness.oracles.relations import is_live, oldest_first
from harness.oracles.view import Key, View, is_engine
from sync_engine.dictionary import Entity, FieldMap, System


@dataclass(frozen=True, slots=True)
class Pair:
    """A CRM record and its counterpart. `flow` is the business case it belongs to, 0 if none."""

    entity: Entity
    crm: Record
    erp: Record
    flow: int

    @property
    def keys(self) -> tuple[Key, Key]:
        return ("crm", self.entity.crm.kind, self.crm.id), ("erp", self.entity.erp.kind, self.erp.id)

    def side(self, system: System) -> Record:
        return self.crm if system == "crm" else self.erp


@dataclass(frozen=True, slots=True)
class Difference:
    """One value on which a pair disagrees: the system of record's, the other's, and when each of them last changed."""

    label: str
    owner: System
    source: str
    target: str
    source_since: datetime
    target_since: datetime
    field: FieldMap | None = None


def order_entity(view: View) -> Entity | None:
    """The entity that deals become: the one with positions."""
    return next((entity for entity in view.history.dictionary.entities if entity.lines is not None), None)


def customer_entity(view: View) -> Entity | None:
    """The entity that the order belongs to."""
    order = order_entity(view)
    if order is None:
        return None
    return next((entity for entity in view.history.dictionary.entities if entity.name in order.belongs_to), None)


def counterparts(view: View, entity: Entity, crm_id: str) -> list[Record]:
    """Live ERP records for a CRM record: the one the CRM names first, then by age."""
    found = view.linked(entity, crm_id)
    crm = view.get("crm", entity.crm.kind, crm_id)
    if crm is None:
        return found
    named = view.get("erp", entity.erp.kind, str(crm.fields.get(entity.crm.link_field) or ""))
    if named is not None and is_live(named) and named.fields.get(entity.erp.link_field) in (None, "", crm_id):
        return [named, *(each for each in found if each.id != named.id)]
    return found or _by_name(view, entity, crm)


def _by_name(view: View, entity: Entity, crm: Record) -> list[Record]:
    field = name_field(entity)
    if field is None:
        return []
    known = view.memo(f"unlinked {entity.name}", lambda: _unlinked_by_name(view, entity, field))
    names = view.memo(f"names {entity.name}", lambda: _crm_names(view, entity, field))
    name = translate(field, crm.fields.get(field.crm.field))
    found: list[Record] = known.get(name, [])
    return found if name and names.get(name) == 1 else []


def name_field(entity: Entity) -> FieldMap | None:
    """The mapped field that people call the record by: the first text of the CRM."""
    return next((f for f in entity.fields if f.owner == "crm" and f.erp.type == "text" and not f.derived), None)


def _unlinked_by_name(view: View, entity: Entity, field: FieldMap) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in view.all("erp", entity.erp.kind):
        unlinked = record.fields.get(entity.erp.link_field) in (None, "")
        if unlinked and is_live(record) and is_engine(view.maker(("erp", entity.erp.kind, record.id)) or "system"):
            found.setdefault(str(record.fields.get(field.erp.field) or ""), []).append(record)
    oldest_first(found)
    return found


def _crm_names(view: View, entity: Entity, field: FieldMap) -> dict[str, int]:
    counts: dict[str, int] = {}
    for record in view.all("crm", entity.crm.kind):
        name = translate(field, record.fields.get(field.crm.field))
        counts[name] = counts.get(name, 0) + 1
    return counts


def order_pairs(view: View) -> Iterator[Pair]:
    """Won deals that have an order, in the order of their flows; a deal with several is paired with the first."""
    entity = order_entity(view)
    for flow in view.history.flows if entity is not None else ():
        crm = view.get("crm", entity.crm.kind, flow.deal_id) if entity is not None else None
        if flow.outcome == "won" and crm is not None and not crm.archived and entity is not None:
            orders = counterparts(view, entity, flow.deal_id)
            if orders:
                yield Pair(entity, crm, orders[0], flow.number)


def customer_pairs(view: View) -> Iterator[Pair]:
    """Companies that have a customer: linked, or named by the order of one of the company's deals."""
    entity, order = customer_entity(view), order_entity(view)
    if entity is None or order is None:
        return
    field = order.belongs_to[entity.name]
    for company_id, flows in view.flows_of_company.items():
        crm = view.get("crm", entity.crm.kind, company_id)
        if crm is None or crm.archived:
            continue
        found = counterparts(view, entity, company_id) or _customers_of_orders(view, entity, order, field, flows)
        if found:
            yield Pair(entity, crm, found[0], flows[0].number)


def _customers_of_orders(view: View, entity: Entity, order: Entity, field: str, flows: list[FlowCase]) -> list[Record]:
    for flow in flows:
        for record in view.linked(order, flow.deal_id):
            customer = view.get("erp", entity.erp.kind, str(record.fields.get(field) or ""))
            if customer is not None and customer.fields.get(entity.erp.link_field) in (None, ""):
                return [customer]
    return []


def all_pairs(view: View) -> list[Pair]:
    pairs: list[Pair] = view.memo("pairs", lambda: [*customer_pairs(view), *order_pairs(view)])
    return pairs


def keys_about(view: View, pair: Pair, field: FieldMap | None) -> list[Key]:
    """The records a difference is about: the pair, and the documents that a sum adds up."""
    keys: list[Key] = [*pair.keys]
    if field is not None and (of := field.source().of) is not None:
        keys += [("erp", pair.entity.related[of].kind, each.id) for each in view.related(pair.entity, of, pair.erp.id)]
    return keys


def settled(view: View, since: datetime) -> bool:
    """Whether the time to agree is over for something that changed at `since`: the bound has passed, or nothing is pending."""
    history = view.history
    bound: timedelta = history.converge_within
    return not history.still_pending or history.ended_at - max(since, history.faults_off_at) >= bound


def differences(view: View, pair: Pair) -> list[Difference]:
    """Where a pair disagrees at the end of the run, once each record has had its time."""
    key = f"differences {pair.entity.name} {pair.crm.id} {pair.erp.id}"
    found: list[Difference] = view.memo(key, lambda: _compare(view, pair))
    return found


def _compare(view: View, pair: Pair) -> list[Difference]:
    found = [difference for field in pair.entity.fields if (difference := _field_difference(view, pair, field)) is not None]
    lines = _line_difference(view, pair)
    customer = _wrong_customer(view, pair)
    return [each for each in (*found, lines, customer) if each is not None and settled(view, each.source_since)]


def _field_difference(view: View, pair: Pair, field: FieldMap) -> Difference | None:
    target_system: System = "erp" if field.owner == "crm" else "crm"
    source = value_at(view, pair.entity, field.source(), pair.side(field.owner))
    target = value_at(view, pair.entity, field.target(), pair.side(target_system))
    if agree(field, source, target) or (field.frozen_after_create and _held_before_create(view, pair, field, target)):
        return None
    return Difference(
        field.name, field.owner, _demanded(field, source), shown(target),
        _since(view, pair, field, field.owner), _since(view, pair, field, target_system), field,
    )  # fmt: skip


def _demanded(field: FieldMap, source: Any) -> str:
    translated = translate(field, source)
    return shown(source) if translated == str(source) else f"{shown(source)} (so {shown(translated)})"


def _since(view: View, pair: Pair, field: FieldMap, system: System) -> datetime:
    key = pair.keys[0] if system == "crm" else pair.keys[1]
    side = field.crm if system == "crm" else field.erp
    history = values_over_time(view, pair.entity, side, key)
    return history[-1][0].at if history else pair.side(system).created_at


def _held_before_create(view: View, pair: Pair, field: FieldMap, target: Any) -> bool:
    """A frozen value may be any that the system of record had between the winning of the deal and the counterpart's creation."""
    key = pair.keys[0] if field.owner == "crm" else pair.keys[1]
    born = pair.side("erp" if field.owner == "crm" else "crm").created_at
    flow = view.flow_of_deal.get(pair.crm.id)
    won_at = flow.won_at if flow is not None and flow.won_at is not None else born - view.history.converge_within
    held = values_over_time(view, pair.entity, field.source(), key)
    for position, (change, value) in enumerate(held):
        ended = held[position + 1][0].at if position + 1 < len(held) else born
        if change.at <= born and ended >= won_at and agree(field, value, target):
            return True
    return False


def _line_difference(view: View, pair: Pair) -> Difference | None:
    """Positions are compared as a set, not in order: two vendors need not list them alike."""
    lines = pair.entity.lines
    if lines is None:
        return None
    items = view.associated(pair.entity.crm.kind, pair.crm.id, lines.crm_kind)
    rows = pair.erp.fields.get(lines.erp_table) or []
    if not items and not rows:
        return None
    wanted = sorted(
        [_line_key(field.erp.type, translate(field, each.fields.get(field.crm.field))) for field in lines.fields] for each in items
    )
    found = sorted([_line_key(field.erp.type, row.get(field.erp.field)) for field in lines.fields] for row in rows)
    if wanted == found:
        return None
    since = max([pair.crm.created_at, *(each.updated_at for each in items)])
    return Difference("Lines", "crm", _lines_shown(wanted), _lines_shown(found), since, pair.erp.updated_at)


def _line_key(kind: str, value: Any) -> str:
    number = decimal_of(value) if kind in ("decimal", "integer", "percent") else None
    return f"{number.normalize() + Decimal(0):f}" if number is not None else str(value if value is not None else "")


def _lines_shown(lines: list[list[str]]) -> str:
    return "; ".join(" × ".join(line) for line in lines) or "no lines"


def _wrong_customer(view: View, pair: Pair) -> Difference | None:
    """An order must belong to the customer of its deal's company."""
    flow = view.flow_of_deal.get(pair.crm.id)
    owner = customer_entity(view)
    if owner is None or flow is None or owner.name not in pair.entity.belongs_to:
        return None
    name = str(pair.erp.fields.get(pair.entity.belongs_to[owner.name]) or "")
    right = counterparts(view, owner, flow.company_id)
    if not right or name in {each.id for each in right}:
        return None
    return Difference("Customer", "crm", shown(right[0].id), shown(name), pair.erp.created_at, pair.erp.created_at)
