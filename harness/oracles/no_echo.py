"""No echo [QUIET]: an engine's own writes come back to it as changes, and it must not answer them.

Per pair of records: what the engine writes is bounded by what everybody else has changed there, and a record that nobody else
changes any more is not written again and again. Writes that change nothing count too; a batch counts for each record it names.
Bounds (ours, generous): PER_CHANGE writes for each change of anybody else, and ALWAYS more for creation, links and restarts.
"""

from __future__ import annotations

import re
from typing import Final

from harness.oracles.finding import Finding, Oracle
from harness.oracles.history import History
from harness.oracles.pairs import Pair, all_pairs
from harness.oracles.story import story
from harness.oracles.view import Key, Request, View, is_engine, is_person, view_of
from harness.oracles.words import called, record_name

NAME: Final = "no_echo"
ALWAYS: Final = 12
PER_CHANGE: Final = 4
_IDS: Final = re.compile(r'"id"\s*:\s*"([^"]+)"')
_READS_BY_POST: Final = ("/search", "/batch/read", "get_list", "get_count", "get_value", "/token")


def judge(history: History) -> list[Finding]:
    view = view_of(history)
    return [finding for pair in all_pairs(view) if (finding := _echo(view, pair)) is not None]


def exercised(history: History) -> bool:
    """The engine changed a record that it had a counterpart for."""
    view = view_of(history)
    return any(is_engine(change.by) for pair in all_pairs(view) for key in pair.keys for change in view.changes.get(key, ()))


def _echo(view: View, pair: Pair) -> Finding | None:
    own = sum(len(_writes(view).get(key, ())) for key in pair.keys)
    others = sum(not is_engine(change.by) for key in _about(view, pair) for change in view.changes.get(key, ()))
    allowed = ALWAYS + PER_CHANGE * others + 2 * len(view.crashes)
    if own <= allowed:
        return None
    crm, erp = pair.keys
    last = max((request for key in pair.keys for request in _writes(view).get(key, ())), key=lambda each: each.number)
    return Finding(
        NAME,
        f"{NAME}/{pair.entity.name}/{pair.entity.crm.kind} {pair.crm.id}",
        f"the engine wrote {own} times to {called(crm)} and {called(erp)}, of which all others changed {others} things; "
        f"more than {allowed} writes are an echo",
        record_name(crm),
        pair.flow,
        story(view, pair.keys),
        f"the last of them is request {last.number}, {last.method} {last.path}",
    )


def _about(view: View, pair: Pair) -> list[Key]:
    """The pair, its positions, and every document whose change it has to hear of."""
    keys: list[Key] = [*pair.keys]
    for name, related in pair.entity.related.items():
        keys += [("erp", related.kind, each.id) for each in view.related(pair.entity, name, pair.erp.id)]
    if pair.entity.lines is not None:
        kind = pair.entity.lines.crm_kind
        keys += [("crm", kind, each.id) for each in view.associated(pair.entity.crm.kind, pair.crm.id, kind)]
    return list(dict.fromkeys(keys))


def _writes(view: View) -> dict[Key, list[Request]]:
    found: dict[Key, list[Request]] = view.memo("writes", lambda: _collect(view))
    return found


def _collect(view: View) -> dict[Key, list[Request]]:
    """Every answered write of the engine, by the records that it names in its path or as the ids of a batch."""
    kinds = {("crm", entity.crm.kind) for entity in view.history.dictionary.entities}
    kinds |= {("erp", entity.erp.kind) for entity in view.history.dictionary.entities}
    found: dict[Key, list[Request]] = {}
    for request in view.requests.values():
        if not request.is_write or is_person(request.caller) or request.refused or request.path.endswith(_READS_BY_POST):
            continue
        keys = dict.fromkeys(view.changed_by_request.get(request.number, ()))
        parts = request.path.split("/")
        for position, part in enumerate(parts[:-1]):
            if (request.system, part) in kinds:
                ids = _IDS.findall(request.body) if parts[position + 1] == "batch" else [parts[position + 1]]
                keys.update(dict.fromkeys((request.system, part, each) for each in ids))
        for key in keys:
            found.setdefault(key, []).append(request)
    return found


ORACLE: Final = Oracle(
    NAME, "The engine answers changes, not its own writes: what it writes is bounded by what others changed.", judge, exercised
)
