"""Documents of the ERP are shown as records of the CRM, such as items as products; many at once, a few calls for all of them.

A record carries its document's name in a property that is unique, so a create whose answer was lost is found again and never
repeated. A document that no longer meets the entity's `when` keeps its record: what the dictionary maps (such as `disabled`)
still reaches it.

Not noticed: a document under a new name. The ERP's names are its ids and renaming moves no `modified`, so the document looks new
at its next change and gets a second record; the first keeps the old name, and a person has to archive it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Entity, Related
from sync_engine.mapping.values import counterparts, fields_read, written_by_engine
from sync_engine.outcomes import Conflict, NotFound, Problem, Refused, VendorError
from sync_engine.processes.mirrored import mirrored
from sync_engine.processes.plan import differing
from sync_engine.processes.prices import COLUMNS, ITEM_CODE, ITEM_PRICE, counting
from sync_engine.processes.related import conditions
from sync_engine.store import LeaseLost, StoreUnavailable, WorkRow
from sync_engine.vendors.hubspot_records import CrmRecord, NewRecord

BATCH_MAX = 100
Values = dict[str, str]
Failed = list[tuple[WorkRow, Exception]]


class Mirrors:
    """Handler of `mirror` items in batches; the record is a document's name."""

    def __init__(self, context: Context) -> None:
        self._mirrors = {entity.name: Mirror(context, entity) for entity in mirrored(context.dictionary)}

    async def handle(self, rows: Sequence[WorkRow]) -> Failed:
        """The rows that did not end here, each with its error: what one entity meets never holds up another."""
        failed: Failed = []
        for name, group in groupby(sorted(rows, key=_entity), key=_entity):
            of_entity = list(group)
            try:
                await self._mirrors[name].handle(of_entity)
            except (LeaseLost, StoreUnavailable):
                raise
            except Exception as error:
                failed += [(row, error) for row in of_entity]
        return failed


