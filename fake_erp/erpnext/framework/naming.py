"""Names of documents: series with counters, fields, random hashes, and what the client must give.

Counters are records of the kind `Series`, so a rolled-back create returns its number. Source: facts 3.4.
"""

from __future__ import annotations

import re

from fake_erp.erpnext.errors import duplicate_name, throw
from fake_erp.erpnext.framework.controller import controller_of
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site

SERIES = "Series"
_SERIES_TEXT = re.compile(r"^[\w\-/.#{} ]+$")
_AMENDED = re.compile(r"^(.*)-(\d+)$")


def name_for(site: Site, meta: DocType, doc: Doc, given: str | None) -> str:
    """The name of a new document. Raises Refused for a name that cannot be."""
    name = controller_of(meta.name).autoname(site, doc) or _amendment(site, doc) or _by_rule(site, meta, doc, given)
    if "<" in name or ">" in name:
        raise throw("Name cannot contain special characters like '<', '>'", "NameError", status=409)
    if name == meta.name:
        raise throw(f"Name of {meta.name} cannot be {name}", "NameError", status=409)
    if site.find(meta.name, name) is not None:
        raise duplicate_name(meta.name, name)
    return name


def _by_rule(site: Site, meta: DocType, doc: Doc, given: str | None) -> str:
    if meta.naming == "series":
        series = doc.get("naming_series") or meta.fields["naming_series"].choices[0]
        doc["naming_series"] = series
        return next_in_series(site, str(series), doc)
    if meta.naming == "hash":
        return site.random_name()
    rule, _, fieldname = meta.naming.partition("=")
    name = given if rule == "prompt" else doc.get(fieldname)
    name = str(name).strip() if name else ""
    if not name:
        raise throw(
            f"Please set the document name for {meta.name}" if rule == "prompt" else f"{meta.fields[fieldname].label} is required"
        )
    if rule == "abbr":
        abbr = site.value("Company", doc.get("company"), "abbr")
        return f"{name} - {abbr}" if abbr else name
    return name


def next_in_series(site: Site, series: str, doc: Doc) -> str:
    """Take the next number of a series such as `SAL-ORD-.YYYY.-`."""
    prefix, digits = series_prefix(site, series, doc)
    record = site.store.get(SERIES, prefix)
    current = record.fields["current"] + 1 if record is not None else 1
    if record is None:
        site.store.insert(SERIES, prefix, {"current": current})
    else:
        site.store.update(SERIES, prefix, {"current": current})
    return f"{prefix}{current:0{digits}d}"


def series_prefix(site: Site, series: str, doc: Doc) -> tuple[str, int]:
    """What stands before the counter, and the counter's digits. Raises Refused for characters a series cannot have."""
    if not _SERIES_TEXT.match(series):
        raise throw("Special Characters except '-', '#', '.', '/', '{' and '}' not allowed in naming series")
    stamp, digits, prefix = site.time.stamp(), 5, ""
    dates = {"YYYY": stamp[:4], "YY": stamp[2:4], "MM": stamp[5:7], "DD": stamp[8:10]}
    for part in series.split("."):
        if part.startswith("#"):
            digits = len(part)
        elif part in dates:
            prefix += dates[part]
        else:
            fieldname = part.strip("{}")
            value = doc.get(fieldname) if part and fieldname in doc else None
            prefix += str(value) if value else part
    return prefix, digits


def give_back(site: Site, meta: DocType, doc: Doc) -> None:
    """Deleting the document that holds the last number makes that number the next one again [P13]."""
    series = doc.get("naming_series")
    if meta.naming != "series" or not series:
        return
    prefix, digits = series_prefix(site, str(series), doc)
    record = site.store.get(SERIES, prefix)
    if record is not None and doc["name"] == f"{prefix}{record.fields['current']:0{digits}d}":
        site.store.update(SERIES, prefix, {"current": record.fields["current"] - 1})


def _amendment(site: Site, doc: Doc) -> str | None:
    source = doc.get("amended_from")
    if not source:
        return None
    hit = _AMENDED.match(source) if site.value(doc["doctype"], source, "amended_from") else None
    return f"{hit[1]}-{int(hit[2]) + 1}" if hit else f"{source}-1"
