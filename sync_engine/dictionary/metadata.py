"""What the live systems say about their own fields, asked of their metadata endpoints.

HubSpot: `GET /crm/v3/properties/{object type}`. Frappe: `frappe.desk.form.load.getdoctype`, which merges custom fields in
(`/api/resource/DocType/{name}` does not). Nothing here opens a connection: a `Fetch` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote

from sync_engine.dictionary.model import DictionaryError, FieldType, System, nearest

Fetch = Callable[[str], tuple[int, Any]]  # path and query → status and JSON (None where the body is none)
_NUMBERS: Final = frozenset[FieldType]({"decimal", "integer", "percent", "float"})
_TEXTS: Final = frozenset[FieldType]({"text", "choice"})
_HUBSPOT: Final[dict[str, frozenset[FieldType]]] = {
    "string": _TEXTS | {"boolean"},  # as which this integration creates them
    "phone_number": _TEXTS,
    "json": frozenset({"text"}),
    "enumeration": _TEXTS | {"boolean"},
    "number": _NUMBERS,
    "bool": frozenset({"boolean", "choice", "text"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime"}),
}
_FRAPPE: Final[dict[str, frozenset[FieldType]]] = {
    "Currency": _NUMBERS - {"integer"},
    "Float": _NUMBERS - {"integer"},
    "Percent": _NUMBERS - {"integer"},
    "Int": frozenset({"integer"}),
    "Check": frozenset({"boolean"}),
    "Date": frozenset({"date"}),
    "Datetime": frozenset({"datetime"}),
}
_FRAPPE_TEXTS: Final = frozenset(
    {"Data", "Small Text", "Text", "Long Text", "Text Editor", "Code", "Select", "Link", "Dynamic Link", "Read Only", "Phone",
     "Autocomplete", "Markdown Editor", "HTML Editor", "Barcode", "Color", "Attach", "Attach Image"}
)  # fmt: skip
_SHORT: Final = frozenset({"Data", "Select", "Link", "Dynamic Link", "Read Only", "Phone", "Autocomplete"})
_VARCHAR: Final = 140
_LAYOUT: Final = frozenset({"Section Break", "Column Break", "Tab Break", "Button", "HTML", "Heading", "Fold", "Image"})
_TABLES: Final = frozenset({"Table", "Table MultiSelect"})
_COLUMNS: Final[dict[str, FieldType]] = {
    "name": "text", "owner": "text", "modified_by": "text", "docstatus": "integer", "creation": "datetime", "modified": "datetime",
}  # fmt: skip


class MetadataError(DictionaryError):
    """A live system does not answer as it should; one sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class LiveField:
    """One field of a live system. `types`: what a dictionary may say of it, empty where anything goes. `table`: the kind of its
    rows. `filled`: it has a value without anybody's doing."""

    name: str
    type: str
    types: frozenset[FieldType]
    choices: tuple[str, ...] = ()
    length_max: int | None = None
    required: bool = False
    read_only: bool = False
    filled: bool = False
    table: str = ""


class Metadata(Protocol):
    """Both systems' fields, or one's."""

    def fields(self, system: System, kind: str) -> Mapping[str, LiveField] | None:
        """By name; None when there is no such kind. Raises MetadataError."""
        ...

    def asks(self, system: System) -> bool:
        """Whether that system can be asked at all."""
        ...


