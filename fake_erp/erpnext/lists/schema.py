"""The schema as lists: DocTypes and their standard fields; custom ones are documents of their own. Source: facts 2.13, 3.10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fake_erp.erpnext.framework.field_documents import field_json
from fake_erp.erpnext.framework.meta import STANDARD, Doc, DocType, parse
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import fold

_CREATED: Final = "2024-01-01 00:00:00.000001"  # our guess: when the vendor's tables were made, the same on every site

_DOCTYPE: Final = """
module | Data | Module
istable | Check | Is Child Table
issingle | Check | Is Single
is_submittable | Check | Is Submittable
custom | Check | Custom?
title_field | Data | Title Field
autoname | Data | Auto Name
track_changes | Check | Track Changes
description | Small Text | Description
fields | Table:DocField | Fields
"""
_DOCFIELD: Final = """
fieldname | Data | Name
label | Data | Label
fieldtype | Data | Type
options | Small Text | Options
default | Small Text | Default
fetch_from | Small Text | Fetch From
length | Int | Length
reqd | Check | Mandatory
unique | Check | Unique
read_only | Check | Read Only
hidden | Check | Hidden
permlevel | Int | Permission Level
allow_on_submit | Check | Allow on Submit
no_copy | Check | No Copy
set_only_once | Check | Set only once
non_negative | Check | Non Negative
"""
_METAS: Final = {"doctype": parse("DocType", "custom", _DOCTYPE), "docfield": parse("DocField", "child", _DOCFIELD)}


def is_schema(doctype: str) -> bool:
    """`Doctype` too, as one client writes it."""
    return doctype.casefold() in _METAS


def meta_of(site: Site, doctype: str) -> DocType:
    """What lists know about a DocType, DocType itself included. Raises Refused (404)."""
    return _METAS.get(doctype.casefold()) or site.meta(doctype)


def rows(site: Site, doctype: str) -> Iterable[Doc]:
    if doctype == "DocType":
        return (_doctype(meta) for meta in sorted(site.doctypes.values(), key=_name))
    return (row for meta in sorted(site.doctypes.values(), key=_name) for row in _fields(meta))


def _name(meta: DocType) -> Any:
    return fold(meta.name)


def _doctype(meta: DocType) -> Doc:
    return {
        **_standard(meta.name, 0),
        "istable": int(meta.child),
        "issingle": 0,
        "is_submittable": int(meta.submittable),
        "custom": 0,
        "title_field": meta.title_field or None,
        "track_changes": 0,
    }


def _fields(meta: DocType) -> Iterator[Doc]:
    standard = [f for f in meta.fields.values() if not f.custom]
    for position, f in enumerate(standard, start=1):
        shown = field_json(position, f)
        parentage = {"parent": meta.name, "parenttype": "DocType", "parentfield": "fields"}
        yield {**_standard(f"{meta.slug}-{f.fieldname}", position), "hidden": 0, "permlevel": 0, **shown, **parentage}


def _standard(name: str, position: int) -> Doc:
    values = (name, "Administrator", _CREATED, _CREATED, "Administrator", 0, position)
    return dict(zip(STANDARD, values, strict=True))
