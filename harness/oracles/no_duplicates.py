"""No duplicates [UNIQ]: one thing in the CRM has at most one live record in the ERP.

Seen: live records that carry the same CRM id in their link field; and, among records made by the engine, orders of one customer
with the same name and the same lines, and customers under one name (an ERP that renames instead of refusing: `ACME`, `ACME - 1`).
Limits: a content twin counts only if at most one of the group carries a CRM id or both carry the same one, and only if the CRM
does not itself hold as many records of that name. An engine that changes name and lines on its second try is not seen here (its
order still shows in `money_conserved` and `errors_surfaced`, if anywhere). Twins that people made are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from harness.kit.records import Record
from harness.oracles.causes import cause_of_twins
from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import History
from harness.oracles.mapping import translate
from harness.oracles.pairs import crm_alike, crm_counterparts, customer_entity, name_field, order_entity
from harness.oracles.relations import is_live, oldest_first
from harness.oracles.story import story
from harness.oracles.view import Key, View, is_engine, view_of
from harness.oracles.words import called, record_name, singular, vendor
from sync_engine.dictionary import Entity

NAME: Final = "no_duplicates"


def judge(history: History) -> list[Finding]:
    view = view_of(history)
    found: list[Finding] = []
    for entity in history.dictionary.entities:
        if entity.origin == "erp":
            found += _twins_in_crm(view, entity)
            continue
        reported: set[str] = set()
        for crm_id, records in view.linked_ids(entity).items():
            if len(records) > 1:
                reported.update(record.id for record in records)
                found.append(_finding(view, entity, ("crm", entity.crm.kind, crm_id), records))
        for records in _twins(view, entity):
            if not reported.issuperset(record.id for record in records):
                found.append(_finding(view, entity, _owner(view, entity, records), records))
    return found


def exercised(history: History) -> bool:
    """Something was created by the engine."""
    view = view_of(history)
    kinds = {("erp", each.erp.kind) if each.origin == "crm" else ("crm", each.crm.kind) for each in history.dictionary.entities}
    return any(
        key[:2] in kinds and changes[0].action == "created" and is_engine(changes[0].by) for key, changes in view.changes.items()
    )


def _twins_in_crm(view: View, entity: Entity) -> Iterable[Finding]:
    """One record of the ERP, several in the CRM, of which the engine made one or more."""
    for record in view.all("erp", entity.erp.kind):
        found = crm_counterparts(view, entity, record)
        unlinked = [each for each in crm_alike(view, entity, record) if each not in found]
        found += [each for each in unlinked if is_engine(view.maker(("crm", entity.crm.kind, each.id)) or "system")]
        keys: list[Key] = [("crm", entity.crm.kind, each.id) for each in found]
        made = [key for key in keys if is_engine(view.maker(key) or "system")]
        if len(found) > 1 and made:
            key: Key = ("erp", entity.erp.kind, record.id)
            names = ", ".join(each.id for each in found)
            yield Finding(
                NAME,
                f"{NAME}/{entity.name}/{entity.erp.kind} {record.id}",
                f"{called(key)} has {len(found)} live {entity.crm.kind} in {vendor(view, 'crm')}: {names}",
                record_name(key),
                0,
                story(view, [key, *keys]),
                cause_of_twins(view, keys),
            )


def _twins(view: View, entity: Entity) -> Iterable[list[Record]]:
    """Groups of live records made by the engine that look alike and cannot be told apart by their CRM ids."""
    field = name_field(entity)
    if field is None:
        return
    groups: dict[Any, list[Record]] = {}
    for record in view.all("erp", entity.erp.kind):
        if is_live(record) and is_engine(view.maker(("erp", entity.erp.kind, record.id)) or "system"):
            name = str(record.fields.get(field.erp.field) or "").strip()
            if name:
                groups.setdefault((name, *_content(view, entity, record)), []).append(record)
    oldest_first(groups)
    meant: dict[str, int] = {}
    for crm in view.all("crm", entity.crm.kind):
        name = translate(field, crm.fields.get(field.crm.field)).strip()
        meant[name] = meant.get(name, 0) + 1
    for group, records in groups.items():
        ids = {str(record.fields[entity.erp.link_field]) for record in records if record.fields.get(entity.erp.link_field)}
        if len(records) > max(1, len(ids), meant.get(group[0], 0)):
            yield records


def _content(view: View, entity: Entity, record: Record) -> tuple[Any, ...]:
    """What makes two orders the same business: the customer and the positions. Nothing more for customers."""
    if entity.lines is None:
        return ()
    order, customer = order_entity(view), customer_entity(view)
    owner = record.fields.get(order.belongs_to[customer.name]) if order is not None and customer is not None else None
    columns = [field.erp.field for field in entity.lines.fields]
    rows = record.fields.get(entity.lines.erp_table) or []
    return owner, tuple(tuple(str(row.get(column)) for column in columns) for row in rows)


def _owner(view: View, entity: Entity, records: list[Record]) -> Key:
    """The CRM record the twins stand for where one of them names it, else the first twin."""
    for record in records:
        value = record.fields.get(entity.erp.link_field)
        if value:
            return "crm", entity.crm.kind, str(value)
    return "erp", entity.erp.kind, records[0].id


def _finding(view: View, entity: Entity, owner: Key, records: list[Record]) -> Finding:
    keys: list[Key] = [("erp", entity.erp.kind, record.id) for record in records]
    erp = vendor(view, "erp")
    names = ", ".join(record.id for record in records)
    flow = view.flow_of_deal.get(owner[2]) if entity.lines is not None else None
    flows = view.flows_of_company.get(owner[2], []) if entity.lines is None else []
    return Finding(
        NAME,
        f"{NAME}/{entity.name}/{owner[1]} {owner[2]}",
        f"{called(owner)} has {len(records)} live {singular(entity.erp.kind)}s in {erp}: {names}",
        record_name(owner),
        flow.number if flow is not None else flows[0].number if flows else 0,
        story(view, [owner, *keys]),
        cause_of_twins(view, keys),
    )


ORACLE: Final = Oracle(
    NAME, "Nothing is created twice: one deal has at most one order, one company at most one customer.", judge, exercised
)
