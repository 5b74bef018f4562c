"""A backfill, page by page, through the same work as live traffic. Every step is committed; a killed run goes on where it was.

Per entity, those others belong to first: where the dictionary has matching rules, the keys of both sides are collected; then every
record of the origin is decided upon. A match is a link in the store and a `relink` item; a create is the item that a live change
would be, so that both meet at the same intent and the same unique field, and make one document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sync_engine.backfill.matching import SEVERAL, Index, agree
from sync_engine.backfill.plan import CALLS, LINK_FIELDS, Choice, Decision, Plan, by_rules, in_dependency_order
from sync_engine.context import Context
from sync_engine.dictionary import Entity
from sync_engine.governor.work import Work, working_as
from sync_engine.reconcile.compare import ErpRecord, Pair, Rules
from sync_engine.reconcile.notebook import Notebook
from sync_engine.reconcile.reading import ERP_PAGE, Reader, missing_fields
from sync_engine.reconcile.repair import Repairer, wake
from sync_engine.vendors.hubspot import CrmRecord

OPEN_MAX = 50  # items of work in the queue: more would make live changes wait behind history
LOOK_AGAIN = timedelta(seconds=2)
CLOSED, CREATED = "closedate", "createdate"
QUIET: tuple[Choice, ...] = ("linked", "skip")


class Order(msgspec.Struct, frozen=True):
    """`since`: ISO 8601 UTC; older records are not created (a deal counts by its close date), but matched. `dry`: write nothing."""

    entities: tuple[str, ...] = ()
    since: str = ""
    dry: bool = False


class State(msgspec.Struct):
    """`phase`: `erp keys`, `crm keys`, `decide` (of the entity at `at`) or `done`; `after`: where its next page starts."""

    run: str
    order: Order
    entities: tuple[str, ...]
    at: int = 0
    phase: str = "erp keys"
    after: str = ""
    rows: int = 0
    counts: dict[str, int] = {}
    calls: tuple[int, int] = (0, 0)


class Backfill:
    """`begin`, then `step` until it answers False; `run` is both, and the plan at the end."""

    def __init__(self, context: Context, *, dry: bool = False, room: int = OPEN_MAX) -> None:
        self.c, self.dry, self._room = context, dry, room
        self.notes = Notebook(context.store, "backfill dry" if dry else "backfill")
        self._missing: frozenset[str] | None = None
        self._repairer = Repairer(context)

    def begin(self, order: Order, *, restart: bool = False) -> State:
        """The unfinished run of the same order, or a new one. Raises DictionaryError for an unknown entity."""
        wanted = {self.c.dictionary.entity(name).name for name in order.entities}
        names = tuple(e.name for e in in_dependency_order(self.c.dictionary) if not wanted or e.name in wanted)
        state = self.notes.state(State)
        if state is not None and state.phase != "done" and state.order == order and not restart:
            return state
        with self.c.store.transaction():
            if state is not None:
                self.notes.forget(state.run)
            state = State(self.c.clock.now().strftime("%Y%m%dT%H%M%S%f"), order, names)
            self.notes.save(state)
        return state

    async def run(
        self, order: Order, *, limit: int | None = None, restart: bool = False, tell: Callable[[State], None] = lambda state: None
    ) -> Plan:
        """At most `limit` matches and creates, then the next run goes on. Raises VendorError; the run can go on later."""
        state = self.begin(order, restart=restart)
        left = limit
        while left is None or left > 0:
            before = _effects(state)
            if not await self.step(state, left):
                break
            left = None if left is None else left - (_effects(state) - before)
            tell(state)
        return self.plan(state)

    def plan(self, state: State) -> Plan:
        rows = tuple(self.notes.rows(state.run, state.rows, Decision))
        burst = self.c.crm.burst
        seconds = state.calls[0] / burst.limit * burst.window.total_seconds()
        return Plan(state.run, self.dry, state.phase == "done", rows, dict(state.counts), *state.calls, seconds)

    async def step(self, state: State, limit: int | None = None) -> bool:
        """One page; False when the run is over."""
        if state.phase == "done":
            return False
        entity = self.c.dictionary.entity(state.entities[state.at])
        with working_as(Work.BACKFILL):
            if self._missing is None:
                self._missing = await missing_fields(self.c)
            reader = Reader(self.c, entity, self._missing, (CLOSED, CREATED))
            index = Index(self.notes, state.run, entity)
            if state.phase == "decide":
                await self._decide_page(state, reader, index, limit)
            else:
                await self._collect(state, reader, index)
        return True

    # -- keys of both sides ---------------------------------------------------------------------------------------

    async def _collect(self, state: State, reader: Reader, index: Index) -> None:
        entity, after = reader.entity, ""
        if state.phase == "erp keys":
            docs = await self._erp_page(state, reader) if entity.match else []
            after = docs[-1].name if len(docs) == ERP_PAGE else ""
            with self.c.store.transaction():
                index.add("erp", [(erp.name, erp.doc) for erp in docs if erp.live])
                self._go_on(state, after, "crm keys")
            return
        records: list[CrmRecord] = []
        if entity.match or entity.origin == "erp":
            records, after = await reader.crm_page(state.after)
        with self.c.store.transaction():
            index.add("crm", [(record.id, record.properties) for record in records])
            for record in records:
                named = record.get(entity.crm.link_field) if entity.crm.link_field else ""
                if named and entity.origin == "erp":
                    index.add_link(record.id, named)
            self._go_on(state, after, "decide")

    async def _erp_page(self, state: State, reader: Reader) -> list[ErpRecord]:
        return await reader.erp_page(state.after, only_linked=False)

    # -- decisions ------------------------------------------------------------------------------------------------

    async def _decide_page(self, state: State, reader: Reader, index: Index, limit: int | None) -> None:
        entity, rules = reader.entity, Rules(self.c.dictionary, reader.entity)
        if entity.origin == "crm":
            records, after = await reader.crm_page(state.after)
            pairs = await reader.pairs(records)
            decisions = [self._of_record(state, rules, pair, index) for pair in pairs]
        else:
            docs = await self._erp_page(state, reader)
            after = docs[-1].name if len(docs) == ERP_PAGE else ""
            decisions = [self._of_document(state, rules, erp, index) for erp in docs]
        decisions = await self._verified(reader, index, decisions)
        taken = decisions if limit is None else _first(decisions, limit)
        await self._wait_for_room()
        with self.c.store.transaction():
            for decision in taken:
                self._carry_out(state, entity, decision)
            for decision in [each for each in taken if each.choice in CALLS][:1] if not self.dry else ():
                wake(self.c, entity, decision.crm)
            if len(taken) == len(decisions):
                self._go_on(state, after, "")
            else:
                self.notes.save(state)  # the page is decided again: what was done is linked by then, or on its way

    def _of_record(self, state: State, rules: Rules, pair: Pair, index: Index) -> Decision:
        entity, record = rules.entity, pair.crm
        live = [erp for erp in pair.found if erp.live] or pair.found[:1]
        if pair.link is not None and any(erp.name == pair.link.erp_id for erp in live):
            return Decision(entity.name, "linked", record.id, pair.link.erp_id)
        if len(live) > 1:
            return Decision(entity.name, "ambiguous", record.id, "", f"{len(live)} documents carry its id")
        if live:
            theirs = str(live[0].doc.get(entity.erp.link_field) or record.id)
            if theirs != record.id:
                return Decision(entity.name, "ambiguous", record.id, live[0].name, f"{live[0].name} carries the id {theirs}")
            return Decision(entity.name, "match", record.id, live[0].name, LINK_FIELDS)
        if self.c.store.is_intended(entity.name, record.id) or self._is_asked_for(state, entity, record.id):
            return Decision(entity.name, "skip", record.id, "", "on its way already")
        found = by_rules(index, "crm", record.id, record.properties)
        return found or self._create(state, rules, record.properties, Decision(entity.name, "create", record.id))

    def _of_document(self, state: State, rules: Rules, erp: ErpRecord, index: Index) -> Decision:
        entity = rules.entity
        link, named = self.c.store.linked_erp(entity.name, erp.name), index.naming(erp.name)
        if link is not None:
            return Decision(entity.name, "linked", link.crm_id, erp.name)
        if named == SEVERAL:
            return Decision(entity.name, "ambiguous", "", erp.name, "several records of the CRM name it")
        if named:
            return Decision(entity.name, "match", named, erp.name, LINK_FIELDS)
        if self._is_asked_for(state, entity, erp.name):
            return Decision(entity.name, "skip", "", erp.name, "on its way already")
        found = by_rules(index, "erp", erp.name, erp.doc)
        return found or self._create(state, rules, erp.doc, Decision(entity.name, "create", "", erp.name))

    def _create(self, state: State, rules: Rules, record: Mapping[str, Any], decision: Decision) -> Decision:
        """Whether a record without any counterpart gets one."""
        reason = ""
        if not rules.required:
            reason = "no process creates it by itself"
        elif not rules.wanted(record):
            reason = "not " + ", ".join(f"{name} {value}" for name, value in rules.entity.when.items())
        elif state.order.since and _is_older(record, state.order.since):
            reason = f"older than {state.order.since}"
        return msgspec.structs.replace(decision, choice="skip", reason=reason) if reason else decision

    def _is_asked_for(self, state: State, entity: Entity, id: str) -> bool:
        return bool(self.notes.get(state.run, f"{entity.name} asked {id}"))

    async def _verified(self, reader: Reader, index: Index, decisions: Sequence[Decision]) -> list[Decision]:
        """Matches by a rule are read again on both sides: keys were collected earlier, and people go on working."""
        entity = reader.entity
        ruled = [each for each in decisions if each.choice == "match" and each.reason != LINK_FIELDS]
        if not ruled:
            return list(decisions)
        docs = {erp.name: erp for erp in await reader.erp_records("name", [each.erp for each in ruled])}
        records = await reader.crm_records([each.crm for each in ruled])
        return [
            self._check(entity, each, docs.get(each.erp), records.get(each.crm)) if each in ruled else each for each in decisions
        ]

    def _check(self, entity: Entity, decision: Decision, erp: ErpRecord | None, record: CrmRecord | None) -> Decision:
        rule = [", ".join(match.fields) for match in entity.match].index(decision.reason)
        if erp is None or record is None or record.id != decision.crm or not agree(entity, rule, record.properties, erp.doc):
            return msgspec.structs.replace(decision, choice="ambiguous", reason="changed while it was matched; run it again")
        link = self.c.store.linked_erp(entity.name, erp.name)
        theirs = str(erp.doc.get(entity.erp.link_field) or "") or (link.crm_id if link is not None else "")
        if theirs not in ("", record.id):
            return msgspec.structs.replace(decision, choice="ambiguous", reason=f"{erp.name} belongs to {theirs} already")
        ours = record.get(entity.crm.link_field) if entity.crm.link_field else ""
        if ours not in ("", erp.name):
            return msgspec.structs.replace(decision, choice="ambiguous", reason=f"{record.id} names {ours} already")
        return decision

    # -- what is done ---------------------------------------------------------------------------------------------

    async def _wait_for_room(self) -> None:
        """Until the queue is short: history is never in a hurry. Without an engine that empties it (`room` 0) nobody waits."""
        while not self.dry and self._room and len(self.c.queue) >= self._room:
            await self.c.clock.sleep(LOOK_AGAIN)

    def _carry_out(self, state: State, entity: Entity, decision: Decision) -> None:
        """Inside the caller's transaction. A create that live traffic announced meanwhile is left to it."""
        store = self.c.store
        if decision.choice == "match" and not self.dry:
            if store.linked(entity.name, decision.crm) is None and not store.is_intended(entity.name, decision.crm):
                store.link(entity.name, decision.crm, decision.erp, None)
                self.c.queue.put("relink", entity.name, decision.crm)
        elif decision.choice == "create" and not self.dry:
            self.notes.put(state.run, f"{entity.name} asked {decision.crm or decision.erp}", "1")
            self._repairer.renew(entity, decision.crm, decision.erp)
        if decision.choice not in QUIET:
            self.notes.add_row(state.run, state.rows, decision)
            state.rows += 1
        reason = f" ({decision.reason})" if decision.choice in ("match", "skip") else ""
        name = f"{entity.name} {decision.choice}{reason}"
        state.counts[name] = state.counts.get(name, 0) + 1
        crm, erp = CALLS.get(decision.choice, (0, 0))
        state.calls = (state.calls[0] + crm, state.calls[1] + erp)

    def _go_on(self, state: State, after: str, following: str) -> None:
        self.notes.go_on(state, after, following, first="erp keys", last="done")


def _effects(state: State) -> int:
    return sum(count for name, count in state.counts.items() if name.split(" ")[1] in ("match", "create"))


def _first(decisions: Sequence[Decision], limit: int) -> list[Decision]:
    """As many as have `limit` effects."""
    taken: list[Decision] = []
    for decision in decisions:
        if decision.choice in CALLS:
            if limit == 0:
                break
            limit -= 1
        taken.append(decision)
    return taken


def _is_older(record: Mapping[str, Any], since: str) -> bool:
    """By the day a deal was closed, else by the day of creation; a record without either is not old."""
    text = str(record.get(CLOSED) or record.get(CREATED) or record.get("creation") or "")
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return at.replace(tzinfo=None) < datetime.fromisoformat(since).replace(tzinfo=None)
