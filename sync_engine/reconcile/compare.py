"""What is wrong with one record and its counterpart, by the dictionary. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from sync_engine.dictionary import Dictionary, Entity, FieldMap
from sync_engine.mapping.values import carried, same, sum_of
from sync_engine.processes.reporting import shown_order
from sync_engine.processes.shadow import key
from sync_engine.reconcile.drift import Drift, Who
from sync_engine.store import Link
from sync_engine.vendors.hubspot import CrmRecord

Doc = Mapping[str, Any]
CANCELLED = 2
AMENDED_BY_PERSON = "correct the order, or the deal"


@dataclass(slots=True)
class ErpRecord:
    """A document with its positions in order, and its related documents by relation."""

    doc: Doc
    lines: list[Doc] = field(default_factory=list)
    related: dict[str, list[Doc]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.doc["name"])

    @property
    def live(self) -> bool:
        return self.doc.get("docstatus") != CANCELLED


@dataclass(slots=True)
class Pair:
    """A CRM record, every document that claims to be its counterpart, its positions, and what the store knows."""

    crm: CrmRecord
    found: list[ErpRecord]
    lines: list[CrmRecord] | None
    link: Link | None


class Rules:
    """What the dictionary says about an entity, worked out once."""

    def __init__(self, dictionary: Dictionary, entity: Entity) -> None:
        self.entity = shown_order(dictionary) if entity.name == "order" else entity
        own = [p for event in ("appears", "enters") for p in dictionary.processes_of(entity.origin, entity.name, event)]
        creates = any(step.entity == entity.name and step.do in ("create", "ensure") for p in own for step in p.actions)
        self.required = creates if dictionary.processes else bool(entity.when)
        self.ends = bool(dictionary.processes_of(entity.origin, entity.name, "leaves"))
        self.amends = any(step.do == "amend" and step.entity == entity.name for p in dictionary.processes for step in p.actions)

    def wanted(self, values: Mapping[str, Any]) -> bool:
        """Whether a record of the origin satisfies `when`; checkboxes are 0 and 1."""
        return all(_text(values.get(name)) == value for name, value in self.entity.when.items())

    def needs_counterpart(self, values: Mapping[str, Any]) -> bool:
        """Whether a record of the origin has to have a counterpart, by `when` and the processes."""
        return self.required and self.wanted(values)


def examine(rules: Rules, pair: Pair) -> list[Drift]:
    """Everything that is wrong with a CRM record and what was found for it."""
    live = [each for each in pair.found if each.live] or pair.found[:1]
    if not live:
        return _alone(rules, pair)
    if len(live) > 1:
        names = ", ".join(each.name for each in live)
        repair = f"keep one of {names} and end the others"
        return [
            Drift(rules.entity.name, "two", pair.crm.id, "", crm_value=pair.crm.id, erp_value=names, repair=repair, who="person")
        ]
    erp = live[0]
    rows = _links(rules.entity, pair, erp)
    if any(row.who == "person" for row in rows):
        return rows  # whose values these are has to be decided first
    if rules.ends and rules.entity.origin == "crm" and erp.live and not rules.wanted(pair.crm.properties):
        rows.append(Drift(rules.entity.name, "unwanted", pair.crm.id, erp.name, repair="end the counterpart as the process says"))
    else:
        rows += _lines(rules, pair, erp)
    return rows + _values(rules, pair, erp)


def _alone(rules: Rules, pair: Pair) -> list[Drift]:
    """A CRM record without a counterpart."""
    entity, record = rules.entity, pair.crm
    named = (record.get(entity.crm.link_field) if entity.crm.link_field else "") or (pair.link.erp_id if pair.link else "")
    if named:
        repair = f"restore {named} in the ERP, or clear the link on the CRM record"
        return [Drift(entity.name, "dangling", record.id, named, crm_value=named, owner="erp", repair=repair, who="person")]
    if entity.origin == "crm" and rules.needs_counterpart(record.properties):
        return [Drift(entity.name, "missing", record.id, owner=entity.origin, repair="create it in the ERP")]
    return []


def _links(entity: Entity, pair: Pair, erp: ErpRecord) -> list[Drift]:
    """The engine decides where the ERP's link field, which is unique there, or nothing but empty fields speak for the pair."""
    record, rows = pair.crm, []
    theirs = str(erp.doc.get(entity.erp.link_field) or "") if entity.erp.link_field else record.id
    ours = record.get(entity.crm.link_field) if entity.crm.link_field else erp.name
    stored = pair.link.erp_id if pair.link is not None else ""
    claims = ((entity.crm.link_field, ours, erp.name), (entity.erp.link_field, theirs, record.id))
    stranger = theirs not in ("", record.id) or stored not in ("", erp.name) or (theirs == "" and ours not in ("", erp.name))
    for name, value, wanted in claims:
        if value != wanted:
            row = Drift(entity.name, "link", record.id, erp.name, name, ours, theirs)
            rows.append(_decided(row, stranger, f"write the pair {record.id} = {erp.name} into both systems"))
    if stored != erp.name:
        row = Drift(entity.name, "unlinked", record.id, erp.name, agreed=stored or None)
        rows.append(_decided(row, stranger, "remember the pair"))
    return rows


