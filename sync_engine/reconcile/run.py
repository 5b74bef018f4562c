"""A reconciliation, one page at a time: every step is committed, so that a killed run goes on where it was.

Per entity: first all CRM records in pages, each with its counterparts, then the ERP documents that no CRM record led to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sync_engine.context import Context
from sync_engine.dictionary import DictionaryError, Entity
from sync_engine.governor.work import Work, working_as
from sync_engine.outcomes import Refused
from sync_engine.reconcile.compare import ErpRecord, Rules, examine
from sync_engine.reconcile.drift import Drift, Report
from sync_engine.reconcile.notebook import Notebook
from sync_engine.reconcile.reading import ERP_PAGE, Reader, missing_fields
from sync_engine.reconcile.repair import Repairer, check_amount, to_repair, wake
from sync_engine.reconcile.scope import Scope, State
from sync_engine.reconcile.second_look import SecondLook, alone_in_erp
from sync_engine.vendors.hubspot import MODIFIED, CrmRecord

REPAIRS_A_STEP = 100
SEARCH_ROWS_MAX = 9_600  # below HubSpot's 10,000 per query
ZONES = timedelta(hours=14)  # the site's wall clock may be so far from UTC


class Reconciler:
    """`begin`, then `step` until it answers False, then `report`; `run` is all of these."""

    def __init__(self, context: Context, job: str = "reconcile") -> None:
        self.c, self.notes = context, Notebook(context.store, job)
        self._missing: frozenset[str] | None = None

    # -- a run ----------------------------------------------------------------------------------------------------

    def begin(self, scope: Scope, *, repair: bool = False, restart: bool = False) -> State:
        """The unfinished run of the same scope, or a new one. Raises DictionaryError for an unknown entity or record."""
        entities = self._entities(scope)
        state = self.notes.state(State)
        if state is not None and state.phase != "done" and state.scope == scope and state.repair == repair and not restart:
            return state
        with self.c.store.transaction():
            if state is not None:
                self.notes.forget(state.run)
            state = State(self.c.clock.now().strftime("%Y%m%dT%H%M%S%f"), scope, entities, repair)
            self.notes.save(state)
        return state

    async def run(
        self,
        scope: Scope = Scope(),
        *,
        repair: bool = False,
        yes_more_than: int = 0,
        restart: bool = False,
        tell: Callable[[State], None] = lambda state: None,
    ) -> Report:
        """Raises VendorError, and TooManyChanges when a repair would change more than `yes_more_than`; the run can go on later."""
        state = self.begin(scope, repair=repair, restart=restart)
        while await self.step(state, yes_more_than):
            tell(state)
        return self.report(state)

    def give_up(self, state: State) -> None:
        """End the run unrepaired: the next one begins anew."""
        with self.c.store.transaction():
            state.phase = "done"
            self.notes.save(state)

    def report(self, state: State) -> Report:
        rows = tuple(self.notes.rows(state.run, state.rows, Drift))
        return Report(state.run, rows, dict(state.compared), state.on_its_way, state.asked)

    async def step(self, state: State, yes_more_than: int = 0) -> bool:
        """One page; False when the run is over."""
        if state.phase == "done":
            return False
        if state.phase == "repair":
            self._repair(state, yes_more_than)
            return True
        rules = Rules(self.c.dictionary, self.c.dictionary.entity(state.entities[state.at]))
        with working_as(Work.BACKFILL):
            if self._missing is None:
                self._missing = await missing_fields(self.c)
            reader = Reader(self.c, rules.entity, self._missing)
            if state.phase == "crm":
                await self._crm_step(state, rules, reader)
            else:
                await self._erp_step(state, rules, reader)
        return True

    def _entities(self, scope: Scope) -> tuple[str, ...]:
        names = scope.entities or tuple(entity.name for entity in self.c.dictionary.entities)
        found = [self.c.dictionary.entity(name) for name in names]
        if not scope.record:
            return tuple(entity.name for entity in found)
        named_so = {each.name: named(scope.record, each)[1] for each in found}
        shortest = min((len(id) for id in named_so.values() if id), default=0)  # `erp Item Group X` is no Item `Group X`
        of_kind = [each for each in found if shortest and len(named_so[each.name]) == shortest]
        if not of_kind:
            kinds = ", ".join(f"crm {each.crm.kind}, erp {each.erp.kind}" for each in found)
            raise DictionaryError(f"{scope.record!r} is no record of the dictionary; expected one of {kinds}, and its id")
        return tuple(entity.name for entity in of_kind)

    # -- the CRM's records ----------------------------------------------------------------------------------------

    async def _crm_step(self, state: State, rules: Rules, reader: Reader) -> None:
        records, after = await self._crm_page(state, reader)
        wanted = [record for record in records if state.scope.includes(state.run, record.id)]
        pairs = await reader.pairs(wanted)
        found = [row for pair in pairs for row in examine(rules, pair)]
        rows, on_its_way = await SecondLook(self.c, rules, reader).confirm(found)
        with self.c.store.transaction():
            for pair in pairs:
                for erp in pair.found:
                    self.notes.put(state.run, f"{rules.entity.name} erp {erp.name}", pair.crm.id)
            self._add(state, rules, len(pairs), rows, on_its_way)
            self._go_on(state, after, "erp")

    async def _crm_page(self, state: State, reader: Reader) -> tuple[list[CrmRecord], str]:
        scope = state.scope
        if scope.record:
            return await self._one(scope.record, reader), ""
        if scope.since:
            return await self._changed_page(state, reader)
        return await reader.crm_page(state.after)

    async def _one(self, record: str, reader: Reader) -> list[CrmRecord]:
        system, name = named(record, reader.entity)
        if system == "erp":
            docs = await reader.erp_records("name", [name])
            name = SecondLook(self.c, Rules(self.c.dictionary, reader.entity), reader).crm_id(docs[0]) if docs else ""
        found = await reader.crm_record(name)
        return [found] if found is not None else []

    async def _changed_page(self, state: State, reader: Reader) -> tuple[list[CrmRecord], str]:
        """`after`: `<since in ms> <offset>`; a new query begins before the search's limit of rows."""
        since, _, offset = state.after.partition(" ")
        since = since or str(_milliseconds(state.scope.since))
        kind = reader.entity.crm.kind
        records, following = await self.c.crm.search_modified(kind, int(since), reader.crm_properties, offset or None)
        if following is None:
            return records, ""
        if following.isdigit() and int(following) >= SEARCH_ROWS_MAX:
            last = max(_milliseconds(record.get(MODIFIED)) for record in records)
            if last <= int(since):
                raise Refused("crm", f"more than {SEARCH_ROWS_MAX} {kind} changed in one millisecond; compare them all instead")
            return records, f"{last} "
        return records, f"{since} {following}"

    # -- the ERP's documents --------------------------------------------------------------------------------------

    async def _erp_step(self, state: State, rules: Rules, reader: Reader) -> None:
        docs, after = await self._erp_page(state, rules, reader)
        name = rules.entity.name
        unmet = [erp for erp in docs if state.scope.includes(state.run, erp.name)]
        unmet = [erp for erp in unmet if not self.notes.get(state.run, f"{name} erp {erp.name}")]
        look = SecondLook(self.c, rules, reader)
        ids = {erp.name: look.crm_id(erp) for erp in unmet}
        records = await reader.crm_records(sorted({id for id in ids.values() if id}))
        pairs = await reader.pairs([record for id, record in records.items() if record.id == id])
        rows = [row for pair in pairs for row in examine(rules, pair)]
        gone = [erp for erp in unmet if ids[erp.name] not in records or records[ids[erp.name]].id != ids[erp.name]]
        rows += [row for erp in gone for row in alone_in_erp(rules, reader, erp, ids[erp.name])]
        confirmed, on_its_way = await look.confirm(rows)
        with self.c.store.transaction():
            self._add(state, rules, len(unmet), confirmed, on_its_way)
            self._go_on(state, after, "")

    async def _erp_page(self, state: State, rules: Rules, reader: Reader) -> tuple[list[ErpRecord], str]:
        scope, only_linked = state.scope, rules.entity.origin == "crm"
        if scope.record:
            system, name = named(scope.record, rules.entity)
            return (await reader.erp_records("name", [name]) if system == "erp" else []), ""
        if only_linked and not reader.link_field:
            return [], ""  # no document can carry a link
        since = (datetime.fromisoformat(scope.since) - ZONES).strftime("%Y-%m-%d %H:%M:%S") if scope.since else ""
        docs = await reader.erp_page(state.after, only_linked, since)
        return docs, docs[-1].name if len(docs) == ERP_PAGE else ""

    # -- progress -------------------------------------------------------------------------------------------------

    def _add(self, state: State, rules: Rules, compared: int, rows: Sequence[Drift], on_its_way: int) -> None:
        name = rules.entity.name
        state.compared[name] = state.compared.get(name, 0) + compared
        state.on_its_way += on_its_way
        for row in rows:
            self.notes.add_row(state.run, state.rows, row)
            state.rows += 1

    def _go_on(self, state: State, after: str, following: str) -> None:
        self.notes.go_on(state, after, following, first="crm", last="repair" if state.repair else "done")

    def _repair(self, state: State, yes_more_than: int) -> None:
        rows = self.notes.rows(state.run, state.rows, Drift)
        if state.repaired == 0:
            check_amount(to_repair(rows), sum(state.compared.values()), yes_more_than)
        repairer, batch = Repairer(self.c), rows[state.repaired : state.repaired + REPAIRS_A_STEP]
        with self.c.store.transaction():
            for row in batch:
                repairer.ask(row)
            for row in batch[:1]:
                wake(self.c, self.c.dictionary.entity(row.entity), row.crm)
            state.repaired += len(batch)
            state.asked += sum(1 for row in batch if row.who == "engine")
            if state.repaired >= len(rows):
                state.phase = "done"
            self.notes.save(state)


def named(record: str, entity: Entity) -> tuple[str, str]:
    """(system, id) of `crm deals 1` or `erp Sales Order SO-1` if it is one of this entity, else two empty texts."""
    for system, kind in (("crm", entity.crm.kind), ("erp", entity.erp.kind)):
        id = record.removeprefix(f"{system} {kind} ")
        if id not in (record, ""):
            return system, id
    return "", ""


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
