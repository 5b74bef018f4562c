"""Converged [CONV, REF]: after the last change and fault, every won deal has its counterpart and every mapped value agrees.

Judged once a change is older than the scenario's `converge_within`, or at once where nothing is pending any more. Values on
their way within the bound are not judged. Not judged here: more than one counterpart (no_duplicates), deals that the ERP must
refuse (errors_surfaced), records that no flow of the run touches.
"""

from __future__ import annotations

from typing import Final

from harness.oracles.causes import cause_of_silence
from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import FlowCase, History
from harness.oracles.pairs import (
    Difference,
    Pair,
    all_pairs,
    counterparts,
    differences,
    keys_about,
    order_entity,
    order_pairs,
    settled,
)
from harness.oracles.relations import SUBMITTED
from harness.oracles.story import story
from harness.oracles.view import View, is_engine, view_of
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
        *(_differs(view, pair, difference) for pair in all_pairs(view) for difference in differences(view, pair)),
    ]


def exercised(history: History) -> bool:
    return any(flow.outcome == "won" and not flow.refused_because for flow in history.flows)


def missing_flows(view: View, entity: Entity) -> list[FlowCase]:
    """Won deals that should have an order and have none."""
    return [
        flow
        for flow in view.history.flows
        if flow.outcome == "won"
        and not flow.refused_because
        and not counterparts(view, entity, flow.deal_id)
        and settled(view, flow.won_at or view.history.started_at)
    ]


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
