"""No lost update [NOLOST]: what a person saved is there in the end, or was replaced by somebody who had seen it.

Two ways to lose it, per field of the dictionary. *Overwritten*: the engine wrote another value into the system of record, which
it never owns, over a person's. *Stale*: the other system ends with an older value of the system of record although a newer one
was committed, whether the newer one never came or was overtaken by the older one. Of a field that flows both ways: both sides
agree on a value that its conflict rule (owner, newest, ask) does not let stand against a person's edit.
Not judged: values the system of record computes (a status that moves because the engine submits a document is not an overwrite:
only fields that the engine's request names count), derived values, values frozen after creation, fields outside the dictionary.
"""

from __future__ import annotations

from typing import Any, Final

from harness.kit.records import Change
from harness.oracles.causes import cause_of_silence
from harness.oracles.differences import keys_about
from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import History
from harness.oracles.mapping import agree, shown, value_at, values_over_time
from harness.oracles.pairs import Pair, all_pairs, settled
from harness.oracles.story import story
from harness.oracles.two_way import Edit, lost
from harness.oracles.view import Key, View, is_engine, is_person, view_of
from harness.oracles.words import called, moment, record_name, vendor
from sync_engine.dictionary import FieldMap, System

NAME: Final = "no_lost_update"


def judge(history: History) -> list[Finding]:
    view = view_of(history)
    return [*_overwritten(view), *_stale(view), *_two_way(view)]


def exercised(history: History) -> bool:
    """A person changed a mapped value of a record that existed already."""
    view = view_of(history)
    owned = _owned_fields(view)
    return any(
        change.action != "created" and is_person(change.by) and not fields.keys().isdisjoint(change.new)
        for (system, kind), fields in owned.items()
        for key, changes in view.changes.items()
        if key[0] == system and key[1] == kind
        for change in changes
    )


def _owned_fields(view: View) -> dict[tuple[str, str], dict[str, FieldMap]]:
    """Fields of each kind whose system of record is the system the kind lives in."""
    owned: dict[tuple[str, str], dict[str, FieldMap]] = {}
    for entity in view.history.dictionary.entities:
        for field in entity.fields:
            binding = entity.crm if field.owner == "crm" else entity.erp
            if field.source().of is None:
                owned.setdefault((field.owner, binding.kind), {})[field.source().field] = field
    return owned


# -- overwritten in the system of record --------------------------------------------------------------------------


def _overwritten(view: View) -> list[Finding]:
    owned = _owned_fields(view)
    found: list[Finding] = []
    for key, changes in view.changes.items():
        fields = owned.get((key[0], key[1]), {})
        if fields and any(is_engine(change.by) for change in changes):
            found += [
                _overwrite_finding(view, key, field, saved, lost_to)
                for name, field in fields.items()
                if not field.both_ways and (loss := _loss(view, changes, name)) is not None
                for saved, lost_to in (loss,)
            ]
    return found


def _loss(view: View, changes: list[Change], name: str) -> tuple[Change, Change] | None:
    """The first saved value of a person that the engine replaced and did not put back before somebody else wrote."""
    saved: Change | None = None
    lost_to: Change | None = None
    for change in changes:
        if name not in change.new:
            continue
        if is_person(change.by):
            if lost_to is not None:
                break
            saved = change
        elif saved is not None and is_engine(change.by) and _names_field(view, change, name):
            lost_to = None if _alike(change.new[name], saved.new[name]) else (lost_to or change)
    return (saved, lost_to) if saved is not None and lost_to is not None else None


def _names_field(view: View, change: Change, name: str) -> bool:
    request = view.requests.get(change.request)
    return request is None or f'"{name}"' in request.body or name in request.query


def _alike(one: Any, other: Any) -> bool:
    return str("" if one is None else one).strip().casefold() == str("" if other is None else other).strip().casefold()


def _overwrite_finding(view: View, key: Key, field: FieldMap, saved: Change, lost_to: Change) -> Finding:
    name = field.source().field
    person = saved.by.partition(":")[2]
    flows = view.flows_of_company.get(key[2], [])
    flow = view.flow_of_deal.get(key[2]) or (flows[0] if flows else None)
    return Finding(
        NAME,
        f"{NAME}/overwritten/{field.name}/{key[1]} {key[2]}",
        f"{person} set {field.name} of {called(key)} to {shown(saved.new[name])} at {moment(saved.at)}; "
        f"the engine replaced it by {shown(lost_to.new[name])} at {moment(lost_to.at)}, in the system of record itself",
        record_name(key),
        flow.number if flow is not None else 0,
        story(view, [key]),
        f"request {lost_to.request} of the engine wrote a field that {vendor(view, key[0])} owns" if lost_to.request else "",
    )


