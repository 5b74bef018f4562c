"""`/api/resource`: documents by DocType and name. Source: facts 2.2 to 2.7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded, listing
from fake_erp.erpnext.api.doc_methods import NoSuchMethod, run_method, truth
from fake_erp.erpnext.api.html import not_found_page
from fake_erp.erpnext.api.requests import arguments, document
from fake_erp.erpnext.api.shapes import as_created, as_read, meta_document
from fake_erp.erpnext.errors import python_error
from fake_erp.erpnext.lists.debug import debug_messages
from fake_erp.erpnext.lists.query import list_query
from harness.kit.call import Call, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Answer = tuple[int, dict[str, Any]] | Reply


def list_documents(fake: ErpNextFake, call: Call) -> Answer:
    """GET: rows with exactly the asked columns, nulls included; 20 unless told otherwise [P2]. `debug` shows the statement."""
    doctype, args = call.params["doctype"], arguments(call)
    rows = listing.rows(fake, doctype, args, limit_alias=True)
    as_lists = str(args.get("as_dict", "true")).lower() in ("false", "0")
    body: dict[str, Any] = {"data": [list(row.values()) for row in rows] if as_lists else rows}
    if truth(args.get("debug")):
        body["_debug_messages"] = debug_messages(doctype, list_query(args, limit_alias=True))
    return 200, body


def create_document(fake: ErpNextFake, call: Call) -> Answer:
    """POST: 200, not 201 [P29]; `docstatus: 1` submits in the same transaction."""
    meta = fake.site.meta(call.params["doctype"])
    if meta.child:
        return 200, {"data": as_created(fake, guarded.insert_row(fake, meta, document(call))[1])}
    return 200, {"data": as_created(fake, guarded.insert(fake, meta.name, document(call)))}


def read_document(fake: ErpNextFake, call: Call) -> Answer:
    """GET: parent and child rows, nulls left out [P8]. With `run_method` it calls a method, and keeps nothing of it [P22]."""
    site, doctype, name = fake.site, call.params["doctype"], call.params["id"]
    method = call.query_dict().get("run_method") if call.query else None
    if method:
        return called(fake, doctype, name, method, dict(call.query_dict()))
    if doctype.casefold() == "doctype":
        fake.permissions.check_list("DocType")
        return 200, {"data": meta_document(site.meta(name))}
    meta = site.meta(doctype)
    if meta.child:
        return 200, {"data": as_read(fake, guarded.row(fake, meta, name))}
    return 200, {"data": as_read(fake, guarded.fetch(fake, meta.name, name).fields)}


def act_on_document(fake: ErpNextFake, call: Call) -> Answer:
    """POST to a document: `run_method` in body or query; without it, or with a JSON body that hides the query [P57], the vendor
    stumbles over a KeyError."""
    args = arguments(call)
    method = args.get("run_method")
    if not method:
        raise python_error("KeyError", "'run_method'")
    return called(fake, call.params["doctype"], call.params["id"], str(method), args)


def called(fake: ErpNextFake, doctype: str, name: str, method: str, args: dict[str, Any]) -> Answer:
    """What a method of a document returns; a page when it has no such method."""
    record = guarded.fetch(fake, doctype, name)
    try:
        result = run_method(fake, record.kind, record.id, method, args)
    except NoSuchMethod:
        return not_found_page()
    return 200, {} if result is None else {"data": result}


def update_document(fake: ErpNextFake, call: Call) -> Answer:
    """PUT: only given keys change; a table given replaces the table [P5]."""
    doctype, name = call.params["doctype"], call.params["id"]
    meta = fake.site.meta(doctype)
    if meta.child:
        return 200, {"data": as_read(fake, guarded.update_row(fake, meta, name, document(call))[1])}
    return 200, {"data": as_read(fake, guarded.update(fake, doctype, name, document(call)))}


def delete_document(fake: ErpNextFake, call: Call) -> Answer:
    """DELETE: 202 [P29]; the word that says so moved from `message` to `data` with version 15."""
    guarded.delete(fake, call.params["doctype"], call.params["id"])
    return 202, {"message" if fake.settings.version < 15 else "data": "ok"}
