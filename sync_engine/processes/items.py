"""Items of the ERP become products of the CRM, with their price and stock; many at once, two or three calls for all of them.

A product carries its item's code in a property that is unique, so a create whose answer was lost is found again and never repeated.
An item that no longer meets the entity's `when` keeps its product: what the dictionary maps (such as `disabled`) still reaches it.

Not noticed: an item under a new name. The ERP's names are its ids and renaming moves no `modified`, so the item looks new
at its next change and gets a second product; the first keeps the old code, and a person has to archive it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Related
from sync_engine.mapping.values import counterparts, written_by_engine
from sync_engine.outcomes import Conflict, NotFound, Problem, Refused, VendorError
from sync_engine.processes.plan import differing
from sync_engine.processes.prices import COLUMNS, ITEM_PRICE, counting
from sync_engine.processes.related import conditions
from sync_engine.store import WorkRow
from sync_engine.vendors.hubspot_records import CrmRecord, NewRecord

BATCH_MAX = 100
Values = dict[str, str]


class Items:
    """Handler of `products item` items in batches; the record is an item's name."""

    def __init__(self, context: Context) -> None:
        self.c, self.entity = context, context.dictionary.entity("item")
        self.fields = written_by_engine(self.entity, "erp", creating=True)
        own = {each.erp.field for each in self.fields if each.erp.of is None}
        self.columns = ["name", "modified", *sorted(own | set(self.entity.when))]
        self._creates = self._has("appears", "create")
        self._updates = self._has("changes", "update")

    def _has(self, event: Any, verb: str) -> bool:
        processes = self.c.dictionary.processes_of("erp", "item", event)
        return any(action.do == verb for process in processes for action in process.actions)

    async def handle(self, rows: Sequence[WorkRow]) -> None:
        """Raises VendorError for the whole batch; what is wrong with one item stays with it."""
        codes = [row.record for row in rows]
        problems: dict[str, Problem | None] = {}
        wanted, creatable = await self._wanted(codes, problems)
        new = [code for code in wanted if self.c.store.linked_erp("item", code) is None and code in creatable]
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
        return Problem(self._record(code), f"The CRM did not accept the item as a product: {error}", "Correct the item in the ERP.")

    # -- ERP ------------------------------------------------------------------------------------------------------

    async def _wanted(self, codes: Sequence[str], problems: dict[str, Problem | None]) -> tuple[dict[str, Values], set[str]]:
        """Every item's values in the CRM, and which items are to have a product at all."""
        entity = self.entity
        items = {str(row["name"]): row for row in await self.c.erp.list_in(entity.erp.kind, self.columns, "name", codes)}
        names = {each.erp.of for each in self.fields if each.erp.of is not None}
        related = {name: await self._related(name, entity.related[name], list(items)) for name in sorted(names)}
        wanted: dict[str, Values] = {}
        for code, item in items.items():
            try:
                wanted[code] = counterparts(self.fields, item, {name: found.get(code, []) for name, found in related.items()})
            except ValueError as error:
                problems[code] = Problem(self._record(code), f"The item cannot be carried over: {error}.", "Correct it in the ERP.")
        creatable = {code for code, item in items.items() if all(_text(item.get(k)) == v for k, v in entity.when.items())}
        return wanted, creatable

    async def _related(self, name: str, related: Related, codes: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
        columns = {column for each in self.fields if each.erp.of == name for column in (each.erp.field, each.erp.minus)}
        fields = ["name", related.through, *sorted(column for column in columns if column)]
        is_price = related.kind == ITEM_PRICE
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

    def _link(self, product: str, code: str, shadow: Values | None) -> None:
        with self.c.store.transaction():
            self.c.store.link("item", product, code, shadow)

    async def _adopt_twins(
        self, codes: Sequence[str], wanted: Mapping[str, Values], problems: dict[str, Problem | None]
    ) -> list[str]:
        """Products that are these items by the dictionary's rules get their codes; the answer is the items that have none.

        Rules are looked up in the search index, which lags: they are for products that were there long before. One that somebody
        enters while its item is new may be missed, and the item then gets a product of its own.
        """
        kind, field = self.entity.crm.kind, self.entity.crm.link_field
        twins: dict[str, str] = {}  # product → code
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
        written = await self.c.crm.update_many(kind, {product: {field: code} for product, code in twins.items()})
        for product in written.done:
            self._link(product, twins[product], None)
        for product, error in written.failed.items():
            if not isinstance(error, NotFound):  # archived since the index saw it: no twin
                problems[twins[product]] = self._problem(twins[product], error)
        adopted = {twins[product] for product in written.done}
        return [code for code in codes if code not in problems and code not in adopted]

    def _ambiguous(self, code: str, same: Sequence[CrmRecord]) -> Problem:
        return Problem(
            self._record(code),
            f"Products {', '.join(row.id for row in same)} all look like the item {code}.",
            f"Merge them, or put {code} into {self.entity.crm.link_label or self.entity.crm.link_field} of the right one.",
        )

    async def _update(self, codes: Sequence[str], wanted: Mapping[str, Values], problems: dict[str, Problem | None]) -> None:
        changes: dict[str, Values] = {}
        codes_by_product: dict[str, str] = {}
        for code in codes:
            link = self.c.store.linked_erp("item", code)
            if link is None:
                continue
            different = wanted[code] if link.shadow is None else differing(self.entity, "erp", link.shadow, wanted[code])
            if different:
                changes[link.crm_id], codes_by_product[link.crm_id] = different, code
        if not changes:
            return
        written = await self.c.crm.update_many(self.entity.crm.kind, changes)
        with self.c.store.transaction():
            for product in written.done:
                self.c.store.set_shadow("item", product, wanted[codes_by_product[product]])
            for product, error in written.failed.items():
                self.c.store.set_shadow("item", product, None)
                code = codes_by_product[product]
                problems[code] = self._gone(code, product) if isinstance(error, NotFound) else self._problem(code, error)

    def _gone(self, code: str, product: str) -> Problem:
        return Problem(
            self._record(code),
            f"The product {product} of the item {code} was archived in the CRM.",
            "Restore it, or disable the item.",
        )


def _filled(values: Mapping[str, str]) -> Values:
    return {name: value for name, value in values.items() if value != ""}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
