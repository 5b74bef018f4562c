"""List calls: what is asked, and the rows that answer it. Source: facts 2.3.

filters, or_filters   filters.py → conditions.py (values.py, patterns.py, timespans.py, trees.py)
fields                fields.py (columns.py, aggregates.py)
order_by, group_by    ordering.py
which records         candidates.py; for DocTypes and their fields schema.py
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_erp.erpnext.api.requests import json_text
from fake_erp.erpnext.errors import python_error, throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists import schema
from fake_erp.erpnext.lists.aggregates import value_of
from fake_erp.erpnext.lists.candidates import candidates, count_by_index
from fake_erp.erpnext.lists.columns import Column, Row, Scope
from fake_erp.erpnext.lists.conditions import Condition, bind, matches
from fake_erp.erpnext.lists.fields import Selection, select
from fake_erp.erpnext.lists.filters import Filter, parse_filters
from fake_erp.erpnext.lists.ordering import Clause, Group, groups_of, order_of, sort
from fake_erp.erpnext.lists.refusals import syntax_error
from fake_erp.erpnext.wire import fold, int_of


@dataclass(slots=True)
class ListQuery:
    """What a list call asks. `limit` 0 means all; `fields` are texts, in version 16 also objects; `expand` names links."""

    fields: list[Any] = field(default_factory=lambda: ["name"])
    filters: list[Filter] = field(default_factory=list)
    or_filters: list[Filter] = field(default_factory=list)
    order_by: str = ""
    group_by: str = ""
    start: int = 0
    limit: int = 20
    parent: str = ""
    expand: list[str] = field(default_factory=list)


def list_query(args: Mapping[str, Any], *, limit_alias: bool) -> ListQuery:
    """Read a list call's arguments, each possibly JSON text. Raises Refused as the vendor does for what it cannot read."""
    fields, expand = _json(args.get("fields")), _json(args.get("expand"))
    query = ListQuery(
        filters=parse_filters(_json(args.get("filters")), fields_given=bool(fields)),
        or_filters=parse_filters(_json(args.get("or_filters"))),
        order_by=str(args.get("order_by") or ""),
        group_by=str(args.get("group_by") or ""),
        parent=str(args.get("parent") or ""),
        expand=[str(name) for name in expand] if isinstance(expand, list) else [],
    )
    if fields:
        query.fields = _fields(fields)
    page = args.get("limit_page_length")
    if page in (None, "") and limit_alias:
        page = args.get("limit")
    query.limit = _int(page, 20)
    query.start = _int(args.get("limit_start"), 0) if query.limit else 0
    if query.limit < 0 or query.start < 0:
        raise syntax_error(f"{query.limit} offset {query.start}")
    return query


def run(site: Site, doctype: str, query: ListQuery) -> list[Doc]:
    """The rows a list call answers. Raises Refused for unknown columns and operators."""
    meta = schema.meta_of(site, doctype)
    _check_parent(site, meta, query.parent)
    scope = Scope(site, meta, query.parent if meta.child else "")
    chosen = select(scope, query.fields)
    conditions = [bind(scope, f) for f in query.filters]
    either = [bind(scope, f) for f in query.or_filters]
    if not chosen.columns:
        raise syntax_error(f"from `tab{meta.name}`")
    gathered = groups_of(scope, query.group_by, chosen)
    order = order_of(scope, query.order_by, chosen)
    if gathered or chosen.aggregated or chosen.distinct:
        rows = _rows(scope, query, conditions, either, [], 0)
        groups: list[Group] = _grouped(scope, rows, gathered) if gathered else [rows] if chosen.aggregated else [[r] for r in rows]
        if not order and site.settings.shuffle_unsorted_lists:
            site.shuffle.shuffle(groups)
        shown = [_shown(site, chosen, group) for group in sort(scope, groups, order)]
        return _page(_unlike(shown) if chosen.distinct else shown, query)
    rows = _rows(scope, query, conditions, either, order, query.start + query.limit if query.limit else 0)
    return [_shown(site, chosen, [row]) for row in _page(rows, query)]


def _check_parent(site: Site, meta: DocType, parent: str) -> None:
    """Raises Refused (403) for a child DocType without a DocType that has it."""
    if not meta.child:
        return
    holder = schema.meta_of(site, parent) if schema.is_schema(parent) else site.doctypes.get(parent)
    if holder is None or meta.name not in holder.tables.values():
        raise throw(f"No permission for {meta.name}", "PermissionError", status=403)


def count(site: Site, doctype: str, filters: list[Filter]) -> int:
    """How many rows match, each as often as joined rows make it [P34]."""
    scope = Scope(site, schema.meta_of(site, doctype))
    conditions = [bind(scope, f) for f in filters]
    known = count_by_index(scope, conditions) if not _is_virtual(scope.meta) else None
    if known is not None:
        return known
    source = _sources(scope, ListQuery(), conditions)
    return sum(matches(conditions, [], row) for fields in source for row in scope.rows(fields))


