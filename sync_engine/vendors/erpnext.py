"""ERPNext v15: the client (contracts: erpnext/facts.md sections 1, 2, 3, 5, 7).

Timestamps are kept as the text the site sends: it has no zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from sync_engine.outcomes import Refused, Transient, VendorError
from sync_engine.vendors.erpnext_documents import Doc as Doc
from sync_engine.vendors.erpnext_documents import Documents
from sync_engine.vendors.together import is_side_by_side
from sync_engine.wire import segment, write_text

IDENTICAL = "="
Rows = list[dict[str, Any]]
Documented = list[Doc | VendorError]
Listed = list[Rows]
EMPTY: Mapping[str, tuple[str, Sequence[str]]] = MappingProxyType({})


class ErpNext(Documents):
    """The ERP client: lists and batches here, single documents in `erpnext_documents`. Every method raises VendorError."""

    async def list(
        self,
        kind: str,
        fields: Sequence[str],
        filters: Sequence[Sequence[Any]],
        *,
        order_by: str = "modified asc, name asc",
        limit: int = 0,
    ) -> Rows:
        """Rows with exactly these columns. `limit` 0 means all; the vendor's own default would stop at 20. Always a total order."""
        query = (
            f"fields={_quoted(write_text(list(fields)))}&filters={quote(write_text([list(entry) for entry in filters]))}"
            f"&order_by={_quoted(order_by)}&limit_start=0&limit_page_length={limit}"
        )
        answer = await self._caller.call(self.governor, "GET", f"/api/resource/{segment(kind)}?{query}", safe=True, needs="data")
        return _listed(answer.json["data"])

    async def list_in(
        self, kind: str, fields: Sequence[str], field: str, values: Sequence[str], filters: Sequence[Sequence[Any]] = ()
    ) -> Rows:
        """All rows whose `field` is one of the values, by name: asked in a body, for an address takes only so many values.

        The site compares without case, so a row's value may differ from every value asked for.
        """
        return await self._rows(kind, fields, [[kind, field, "in", list(values)], *filters], "name asc") if values else []

    async def read_many(
        self, kind: str, names: Sequence[str], fields: Sequence[str], tables: Mapping[str, tuple[str, Sequence[str]]] = EMPTY
    ) -> dict[str, Doc]:
        """By name, with nulls; unknown names are absent. `tables`: child table field → (its DocType, its columns).

        One call for the documents and one for each table, so an edit may fall between them. Rows come in their own order.
        """
        docs: dict[str, dict[str, Any]] = {}
        for row in await self.list_in(kind, list(dict.fromkeys(["name", *fields])), "name", names):
            docs[str(row["name"])] = {**row, **{table: [] for table in tables}}
        for table, (child, columns) in tables.items():
            wanted = list(dict.fromkeys(["name", "parent", "idx", *columns]))
            filters: Sequence[Sequence[Any]] = [
                ["parent", "in", list(docs)],
                ["parenttype", "=", kind],
                ["parentfield", "=", table],
            ]
            for row in await self._rows(child, wanted, filters, "parent asc, idx asc", parent=kind) if docs else ():
                docs[str(row["parent"])][table].append(row)
        return dict(docs)

    # -- one document or list, in one call with those of others ------------------------------------------------------

    async def read_columns(self, kind: str, name: str, fields: Sequence[str]) -> Doc:
        """`read`, of which only these columns count. Side by side, many documents take one call. Raises NotFound."""
        if not is_side_by_side():
            return await self.read(kind, name)
        doc: Doc = await self._together.of("read", kind, *fields, go=partial(self._read_columns, kind, fields)).join(name)
        return doc

    async def _read_columns(self, kind: str, fields: Sequence[str], names: Sequence[str]) -> Documented:
        found: dict[str, Doc] = {}
        if len(names) > 1:
            try:
                found = await self.read_many(kind, list(dict.fromkeys(names)), fields)
            except Refused:
                found = {}  # a column is gone: a document alone shows what it still has
        ends: Documented = []
        for name in names:
            try:
                ends.append(found.get(name) or await self.read(kind, name))
            except VendorError as error:
                ends.append(error)
        return ends

    async def list_of(
        self, kind: str, fields: Sequence[str], field: str, value: str, filters: Sequence[Sequence[Any]] = ()
    ) -> Rows:
        """All rows whose `field` is this value, by name. Side by side, many values take one call."""
        if not is_side_by_side():
            return await self.list(kind, fields, [[field, IDENTICAL, value], *filters], order_by="name asc")
        sort = ("list", kind, field, write_text([list(fields), list(filters)]))
        rows: Rows = await self._together.of(*sort, go=partial(self._list_of, kind, fields, field, filters)).join(value)
        return rows

    async def _list_of(
        self, kind: str, fields: Sequence[str], field: str, filters: Sequence[Sequence[Any]], values: Sequence[str]
    ) -> Listed:
        found: dict[str, Rows] = {}
        for row in await self.list_in(kind, list(dict.fromkeys([*fields, field])), field, list(dict.fromkeys(values)), filters):
            found.setdefault(str(row[field]), []).append(row)
        return [found.get(value, []) for value in values]

    async def _rows(
        self, kind: str, fields: Sequence[str], filters: Sequence[Sequence[Any]], order_by: str, parent: str | None = None
    ) -> Rows:
        args = {"doctype": kind, "fields": list(fields), "filters": filters, "order_by": order_by, "limit_page_length": 0}
        given = {**args, **({"parent": parent} if parent else {})}
        return _listed(await self.call("frappe.client.get_list", given, safe=True, needs="message"))

    async def count(self, kind: str, filters: Sequence[Sequence[Any]] = ()) -> int:
        """How many documents match, drafts and cancelled ones included."""
        found = await self.call("frappe.client.get_count", {"doctype": kind, "filters": [list(row) for row in filters]}, safe=True)
        return int(found or 0)

    async def find(self, kind: str, field: str, value: str) -> str | None:
        """The name of the newest document whose `field` is exactly `value`: the site itself compares without case and accents."""
        rows = await self.list(
            kind, ["name", field], [[kind, field, IDENTICAL, value]], order_by="creation desc, name asc", limit=20
        )
        for row in rows:
            if row.get(field) == value:
                return str(row["name"])
        return None

    async def find_many(self, kind: str, field: str, values: Sequence[str]) -> dict[str, str]:
        """`find` for many values in one call: value → name of the newest document that holds exactly it."""
        rows = (
            await self._rows(kind, ["name", field], [[kind, field, "in", list(values)]], "creation asc, name desc")
            if values
            else []
        )
        return {str(row[field]): str(row["name"]) for row in rows if row[field] in set(values)}


def _listed(rows: Any) -> Rows:
    """Raises Transient for what is no list: never to be taken for an empty one."""
    if not isinstance(rows, list):
        raise Transient("erp", "the ERP sent a damaged reply instead of a list")
    return rows


@lru_cache(maxsize=64)
def _quoted(text: str) -> str:
    """For what is the same in many calls: columns and orders."""
    return quote(text)