class LiveMetadata:
    """The systems behind these doors, each kind asked once. Raises MetadataError for a vendor whose metadata is not known here."""

    def __init__(self, crm: Fetch | None, erp: Fetch | None, vendors: tuple[str, str] = ("hubspot", "erpnext")) -> None:
        self._fetch = {"crm": crm, "erp": erp}
        self._vendors = dict(zip(("crm", "erp"), vendors, strict=True))
        for system, vendor in self._vendors.items():
            if self._fetch[system] is not None and vendor not in READERS:
                known = nearest(vendor, list(READERS))
                raise MetadataError(f"how the {system.upper()} {vendor!r} tells its fields is not known here{known}")
        self._known: dict[tuple[str, str], Mapping[str, LiveField] | None] = {}

    def asks(self, system: System) -> bool:
        return self._fetch[system] is not None

    def fields(self, system: System, kind: str) -> Mapping[str, LiveField] | None:
        fetch = self._fetch[system]
        if fetch is None:
            raise MetadataError(f"the {system.upper()} was not given, so it cannot be asked for {kind!r}")
        if (system, kind) not in self._known:
            self._known[(system, kind)] = READERS[self._vendors[system]](fetch, kind)
        return self._known[(system, kind)]


def hubspot_fields(fetch: Fetch, kind: str) -> dict[str, LiveField] | None:
    status, body = fetch(f"/crm/v3/properties/{quote(kind, safe='')}")
    if status in (400, 404):
        return None
    rows = _answer("CRM", kind, status, body, "results")
    return {str(row["name"]): _property(row) for row in rows if isinstance(row, dict) and "name" in row}


def _property(row: Mapping[str, Any]) -> LiveField:
    kind = str(row.get("type", ""))
    choices = tuple(str(each.get("value")) for each in row.get("options") or ()) if kind == "enumeration" else ()
    locked = bool(row.get("calculated")) or bool((row.get("modificationMetadata") or {}).get("readOnlyValue"))
    return LiveField(str(row["name"]), kind, _HUBSPOT.get(kind, frozenset()), choices, read_only=locked)


def frappe_fields(fetch: Fetch, kind: str) -> dict[str, LiveField] | None:
    status, body = fetch(f"/api/method/frappe.desk.form.load.getdoctype?doctype={quote(kind)}")
    if status == 404:
        return None
    documents = _answer("ERP", kind, status, body, "docs")
    if not documents or not isinstance(documents[0], dict):
        return None
    found = {name: LiveField(name, type_, frozenset({type_}) | _types_of(type_), filled=True) for name, type_ in _COLUMNS.items()}
    for row in documents[0].get("fields") or ():
        if row.get("fieldname") and row.get("fieldtype") not in _LAYOUT:
            found[str(row["fieldname"])] = _doc_field(row)
    return found


def _types_of(type_: FieldType) -> frozenset[FieldType]:
    return _TEXTS if type_ == "text" else frozenset({type_})


def _doc_field(row: Mapping[str, Any]) -> LiveField:
    kind, options = str(row["fieldtype"]), str(row.get("options") or "")
    types = _TEXTS if kind in _FRAPPE_TEXTS else _FRAPPE.get(kind, frozenset())
    length = int(row.get("length") or 0) or (_VARCHAR if kind in _SHORT else None)
    listed = options.split("\n") if kind == "Select" else []
    filled = bool(row.get("default")) or bool(row.get("fetch_from")) or bool(row.get("read_only")) or bool(row.get("hidden"))
    first = bool(listed) and listed[0] != ""  # a Select without a default takes its first option
    return LiveField(
        str(row["fieldname"]),
        kind,
        types,
        tuple(each for each in listed if each),
        length if types == _TEXTS else None,
        bool(row.get("reqd")),
        bool(row.get("read_only")),
        filled or first,
        options if kind in _TABLES else "",
    )


def _answer(title: str, kind: str, status: int, body: Any, key: str) -> list[Any]:
    if status in (401, 403):
        raise MetadataError(f"the {title} refused the credentials when it was asked for the fields of {kind!r} (HTTP {status})")
    if status != 200:
        raise MetadataError(f"the {title} did not tell the fields of {kind!r}: HTTP {status}; try again later")
    rows = body.get(key) if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise MetadataError(f"the {title} answered something else than the fields of {kind!r}; is that address the vendor's API?")
    return rows


READERS: Final[dict[str, Callable[[Fetch, str], Mapping[str, LiveField] | None]]] = {
    "hubspot": hubspot_fields,
    "erpnext": frappe_fields,
}