def _rows(
    scope: Scope, query: ListQuery, conditions: list[Condition], either: list[Condition], order: list[Clause], needed: int
) -> list[Row]:
    """Rows that match, sorted; at least the `needed` first ones, or all."""
    site, first = scope.site, _first_order(scope, order)
    shuffled = site.settings.shuffle_unsorted_lists
    if _is_virtual(scope.meta):
        rows = [
            row for fields in _sources(scope, query, conditions) for row in scope.rows(fields) if matches(conditions, either, row)
        ]
    else:
        source = candidates(scope, conditions, None if shuffled and not order else first, needed)
        rows = []
        for record in source.records:
            if source.stop is not None and len(rows) >= needed and source.stop(record, rows):
                break
            if scope.joins:
                rows += [row for row in scope.rows(record.fields) if matches(conditions, either, row)]
            elif matches(conditions, either, (record.fields,)):
                rows.append((record.fields,))
        if source.by_name:
            return rows
    if shuffled:
        site.shuffle.shuffle(rows)
    else:
        rows.sort(key=_by_parent if scope.meta.child else _by_name)
    if not order:
        return rows
    return [group[0] for group in sort(scope, [[row] for row in rows], order)]


def _first_order(scope: Scope, order: list[Clause]) -> tuple[str, bool] | None:
    """By name or by `modified`, first of all; the former only when nothing else is left to sort by."""
    if not order:
        return ("name", False)
    by = order[0].expression
    if not isinstance(by, Column) or by.slot or by.link is not None or by.name not in ("name", "modified"):
        return None
    return (by.name, order[0].down) if by.name == "modified" or len(order) == 1 else None


def _is_virtual(meta: DocType) -> bool:
    """Child rows live in their parents, DocTypes and their fields in the schema: neither has a table of its own here."""
    return meta.child or schema.is_schema(meta.name)


def _sources(scope: Scope, query: ListQuery, conditions: list[Condition]) -> Iterable[Mapping[str, Any]]:
    site, meta = scope.site, scope.meta
    if schema.is_schema(meta.name):
        return schema.rows(site, meta.name)
    if not meta.child:
        return (record.fields for record in candidates(scope, conditions, None, 0).records)
    return _child_rows(site, meta, conditions)


def _child_rows(site: Site, meta: DocType, conditions: list[Condition]) -> Iterable[Mapping[str, Any]]:
    """Rows of a child DocType, of every DocType that has such a table: `parent` only says whose rights count."""
    named = next((c.wanted for c in conditions if c.column.name == "parent" and c.operator == "=" and c.wanted), None)
    for holder in site.doctypes.values():
        tables = [table for table, child in holder.tables.items() if child == meta.name]
        if not tables:
            continue
        found = site.find(holder.name, named) if named else None
        records = ([found] if found is not None else []) if named else site.store.all(holder.name)
        for record in records:
            for table in tables:
                yield from record.fields.get(table) or ()


def _grouped(scope: Scope, rows: list[Row], gathered: list[Any]) -> list[Group]:
    """Rows by equal values, in the order of the values."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        values = [(value_of(scope.site, expression, [row]), expression) for expression in gathered]
        key = tuple((value is not None, e.cast(value) if isinstance(e, Column) else value) for value, e in values)
        groups.setdefault(key, []).append(row)
    return [groups[key] for key in sorted(groups)]


def _shown(site: Site, chosen: Selection, group: Group) -> Doc:
    return {alias: value_of(site, expression, group) for alias, expression in chosen.columns}


def _unlike(rows: list[Doc]) -> list[Doc]:
    return list({tuple(fold(value) for value in row.values()): row for row in reversed(rows)}.values())[::-1]


def _page(rows: list[Any], query: ListQuery) -> list[Any]:
    return rows[query.start : query.start + query.limit] if query.limit else rows


def _by_name(row: Row) -> Any:
    return (fold(row[0]["name"]), row[0]["name"])


def _by_parent(row: Row) -> Any:
    return (fold(row[0].get("parent") or ""), row[0].get("idx") or 0)


def _fields(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, Mapping)):
        return [item for item in value if item]
    raise python_error("TypeError", f"'{type(value).__name__}' object is not iterable")


def _int(value: Any, default: int) -> int:
    """As the vendor reads whole numbers: what is none is 0."""
    return default if value in (None, "", "None") else int_of(value)


def _json(value: Any) -> Any:
    if isinstance(value, str) and value:
        try:
            return json_text(value)
        except ValueError as error:
            raise python_error("JSONDecodeError", str(error)) from None
    return value
