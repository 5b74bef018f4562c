"""Fields as documents: from a `Custom Field`, and as the schema shows them. Source: facts 2.10, 3.10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_erp.erpnext.framework.meta import LENGTH_MAX, Doc, Field


def custom_field(values: Mapping[str, Any]) -> Field:
    """A `Custom Field` document as a field."""
    names = {
        "reqd": "reqd",
        "unique": "unique",
        "read_only": "ro",
        "no_copy": "nocopy",
        "allow_on_submit": "submit",
        "non_negative": "nonneg",
        "fetch_if_empty": "ifempty",
    }
    return Field(
        values["fieldname"],
        values["fieldtype"],
        values.get("label") or values["fieldname"],
        values.get("options") or "",
        frozenset(flag for key, flag in names.items() if values.get(key)),
        int(values.get("length") or 0),
        values.get("default") or "",
        values.get("fetch_from") or "",
        int(values.get("permlevel") or 0),
        custom=True,
    )


def field_json(position: int, f: Field) -> Doc:
    """A field as `GET /api/resource/DocType/<X>` shows it."""
    flag = f.flags.__contains__
    shown: Doc = {
        "doctype": "DocField",
        "idx": position,
        "fieldname": f.fieldname,
        "label": f.label,
        "fieldtype": f.fieldtype,
        "options": f.options or None,
        "default": f.default or None,
        "fetch_from": f.fetch or None,
        "fetch_if_empty": int(flag("ifempty")),
        "permlevel": f.permlevel,
        "length": f.length_max if f.length_max != LENGTH_MAX.get(f.fieldtype) else 0,
        "reqd": int(flag("reqd")),
        "unique": int(flag("unique")),
        "read_only": int(flag("ro")),
        "allow_on_submit": int(flag("submit")),
        "no_copy": int(flag("nocopy")),
        "set_only_once": int(flag("once")),
        "non_negative": int(flag("nonneg")),
        "is_virtual": int(flag("virtual")),
    }
    return {key: value for key, value in shown.items() if value is not None}
