"""`/api/v2`: the same documents and functions behind other paths and another envelope. Source: facts 2.9; absent in version 14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded, listing
from fake_erp.erpnext.api.methods import METHODS, execute
from fake_erp.erpnext.api.requests import arguments, as_object, document
from fake_erp.erpnext.api.rest import Answer, called, update_document
from fake_erp.erpnext.api.shapes import as_created, as_read, merged_meta, meta_document
from fake_erp.erpnext.errors import not_whitelisted
from fake_erp.erpnext.framework.meta import STANDARD
from fake_erp.erpnext.lists import query
from fake_erp.erpnext.lists.schema import meta_of
from fake_erp.erpnext.wire import without_nulls
from harness.kit.call import Call
from harness.kit.routing import Route

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

VERBS = ("GET", "POST", "PUT", "DELETE")
_METHOD = "/method/"


def routes() -> list[Route]:
    one = "/api/v2/document/{doctype}/{id:path}"
    return [
        Route("GET", "/api/v2/document/{doctype}", list_documents, "list"),
        Route("POST", "/api/v2/document/{doctype}", create_document, "create"),
        Route("GET", one, read_document, "read"),
        Route("POST", one, act_on_document, "run_method_of"),
        Route("PUT", one, update_document, "update"),
        Route("PATCH", one, update_document, "update"),
        Route("DELETE", one, delete_document, "delete"),
        Route("GET", "/api/v2/doctype/{doctype}/meta", read_meta, "meta_of"),
        Route("GET", "/api/v2/doctype/{doctype}/count", count_documents, "count"),
        *(Route(verb, "/api/v2/method/{method:path}", call_method, "call") for verb in VERBS),
    ]


def list_documents(fake: ErpNextFake, call: Call) -> Answer:
    """GET: `limit` is the page's size here, `limit_page_length` is not read. Version 16 says whether there is more."""
    args = {key: value for key, value in arguments(call).items() if key != "limit_page_length"}
    if fake.settings.version < 16:
        return 200, {"data": listing.rows(fake, call.params["doctype"], args, limit_alias=True)}
    meta = meta_of(fake.site, call.params["doctype"])
    listing.check(fake, meta, str(args.get("parent") or ""))
    wanted = query.list_query(args, limit_alias=True)
    size = wanted.limit
    wanted.limit = size + 1 if size else 0
    rows = listing.run(fake, meta, wanted)
    return 200, {"data": rows[:size] if size else rows, "has_next_page": bool(size) and len(rows) > size}


def create_document(fake: ErpNextFake, call: Call) -> Answer:
    return 200, {"data": as_created(fake, guarded.insert(fake, call.params["doctype"], document(call)))}


def read_document(fake: ErpNextFake, call: Call) -> Answer:
    """GET: the document, or the result of a method whose writes are not kept [P22]; in version 16 a copy to be inserted."""
    site, doctype, name = fake.site, call.params["doctype"], call.params["id"]
    if _METHOD in name:
        return _called(fake, call)
    if fake.settings.version >= 16 and name.endswith("/copy"):
        return 200, {"data": _copy(fake, doctype, name.removesuffix("/copy"))}
    if doctype.casefold() == "doctype":
        fake.permissions.check_list("DocType")
        return 200, {"data": meta_document(site.meta(name))}
    meta = site.meta(doctype)
    fields = guarded.row(fake, meta, name) if meta.child else guarded.fetch(fake, meta.name, name).fields
    return 200, {"data": as_read(fake, fields)}


def act_on_document(fake: ErpNextFake, call: Call) -> Answer:
    """POST to `…/method/<m>`; to a document itself there is no such verb."""
    if _METHOD not in call.params["id"]:
        return fake.wrong_method(call, ["DELETE", "GET", "PATCH", "PUT"])
    return _called(fake, call)


def _called(fake: ErpNextFake, call: Call) -> Answer:
    name, _, method = call.params["id"].rpartition(_METHOD)
    return called(fake, call.params["doctype"], name, method.strip("/"), arguments(call))


def delete_document(fake: ErpNextFake, call: Call) -> Answer:
    guarded.delete(fake, call.params["doctype"], call.params["id"])
    return 202, {"data": "ok"}


def read_meta(fake: ErpNextFake, call: Call) -> Answer:
    """Custom fields are in, unlike in the DocType as a document. For everybody with the right to read the documents."""
    meta = fake.site.meta(call.params["doctype"])
    if not meta.child:
        fake.permissions.check_list(meta.name)
    return 200, {"data": merged_meta(meta)}


def count_documents(fake: ErpNextFake, call: Call) -> Answer:
    """An integer. The right to read is asked for, rows are not hidden before version 16 (our guess: as `get_count`)."""
    fake.permissions.check_list(meta_of(fake.site, call.params["doctype"]).name)
    return 200, {"data": listing.count(fake, call.params["doctype"], as_object(arguments(call).get("filters")))}


def call_method(fake: ErpNextFake, call: Call) -> Answer:
    """A function by its path, or by its DocType and name: `Sales Order/make_delivery_note`."""
    segments = call.params["method"].strip("/").split("/")
    path = segments[0]
    if len(segments) > 1 and segments[0] in fake.site.doctypes:
        slug = segments[0].lower().replace(" ", "_").replace("-", "_")
        ending = f".doctype.{slug}.{slug}.{segments[1]}"
        path = next((known for known in METHODS if known.endswith(ending)), "")
        if not path:
            raise not_whitelisted(f"{segments[0]}.{segments[1]}")
    body = execute(fake, call, path, arguments(call))
    if isinstance(body, dict) and path != "login":
        body = {"data" if key == "message" else key: value for key, value in body.items()}
    return body if not isinstance(body, dict) else (200, body)


def _copy(fake: ErpNextFake, doctype: str, name: str) -> dict[str, Any]:
    """The document without what belongs to the original: names, dates, and fields that are not copied."""
    record = guarded.fetch(fake, doctype, name)
    meta = fake.site.doctypes[record.kind]
    drop = {*STANDARD, *(f.fieldname for f in meta.fields.values() if "nocopy" in f.flags)}
    copy = {key: value for key, value in without_nulls(record.fields).items() if key not in drop and key not in meta.tables}
    for table, child in meta.tables.items():
        child_drop = {*STANDARD, "parent", *(f.fieldname for f in fake.site.doctypes[child].fields.values() if "nocopy" in f.flags)}
        copy[table] = [
            {key: value for key, value in row.items() if key not in child_drop} for row in record.fields.get(table) or ()
        ]
    return {**copy, "docstatus": 0, "__islocal": 1, "__unsaved": 1}
