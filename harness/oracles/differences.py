"""Where the two records of a pair disagree at the end of a run, as the data dictionary relates their values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from harness.kit.money import decimal_of
from harness.kit.records import Record
from harness.oracles.mapping import agree, shown, translate, value_at, values_over_time
from harness.oracles.pairs import Pair, counterparts, customer_entity, settled
from harness.oracles.view import Key, View
from sync_engine.dictionary import Entity, FieldMap, System


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


def keys_about(view: View, pair: Pair, field: FieldMap | None) -> list[Key]:
    """The records a difference is about: the pair, and the documents that a sum adds up."""
    keys: list[Key] = [*pair.keys]
    if field is not None and (of := field.source().of) is not None:
        keys += [("erp", pair.entity.related[of].kind, each.id) for each in view.related(pair.entity, of, pair.erp.id)]
    return keys


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
    if not right or name in {each.id for each in (*right, *inherited(view, owner, flow.company_id))}:
        return None
    return Difference("Customer", "crm", shown(right[0].id), shown(name), pair.erp.created_at, pair.erp.created_at)


def inherited(view: View, entity: Entity, crm_id: str) -> list[Record]:
    """Live customers of the companies that went under in this one: their orders stay theirs."""
    into: dict[str, list[str]] = view.memo("merged into", lambda: _merged_into(view))
    gone, found = [f"{entity.crm.kind}/{crm_id}"], []
    while gone:
        for name in into.get(gone.pop(), ()):
            found += view.linked(entity, name.rpartition("/")[2])
            gone.append(name)
    return found


def _merged_into(view: View) -> dict[str, list[str]]:
    """`companies/733` → what went under in it."""
    into: dict[str, list[str]] = {}
    for row in view.all("crm", "merged_ids"):
        into.setdefault(str(row.fields.get("into")), []).append(row.id)
    return into
