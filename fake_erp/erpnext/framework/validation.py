"""The checks every document passes, with the vendor's own words. Source: facts 3.5 and 3.6."""

from __future__ import annotations

import re
from typing import Any

from fake_erp.erpnext.errors import Refused, notice, operational, throw
from fake_erp.erpnext.framework.meta import Doc, DocType, Field
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import TOO_BIG, is_date

_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+$")
_PHONE = re.compile(r"^[0-9 +_\-,.*#()/]{1,30}$")
_TAG = re.compile(r"<[^>]*>")


def check_links(site: Site, meta: DocType, doc: Doc) -> None:
    """Every link must lead somewhere; names are rewritten in their canonical case. All misses are told at once."""
    missing: list[str] = []
    cancelled: list[str] = []
    _links_of(site, meta, doc, "", missing, cancelled, meta.submittable)
    for table, child in meta.tables.items():
        rows = doc.get(table)
        if rows:
            child_meta = site.doctypes[child]
            for row in rows:
                _links_of(site, child_meta, row, f"Row #{row['idx']}: ", missing, cancelled, meta.submittable)
    if missing:
        raise throw(f"Could not find {', '.join(missing)}", "LinkValidationError")
    if cancelled:
        raise throw(f"Cannot link cancelled document: {', '.join(cancelled)}", "CancelledLinkError")


def _links_of(site: Site, meta: DocType, doc: Doc, where: str, missing: list[str], cancelled: list[str], submittable: bool) -> None:
    get = site.store.get
    for f in meta.links:
        value = doc.get(f.fieldname)
        if not value:
            continue
        target = f.options
        if f.fieldtype == "Dynamic Link":
            target = doc.get(f.options) or ""
            if not target:
                raise throw(f"{meta.columns[f.options].label} must be set first")
        record = get(target, value)
        if record is None:
            if target == "DocType":
                found = value in site.doctypes
                if not found:
                    missing.append(f"{where}{f.label}: {value}")
                continue
            record = site.store.find(target, "name", value) if target in site.doctypes else None
            if record is None:
                missing.append(f"{where}{f.label}: {value}")
                continue
            doc[f.fieldname] = record.id
        if submittable and f.fieldname != "amended_from" and record.fields.get("docstatus") == 2:
            cancelled.append(f"{where}{f.label}: {value}")


def check_document(site: Site, meta: DocType, doc: Doc) -> None:
    """Mandatory fields, select options, lengths and data types, in the vendor's order."""
    _check_mandatory(site, meta, doc)
    _check_values(meta, doc, "", doc)
    for table, child in meta.tables.items():
        child_meta = site.doctypes[child]
        for row in doc.get(table) or ():
            _check_values(child_meta, row, f"Row #{row['idx']}:", doc)


def _check_mandatory(site: Site, meta: DocType, doc: Doc) -> None:
    names: list[str] = []
    texts: list[str] = []
    for f in meta.required:
        value = doc.get(f.fieldname)
        if not value and is_missing(value, f):
            names.append(f.fieldname)
            kind = "Data missing in table" if f.fieldtype == "Table" else f"Value missing for {meta.name}"
            texts.append(f"Error: {kind}: {f.label}")
    for table, child in meta.tables.items():
        child_meta = site.doctypes[child]
        for row in doc.get(table) or ():
            for f in child_meta.required:
                value = row.get(f.fieldname)
                if not value and is_missing(value, f):
                    names.append(f.fieldname)
                    texts.append(f"Error: <strong>{child}</strong> Row #{row['idx']}: Value missing for: {f.label}")
    if names:
        raise Refused(
            417, "MandatoryError", f"[{meta.name}, {doc.get('name')}]: {', '.join(names)}", [notice(text) for text in texts]
        )


def is_missing(value: Any, f: Field) -> bool:
    """A number is never missing (0 is a value); text is when nothing but blanks and tags is in it."""
    if value is None or value == []:
        return True
    return isinstance(value, str) and not _TAG.sub("", value).strip() and "<img" not in value


def _check_values(meta: DocType, doc: Doc, where: str, parent: Doc) -> None:
    for f in meta.selects:
        value = doc.get(f.fieldname)
        if value and value not in f.choices:
            options = ", ".join(f'"{choice}"' for choice in f.choices if choice)
            raise throw(f'{where} {f.label} cannot be "{value}". It should be one of {options}')
    for f in meta.lengths:
        value = doc.get(f.fieldname)
        if value and len(value) > f.length_max:
            whose = f"<strong>{meta.name} {parent.get('name')}</strong>: '{f.label}' ({value})"
            text = f"{whose} will get truncated, as max characters allowed is {f.length_max}"
            raise throw(text, "CharacterLengthExceededError", "Value too big")
    for f in meta.not_negative:
        if doc.get(f.fieldname, 0) < 0:
            raise throw(f"{where} Value cannot be negative for {f.label}".strip(), "NonNegativeError")
    for f in meta.contacts:
        _check_contact(f, doc.get(f.fieldname))
    for name in meta.dates:
        value = doc.get(name)
        if value and not is_date(value):
            raise operational(1292, f"Incorrect date value: '{value}' for column '{name}' at row 1")
    for name in meta.numbers:
        value = doc.get(name)
        if value and not -TOO_BIG < value < TOO_BIG:
            raise operational(1264, f"Out of range value for column '{name}' at row 1")


def _check_contact(f: Field, value: Any) -> None:
    if not value:
        return
    if f.options == "Email" and not _EMAIL.match(value.strip()):
        raise throw(f"{value} is not a valid Email Address", "InvalidEmailAddressError")
    if f.options == "Phone" and not _PHONE.match(value.strip()):
        raise throw(f"{value} is not a valid Phone Number", "InvalidPhoneNumberError")


def check_constants(meta: DocType, doc: Doc, old: Doc) -> None:
    """Fields that may be set only once."""
    for f in meta.constants:
        if old.get(f.fieldname) and doc.get(f.fieldname) != old.get(f.fieldname):
            raise throw(f"Value cannot be changed for <strong>{f.label}</strong>", "CannotChangeConstantError")


def check_after_submit(site: Site, meta: DocType, doc: Doc, old: Doc) -> None:
    """Only fields with allow_on_submit may change on a submitted document."""
    _locked(meta, doc, old, "")
    for table, child in meta.tables.items():
        open_table = "submit" in meta.fields[table].flags
        rows, old_rows = doc.get(table) or [], old.get(table) or []
        if len(rows) != len(old_rows) and not (open_table and len(rows) > len(old_rows)):
            raise _not_allowed("", meta.fields[table].label, len(old_rows), len(rows))
        before = {row["name"]: row for row in old_rows}
        for row in rows:
            known = before.get(row.get("name") or "")
            if known is None and not open_table:
                raise _not_allowed("", meta.fields[table].label, len(old_rows), len(rows))
            if known is not None and row is not known:
                _locked(site.doctypes[child], row, known, f"Row #{row['idx']}:")


def _locked(meta: DocType, doc: Doc, old: Doc, where: str) -> None:
    for name, f in meta.columns.items():
        new, before = doc.get(name), old.get(name)
        if new != before and "submit" not in f.flags and (new or before):
            raise _not_allowed(where, f.label, before, new)


def _not_allowed(where: str, label: str, old: Any, new: Any) -> Refused:
    values = f"from <strong>{old}</strong> to <strong>{new}</strong>"
    text = f"{where} Not allowed to change <strong>{label}</strong> after submission {values}"
    return throw(text, "UpdateAfterSubmitError", "Cannot Update After Submit")
