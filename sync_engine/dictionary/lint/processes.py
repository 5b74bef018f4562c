"""Processes that cannot start, do nothing, contradict each other, or set each other off for ever."""

from __future__ import annotations

from itertools import combinations
from typing import Final

from sync_engine.dictionary.lint.findings import Report
from sync_engine.dictionary.lint.flows import Place, place_of
from sync_engine.dictionary.model import Action, Entity, Process, System, Trigger, nearest

_WRITING: Final = frozenset({"ensure", "create", "update", "amend", "report"})
_MAKING: Final = frozenset({"ensure", "create"})
LINES: Final = "Lines"


def check_processes(report: Report) -> None:
    dictionary = report.dictionary
    moved = {action.entity for process in dictionary.processes for action in process.actions}
    for entity in dictionary.entities:
        if entity.name not in moved:
            report.entity("entity-without-process", entity, f"{entity.name} is in no action of any process")
    for process in dictionary.processes:
        _trigger(report, process)
        for action in process.actions:
            _action(report, process, action)
        _parents(report, process)
    for one, other in combinations(dictionary.processes, 2):
        _order(report, one, other)
    _circles(report)


# -- one process --------------------------------------------------------------------------------------------------------------


def _trigger(report: Report, process: Process) -> None:
    trigger, entity = process.trigger, report.dictionary.entity(process.trigger.entity)
    if trigger.event in ("enters", "leaves"):
        if not entity.when:
            what = f"{entity.name!r} has no 'when' that a record could enter or leave"
            report.process("trigger-cannot-happen", process, what, "Give the entity a `when`, or use appears or disappears")
        elif trigger.system != entity.origin:
            what = f"'when' of {entity.name!r} is about records of the {entity.origin.upper()}, not of the {trigger.system.upper()}"
            report.process("trigger-cannot-happen", process, what, f"set the trigger's system to {entity.origin}")
    if trigger.event == "merges" and trigger.system == "erp":
        report.process("trigger-cannot-happen", process, "documents of the ERP are renamed, not merged with a trace")
    if trigger.related and (trigger.system != "erp" or trigger.event != "changes"):
        what = "related documents are of the ERP, and what they do is a change"
        report.process("trigger-cannot-happen", process, what, "use {system: erp, event: changes}")
    for name in trigger.fields:
        if name != LINES and not _is_source(entity, name, trigger.system):
            what = f"only this integration writes {name!r} in the {trigger.system.upper()}, and it ignores its own writes"
            report.process("trigger-cannot-happen", process, what, f"name a field whose owner is {trigger.system}")


def _is_source(entity: Entity, name: str, system: System) -> bool:
    field = entity.field(name)
    return field.owner == system or field.both_ways


def _action(report: Report, process: Process, action: Action) -> None:
    entity, words = report.dictionary.entity(action.entity), f"{action.do} {action.entity} in the {action.system.upper()}"
    trigger = process.trigger
    if action.do in ("create", "cancel") and (action.entity, action.system) == (trigger.entity, trigger.system):
        report.process("action-on-its-trigger", process, words)
    if action.do in ("update", "report") and not any(_targets(entity, action.system)):
        report.process("action-does-nothing", process, f"{words}: no field of {entity.name!r} is written there")
    if action.do == "amend" and entity.lines is None:
        report.process("action-does-nothing", process, f"{words}: {entity.name!r} has no 'lines'")
    if action.do in ("amend", "cancel") and not action.only_if:
        report.process("unguarded", process, words)
    if action.do == "tell":
        if not action.say:
            report.process("tells-nothing", process, f"{words} has no 'say'")
        if action.system == "crm" and not entity.error_field:
            report.process("tells-nothing", process, f"{words}: {entity.name!r} has no 'error_field' to show it in")
    names = {field.name: field.side(action.system).field for field in entity.fields}
    for name in action.only_if:
        if name in names and name not in names.values():
            what = f"{words}: only_if names {name!r}, which is the dictionary's word"
            report.process("only-if-unknown", process, what, f"write {names[name]!r}")
        elif (near := nearest(name, list(names.values()))).startswith("; did") and _differs_little(name, near):
            report.process("only-if-unknown", process, f"{words}: only_if names {name!r}{near}")


