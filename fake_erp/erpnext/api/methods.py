"""`/api/method`: the functions that integrations call by their dotted path. Source: facts 1, 2.8, 4.3, 4.4.

A path that the vendor has and this fake has not answers 501 and names itself; one that nobody has answers as the vendor does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.sessions import GUEST
from fake_erp.erpnext.api.requests import arguments, as_object, required
from fake_erp.erpnext.api.rest import Answer, check_reader, meta_document, update_row
from fake_erp.erpnext.api.update_items import update_child_qty_rate
from fake_erp.erpnext.business.mapping import MAPPERS, get_payment_entry
from fake_erp.erpnext.business.sales_order import change_status
from fake_erp.erpnext.errors import Refused, not_modelled, not_whitelisted, throw
from fake_erp.erpnext.framework import documents
from fake_erp.erpnext.framework.meta import PARENTAGE, STANDARD, field_json
from fake_erp.erpnext.lists import query
from fake_erp.erpnext.lists.filters import parse_filters
from fake_erp.erpnext.wire import without_nulls
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Method = Callable[["ErpNextFake", Call, dict[str, Any]], Any]
FOR_GUESTS = frozenset({"ping", "login", "logout", "frappe.client.get_time_zone"})
WRITERS = frozenset({"insert", "save", "submit", "cancel", "delete", "set_value"})
READS = frozenset({"GET", "HEAD"})
# What the vendor's frappe.client has beyond the functions below.
CLIENT_NOT_MODELLED = frozenset(
    {
        "attach_file",
        "bulk_update",
        "get_doc_permissions",
        "get_password",
        "get_single_value",
        "has_permission",
        "insert_many",
        "rename_doc",
        "validate_link",
    }
)
STANDARD_FIELDS = frozenset({*STANDARD, *PARENTAGE, "doctype"})


def call_method(fake: ErpNextFake, call: Call) -> Answer:
    """Any verb. The result comes under `message`, or nothing at all when the function returns nothing."""
    path = call.params["method"].strip("/").split("/")[0]
    method = METHODS.get(path)
    if method is None:
        raise _unknown(path)
    if fake.site.user == GUEST and path not in FOR_GUESTS:
        raise not_whitelisted(path)
    if path.startswith("frappe.client.") and path.rpartition(".")[2] in WRITERS and call.method in READS:
        raise throw("Not permitted", "PermissionError", status=403)
    result = method(fake, call, arguments(call))
    if isinstance(result, Raw):
        return 200, result.body
    return 200, {} if result is None else {"message": result}


class Raw:
    """A body of its own instead of `message`."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body


def _unknown(path: str) -> Refused:
    module, _, name = path.rpartition(".")
    if module == "frappe.client" and name not in CLIENT_NOT_MODELLED:
        return throw(f"Failed to get method for command {path} with module 'frappe.client' has no attribute '{name}'")
    if path.startswith(("frappe.", "erpnext.")) or path in ("run_doc_method", "upload_file"):
        return not_modelled(path)
    app = path.split(".")[0]
    return throw(f"Failed to get method for command {path} with App {app} is not installed")


# -- who am I -----------------------------------------------------------------------------------------------------


