"""Names of documents: series with counters, fields, random hashes, and what the client must give.

Counters are records of the kind `Series`, so a rolled-back create returns its number. Source: facts 3.4; what a series part
`JJJ` or `timestamp` is, and that a field a document does not have leaves nothing, are the vendor's public source.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from fake_erp.erpnext.errors import Refused, duplicate_name, throw
from fake_erp.erpnext.framework.amend import amended_name
from fake_erp.erpnext.framework.controller import controller_of
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site

SERIES = "Series"
NAME_MAX = 140
_SERIES_TEXT = re.compile(r"^[\w\-/.#{} ]+$")


def name_for(site: Site, meta: DocType, doc: Doc, given: str | None) -> str:
    """The name of a new document. Raises Refused for a name that cannot be."""
    name = amended_name(site, doc) or controller_of(meta.name).autoname(site, doc) or _by_rule(site, meta, doc, given)
    name = check_name(meta.name, name)
    if site.find(meta.name, name) is not None:
        raise duplicate_name(meta.name, name)
    return name


def check_name(doctype: str, name: str) -> str:
    """The name without outer blanks. Raises Refused: 409 for a name no document may have, 500 for one longer than its column."""
    name = name.strip()
    if name.startswith(f"New {doctype}"):
        raise throw("There were some errors setting the name, please contact the administrator", "NameError", status=409)
    if name == doctype:
        raise throw(f"Name of {doctype} cannot be {name}", "NameError", status=409)
    if "<" in name or ">" in name:
        raise throw("Name cannot contain special characters like '<', '>'", "NameError", status=409)
    if len(name) > NAME_MAX:  # the database's words; that nothing stops it before is our guess
        raise Refused(500, "DataError", "(1406, \"Data too long for column 'name' at row 1\")")
    return name


def _by_rule(site: Site, meta: DocType, doc: Doc, given: str | None) -> str:
    if meta.naming == "series":
        return name_by_series(site, meta, doc)
    if meta.naming == "hash":
        return site.random_name()
    rule, _, fieldname = meta.naming.partition("=")
    name = given if rule == "prompt" else doc.get(fieldname)
    name = str(name).strip() if name else ""
    if not name:
        raise throw("Please set the document name" if rule == "prompt" else f"{meta.fields[fieldname].label} is required")
    if rule == "abbr":
        abbr = site.value("Company", doc.get("company"), "abbr")
        return f"{name} - {abbr}" if abbr else name
    return name


def name_by_series(site: Site, meta: DocType, doc: Doc) -> str:
    """The next name of the document's own `naming_series`, or of the first one its DocType offers."""
    series = doc.get("naming_series") or next(filter(None, meta.fields["naming_series"].choices))
    doc["naming_series"] = series
    return next_in_series(site, str(series), doc)


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
    """What stands before the counter, and the counter's digits. Raises Refused for characters a series cannot have.

    Parts after the counter are left out: a series with anything behind its number is our limit.
    """
    if not _SERIES_TEXT.match(series):
        raise throw("Special Characters except '-', '#', '.', '/', '{' and '}' not allowed in naming series")
    prefix = ""
    for part in series.split("."):
        if part.startswith("#"):
            return prefix, len(part)
        prefix += _part(site, part, doc)
    return prefix, 5


def _part(site: Site, part: str, doc: Doc) -> str:
    """One part of a series: of today's date in the site's zone, of the document, or as it stands."""
    stamp = site.time.stamp()
    match part:
        case "YYYY":
            return stamp[:4]
        case "YY":
            return stamp[2:4]
        case "MM":
            return stamp[5:7]
        case "DD":
            return stamp[8:10]
        case "WW":
            return week_of(date.fromisoformat(stamp[:10]))
        case "JJJ":
            return f"{date.fromisoformat(stamp[:10]).timetuple().tm_yday:03d}"
        case "timestamp":
            return stamp
    if part.startswith("{") or part in doc:
        return _plain(doc.get(part.strip("{}")))
    return part


def _plain(value: Any) -> str:
    return "" if value is None or isinstance(value, (list, dict)) else str(value)


def week_of(day: date) -> str:
    """The ISO week, made to grow through the year: `00` for a first week that belongs to the year before, `53` at the end."""
    week = day.isocalendar().week
    if day.month == 1 and week >= 52:
        return "00"
    if day.month == 12 and week <= 1:
        return "53"
    return f"{week:02d}"


def give_back(site: Site, meta: DocType, doc: Doc) -> None:
    """Deleting the document that holds the last number makes that number the next one again [P13].

    The prefix is made with today's date, so a document of last year gives nothing back.
    """
    series = doc.get("naming_series")
    if meta.naming != "series" or not series:
        return
    prefix, digits = series_prefix(site, str(series), doc)
    record = site.store.get(SERIES, prefix)
    if record is not None and doc["name"] == f"{prefix}{record.fields['current']:0{digits}d}":
        site.store.update(SERIES, prefix, {"current": record.fields["current"] - 1})