def _differs_little(name: str, near: str) -> bool:
    """A slip of the keyboard, not another field of the vendor's: the same letters, or one more or less."""
    other = near.split("'")[1]
    return name != other and abs(len(name) - len(other)) <= 1 and len(set(name) ^ set(other)) <= 1


def _targets(entity: Entity, system: System) -> list[str]:
    return [each.name for each in entity.fields if not each.derived and (each.owner != system or each.both_ways)]


def _parents(report: Report, process: Process) -> None:
    """What a created record belongs to has to be made by an earlier action of the same event."""
    earlier = [each for each in report.dictionary.processes if _same_event(each.trigger, process.trigger)]
    actions = [action for each in earlier[: earlier.index(process)] for action in each.actions]
    for action in process.actions:
        entity = report.dictionary.entity(action.entity)
        for parent in entity.belongs_to if action.do in _MAKING else ():
            if not any(each.do in _MAKING and each.entity == parent and each.system == action.system for each in actions):
                what = f"{action.do} {entity.name}: nothing before it makes sure of its {parent}"
                report.process("missing-parent", process, what, f"Put {{do: ensure, entity: {parent}}} before it")
        actions.append(action)


def _same_event(one: Trigger, other: Trigger) -> bool:
    return (one.system, one.entity, one.event, one.related) == (other.system, other.entity, other.event, other.related)


# -- processes together -------------------------------------------------------------------------------------------------------


def _order(report: Report, one: Process, other: Process) -> None:
    first, second = one.trigger, other.trigger
    if not _same_event(first, second):
        return
    if first.fields and second.fields and not set(first.fields) & set(second.fields):
        return
    shared = {(each.entity, each.system) for each in one.actions if each.do != "tell"}
    shared &= {(each.entity, each.system) for each in other.actions if each.do != "tell"}
    if not shared:
        return
    narrower = bool(first.fields) != bool(second.fields)
    words = ", ".join(f"{entity} in the {system.upper()}" for entity, system in sorted(shared))
    hint = "give both triggers `fields`" if narrower else ""
    report.process("ambiguous-order", other, f"it and {one.name!r} both act on {words} when the same thing happens", hint)


def _circles(report: Report) -> None:
    """Edges: what a process writes is what another listens to. A field both ways ends in agreement and is no edge."""
    processes = report.dictionary.processes
    written = {each.name: _written(report, each) for each in processes}
    heard = {each.name: _heard(report, each) for each in processes}
    follows = {each.name: [other.name for other in processes if written[each.name] & heard[other.name]] for each in processes}
    for process in processes:
        path = _way_back(follows, process.name)
        if path is not None and process.name == min(path):
            report.process("process-loop", process, " → ".join([*path, process.name]))


def _written(report: Report, process: Process) -> set[Place]:
    found: set[Place] = set()
    for action in process.actions:
        if action.do not in _WRITING:
            continue
        entity = report.dictionary.entity(action.entity)
        fields = [each for each in entity.fields if each.owner != action.system and not each.derived and not each.both_ways]
        found |= {place_of(entity, each, action.system) for each in fields}
    return found


def _heard(report: Report, process: Process) -> set[Place]:
    trigger = process.trigger
    entity = report.dictionary.entity(trigger.entity)
    if trigger.event in ("enters", "leaves"):
        return {(trigger.system, entity.binding(trigger.system).kind, name) for name in entity.when}
    if trigger.event != "changes" or trigger.related:
        return set()
    fields = [each for each in entity.fields if each.owner == trigger.system or each.name in trigger.fields]
    return {place_of(entity, each, trigger.system) for each in fields if not trigger.fields or each.name in trigger.fields}


def _way_back(follows: dict[str, list[str]], start: str) -> list[str] | None:
    stack, seen = [[start]], {start}
    while stack:
        path = stack.pop()
        for name in follows[path[-1]]:
            if name == start:
                return path
            if name not in seen:
                seen.add(name)
                stack.append([*path, name])
    return None
