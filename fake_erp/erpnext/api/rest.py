"""`/api/resource`: documents by DocType and name. Source: facts 2.2 to 2.7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.sessions import GUEST
from fake_erp.erpnext.api.requests import arguments, document
from fake_erp.erpnext.errors import no_permission, not_found, not_modelled, not_whitelisted, python_error
from fake_erp.erpnext.framework import documents
from fake_erp.erpnext.framework.meta import Doc, DocType, field_json
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.lists import query
from fake_erp.erpnext.wire import without_nulls
from harness.kit.call import Call
from harness.kit.records import Record

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

SECRETS = frozenset({"webhook_secret", "api_secret", "password"})
Answer = tuple[int, dict[str, Any]]


def list_documents(fake: ErpNextFake, call: Call) -> Answer:
    """GET: rows with exactly the asked columns, nulls included; 20 unless told otherwise [P2]."""
    site, doctype = fake.site, call.params["doctype"]
    check_reader(site, doctype)
    args = arguments(call)
    if doctype.casefold() == "doctype":
        return 200, {"data": [{"name": name} for name in sorted(site.doctypes)]}
    rows = query.run(site, doctype, query.list_query(args, limit_alias=True))
    if str(args.get("as_dict", "true")).lower() in ("false", "0"):
        return 200, {"data": [list(row.values()) for row in rows]}
    return 200, {"data": [masked(row) for row in rows]}


def create_document(fake: ErpNextFake, call: Call) -> Answer:
    """POST: 200, not 201 [P29]; `docstatus: 1` submits in the same transaction."""
    check_reader(fake.site, call.params["doctype"])
    return 200, {"data": shown(documents.insert(fake.site, call.params["doctype"], document(call)))}


def read_document(fake: ErpNextFake, call: Call) -> Answer:
    """GET: parent and child rows, nulls left out [P8]."""
    site, doctype = fake.site, call.params["doctype"]
    check_reader(site, doctype)
    if doctype.casefold() == "doctype":
        return 200, {"data": meta_document(site.meta(call.params["id"]))}
    method = call.query_dict().get("run_method") if call.query else None
    if method:
        return 200, {"data": run_method(site, doctype, call.params["id"], method)}
    meta = site.meta(doctype)
    if meta.child:
        return 200, {"data": shown(_row(site, meta, call.params["id"]))}
    return 200, {"data": shown(site.fetch(meta.name, call.params["id"]).fields)}


def act_on_document(fake: ErpNextFake, call: Call) -> Answer:
    """POST to a document: `run_method` in body or query; without it the vendor stumbles over a KeyError."""
    site = fake.site
    check_reader(site, call.params["doctype"])
    method = arguments(call).get("run_method")
    if not method:
        raise python_error("KeyError", "'run_method'")
    return 200, {"data": run_method(site, call.params["doctype"], call.params["id"], str(method))}


def update_document(fake: ErpNextFake, call: Call) -> Answer:
    """PUT: only given keys change; a table given replaces the table [P5]."""
    site, doctype, name = fake.site, call.params["doctype"], call.params["id"]
    check_reader(site, doctype)
    meta = site.meta(doctype)
    if meta.child:
        return 200, {"data": shown(update_row(site, meta, name, document(call)))}
    return 200, {"data": shown(documents.update(site, doctype, name, document(call)))}


def delete_document(fake: ErpNextFake, call: Call) -> Answer:
    check_reader(fake.site, call.params["doctype"])
    documents.delete(fake.site, call.params["doctype"], call.params["id"])
    return 202, {"data": "ok"}


def run_method(site: Site, doctype: str, name: str, method: str) -> Doc:
    """`submit` and `cancel` are whitelisted on every document, and two more that are not modelled."""
    wanted = {"submit": 1, "cancel": 2}.get(method)
    if method in ("rename", "add_comment"):
        raise not_modelled(f"run_method {method}")
    if wanted is None:
        raise not_whitelisted(f"{doctype}.{method}")
    return shown(documents.update(site, doctype, name, {"docstatus": wanted}))


def second_version(fake: ErpNextFake, call: Call) -> Answer:
    raise not_modelled(call.path)


def check_reader(site: Site, doctype: str) -> None:
    """Raises Refused (403) for Guest; every other user of this fake has the roles of quote-to-cash."""
    if site.user == GUEST:
        raise no_permission(GUEST, doctype, f"No permission for {doctype}")


def shown(fields: Mapping[str, Any]) -> Doc:
    """A stored document as single reads show it; its rows are stored without nulls."""
    return masked(without_nulls(fields))


def masked(row: Doc) -> Doc:
    """Password fields come back as stars."""
    for key in SECRETS & row.keys():
        if row[key]:
            row[key] = "*" * len(str(row[key]))
    return row


def meta_document(meta: DocType) -> Doc:
    """A DocType as a document: standard fields only, custom ones are told by `getdoctype`."""
    fields = [field_json(position, f) for position, f in enumerate((f for f in meta.fields.values() if not f.custom), start=1)]
    return {
        "name": meta.name,
        "doctype": "DocType",
        "istable": int(meta.child),
        "is_submittable": int(meta.submittable),
        "title_field": meta.title_field or None,
        "fields": [without_nulls(f) for f in fields],
    }


def update_row(site: Site, child: DocType, name: str, values: Mapping[str, Any]) -> Doc:
    """A child row addressed by itself: the row is changed and its parent saved, totals and all [P10]."""
    record, table = _holder(site, child, name)
    rows = record.fields[table]
    changed = [{**row, **values, "name": row["name"]} if row["name"] == name else row for row in rows]
    doc = documents.update(site, record.kind, record.id, {table: changed})
    return next(row for row in doc[table] if row["name"] == name)


def _row(site: Site, child: DocType, name: str) -> Doc:
    record, table = _holder(site, child, name)
    return next(row for row in record.fields[table] if row["name"] == name)


def _holder(site: Site, child: DocType, name: str) -> tuple[Record, str]:
    """The document that has this row, and the table it is in. Raises Refused (404)."""
    for meta in site.doctypes.values():
        for table in (table for table, kind in meta.tables.items() if kind == child.name):
            for record in site.store.all(meta.name):
                if any(row["name"] == name for row in record.fields.get(table) or ()):
                    return record, table
    raise not_found(child.name, name)
