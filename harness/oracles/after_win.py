"""What the dictionary's processes promise about deals that change after the win, read from their triggers and conditions.

A deal that is won no longer has no live order, unless its `cancel` could not be done any more (something was shipped or invoiced)
or somebody has taken the order into their own hands; then a person is told. The same holds for positions that changed. An order
that a person cancelled in the ERP is the ERP's decision: the deal has to show it. A binned deal whose order goes on is told of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from harness.kit.records import RESTORED, Record
from harness.oracles.history import FlowCase
from harness.oracles.mapping import agree, plain
from harness.oracles.pairs import Pair, counterparts, order_entity, settled
from harness.oracles.relations import CANCELLED, SUBMITTED
from harness.oracles.view import View, is_person
from sync_engine.dictionary import Action, Entity

FOLLOWS_LINES: Final = frozenset({"Lines"})
REACTS_WITHIN: Final = 8  # an engine has this part of the time to converge until people's next step may overtake it
_MARKS: Final = ("On Hold", "Closed")  # as the vendors say it


def action_of(view: View, entity: Entity, verb: str) -> Action | None:
    """The action of this kind that a process of the CRM's record sets off, where the dictionary has one."""
    for process in view.history.dictionary.processes:
        if process.trigger.system == "crm" and process.trigger.entity == entity.name:
            for action in process.actions:
                if action.do == verb and action.entity == entity.name:
                    return action
    return None


def could_act(view: View, action: Action, order: Record, since: datetime) -> bool:
    """Whether the order was as the action needs it, and unmarked by hand, for long enough after `since`."""
    over = _out_of_reach(view, action, order)
    return over is None or over - max(since, order.created_at) > view.history.converge_within / REACTS_WITHIN


def _out_of_reach(view: View, action: Action, order: Record) -> datetime | None:
    """When the order stopped being what the action needs, or a person marked it (held, closed); None: never."""
    state: dict[str, Any] = {}
    for change in view.changes.get(("erp", order.kind, order.id), ()):
        state.update(change.new)
        free = all(plain(state.get(name)) == plain(value) for name, value in action.only_if.items())
        by_hand = is_person(change.by) and change.new.get("status") in _MARKS
        if state.get("docstatus") == SUBMITTED and (not free or by_hand):
            return change.at
    return None


def ordered_but_not_won(view: View) -> Iterator[tuple[FlowCase, Record, bool]]:
    """Deals that were reopened or lost after a win and still have an order; True where it could have been cancelled."""
    entity = order_entity(view)
    action = action_of(view, entity, "cancel") if entity is not None else None
    for flow in view.history.flows if entity is not None and action is not None else ():
        if flow.outcome == "won" or flow.left_at is None or flow.archived or not settled(view, flow.left_at):
            continue
        for order in counterparts(view, entity, flow.deal_id)[:1] if entity is not None else ():
            if action is not None and entity is not None:
                yield flow, order, could_act(view, action, order, _in_sight_since(view, entity, flow, flow.left_at))


def binned_with_order(view: View) -> Iterator[tuple[FlowCase, Record]]:
    """Won deals in the bin whose order goes on, where the dictionary wants people to be told."""
    entity = order_entity(view)
    if entity is None or action_of(view, entity, "tell") is None:
        return
    for flow in view.history.flows:
        deal = view.get("crm", entity.crm.kind, flow.deal_id)
        if flow.archived and deal is not None and settled(view, deal.updated_at):
            for order in counterparts(view, entity, flow.deal_id)[:1]:
                yield flow, order


def is_excused(view: View, pair: Pair, label: str, derived: bool) -> bool:
    """Positions (and what is added up from them) that changed after the win, when the order could not follow any more."""
    flow = view.flow_of_deal.get(pair.crm.id)
    if flow is None or flow.changed_at is None or pair.entity.lines is None or not (derived or label in FOLLOWS_LINES):
        return False
    action = action_of(view, pair.entity, "amend")
    return action is not None and not could_act(view, action, pair.erp, _in_sight_since(view, pair.entity, flow, flow.changed_at))


def _in_sight_since(view: View, entity: Entity, flow: FlowCase, since: datetime) -> datetime:
    """When an engine could first see what happened at `since`: a deal in the bin shows nothing until somebody takes it out."""
    changes = view.changes.get(("crm", entity.crm.kind, flow.deal_id), ())
    return max([since, *(change.at for change in changes if change.action == RESTORED)])


def cancelled_by_hand(view: View, entity: Entity, deal_id: str) -> Record | None:
    """The deal's last order, where a person has cancelled it in the ERP and the deal shows that."""
    dead = [
        record
        for record in view.all("erp", entity.erp.kind)
        if record.fields.get("docstatus") == CANCELLED and _stands_for(view, entity, record) == deal_id
    ]
    if not dead:
        return None
    last = max(dead, key=lambda record: (record.created_at, record.id))
    changes = view.changes.get(("erp", last.kind, last.id), ())
    by = next((change.by for change in reversed(changes) if change.new.get("docstatus") == CANCELLED), "")
    return last if is_person(by) and _shows(view, entity, deal_id, last) else None


def _stands_for(view: View, entity: Entity, order: Record) -> str:
    """The deal of an order: an amended one carries no link of its own, the first of its chain does."""
    seen: set[str] = set()
    while not order.fields.get(entity.erp.link_field) and order.id not in seen:
        seen.add(order.id)
        before = view.get("erp", entity.erp.kind, str(order.fields.get("amended_from") or ""))
        if before is None:
            return ""
        order = before
    return str(order.fields.get(entity.erp.link_field) or "")


def _shows(view: View, entity: Entity, deal_id: str, order: Record) -> bool:
    deal = view.get("crm", entity.crm.kind, deal_id)
    fields = [each for each in entity.fields if each.owner == "erp" and each.transform == "map" and each.source().of is None]
    return deal is not None and all(agree(f, order.fields.get(f.erp.field), deal.fields.get(f.crm.field)) for f in fields)