# -- stale in the other system ------------------------------------------------------------------------------------


def _stale(view: View) -> list[Finding]:
    found: list[Finding] = []
    for pair in all_pairs(view):
        for field in pair.entity.fields:
            if not field.derived and not field.frozen_after_create and not field.both_ways:
                finding = _stale_finding(view, pair, field)
                if finding is not None:
                    found.append(finding)
    return found


def _stale_finding(view: View, pair: Pair, field: FieldMap) -> Finding | None:
    target_system: System = "erp" if field.owner == "crm" else "crm"
    target = value_at(view, pair.entity, field.target(), pair.side(target_system))
    if agree(field, value_at(view, pair.entity, field.source(), pair.side(field.owner)), target):
        return None
    source_key, target_key = pair.keys if field.owner == "crm" else pair.keys[::-1]
    history = values_over_time(view, pair.entity, field.source(), source_key)
    if len(history) < 2 or not settled(view, history[-1][0].at):
        return None
    older = next((change for change, value in reversed(history[:-1]) if agree(field, value, target)), None)
    if older is None:
        return None
    newest, value = history[-1]
    return Finding(
        NAME,
        f"{NAME}/stale/{field.name}/{pair.entity.crm.kind} {pair.crm.id}",
        f"{field.name} of {called(source_key)} became {shown(value)} at {moment(newest.at)}, but {called(target_key)} ends with "
        f"the older {shown(target)} of {moment(older.at)}{_overtaken(view, pair, field, target_key, value)}",
        record_name(pair.keys[0]),
        pair.flow,
        story(view, keys_about(view, pair, field)),
        _why_stale(view, pair, field, target_key, newest, value),
    )


def _arrived(view: View, pair: Pair, field: FieldMap, target_key: Key, value: Any) -> tuple[Change, Change] | None:
    """When the newest value reached the other side and which write then replaced it; None if it never did."""
    written = values_over_time(view, pair.entity, field.target(), target_key)
    for position in range(len(written) - 2, -1, -1):
        if agree(field, value, written[position][1]):
            return written[position][0], written[position + 1][0]
    return None


def _overtaken(view: View, pair: Pair, field: FieldMap, target_key: Key, value: Any) -> str:
    arrived = _arrived(view, pair, field, target_key, value)
    return f"; the newer value had arrived at {moment(arrived[0].at)} and was overwritten" if arrived is not None else ""


def _why_stale(view: View, pair: Pair, field: FieldMap, target_key: Key, newest: Change, value: Any) -> str:
    arrived = _arrived(view, pair, field, target_key, value)
    if arrived is not None:
        return (
            f"request {arrived[1].request} carried the older value and came after request {arrived[0].request} with the newer one"
        )
    return cause_of_silence(view, keys_about(view, pair, field), newest.at)


# -- edited on both sides ------------------------------------------------------------------------------------------


def _two_way(view: View) -> list[Finding]:
    """Both sides agree on a value that the conflict rule does not let stand."""
    found: list[Finding] = []
    for pair in all_pairs(view):
        for field in pair.entity.fields:
            edit = lost(view, pair, field) if field.both_ways else None
            if edit is not None and settled(view, edit.at):
                found.append(_two_way_finding(view, pair, field, edit))
    return found


def _two_way_finding(view: View, pair: Pair, field: FieldMap, edit: Edit) -> Finding:
    key, person = pair.keys[0] if edit.system == "crm" else pair.keys[1], edit.change.by.partition(":")[2]
    standing = value_at(view, pair.entity, field.crm, pair.crm)
    return Finding(
        NAME,
        f"{NAME}/two-way/{field.name}/{pair.entity.crm.kind} {pair.crm.id}",
        f"{person} set {field.name} of {called(key)} to {shown(edit.value)} at {moment(edit.at)}, and by the rule "
        f"{field.conflict!r} that stands; but both sides end with {shown(standing)}",
        record_name(pair.keys[0]),
        pair.flow,
        story(view, pair.keys),
        cause_of_silence(view, list(pair.keys), edit.at),
    )


ORACLE: Final = Oracle(NAME, "No value that a person saved is lost: the last value of its system of record wins.", judge, exercised)
