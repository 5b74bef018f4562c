"""`debug`: the SQL of a list call, as text for people. Nothing here runs it; its exact form is our guess. Source: facts 2.3."""

from __future__ import annotations

import json
from typing import Any

from fake_erp.erpnext.lists.filters import Filter
from fake_erp.erpnext.lists.query import ListQuery


def debug_messages(doctype: str, query: ListQuery) -> str:
    """`_debug_messages`: JSON text of a list of texts, the statement and how long it took."""
    return json.dumps([statement(doctype, query), "Execution time: 0.0 sec"])


def statement(doctype: str, query: ListQuery) -> str:
    """A SELECT in the vendor's manner."""
    conditions = [_condition(doctype, f) for f in query.filters]
    if query.or_filters:
        conditions.append(f"({' or '.join(_condition(doctype, f) for f in query.or_filters)})")
    parts = [f"select {', '.join(_field(doctype, field) for field in query.fields)}", f"from `tab{doctype}`"]
    parts += [f"where {' and '.join(conditions)}"] if conditions else []
    parts += [f"group by {query.group_by}"] if query.group_by else []
    parts += [f"order by {query.order_by}"] if query.order_by else []
    parts += [f"limit {query.limit} offset {query.start}"] if query.limit else []
    return "\n".join(parts)


def _field(doctype: str, field: Any) -> str:
    if not isinstance(field, str):
        return json.dumps(field)
    return f"`tab{doctype}`.`{field}`" if field.isidentifier() else field


def _condition(doctype: str, f: Filter) -> str:
    return f"`tab{f.doctype or doctype}`.`{f.fieldname}` {f.operator} {json.dumps(f.value, ensure_ascii=False)}"