def _decided(row: Drift, stranger: bool, repair: str) -> Drift:
    if not stranger:
        return replace(row, repair=repair, who="engine")
    return replace(row, repair="decide which two belong together, and correct the link fields", who="person")


def _values(rules: Rules, pair: Pair, erp: ErpRecord) -> list[Drift]:
    rows = []
    shadow = pair.link.shadow if pair.link is not None else None
    for each in rules.entity.fields:
        if (each.frozen_after_create and not each.derived) or (each.derived and not erp.live):
            continue
        row = _value(rules, each, pair.crm, erp, shadow)
        if row is not None:
            rows.append(row)
    return rows


def _value(rules: Rules, each: FieldMap, record: CrmRecord, erp: ErpRecord, shadow: Mapping[str, str] | None) -> Drift | None:
    theirs = sum_of(each, erp.related.get(each.erp.of, ())) if each.erp.of is not None else erp.doc.get(each.erp.field)
    ours = record.properties.get(each.crm.field)
    source, actual, whole = (ours, theirs, record.properties) if each.owner == "crm" else (theirs, ours, erp.doc)
    if each.empty == "keep" and source in (None, ""):
        return None
    agreed = _agreed(each, shadow)
    row = Drift(rules.entity.name, "value", record.id, erp.name, each.name, _text(ours), _text(theirs), agreed, each.owner)
    try:
        expected = carried(each, source, whole)
    except ValueError as error:
        return replace(row, repair=f"correct the value: {error}", who="person")
    if same(each, actual, expected):
        return None
    drifted = _drifted(each, expected, actual, agreed)
    repair, who = _repair(rules, each, drifted)
    return replace(row, drifted=drifted, repair=repair, who=who)


def _agreed(each: FieldMap, shadow: Mapping[str, str] | None) -> str | None:
    """The target's last agreed value; None if the store does not know it."""
    if shadow is None:
        return None
    return shadow.get(key(each), shadow.get(each.target().field))


def _drifted(each: FieldMap, expected: str, actual: Any, agreed: str | None) -> str:
    """Which side left the last agreed value."""
    if agreed is None:
        return ""
    target = "erp" if each.owner == "crm" else "crm"
    moved = [side for side, value in ((each.owner, expected), (target, actual)) if not same(each, value, agreed)]
    return "both" if len(moved) == 2 else moved[0] if moved else ""


def _repair(rules: Rules, each: FieldMap, drifted: str) -> tuple[str, Who]:
    target = "ERP" if each.owner == "crm" else "CRM"
    if each.derived:
        return _amendment(rules)
    if each.both_ways and drifted in ("", "both") and each.conflict == "ask":
        return "decide which value holds, and enter it on both sides", "person"
    if each.both_ways and drifted in ("crm", "erp"):
        return f"carry the {drifted.upper()}'s value over", "engine"
    if each.both_ways and each.conflict == "newest":
        return "the newest edit wins", "engine"
    return f"write the owner's value into the {target}", "engine"


def _amendment(rules: Rules) -> tuple[str, Who]:
    return ("change the counterpart's positions", "engine") if rules.amends else (AMENDED_BY_PERSON, "person")


def _lines(rules: Rules, pair: Pair, erp: ErpRecord) -> list[Drift]:
    lines = rules.entity.lines
    if lines is None or pair.lines is None or not erp.live:
        return []
    ours = [tuple(_shown(each, line) for each in lines.fields) for line in pair.lines]
    theirs = [tuple(_text(row.get(each.erp.field)) for each in lines.fields) for row in erp.lines]
    equal = len(ours) == len(theirs) and all(_alike(lines.fields, *each) for each in zip(ours, theirs, strict=True))
    if equal:
        return []
    repair, who = _amendment(rules)
    row = Drift(rules.entity.name, "lines", pair.crm.id, erp.name, "Lines", _positions(ours), _positions(theirs), owner="crm")
    return [replace(row, repair=repair, who=who)]


def _alike(fields: Sequence[FieldMap], ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return all(same(each, right, left) for each, left, right in zip(fields, ours, theirs, strict=True))


def _shown(each: FieldMap, line: CrmRecord) -> str:
    try:
        return carried(each, line.properties.get(each.crm.field), line.properties)
    except ValueError:
        return line.get(each.crm.field)


def _positions(rows: Sequence[Sequence[str]]) -> str:
    return "; ".join(" × ".join(row) for row in rows)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
