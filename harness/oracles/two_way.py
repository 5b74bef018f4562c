"""Fields that people edit on both sides: which value may stand in the end, by the conflict rule that the dictionary declares.

Two edits meet when the second was made before the first had come over. Then the owner's stands (`owner`), the later one's
(`newest`; within `SKEW` either, for no two systems share a clock), or both stand and a person is asked (`ask`). Edits that do
not meet follow each other: the last one stands. A person's own choice of either value later is an edit like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from harness.kit.records import Change
from harness.oracles.mapping import agree, value_at, values_over_time
from harness.oracles.pairs import Pair
from harness.oracles.view import Key, View, is_engine, is_person
from sync_engine.dictionary import FieldMap, System

SKEW: Final = timedelta(minutes=2)  # as the engine's own, and no more than an hour's drift of two honest clocks can explain


@dataclass(frozen=True, slots=True)
class Edit:
    """A value that a person saved on one side."""

    system: System
    change: Change
    value: Any

    @property
    def at(self) -> datetime:
        return self.change.at


def edits(view: View, pair: Pair, field: FieldMap) -> list[Edit]:
    """All edits of the field on both sides, oldest first."""
    found = [
        Edit(system, change, value)
        for system, key in _sides(pair)
        for change, value in values_over_time(view, pair.entity, field.side(system), key)
        if is_person(change.by)
    ]
    return sorted(found, key=lambda edit: (edit.at, edit.system))


def meeting(view: View, pair: Pair, field: FieldMap) -> tuple[Edit, Edit] | None:
    """The last edit and the one of the other side that it met, or None: nothing of this field is in conflict."""
    known = edits(view, pair, field)
    if not known:
        return None
    last = known[-1]
    other = next((edit for edit in reversed(known) if edit.system != last.system), None)
    if other is None or _came_over(view, pair, field, other, last.at) or same(field, other, last.value, last.system):
        return None
    return last, other


def same(field: FieldMap, edit: Edit, value: Any, system: System) -> bool:
    """Whether a value of `system`'s side is what this edit wrote, possibly on the other side."""
    if edit.system == system:
        return str(edit.value or "").strip() == str(value or "").strip()
    return agree(field, edit.value, value) if edit.system == field.owner else agree(field, value, edit.value)


def allowed(view: View, pair: Pair, field: FieldMap) -> list[Edit]:
    """The edits of which one must stand in the end; empty where nobody ever edited. For `ask` in conflict: both."""
    known = edits(view, pair, field)
    met = meeting(view, pair, field)
    if met is None:
        return known[-1:]
    last, other = met
    if field.conflict == "owner":
        return [last if last.system == field.owner else other]
    if field.conflict == "newest" and last.at - other.at > SKEW:
        return [last]
    return [last, other]


def asked(view: View, pair: Pair, field: FieldMap) -> bool:
    """Whether both values may stand until a person has decided."""
    return field.both_ways and field.conflict == "ask" and meeting(view, pair, field) is not None


def lost(view: View, pair: Pair, field: FieldMap) -> Edit | None:
    """An edit that should stand where both sides agree on something else; None where all is well or they do not agree."""
    crm = value_at(view, pair.entity, field.crm, pair.crm)
    erp = value_at(view, pair.entity, field.erp, pair.erp)
    source, target = (crm, erp) if field.owner == "crm" else (erp, crm)
    standing = allowed(view, pair, field)
    if not agree(field, source, target) or not standing:
        return None
    if any(same(field, edit, crm if edit.system == "crm" else erp, edit.system) for edit in standing):
        return None
    return standing[0]


def _sides(pair: Pair) -> tuple[tuple[System, Key], tuple[System, Key]]:
    return ("crm", pair.keys[0]), ("erp", pair.keys[1])


def _came_over(view: View, pair: Pair, field: FieldMap, edit: Edit, before: datetime) -> bool:
    """Whether the engine had written on either side after this edit and before that moment: then the edit had been dealt with."""
    for system, key in _sides(pair):
        for change, _ in values_over_time(view, pair.entity, field.side(system), key):
            if is_engine(change.by) and edit.at < change.at < before:
                return True
    return False
