"""What is to become of a record that existed before: decided per record, and counted. Pure but for the index of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from sync_engine.backfill.matching import SEVERAL, Index, key_of
from sync_engine.dictionary import Dictionary, Entity, System

Choice = Literal["linked", "match", "create", "ambiguous", "skip"]
LINK_FIELDS = "link fields"
CALLS: Mapping[Choice, tuple[int, int]] = {"match": (4, 4), "create": (6, 5)}  # CRM and ERP calls of the work behind a choice


class Decision(msgspec.Struct, frozen=True):
    """`match`: the two are the same by `reason` (a rule's fields, or the link fields) · `create`: a counterpart is made ·
    `ambiguous`: a person has to say, nothing is written · `skip`: none is wanted, and why · `linked`: known already."""

    entity: str
    choice: Choice
    crm: str = ""
    erp: str = ""
    reason: str = ""


class Plan(msgspec.Struct, frozen=True):
    """A run's outcome. `rows`: every decision but `linked` and `skip`, which are counted only. Counts are by `entity choice
    reason`; `crm_calls`, `erp_calls`: what the work behind the plan will cost, about; `seconds`: at the CRM's quota."""

    run: str
    dry: bool
    finished: bool
    rows: tuple[Decision, ...]
    counts: Mapping[str, int]
    crm_calls: int
    erp_calls: int
    seconds: float


def in_dependency_order(dictionary: Dictionary) -> tuple[Entity, ...]:
    """An entity after those it belongs to; else the file's order."""
    ordered: list[Entity] = []
    left = list(dictionary.entities)
    while left:
        done = {entity.name for entity in ordered}
        ready = [e for e in left if all(name in done or not dictionary.has(name) or name == e.name for name in e.belongs_to)]
        ordered += ready or left[:1]  # a circle: begin somewhere
        left = [entity for entity in left if entity not in ordered]
    return tuple(ordered)


def by_rules(index: Index, system: System, id: str, record: Mapping[str, Any]) -> Decision | None:
    """What the first rule says that finds anything for a record of `system`; None when none does."""
    entity, other = index.entity, _other(system)
    for rule, match in enumerate(entity.match):
        key = key_of(entity, rule, system, record)
        found = index.find(other, rule, key) if key else ""
        if not found:
            continue
        fields = ", ".join(match.fields)
        twins = index.find(system, rule, key) == SEVERAL
        if found == SEVERAL or twins:
            sides = " and ".join(side.upper() for side, several in ((other, found == SEVERAL), (system, twins)) if several)
            return _decide(entity, "ambiguous", system, id, "", f"several records of the {sides} have the same {fields}")
        return _decide(entity, "match", system, id, found, fields)
    return None


def _other(system: System) -> System:
    return "erp" if system == "crm" else "crm"


def _decide(entity: Entity, choice: Choice, system: System, id: str, other: str, reason: str) -> Decision:
    crm, erp = (id, other) if system == "crm" else (other, id)
    return Decision(entity.name, choice, crm, erp, reason)


def as_text(plan: Plan) -> str:
    """For a terminal: every decision on a line, then the counts and the cost."""
    lines = []
    for row in plan.rows:
        pair = " = ".join(filter(None, (row.crm, row.erp)))
        lines.append(f"{row.choice:<10} {row.entity} {pair}  {row.reason}".rstrip())
    lines += [f"{count:>8}  {name}" for name, count in sorted(plan.counts.items())]
    verb = "would take" if plan.dry else "takes"
    lines.append(
        f"the work {verb} about {plan.crm_calls} CRM and {plan.erp_calls} ERP calls, {plan.seconds:.0f} s at the CRM's quota"
    )
    if not plan.finished:
        lines.append("not finished: the next run goes on here")
    return "\n".join(lines)
