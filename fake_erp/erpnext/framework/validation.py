"""The checks every document passes, with the vendor's own words. Source: facts 3.5 and 3.6."""

from __future__ import annotations

import re
from typing import Any

from fake_erp.erpnext.errors import Refused, database_refuses, notice, operational, throw
from fake_erp.erpnext.framework.meta import Doc, DocType, Field
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.framework.values import is_datetime, is_time
from fake_erp.erpnext.wire import TOO_BIG, is_date

_TOO_SMALL = -TOO_BIG
INT_MAX = 2**31
INT_DIGITS = 11  # what the framework lets through to the column
_URL = re.compile(r"^(?:https?|ftp|ftps)://[^\s/?#]+\S*$", re.IGNORECASE)
_PERSON = re.compile(r"^\w[\w'\-]*( \w[\w'\-]*)*$")
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
    get, value_of = site.store.get, doc.get
    for name, target, f in meta.targets:
        value = value_of(name)
        if not value:
            continue
        target = target or _type_of(meta, f, doc)
        record = get(target, value)
        if record is None:
            if target == "DocType" and value in site.doctypes:
                continue
            if f.fieldtype == "Link" and not f.custom and target not in site.doctypes:
                continue  # our guess: what is not modelled is taken to be there
            record = site.store.find(target, "name", value) if target in site.doctypes else None
            if record is None:
                missing.append(f"{where}{f.label}: {value}")
                continue
            doc[name] = record.id
        if record.fields.get("docstatus") == 2 and name != "amended_from" and (submittable or meta.submittable):
            cancelled.append(f"{where}{f.label}: {value}")


def _type_of(meta: DocType, f: Field, doc: Doc) -> str:
    """The DocType a dynamic link leads to. Raises Refused (417) while the field that names it is empty."""
    target = doc.get(f.options) or ""
    if not target:
        type_field = meta.columns.get(f.options)
        raise throw(f"{type_field.label if type_field is not None else f.options} must be set first")
    return str(target)


def check_document(site: Site, meta: DocType, doc: Doc) -> None:
    """Mandatory fields, select options, lengths and data types, in the vendor's order."""
    _check_mandatory(site, meta, doc)
    _check_values(meta, doc, "", doc)
    if (extra := meta.also(doc)) is not None:
        _check_values(extra, doc, "", doc)
    for table, child in meta.tables.items():
        rows = doc.get(table)
        if not rows:
            continue
        child_meta = site.doctypes[child]
        for row in rows:
            _check_values(child_meta, row, f"Row #{row['idx']}:", doc)
            if (extra := child_meta.also(row)) is not None:
                _check_values(extra, row, f"Row #{row['idx']}:", doc)


def _check_mandatory(site: Site, meta: DocType, doc: Doc) -> None:
    """Text that begins with a letter or digit is not looked at any further: blanks and tags do not."""
    names: list[str] = []
    texts: list[str] = []
    for f in meta.required:
        value = doc.get(f.fieldname)
        if (not value or (value.__class__ is str and not value[0].isalnum())) and is_missing(value):
            names.append(f.fieldname)
            kind = "Data missing in table" if f.fieldtype == "Table" else f"Value missing for {meta.name}"
            texts.append(f"Error: {kind}: {f.label}")
    for table, child in meta.tables.items():
        rows = doc.get(table)
        if not rows:
            continue
        child_meta = site.doctypes[child]
        for row in rows:
            for f in child_meta.required:
                value = row.get(f.fieldname)
                if (not value or (value.__class__ is str and not value[0].isalnum())) and is_missing(value):
                    names.append(f.fieldname)
                    texts.append(f"Error: <strong>{child}</strong> Row #{row['idx']}: Value missing for: {f.label}")
    if names:
        raise Refused(
            417, "MandatoryError", f"[{meta.name}, {doc.get('name')}]: {', '.join(names)}", [notice(text) for text in texts]
        )


