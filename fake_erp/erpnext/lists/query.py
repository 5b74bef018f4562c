"""Lists: which rows, which columns, in which order. Source: facts 2.3.

Costs: a filter on a name, a unique or an indexed field, or `modified >=`, costs only as much as it finds; others read every record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fake_erp.erpnext.api.requests import json_text
from fake_erp.erpnext.errors import operational, python_error, throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists.filters import Filter, parse_filters
from fake_erp.erpnext.wire import fold, modified_from_wire
from harness.kit.clock import EPOCH
from harness.kit.records import Record

_STANDARD = frozenset({"name", "owner", "creation", "modified", "modified_by", "docstatus", "idx"})
_CHILD = frozenset({"parent", "parentfield", "parenttype"})
_OPTIONAL = ("_user_tags", "_comments", "_assign", "_liked_by")
_SLACK = timedelta(milliseconds=1)
_SUSPICIOUS = re.compile(r"\(|@@|--|/\*|;|\bselect\b", re.IGNORECASE)
_ALIAS = re.compile(r"^(.*?)\s+as\s+(\w+)$", re.IGNORECASE)
_COLUMN = re.compile(r"^(?:`tab([^`]+)`\.|(\w+)\.)?`?(\w+)`?$")


@dataclass(slots=True)
class ListQuery:
    """What a list call asks, parsed. `limit` 0 means all."""

    fields: list[str] = field(default_factory=lambda: ["name"])
    filters: list[Filter] = field(default_factory=list)
    or_filters: list[Filter] = field(default_factory=list)
    order_by: str = ""
    start: int = 0
    limit: int = 20
    parent: str = ""


Row = tuple[Mapping[str, Any], Mapping[str, Any] | None]  # a parent's fields, and the child row a join chose


def run(site: Site, doctype: str, query: ListQuery) -> list[Doc]:
    """The rows a list call answers. Raises Refused for unknown columns and operators."""
    meta = site.meta(doctype)
    if meta.child:
        return _child_list(site, meta, query)
    columns = [_column(site, meta, text) for text in _expand(meta, query.fields)]
    _check_columns(site, meta, query)
    rows = [row for record in _candidates(site, meta, query.filters) for row in _joined(site, meta, record, columns, query)]
    rows = _ordered(site, meta, rows, query.order_by)
    if query.limit:
        rows = rows[query.start : query.start + query.limit]
    return [{alias: _value(site, meta, row, table, name) for alias, table, name in columns} for row in rows]


def count(site: Site, doctype: str, filters: list[Filter]) -> int:
    meta = site.meta(doctype)
    query = ListQuery(filters=filters)
    _check_columns(site, meta, query)
    return sum(len(_joined(site, meta, record, [], query)) for record in _candidates(site, meta, filters))


def _expand(meta: DocType, fields: list[str]) -> list[str]:
    if "*" not in fields:
        return fields
    every = [name for name in meta.order if name != "doctype"]
    return list(dict.fromkeys([*every, *_OPTIONAL, *(name for name in fields if name != "*")]))


def _column(site: Site, meta: DocType, text: str) -> tuple[str, str, str]:
    """A requested field as (key in the row, child table or link it goes through, column)."""
    if not isinstance(text, str):
        raise throw(f"Invalid field: {text}", "DataError")
    text = text.strip()
    hit = _ALIAS.match(text)
    name, alias = (hit[1].strip(), hit[2]) if hit else (text, "")
    if _SUSPICIOUS.search(name):
        raise throw("Use of sub-query or function is restricted", "DataError")
    parts = _COLUMN.match(name)
    if parts is None:
        raise throw(f"Field not permitted in query: {name}", "DataError")
    table, column = parts[1] or parts[2] or "", parts[3]
    if parts[1]:
        table = "" if parts[1] == meta.name else next((t for t, child in meta.tables.items() if child == parts[1]), "?")
    if not _exists(site, meta, table, column):
        raise throw(f"Field not permitted in query: {name}", "DataError")
    return alias or column, table, column


def _exists(site: Site, meta: DocType, table: str, column: str) -> bool:
    if not table:
        return column in _STANDARD or column in meta.columns or column in _OPTIONAL
    child = meta.tables.get(table)
    if child is not None:
        return column in _STANDARD or column in _CHILD or column in site.doctypes[child].columns
    link = meta.columns.get(table)
    target = site.doctypes.get(link.options) if link is not None and link.fieldtype == "Link" else None
    return target is not None and (column in _STANDARD or column in target.columns)


def _check_columns(site: Site, meta: DocType, query: ListQuery) -> None:
    for f in (*query.filters, *query.or_filters):
        table = "" if f.doctype in ("", meta.name) else next((t for t, child in meta.tables.items() if child == f.doctype), "?")
        if table == "?" or not _exists(site, meta, table, f.fieldname):
            raise throw(f"Field not permitted in query: {f.fieldname}", "DataError")
        f.bind(site.doctypes[meta.tables[table]] if table else meta, table)


def _candidates(site: Site, meta: DocType, filters: list[Filter]) -> Iterable[Record]:
    """The smallest set of records an index offers; every filter is still checked on each of them."""
    store, kind = site.store, meta.name
    since = None
    for f in filters:
        if f.table:
            continue
        if f.operator == "=" and f.value not in (None, ""):
            value = f.cast_value
            if f.fieldname == "name" or store.is_unique(kind, f.fieldname):
                found = store.find(kind, f.fieldname, str(value)) if f.fieldname != "name" else site.find(kind, str(value))
                return [found] if found is not None else []
        elif f.operator == "in" and (f.fieldname == "name" or store.is_unique(kind, f.fieldname)):
            hits = [store.find(kind, f.fieldname, str(value)) for value in f.members]
            return [hit for hit in {id(hit): hit for hit in hits}.values() if hit is not None]
        elif f.operator in (">", ">=") and f.fieldname in ("modified", "creation"):
            start = modified_from_wire(str(f.value), site.time.zone)
            if start is not None and (since is None or start > since):
                since = start
    indexed = _by_index(site, meta, filters)
    if indexed is not None:
        return indexed
    # Stamps may run some microseconds ahead of the clock (see Site.next_stamp), never behind it.
    return store.recent(kind, max(since - _SLACK, EPOCH)) if since is not None else store.all(kind)


def _by_index(site: Site, meta: DocType, filters: list[Filter]) -> list[Record] | None:
    """Records by an equality on a link or id column, whose values are stored in canonical case."""
    for f in filters:
        column = meta.columns.get(f.fieldname)
        if f.table or f.operator != "=" or column is None or column.fieldtype not in ("Link", "Dynamic Link") or not f.value:
            continue
        if site.store.is_indexed(meta.name, f.fieldname):
            target = site.find(column.options, str(f.value)) if column.options in site.doctypes else None
            value = target.id if target is not None else f.value
            return site.store.where(meta.name, f.fieldname, value)
    return None


def _joined(site: Site, meta: DocType, record: Record, columns: list[tuple[str, str, str]], query: ListQuery) -> list[Row]:
    """The record as many times as the joined child rows match: once per matching row, no DISTINCT [P34]."""
    fields = record.fields
    tables = {f.table for f in (*query.filters, *query.or_filters) if f.table} | {t for _, t, _ in columns if t in meta.tables}
    if not tables:
        return [(fields, None)] if _matches(query, fields, None) else []
    table = sorted(tables)[0]
    return [(fields, row) for row in fields.get(table) or () if _matches(query, fields, row)]


def _matches(query: ListQuery, fields: Mapping[str, Any], row: Mapping[str, Any] | None) -> bool:
    for f in query.filters:
        if not f.test((row or {}) if f.table else fields):
            return False
    return not query.or_filters or any(f.test((row or {}) if f.table else fields) for f in query.or_filters)


def _value(site: Site, meta: DocType, row: Row, table: str, name: str) -> Any:
    fields, child = row
    if not table:
        return fields.get(name)
    if table in meta.tables:
        return child.get(name) if child is not None else None
    return site.value(meta.columns[table].options, fields.get(table), name)


def _ordered(site: Site, meta: DocType, rows: list[Row], order_by: str) -> list[Row]:
    if not order_by.strip():
        if site.settings.shuffle_unsorted_lists:
            site.shuffle.shuffle(rows)
            return rows
        return sorted(rows, key=lambda row: str(row[0]["name"]))
    for clause in reversed(order_by.split(",")):
        words = clause.strip().split()
        if not words or len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise throw(f"Illegal SQL Query: {order_by}", "DataError")
        name = words[0].rpartition(".")[2].strip("`")
        if not _exists(site, meta, "", name):
            raise operational(1054, f"Unknown column '{name}' in 'order clause'")
        numeric = name in meta.columns and meta.columns[name].fieldtype in ("Float", "Currency", "Percent", "Int", "Check")
        down = len(words) == 2 and words[1].lower() == "desc"
        rows = sorted(rows, key=lambda row, n=name, num=numeric: _sort_key(row[0].get(n), num), reverse=down)  # type: ignore[misc]
    return rows


def _sort_key(value: Any, numeric: bool) -> Any:
    if numeric or isinstance(value, int):
        return value or 0
    return (value is not None, fold(str(value)) if value is not None else "")


def _child_list(site: Site, meta: DocType, query: ListQuery) -> list[Doc]:
    """Rows of a child DocType: only through the parent DocType they belong to."""
    parent = site.doctypes.get(query.parent)
    table = next((t for t, child in parent.tables.items() if child == meta.name), "") if parent is not None else ""
    if parent is None or not table:
        raise throw(f"No permission for {meta.name}", "PermissionError", status=403)
    names = _expand(meta, query.fields)
    for name in names:
        if name not in _STANDARD and name not in _CHILD and name not in meta.columns and name not in _OPTIONAL:
            raise throw(f"Field not permitted in query: {name}", "DataError")
    for f in (*query.filters, *query.or_filters):
        f.bind(meta, "")
    rows = [row for record in site.store.all(parent.name) for row in record.fields.get(table) or () if _matches(query, row, None)]
    rows.sort(key=lambda row: (row["parent"], row["idx"]))
    rows = rows[query.start : query.start + query.limit] if query.limit else rows
    return [{name: row.get(name) for name in names} for row in rows]


def list_query(args: Mapping[str, Any], *, limit_alias: bool) -> ListQuery:
    """Read a list call's arguments, each possibly JSON text. Raises Refused as the vendor does for what it cannot read."""
    if args.get("group_by"):
        raise throw("group_by: Not supported by fake")
    query = ListQuery(parent=str(args.get("parent") or ""), order_by=str(args.get("order_by") or ""))
    fields = _json(args.get("fields"))
    if fields:
        query.fields = [fields] if isinstance(fields, str) else [f for f in fields if f] if isinstance(fields, list) else ["name"]
    query.filters = parse_filters(_json(args.get("filters")))
    query.or_filters = parse_filters(_json(args.get("or_filters")))
    page = args.get("limit_page_length")
    if page in (None, "") and limit_alias:
        page = args.get("limit")
    query.limit = _int(page, 20)
    query.start = _int(args.get("limit_start"), 0) if query.limit else 0
    return query


def _int(value: Any, default: int) -> int:
    if value in (None, "", "None"):
        return default
    try:
        return max(0, int(str(value)))
    except ValueError:
        return 0


def _json(value: Any) -> Any:
    if isinstance(value, str) and value:
        try:
            return json_text(value)
        except ValueError as error:
            raise python_error("JSONDecodeError", str(error)) from None
    return value