def ping(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> str:
    return "pong"


def login(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> Raw:
    """A session cookie for Administrator. A wrong password is a 401 with a message of its own."""
    session = fake.access.log_in(str(args.get("usr") or ""), str(args.get("pwd") or ""))
    fake.cookie = f"sid={session}; HttpOnly; Path=/; SameSite=Lax"
    return Raw({"message": "Logged In", "home_page": "/app", "full_name": "Administrator"})


def logout(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> Raw:
    fake.access.log_out(call)
    return Raw({})


def get_logged_user(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> str:
    return fake.site.user


def get_time_zone(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, str]:
    return {"time_zone": fake.settings.time_zone}


def get_versions(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    def app(title: str, version: str) -> dict[str, str]:
        return {"title": title, "description": title, "version": version, "branch": "version-15"}

    settings = fake.settings
    return {"frappe": app("Frappe Framework", settings.versions[0]), "erpnext": app("ERPNext", settings.versions[1])}


# -- frappe.client ------------------------------------------------------------------------------------------------


def client_get(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    required(args, "get", "doctype")
    return dict(fake.site.fetch(str(args["doctype"]), _name_of(fake, args)).fields)


def client_get_list(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> list[Any]:
    required(args, "get_list", "doctype")
    check_reader(fake.site, str(args["doctype"]))
    return list(query.run(fake.site, str(args["doctype"]), query.list_query(args, limit_alias=False)))


def client_get_count(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> int:
    required(args, "get_count", "doctype")
    return query.count(fake.site, str(args["doctype"]), parse_filters(as_object(args.get("filters"))))


def client_get_value(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    required(args, "get_value", "doctype", "fieldname")
    names = as_object(args["fieldname"]) if str(args["fieldname"]).startswith("[") else args["fieldname"]
    fields = names if isinstance(names, list) else [str(names)]
    filters = _filters_of(args)
    rows = query.run(fake.site, str(args["doctype"]), query.ListQuery(fields=fields, filters=parse_filters(filters), limit=1))
    return rows[0] if rows else {}


def client_insert(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    doc = _doc(args, "insert")
    return documents.insert(fake.site, str(doc.get("doctype") or ""), doc)


def client_save(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    doc = _doc(args, "save")
    return documents.replace(fake.site, str(doc.get("doctype") or ""), doc)


def client_submit(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    doc = _doc(args, "submit")
    return documents.replace(fake.site, str(doc.get("doctype") or ""), doc, docstatus=1)


def client_cancel(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    required(args, "cancel", "doctype", "name")
    return documents.update(fake.site, str(args["doctype"]), str(args["name"]), {"docstatus": 2})


def client_delete(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> None:
    required(args, "delete", "doctype", "name")
    documents.delete(fake.site, str(args["doctype"]), str(args["name"]))


def client_set_value(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    """`fieldname` is a name or an object of values; a falsy value of a name is stored as "" [P50].

    Standard fields are refused by name only: inside an object v15 lets them pass, and the save overwrites them.
    """
    required(args, "set_value", "doctype", "name", "fieldname")
    given = as_object(args["fieldname"]) if str(args["fieldname"]).startswith("{") else args["fieldname"]
    if isinstance(given, str) and given in STANDARD_FIELDS:
        raise throw("Cannot edit standard fields")
    values = given if isinstance(given, dict) else {str(given): args.get("value") or ""}
    meta = fake.site.meta(str(args["doctype"]))
    if meta.child:
        return update_row(fake.site, meta, str(args["name"]), values)
    return documents.update(fake.site, meta.name, str(args["name"]), values)


def _doc(args: dict[str, Any], function: str) -> dict[str, Any]:
    required(args, function, "doc")
    doc = as_object(args["doc"])
    if not isinstance(doc, dict):
        raise throw("Invalid request arguments")
    return doc


def _filters_of(args: dict[str, Any]) -> Any:
    filters = args.get("filters")
    if isinstance(filters, str) and filters and filters.lstrip()[0] not in "[{":
        return {"name": filters}
    return as_object(filters)


def _name_of(fake: ErpNextFake, args: dict[str, Any]) -> str:
    if args.get("name"):
        return str(args["name"])
    found = query.run(fake.site, str(args["doctype"]), query.ListQuery(filters=parse_filters(_filters_of(args)), limit=1))
    return str(found[0]["name"]) if found else ""


# -- mapping and status -------------------------------------------------------------------------------------------


def _mapper(path: str) -> Method:
    def method(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
        required(args, path.rpartition(".")[2], "source_name")
        return _proposal(MAPPERS[path](fake.site, str(args["source_name"])))

    return method


def make_mapped_doc(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    required(args, "make_mapped_doc", "method", "source_name")
    mapper = MAPPERS.get(str(args["method"]))
    if mapper is None:
        raise _unknown(str(args["method"]))
    return _proposal(mapper(fake.site, str(args["source_name"])))


def payment_entry(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> dict[str, Any]:
    required(args, "get_payment_entry", "dt", "dn")
    return _proposal(get_payment_entry(fake.site, str(args["dt"]), str(args["dn"])))


def _proposal(doc: dict[str, Any]) -> dict[str, Any]:
    rows = {key: [without_nulls(row) for row in value] for key, value in doc.items() if isinstance(value, list)}
    return {**without_nulls(doc), **rows}


def update_status(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> None:
    """Close, hold or (with `Draft`) reopen a submitted order. Source: facts 4.3."""
    required(args, "update_status", "status", "name")
    change_status(fake.site, str(args["name"]), str(args["status"]))


def getdoctype(fake: ErpNextFake, call: Call, args: dict[str, Any]) -> Raw:
    """A DocType and its tables, custom fields merged in."""
    required(args, "getdoctype", "doctype")
    meta = fake.site.meta(str(args["doctype"]))
    docs = []
    for each in (meta, *(fake.site.meta(name) for name in dict.fromkeys(meta.tables.values()))):
        fields = [without_nulls(field_json(position, f)) for position, f in enumerate(each.fields.values(), start=1)]
        docs.append({**meta_document(each), "fields": fields})
    return Raw({"docs": docs, "user_settings": "{}"})


METHODS: dict[str, Method] = {
    "ping": ping,
    "login": login,
    "logout": logout,
    "frappe.auth.get_logged_user": get_logged_user,
    "frappe.client.get_time_zone": get_time_zone,
    "frappe.utils.change_log.get_versions": get_versions,
    "frappe.client.get": client_get,
    "frappe.client.get_list": client_get_list,
    "frappe.client.get_count": client_get_count,
    "frappe.client.get_value": client_get_value,
    "frappe.client.insert": client_insert,
    "frappe.client.save": client_save,
    "frappe.client.submit": client_submit,
    "frappe.client.cancel": client_cancel,
    "frappe.client.delete": client_delete,
    "frappe.client.set_value": client_set_value,
    "frappe.model.mapper.make_mapped_doc": make_mapped_doc,
    "frappe.desk.form.load.getdoctype": getdoctype,
    "erpnext.selling.doctype.sales_order.sales_order.update_status": update_status,
    "erpnext.controllers.accounts_controller.update_child_qty_rate": update_child_qty_rate,
    "erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry": payment_entry,
    **{path: _mapper(path) for path in MAPPERS},
}