def is_missing(value: Any) -> bool:
    """A number is never missing (0 is a value); text is when nothing but blanks and tags is in it."""
    if value is None or value == []:
        return True
    if not isinstance(value, str):
        return False
    if "<" not in value:
        return not value.strip()
    return "<img" not in value and not _TAG.sub("", value).strip()


def _check_values(meta: DocType, doc: Doc, where: str, parent: Doc) -> None:
    """What one row or document holds, check by check in the vendor's order; the database's own words come last."""
    get = doc.get
    for f in meta.contacts:
        value = get(f.fieldname)
        if value:
            _check_contact(f, value)
    for f in meta.selects:
        value = get(f.fieldname)
        if value and value not in f.choices:
            _check_choice(f, doc, where)
    for f in meta.not_negative:
        if (get(f.fieldname) or 0) < 0:
            whose = f"<strong>{meta.name}</strong> {where.rstrip(':')}: Value cannot be negative for" if where else ""
            text = whose or f"Value cannot be negative for {meta.name}:"
            raise throw(f"{text} <strong>{f.label}</strong>", "NonNegativeError", "Negative Value")
    for name, most, f in meta.lengths:
        value = get(name)
        if value and len(value) > most:
            raise _too_long(meta, f, value, most, parent)
    _check_columns(meta, doc, parent)


def _check_columns(meta: DocType, doc: Doc, parent: Doc) -> None:
    """Integers, dates, times and numbers."""
    get = doc.get
    for f in meta.integers:
        value = get(f.fieldname)
        if value and not -INT_MAX <= value < INT_MAX:
            if len(str(value)) > INT_DIGITS:
                raise _too_long(meta, f, value, INT_DIGITS, parent)
            raise database_refuses(1264, f"Out of range value for column '{f.fieldname}' at row 1")
    for name in meta.dates:
        value = get(name)
        if value and not is_date(value):
            raise operational(1292, f"Incorrect date value: '{value}' for column '{name}' at row 1")
    for f in meta.clocks:
        value = get(f.fieldname)
        if value and not (is_time if f.fieldtype == "Time" else is_datetime)(value):
            kind = f.fieldtype.lower()
            raise operational(1292, f"Incorrect {kind} value: '{value}' for column '{f.fieldname}' at row 1")

    for name in meta.numbers:
        value = get(name)
        if value and not _TOO_SMALL < value < TOO_BIG:
            raise database_refuses(1264, f"Out of range value for column '{name}' at row 1")


def _check_choice(f: Field, doc: Doc, where: str) -> None:
    """Outer blanks are forgiven, another case is not. The empty choice is listed too."""
    value = str(doc[f.fieldname]).strip()
    if value in f.choices:
        doc[f.fieldname] = value
        return
    options = ", ".join(f'"{choice}"' for choice in f.choices)
    raise throw(f'{where} {f.label} cannot be "{value}". It should be one of {options}')


def _too_long(meta: DocType, f: Field, value: Any, most: int, parent: Doc) -> Refused:
    whose = f"<strong>{meta.name} {parent.get('name')}</strong>: '{f.label}' ({value})"
    text = f"{whose} will get truncated, as max characters allowed is {most}"
    return throw(text, "CharacterLengthExceededError", "Value too big")


def _check_contact(f: Field, value: str) -> None:
    """Data fields that say what they hold."""
    match f.options:
        case "Email":
            for part in value.split(","):
                if part.strip() and not _EMAIL.match(part.strip()):
                    raise throw(f"{part.strip()} is not a valid Email Address", "InvalidEmailAddressError")
        case "Phone" if not _PHONE.match(value.strip()):
            raise throw(f"{value} is not a valid Phone Number", "InvalidPhoneNumberError")
        case "Name" if not _PERSON.match(value.strip()):
            raise throw(f"{value} is not a valid Name", "InvalidNameError")
        case "URL" if not _URL.match(value.strip()):
            raise throw(f"'<strong>{value}</strong>' is not a valid URL")
