"""Reads an entity from both systems in pages and batches, everything a comparison needs and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sync_engine.context import Context
from sync_engine.dictionary import Entity
from sync_engine.mapping.values import fields_read
from sync_engine.outcomes import NotFound
from sync_engine.reconcile.compare import ErpRecord, Pair
from sync_engine.store import Link
from sync_engine.vendors.hubspot import MODIFIED, CrmRecord

IN_ONE_CALL = 500  # ids or names in one filter
ERP_PAGE = 500


async def missing_fields(context: Context) -> frozenset[str]:
    """`kind.field` of every custom field of the dictionary that the ERP does not have (yet). One call."""
    wanted = {
        f"{entity.erp.kind}.{name}"
        for entity in context.dictionary.entities
        for name in (entity.erp.link_field, *(field.erp.field for field in entity.fields if field.erp.custom))
        if name
    }
    kinds = sorted({entity.erp.kind for entity in context.dictionary.entities})
    rows = await context.erp.list("Custom Field", ["dt", "fieldname"], [["dt", "in", kinds]], order_by="name asc")
    return frozenset(wanted - {f"{row.get('dt')}.{row.get('fieldname')}" for row in rows})


class Reader:
    """One entity in both systems. Every method raises VendorError."""

    def __init__(self, context: Context, entity: Entity, missing: frozenset[str] = frozenset(), also: Sequence[str] = ()) -> None:
        self.c, self.entity, kind = context, entity, entity.erp.kind
        self.crm_properties = sorted(
            {
                *fields_read(entity.fields, "crm"),
                *_some(entity.crm.link_field),
                *(entity.when if entity.origin == "crm" else ()),
                MODIFIED,
                *also,
            }
        )
        self.line_properties = fields_read(entity.lines.fields, "crm") if entity.lines is not None else []
        self.associations = [entity.lines.crm_kind] if entity.lines is not None else []
        self.link_field = "" if f"{kind}.{entity.erp.link_field}" in missing else entity.erp.link_field
        own = [name for name in fields_read(entity.fields, "erp") if f"{kind}.{name}" not in missing]
        names = ["name", "modified", "docstatus", *_some(self.link_field), *own, *(entity.when if entity.origin == "erp" else ())]
        self.erp_fields = list(dict.fromkeys(names))

    # -- CRM ------------------------------------------------------------------------------------------------------

    async def crm_page(self, after: str) -> tuple[list[CrmRecord], str]:
        """The next page of all records, and where the one after it starts (empty: this was the last)."""
        records, following = await self.c.crm.page(self.entity.crm.kind, self.crm_properties, after or None)
        return records, following or ""

    async def crm_records(self, ids: Sequence[str]) -> dict[str, CrmRecord]:
        """Records by the id asked for; merged ones under their old id, archived and unknown ones absent. Without associations."""
        found = await self.c.crm.read_many(self.entity.crm.kind, ids, self.crm_properties)
        for id in ids:
            if id not in found:
                record = await self.crm_record(id)
                if record is not None:
                    found[id] = record
        return found

    async def crm_record(self, id: str) -> CrmRecord | None:
        """One record with its associations; None when it is archived or unknown."""
        if not id.isdigit():
            return None  # somebody wrote something else into the link field
        try:
            return await self.c.crm.read(self.entity.crm.kind, id, self.crm_properties, self.associations)
        except NotFound:
            return None

    async def positions(self, records: Sequence[CrmRecord]) -> dict[str, list[CrmRecord]]:
        """Record id → its positions in order, for entities that have any."""
        if not (self.associations and records):
            return {}
        kind = self.associations[0]
        links = await self.c.crm.associations_many(self.entity.crm.kind, [record.id for record in records], kind)
        ids = {record.id: list(dict.fromkeys(id for id, _ in links[record.id])) for record in records}
        found = await self.c.crm.read_many(kind, [id for each in ids.values() for id in each], self.line_properties)
        return {record: [found[id] for id in each if id in found] for record, each in ids.items()}

    # -- ERP ------------------------------------------------------------------------------------------------------

    async def erp_page(self, after: str, only_linked: bool, since: str = "", limit: int = ERP_PAGE) -> list[ErpRecord]:
        """Documents with a greater name, without positions and related documents: those that carry a link, or all."""
        kind = self.entity.erp.kind
        filters: list[list[Any]] = [[kind, "name", ">", after]] if after else []
        if since:
            filters.append([kind, "modified", ">=", since])
        if only_linked:
            filters.append([kind, self.link_field, "is", "set"])
        rows = await self.c.erp.list(kind, self.erp_fields, filters, order_by="name asc", limit=limit)
        return _records(rows, [])

    async def erp_records(self, field: str, values: Iterable[str]) -> list[ErpRecord]:
        """Documents whose `field` is exactly one of these, with positions and related documents."""
        kind, wanted, found = self.entity.erp.kind, sorted(set(values)), list[ErpRecord]()
        lines = self.entity.lines
        table = lines.erp_table if lines is not None else ""
        columns = [f"{table}.{each.erp.field}" for each in lines.fields] + [f"{table}.idx"] if lines is not None else []
        for start in range(0, len(wanted), IN_ONE_CALL):
            chunk = wanted[start : start + IN_ONE_CALL]
            rows = await self.c.erp.list_in(kind, [*self.erp_fields, *columns], field, chunk)
            found += [each for each in _records(rows, columns) if str(each.doc.get(field) or "") in chunk]
        await self._add_related(found)
        return found

    async def _add_related(self, records: Sequence[ErpRecord]) -> None:
        by_name = {record.name: record for record in records}
        names = list(by_name)
        for relation, related in self.entity.related.items():
            sides = [field.erp for field in self.entity.fields if field.erp.of == relation]
            sums = {name for side in sides for name in (side.field, side.minus) if name}
            if not sums:
                continue
            table, _, field = related.through.rpartition(".")
            fields = ["name", *sorted(sums), related.through]
            where: list[list[Any]] = [[related.kind, name, "=", value] for name, value in related.where.items()]
            where += [[related.kind, "docstatus", "=", 1]] if related.submitted else []
            for start in range(0, len(names), IN_ONE_CALL):
                chunk = names[start : start + IN_ONE_CALL]
                place = f"{related.kind} Item" if table else related.kind
                filters = [[place, field, "in", chunk], *where]
                args = {
                    "doctype": related.kind,
                    "fields": fields,
                    "filters": filters,
                    "order_by": "name asc",
                    "limit_page_length": 0,
                }
                rows = await self.c.erp.call("frappe.client.get_list", args, safe=True)  # in a body: the names are many
                _attach(by_name, relation, field, table, rows or [])

    # -- both -----------------------------------------------------------------------------------------------------

    async def pairs(self, records: Sequence[CrmRecord]) -> list[Pair]:
        """Each CRM record with all documents that claim it, that it names, or that the store remembers."""
        store, entity = self.c.store, self.entity
        links = {record.id: store.linked(entity.name, record.id) for record in records}
        found: dict[str, dict[str, ErpRecord]] = {record.id: {} for record in records}
        if self.link_field:
            for erp in await self.erp_records(self.link_field, found):
                found[str(erp.doc[self.link_field])][erp.name] = erp
        named = {record.id: self._names(record, links[record.id]) for record in records}
        unknown = {name for id, names in named.items() for name in names if name not in found[id]}
        docs = {erp.name: erp for erp in await self.erp_records("name", unknown)} if unknown else {}
        for id, names in named.items():
            if not any(erp.live for erp in found[id].values()):
                found[id].update({name: docs[name] for name in names if name in docs})
        lines = await self.positions([record for record in records if found[record.id]])
        return [Pair(record, list(found[record.id].values()), lines.get(record.id), links[record.id]) for record in records]

    def _names(self, record: CrmRecord, link: Link | None) -> list[str]:
        name = record.get(self.entity.crm.link_field) if self.entity.crm.link_field else ""
        return list(dict.fromkeys(filter(None, (name, link.erp_id if link is not None else ""))))


def _some(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _records(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[ErpRecord]:
    """The list repeats a document for every position."""
    found: dict[str, ErpRecord] = {}
    for row in rows:
        record = found.setdefault(str(row["name"]), ErpRecord(row))
        if columns:
            record.lines.append({name.rpartition(".")[2]: row.get(name.rpartition(".")[2], row.get(name)) for name in columns})
    for record in found.values():
        record.lines.sort(key=_position)
    return list(found.values())


def _position(line: Mapping[str, Any]) -> int:
    return int(line.get("idx") or 0)


def _attach(records: Mapping[str, ErpRecord], relation: str, field: str, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each related document counts once for each record, however many of its rows name it."""
    counted: set[tuple[str, str]] = set()
    for row in rows:
        owner = str(row.get(field) or row.get(f"{table}.{field}") or "")
        if owner in records and (owner, str(row["name"])) not in counted:
            counted.add((owner, str(row["name"])))
            records[owner].related.setdefault(relation, []).append(row)
