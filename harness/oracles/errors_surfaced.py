"""Errors surfaced [SURFACED]: a failure that stays is visible to a person and linked to its record; a healed one is not.

Visible means an entry in the engine's own list of open errors that names the record and a cause, or text in the CRM record's
error field. Owed for every won deal without a live order (the ones that the ERP must refuse above all) and for every pair that
disagrees in the end. An error of the deal's company serves where the company has no customer yet: that is then the failure.
Owed as well where an order goes on although its deal is won no longer or lies in the bin.
Also a finding: an error still shown for a record that is in sync. Not judged: the wording of causes, errors of lost and open deals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.kit.records import Record
from harness.oracles.after_win import binned_with_order, cancelled_by_hand, ordered_but_not_won
from harness.oracles.causes import cause_of_silence, last_failure
from harness.oracles.converged import half_finished
from harness.oracles.differences import differences, inherited
from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import FlowCase, History
from harness.oracles.pairs import Pair, all_pairs, counterparts, customer_entity, order_entity, settled
from harness.oracles.story import story
from harness.oracles.two_way import asked
from harness.oracles.view import Key, View, view_of
from harness.oracles.words import called, complaint, record_name, singular, vendor
from sync_engine.dictionary import Entity

NAME: Final = "errors_surfaced"


def judge(history: History) -> list[Finding]:
    view = view_of(history)
    order = order_entity(view)
    if order is None:
        return []
    return [*_silent_deals(view, order), *_silent_orders(view, order), *_silent_pairs(view), *_stale_errors(view)]


def exercised(history: History) -> bool:
    """Something had to be surfaced: a deal that the ERP must refuse, an open error, a conflict, or a deal without its order."""
    view = view_of(history)
    order = order_entity(view)
    if order is None:
        return False
    if history.open_errors or any(flow.refused_because and flow.outcome == "won" for flow in history.flows):
        return True
    if any(asked(view, pair, field) for pair in all_pairs(view) for field in pair.entity.fields):
        return True
    return any(not counterparts(view, order, flow.deal_id) for flow in history.flows if flow.outcome == "won")


def is_surfaced(view: View, entity: Entity, crm_id: str) -> bool:
    """A person can see that this CRM record does not sync, and why."""
    record = view.get("crm", entity.crm.kind, crm_id)
    return bool(_causes(view).get(f"crm {entity.crm.kind} {crm_id}") or _error_text(entity, record))


def _causes(view: View) -> dict[str, str]:
    return view.memo("open errors", lambda: {each.record: each.cause for each in view.history.open_errors})


def _error_text(entity: Entity, record: Record | None) -> str:
    return str(record.fields.get(entity.error_field) or "").strip() if record is not None and entity.error_field else ""


# -- failures nobody hears of -------------------------------------------------------------------------------------


def _silent_deals(view: View, order: Entity) -> Iterator[Finding]:
    customer = customer_entity(view)
    for flow in view.history.flows:
        if flow.outcome != "won" or counterparts(view, order, flow.deal_id) or is_surfaced(view, order, flow.deal_id):
            continue
        if flow.archived or cancelled_by_hand(view, order, flow.deal_id) is not None:
            continue
        blocked = customer is not None and not counterparts(view, customer, flow.company_id)
        if blocked and customer is not None and is_surfaced(view, customer, flow.company_id):
            continue
        if settled(view, flow.won_at or view.history.started_at):
            yield _silent_deal(view, order, customer, flow)


def _silent_deal(view: View, order: Entity, customer: Entity | None, flow: FlowCase) -> Finding:
    key: Key = ("crm", order.crm.kind, flow.deal_id)
    keys: list[Key] = [key] if customer is None else [key, ("crm", customer.crm.kind, flow.company_id)]
    reason = f"; {flow.refused_because}" if flow.refused_because else ""
    failure = last_failure(view, keys, flow.won_at)
    cause = f"{complaint(view, failure)} (request {failure.number})" if failure is not None else ""
    return Finding(
        NAME,
        f"{NAME}/silent/{order.crm.kind} {flow.deal_id}",
        f"silently lost error: {called(key)} was won and has no {singular(order.erp.kind)} in {vendor(view, 'erp')}, "
        f"and nobody is told{reason}{f'; {cause}' if cause else ''}",
        record_name(key),
        flow.number,
        story(view, [key]),
        f"{cause}; the engine neither got it through later nor reported it" if cause else cause_of_silence(view, keys, flow.won_at),
    )


def _silent_orders(view: View, entity: Entity) -> Iterator[Finding]:
    """Orders that go on although their deal is not won any more, or lies in the bin, and nobody is told."""
    going_on = [
        (flow, order, f"is {flow.outcome} and no longer won") for flow, order, could in ordered_but_not_won(view) if not could
    ]
    going_on += [(flow, order, "lies in the bin") for flow, order in binned_with_order(view)]
    for flow, order, state in going_on:
        if not is_surfaced(view, entity, flow.deal_id):
            keys: list[Key] = [("crm", entity.crm.kind, flow.deal_id), ("erp", entity.erp.kind, order.id)]
            yield Finding(
                NAME,
                f"{NAME}/order goes on/{entity.crm.kind} {flow.deal_id}",
                f"{called(keys[0])} {state}, but {called(keys[1])} goes on and nobody is told",
                record_name(keys[0]),
                flow.number,
                story(view, keys),
                cause_of_silence(view, keys, flow.left_at),
            )


def _silent_pairs(view: View) -> Iterator[Finding]:
    drafts = {pair.crm.id for pair in half_finished(view)}
    for pair in all_pairs(view):
        found = differences(view, pair)
        labels = [each.label for each in found] or (
            ["a draft nobody submits"] if pair.entity.lines and pair.crm.id in drafts else []
        )
        if not labels or is_surfaced(view, pair.entity, pair.crm.id) or _causes(view).get(record_name(pair.keys[1])):
            continue
        since = min((each.source_since for each in found), default=pair.erp.created_at)
        crm, erp = pair.keys
        failure = last_failure(view, [crm, erp], since)
        cause = f"; {complaint(view, failure)} (request {failure.number})" if failure is not None else ""
        yield Finding(
            NAME,
            f"{NAME}/silent/{pair.entity.crm.kind} {pair.crm.id}",
            f"silently lost error: {called(crm)} and {called(erp)} disagree ({', '.join(labels)}) and nobody is told{cause}",
            record_name(crm),
            pair.flow,
            story(view, pair.keys),
            cause_of_silence(view, [crm, erp], since),
        )


# -- errors that are over -----------------------------------------------------------------------------------------


def _stale_errors(view: View) -> Iterator[Finding]:
    drafts = {pair.crm.id for pair in half_finished(view)}
    troubled = {flow.company_id for flow in view.history.flows if flow.outcome == "won" and not _is_fine(view, flow, drafts)}
    for pair in all_pairs(view):
        is_customer = pair.entity.lines is None
        if not is_surfaced(view, pair.entity, pair.crm.id) or differences(view, pair):
            continue
        if is_customer and inherited(view, pair.entity, pair.crm.id):
            continue  # two customers of what is one company now: a person has to make one of them
        if (is_customer and pair.crm.id in troubled) or (not is_customer and pair.crm.id in drafts):
            continue
        if len(counterparts(view, pair.entity, pair.crm.id)) > 1 or not settled(
            view, max(pair.crm.updated_at, pair.erp.updated_at)
        ):
            continue
        yield _stale_error(view, pair)


def _is_fine(view: View, flow: FlowCase, drafts: set[str]) -> bool:
    order = order_entity(view)
    return order is None or (len(counterparts(view, order, flow.deal_id)) == 1 and flow.deal_id not in drafts)


def _stale_error(view: View, pair: Pair) -> Finding:
    crm, erp = pair.keys
    text = _error_text(pair.entity, pair.crm) or _causes(view).get(record_name(crm), "")
    return Finding(
        NAME,
        f"{NAME}/stale/{pair.entity.crm.kind} {pair.crm.id}",
        f"{called(crm)} still shows an error ({text[:120]}), although it is in sync with {called(erp)}",
        record_name(crm),
        pair.flow,
        story(view, pair.keys),
        "the engine does not take an error back when its cause is gone",
    )


ORACLE: Final = Oracle(
    NAME,
    "Every failure that stays is shown to a person at its record, and an error that is over is not.",
    judge,
    exercised,
)
