"""Which records are the same thing in both systems.

A pair is found by the ERP record's link field, else by the CRM record's link field, else (an engine that writes no links) by
the name the dictionary maps: a record made by the engine under the name of exactly one CRM record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from harness.kit.records import Record
from harness.oracles.history import FlowCase
from harness.oracles.mapping import plain, translate
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
    pairs: list[Pair] = view.memo("pairs", lambda: [*customer_pairs(view), *order_pairs(view), *erp_born_pairs(view)])
    return pairs


def erp_born_pairs(view: View) -> Iterator[Pair]:
    """What begins in the ERP and is to be in the CRM as well (an item that is sold), with its counterpart."""
    for entity in view.history.dictionary.entities:
        if entity.origin == "erp":
            for record in wanted_in_crm(view, entity):
                found = crm_counterparts(view, entity, record)
                if found:
                    yield Pair(entity, found[0], record, 0)


def wanted_in_crm(view: View, entity: Entity) -> Iterator[Record]:
    """The ERP's live records that the entity's `when` picks."""
    for record in view.all("erp", entity.erp.kind):
        if is_live(record) and all(plain(record.fields.get(name)) == plain(value) for name, value in entity.when.items()):
            yield record


def crm_counterparts(view: View, entity: Entity, record: Record) -> list[Record]:
    """Live CRM records of an ERP record, oldest first: by the link that they carry, else by the first key on which they agree."""
    index = view.memo(f"crm side of {entity.name}", lambda: _crm_side(view, entity))
    found: list[Record] = index.get(("", record.id), [])
    for position, match in enumerate(entity.match if not found else ()):
        fields = [entity.field(name) for name in match.fields]
        key = "\n".join(translate(field, record.fields.get(field.erp.field)) for field in fields)
        found = found or index.get((str(position), key), [])
    return found


def crm_alike(view: View, entity: Entity, record: Record) -> list[Record]:
    """Live CRM records without a link that agree with an ERP record on one of the entity's keys, oldest first."""
    index = view.memo(f"crm side of {entity.name}", lambda: _crm_side(view, entity))
    alike: dict[str, Record] = {}
    for position, match in enumerate(entity.match):
        key = "\n".join(translate(field, record.fields.get(field.erp.field)) for field in map(entity.field, match.fields))
        alike |= {each.id: each for each in index.get((str(position), key), []) if not each.fields.get(entity.crm.link_field)}
    return sorted(alike.values(), key=lambda each: (each.created_at, each.id))


def _crm_side(view: View, entity: Entity) -> dict[tuple[str, str], list[Record]]:
    """CRM records by link (under an empty word) and by each of the entity's keys (under its number)."""
    index: dict[tuple[str, str], list[Record]] = {}
    for record in view.all("crm", entity.crm.kind):
        if not is_live(record):
            continue
        if record.fields.get(entity.crm.link_field):
            index.setdefault(("", str(record.fields[entity.crm.link_field])), []).append(record)
        for position, match in enumerate(entity.match):
            values = [str(record.fields.get(entity.field(name).crm.field) or "") for name in match.fields]
            if all(values):
                index.setdefault((str(position), "\n".join(values)), []).append(record)
    oldest_first(index)
    return index


def settled(view: View, since: datetime) -> bool:
    """Whether the time to agree is over for something that changed at `since`: the bound has passed, or nothing is pending."""
    history = view.history
    bound: timedelta = history.converge_within
    return not history.still_pending or history.ended_at - max(since, history.faults_off_at) >= bound
