"""Converged [CONV, REF]: after the last change and fault, every won deal has its counterpart and every mapped value agrees.

Judged once a change is older than the scenario's `converge_within`, or at once where nothing is pending any more. Values on
their way within the bound are not judged. Not judged here: more than one counterpart (no_duplicates), deals that the ERP must
refuse (errors_surfaced), records that no flow of the run touches. A deal that is won no longer has no order, positions changed
after the win are in the order, and what begins in the ERP is in the CRM; what came too late for that, a person is told of
(errors_surfaced), as of two edits that only a person can choose between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.kit.records import Record
from harness.oracles.after_win import cancelled_by_hand, is_excused, ordered_but_not_won
from harness.oracles.causes import cause_of_silence
from harness.oracles.differences import Difference, differences, keys_about
from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import FlowCase, History
from harness.oracles.pairs import Pair, all_pairs, counterparts, crm_counterparts, order_entity, order_pairs, settled, wanted_in_crm
from harness.oracles.relations import SUBMITTED
from harness.oracles.story import story
from harness.oracles.two_way import asked
from harness.oracles.view import Key, View, is_engine, view_of
from harness.oracles.words import called, moment, record_name, singular, vendor
from sync_engine.dictionary import Entity

NAME: Final = "converged"


def judge(history: History) -> list[Finding]:
    view = view_of(history)
    entity = order_entity(view)
    if entity is None:
        return []
    return [
        *(_missing(view, entity, flow) for flow in missing_flows(view, entity)),
        *(_half_finished(view, pair) for pair in half_finished(view)),
        *(_still_ordered(view, entity, flow, order) for flow, order, could in ordered_but_not_won(view) if could),
        *(_not_in_crm(view, each, record) for each in history.dictionary.entities for record in missing_in_crm(view, each)),
        *(
            _differs(view, pair, each)
            for pair in all_pairs(view)
            for each in differences(view, pair)
            if not may_stand(view, pair, each)
        ),
    ]


def may_stand(view: View, pair: Pair, difference: Difference) -> bool:
    """A difference that is nobody's fault: a person has to decide it, or the order could not follow the deal any more. That the
    person hears of it is another promise."""
    field = difference.field
    if field is not None and field.both_ways:
        return asked(view, pair, field)
    return is_excused(view, pair, difference.label, field is not None and field.derived)


def exercised(history: History) -> bool:
    return any(flow.outcome == "won" and not flow.refused_because for flow in history.flows)


def missing_flows(view: View, entity: Entity) -> list[FlowCase]:
    """Won deals that should have an order and have none."""
    return [
        flow
        for flow in view.history.flows
        if flow.outcome == "won"
        and not flow.refused_because
        and not flow.doubt
        and not flow.archived
        and not counterparts(view, entity, flow.deal_id)
        and cancelled_by_hand(view, entity, flow.deal_id) is None
        and settled(view, flow.won_at or view.history.started_at)
    ]


def missing_in_crm(view: View, entity: Entity) -> Iterator[Record]:
    """ERP records that should have a counterpart in the CRM and have none."""
    if entity.origin != "erp":
        return
    for record in wanted_in_crm(view, entity):
        if not crm_counterparts(view, entity, record) and settled(view, record.created_at):
            yield record


def half_finished(view: View) -> list[Pair]:
    """Drafts left behind by an engine that submits its other documents: nobody ships from a draft."""
    found: list[Pair] = view.memo("half finished", lambda: _half_finished_pairs(view))
    return found


def _half_finished_pairs(view: View) -> list[Pair]:
    pairs = list(order_pairs(view))
    if not any(pair.erp.fields.get("docstatus") == SUBMITTED for pair in pairs):
        return []
    return [
        pair
        for pair in pairs
        if pair.erp.fields.get("docstatus") == 0
        and is_engine(view.maker(pair.keys[1]) or "system")
        and settled(view, pair.erp.created_at)
    ]


def _missing(view: View, entity: Entity, flow: FlowCase) -> Finding:
    key = ("crm", entity.crm.kind, flow.deal_id)
    order, erp = singular(entity.erp.kind), vendor(view, "erp")
    won = f" at {moment(flow.won_at)}" if flow.won_at is not None else ""
    keys = [key, *_cancelled(view, entity, flow.deal_id)]
    return Finding(
        NAME,
        f"{NAME}/missing/{entity.crm.kind} {flow.deal_id}",
        f"{called(key)} was won{won} and has no {order} in {erp}",
        record_name(key),
        flow.number,
        story(view, keys),
        cause_of_silence(view, keys, flow.won_at),
    )


def _still_ordered(view: View, entity: Entity, flow: FlowCase, order: Record) -> Finding:
    deal: Key = ("crm", entity.crm.kind, flow.deal_id)
    left = f" since {moment(flow.left_at)}" if flow.left_at is not None else ""
    keys: list[Key] = [deal, ("erp", entity.erp.kind, order.id)]
    return Finding(
        NAME,
        f"{NAME}/still ordered/{entity.crm.kind} {flow.deal_id}",
        f"{called(deal)} is {flow.outcome} and no longer won{left}, but {called(keys[1])} goes on untouched",
        record_name(deal),
        flow.number,
        story(view, keys),
        cause_of_silence(view, keys, flow.left_at),
    )


def _not_in_crm(view: View, entity: Entity, record: Record) -> Finding:
    key: Key = ("erp", entity.erp.kind, record.id)
    return Finding(
        NAME,
        f"{NAME}/missing/{entity.erp.kind} {record.id}",
        f"{called(key)} is there since {moment(record.created_at)} and has no {singular(entity.crm.kind)} in {vendor(view, 'crm')}",
        record_name(key),
        0,
        story(view, [key]),
        cause_of_silence(view, [key], record.created_at),
    )


def _cancelled(view: View, entity: Entity, deal_id: str) -> list[tuple[str, str, str]]:
    named = view.get("crm", entity.crm.kind, deal_id)
    order_id = str(named.fields.get(entity.crm.link_field) or "") if named is not None else ""
    return [("erp", entity.erp.kind, order_id)] if order_id else []


def _half_finished(view: View, pair: Pair) -> Finding:
    crm, erp = pair.keys
    return Finding(
        NAME,
        f"{NAME}/draft/{pair.entity.crm.kind} {pair.crm.id}",
        f"{called(erp)} of {called(crm)} was left as a draft since {moment(pair.erp.created_at)}: nobody will ship it",
        record_name(crm),
        pair.flow,
        story(view, pair.keys),
        cause_of_silence(view, list(pair.keys), pair.erp.created_at),
    )


def _differs(view: View, pair: Pair, difference: Difference) -> Finding:
    crm, erp = pair.keys
    keys = keys_about(view, pair, difference.field)
    owner, other = (crm, erp) if difference.owner == "crm" else (erp, crm)
    return Finding(
        NAME,
        f"{NAME}/{difference.label}/{pair.entity.crm.kind} {pair.crm.id}",
        f"{difference.label} of {called(owner)}: {difference.source} in {vendor(view, owner[0])} "
        f"since {moment(difference.source_since)}, but {difference.target} in {vendor(view, other[0])} "
        f"({called(other)}) since {moment(difference.target_since)}",
        record_name(crm),
        pair.flow,
        story(view, keys),
        cause_of_silence(view, keys, difference.source_since),
    )


ORACLE: Final = Oracle(
    NAME,
    "Every won deal that the ERP can take becomes an order, and all shared values are the same on both sides in the end.",
    judge,
    exercised,
)
