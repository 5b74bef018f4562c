"""What of an order its deal shows: the fields that some process reports. Pure.

A process that reports when an order changes in the ERP is about every field the ERP owns; its trigger's `fields` narrow that to
these, `related` to those that sum over that related set. A field that no such process is about would grow stale, so nobody writes
it. Where there is none at all, the report after a deal's event shows the order's own values as they are then.
"""

from __future__ import annotations

import msgspec

from sync_engine.dictionary import Dictionary, Entity, FieldMap
from sync_engine.dictionary.model import Trigger


def shown_order(dictionary: Dictionary) -> Entity:
    """The order without the ERP's fields that no process reports, and without the related sets that nothing shown sums over."""
    order = dictionary.entity("order")
    fields = tuple(each for each in order.fields if each.owner == "crm" or _is_shown(dictionary, each))
    summed = {each.erp.of for each in fields}
    related = {name: related for name, related in order.related.items() if name in summed}
    return msgspec.structs.replace(order, fields=fields, related=related)


def _is_shown(dictionary: Dictionary, each: FieldMap) -> bool:
    triggers = [
        process.trigger
        for process in dictionary.processes_of("erp", "order", "changes")
        if any((action.do, action.entity, action.system) == ("report", "order", "crm") for action in process.actions)
    ]
    return any(_is_about(trigger, each) for trigger in triggers) if triggers else each.erp.of is None


def _is_about(trigger: Trigger, each: FieldMap) -> bool:
    return (not trigger.fields or each.name in trigger.fields) and (not trigger.related or each.erp.of == trigger.related)