class Mirror:
    """One entity."""

    def __init__(self, context: Context, entity: Entity) -> None:
        self.c, self.entity = context, entity
        self.fields = written_by_engine(self.entity, "erp", creating=True)
        self.columns = ["name", "modified", *sorted({*fields_read(self.fields, "erp"), *entity.when})]
        self._creates = self._has("appears", "create")
        self._updates = self._has("changes", "update")

    def _has(self, event: Any, verb: str) -> bool:
        processes = self.c.dictionary.processes_of("erp", self.entity.name, event)
        return any(action.do == verb for process in processes for action in process.actions)

    async def handle(self, rows: Sequence[WorkRow]) -> None:
        """Raises VendorError for the whole batch; what is wrong with one document stays with it."""
        codes = [row.record for row in rows]
        problems: dict[str, Problem | None] = {}
        wanted, creatable = await self._wanted(codes, problems)
        new = [code for code in wanted if self.c.store.linked_erp(self.entity.name, code) is None and code in creatable]
        if new and self._creates:
            await self._create(new, wanted, problems)
        if self._updates:
            await self._update([code for code in wanted if code not in problems], wanted, problems)
        with self.c.store.transaction():
            for code in codes:
                problem, record = problems.get(code), self._record(code)
                if problem is not None:
                    self.c.store.bury(
                        record, problem.cause, problem.hint, self.c.clock.now(), classification=problem.classification
                    )
                else:
                    self.c.store.resolve(record)
            for row in rows:
                self.c.queue.done(row)

    def _record(self, code: str) -> str:
        return f"erp {self.entity.erp.kind} {code}"

    def _problem(self, code: str, error: VendorError) -> Problem:
        cause = f"The CRM did not accept the {self.entity.name}: {error}"
        return Problem(self._record(code), cause, f"Correct the {self.entity.name} in the ERP.")

    # -- ERP ------------------------------------------------------------------------------------------------------

    async def _wanted(self, codes: Sequence[str], problems: dict[str, Problem | None]) -> tuple[dict[str, Values], set[str]]:
        """Every document's values in the CRM, and which of them are to have a record at all."""
        entity = self.entity
        items = {str(row["name"]): row for row in await self.c.erp.list_in(entity.erp.kind, self.columns, "name", codes)}
        names = {each.erp.of for each in self.fields if each.erp.of is not None}
        related = {name: await self._related(name, entity.related[name], list(items)) for name in sorted(names)}
        wanted: dict[str, Values] = {}
        for code, item in items.items():
            try:
                wanted[code] = counterparts(self.fields, item, {name: found.get(code, []) for name, found in related.items()})
            except ValueError as error:
                cause = f"The {entity.name} cannot be carried over: {error}."
                problems[code] = Problem(self._record(code), cause, "Correct it in the ERP.")
        creatable = {code for code, item in items.items() if all(_text(item.get(k)) == v for k, v in entity.when.items())}
        return wanted, creatable

    async def _related(self, name: str, related: Related, codes: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
        columns = {column for each in self.fields if each.erp.of == name for column in (each.erp.field, each.erp.minus)}
        fields = ["name", related.through, *sorted(column for column in columns if column)]
        is_price = related.kind == ITEM_PRICE and related.through == ITEM_CODE
        rows: Sequence[Mapping[str, Any]] = await self.c.erp.list_in(
            related.kind,
            [*fields, *(COLUMNS if is_price else ())],
            related.through,
            codes,
            list(conditions(related.where, submitted=related.submitted)),
        )
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in counting(rows, self.c.clock.now().date().isoformat()) if is_price else rows:
            found.setdefault(str(row[related.through]), []).append(row)
        return found

    # -- CRM ------------------------------------------------------------------------------------------------------

    async def _create(self, codes: Sequence[str], wanted: Mapping[str, Values], problems: dict[str, Problem | None]) -> None:
        """Look first: by the unique code, then by the dictionary's match rules; create only what is nowhere."""
        kind, field = self.entity.crm.kind, self.entity.crm.link_field
        missing = self._adopt(await self._by_code(codes), codes)
        missing = await self._adopt_twins(missing, wanted, problems)
        if not missing:
            return
        new = [NewRecord({**self.entity.crm.constants, **_filled(wanted[code]), field: code}) for code in missing]
        ends = await self.c.crm.create_many(kind, new)
        unclear: VendorError | None = None
        for code, end in zip(missing, ends, strict=True):
            if isinstance(end, str):
                self._link(end, code, wanted[code])
            elif isinstance(end, Refused) and not isinstance(end, Conflict):
                problems[code] = self._problem(code, end)
            else:
                unclear = end
        if unclear is not None:
            raise unclear  # the next attempt looks before it creates

    async def _by_code(self, codes: Sequence[str]) -> dict[str, CrmRecord]:
        return await self.c.crm.read_many_by(self.entity.crm.kind, self.entity.crm.link_field, codes, [])

    def _adopt(self, found: Mapping[str, CrmRecord], codes: Sequence[str]) -> list[str]:
        for code in codes:
            if code in found:
                self._link(found[code].id, code, None)
        return [code for code in codes if code not in found]

    def _link(self, id: str, code: str, shadow: Values | None) -> None:
        with self.c.store.transaction():
            self.c.store.link(self.entity.name, id, code, shadow)

    async def _adopt_twins(
        self, codes: Sequence[str], wanted: Mapping[str, Values], problems: dict[str, Problem | None]
    ) -> list[str]:
        """Records that are these documents by the dictionary's rules get their codes; the answer is the codes that have none.

        Rules are looked up in the search index, which lags: they are for records that were there long before. One that somebody
        enters while its document is new may be missed, and the document then gets a record of its own.
        """
        kind, field = self.entity.crm.kind, self.entity.crm.link_field
        twins: dict[str, str] = {}  # id → code
        for match in self.entity.match:
            first, *more = [self.entity.field(name).crm.field for name in match.fields]
            asked = [
                code
                for code in codes
                if code not in problems and code not in twins.values() and all(wanted[code].get(each) for each in (first, *more))
            ]
            values = [wanted[code][first] for code in asked]
            rows = await self.c.crm.find_many_by(kind, first, values, [*more, field]) if values else {}
            for code in asked:
                same = [
                    row
                    for row in rows.get(wanted[code][first], ())
                    if not row.get(field) and row.id not in twins and all(row.get(each) == wanted[code][each] for each in more)
                ]
                if len(same) > 1:
                    problems[code] = self._ambiguous(code, same)
                elif same:
                    twins[same[0].id] = code
        written = await self.c.crm.update_many(kind, {id: {field: code} for id, code in twins.items()})
        for id in written.done:
            self._link(id, twins[id], None)
        for id, error in written.failed.items():
            if not isinstance(error, NotFound):  # archived since the index saw it: no twin
                problems[twins[id]] = self._problem(twins[id], error)
        adopted = {twins[id] for id in written.done}
        return [code for code in codes if code not in problems and code not in adopted]

    def _ambiguous(self, code: str, same: Sequence[CrmRecord]) -> Problem:
        return Problem(
            self._record(code),
            f"The {self.entity.crm.kind} {', '.join(row.id for row in same)} all look like the {self.entity.name} {code}.",
            f"Merge them, or put {code} into {self.entity.crm.link_label or self.entity.crm.link_field} of the right one.",
        )

    async def _update(self, codes: Sequence[str], wanted: Mapping[str, Values], problems: dict[str, Problem | None]) -> None:
        changes: dict[str, Values] = {}
        code_of: dict[str, str] = {}
        for code in codes:
            link = self.c.store.linked_erp(self.entity.name, code)
            if link is None:
                continue
            different = wanted[code] if link.shadow is None else differing(self.entity, "erp", link.shadow, wanted[code])
            if different:
                changes[link.crm_id], code_of[link.crm_id] = different, code
        if not changes:
            return
        written = await self.c.crm.update_many(self.entity.crm.kind, changes)
        with self.c.store.transaction():
            for id in written.done:
                self.c.store.set_shadow(self.entity.name, id, wanted[code_of[id]])
            for id, error in written.failed.items():
                self.c.store.set_shadow(self.entity.name, id, None)
                code = code_of[id]
                problems[code] = self._gone(code, id) if isinstance(error, NotFound) else self._problem(code, error)

    def _gone(self, code: str, id: str) -> Problem:
        return Problem(
            self._record(code),
            f"The record {id} of {self.entity.crm.kind} for the {self.entity.name} {code} was archived in the CRM.",
            f"Restore it, or disable the {self.entity.name}.",
        )


def _entity(row: WorkRow) -> str:
    return row.entity


def _filled(values: Mapping[str, str]) -> Values:
    return {name: value for name, value in values.items() if value != ""}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
