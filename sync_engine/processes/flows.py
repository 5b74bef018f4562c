"""Which fields of a linked pair flow from which system: those for which the dictionary has a process. Pure.

A company's edits need a process that starts with them and updates the customer; what people do to a customer in the ERP needs one
that reports it. A trigger's `fields` name the only ones that it is about, `related` those that sum over these documents. Details
(addresses, contacts) are no fields: their edits follow wherever a process takes a company's edits whatever they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync_engine.dictionary import Dictionary, Entity, FieldMap, Process, System
from sync_engine.dictionary.model import Event, Verb

CARRYING: dict[System, tuple[Verb, ...]] = {"crm": ("update", "ensure"), "erp": ("report", "update")}  # by the edit's system


@dataclass(frozen=True, slots=True)
class Flows:
    """Names of the fields whose edits in the CRM, and in the ERP, reach the other system. `ensured`: a process finds, matches or
    creates counterparts in the ERP, so that a field that was never compared yet is brought there whether or not edits follow."""

    crm: frozenset[str]
    erp: frozenset[str]
    ensured: bool

    def carries(self, each: FieldMap, system: System, *, first: bool) -> bool:
        """Whether the value of `system` reaches the other one. `first`: the field has not been compared yet."""
        return each.name in (self.crm if system == "crm" else self.erp) or (first and self.ensured and system == "crm")

    def heard(self, fields: Iterable[FieldMap], system: System) -> list[FieldMap]:
        """The fields of which an edit in `system` asks for a look: its own flow, and foreign ones are overwritten."""
        return [each for each in fields if self.carries(each, system if each.both_ways else each.owner, first=False)]


def flows_of(dictionary: Dictionary, entity: Entity) -> Flows:
    crm, erp = (
        frozenset(
            each.name
            for each in entity.fields
            if (each.owner == system or each.both_ways)
            and any(_is_about(process, each) for process in _carrying(dictionary, entity, system, "changes"))
        )
        for system in ("crm", "erp")
    )
    ensured = any(
        (action.do, action.entity, action.system) == ("ensure", entity.name, "erp")
        for process in dictionary.processes
        for action in process.actions
    )
    return Flows(crm, erp, ensured)


def follows_details(dictionary: Dictionary) -> bool:
    """Whether later edits of addresses and contacts reach the ERP."""
    return any(not each.trigger.fields for each in _carrying(dictionary, dictionary.entity("customer"), "crm", "changes"))


def follows_merges(dictionary: Dictionary) -> bool:
    """Whether a merge of companies is followed by one of their customers."""
    return bool(_carrying(dictionary, dictionary.entity("customer"), "crm", "merges"))


def _carrying(dictionary: Dictionary, entity: Entity, system: System, event: Event) -> list[Process]:
    other: System = "erp" if system == "crm" else "crm"
    return [
        process
        for process in dictionary.processes_of(system, entity.name, event)
        if any(
            action.do in CARRYING[system] and (action.entity, action.system) == (entity.name, other) for action in process.actions
        )
    ]


def _is_about(process: Process, each: FieldMap) -> bool:
    trigger = process.trigger
    return (not trigger.fields or each.name in trigger.fields) and (not trigger.related or each.erp.of == trigger.related)
