"""`frappe.client.*` that read. Source: facts 2.8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded, listing
from fake_erp.erpnext.api.functions import Function, function
from fake_erp.erpnext.api.requests import as_object
from fake_erp.erpnext.api.shapes import full, meta_document
from fake_erp.erpnext.api.singles import single_value
from fake_erp.erpnext.errors import not_found, throw
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.lists import query
from fake_erp.erpnext.lists.filters import parse_filters
from fake_erp.erpnext.lists.schema import meta_of
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]


def get(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """One document with its nulls, by name or by filters. A DocType is a document too."""
    if str(args["doctype"]).casefold() == "doctype":
        fake.permissions.check_list("DocType")
        return meta_document(fake.site.meta(str(args.get("name") or "")))
    meta = fake.site.meta(str(args["doctype"]))
    if meta.child:
        listing.check(fake, meta, str(args.get("parent") or ""))
        return full(fake.site, guarded.row(fake, meta, _name(fake, meta, args)))
    return full(fake.site, guarded.fetch(fake, meta.name, _name(fake, meta, args)).fields)


def get_list(fake: ErpNextFake, call: Call, args: Args) -> list[Any]:
    """As the list of a resource, but `limit` is not known here."""
    rows = listing.rows(fake, str(args["doctype"]), args, limit_alias=False)
    as_lists = str(args.get("as_dict", "true")).lower() in ("false", "0")
    return [list(row.values()) for row in rows] if as_lists else list(rows)


def get_count(fake: ErpNextFake, call: Call, args: Args) -> int:
    return listing.count(fake, str(args["doctype"]), as_object(args.get("filters")))


def get_value(fake: ErpNextFake, call: Call, args: Args) -> Any:
    """`{field: value}` of the first match, or `{}`."""
    meta = meta_of(fake.site, str(args["doctype"]))
    if meta.child:
        listing.check(fake, meta, str(args.get("parent") or ""))
    elif not fake.permissions.may(meta.name, "read"):
        raise throw(f"No permission for {meta.name}", "PermissionError", status=403)
    names = as_object(args["fieldname"]) if str(args["fieldname"]).startswith("[") else args["fieldname"]
    fields = [str(name) for name in names] if isinstance(names, list) else [str(names)]
    wanted = query.ListQuery(fields=fields, filters=parse_filters(_filters(args)), limit=1, parent=str(args.get("parent") or ""))
    rows = listing.run(fake, meta, wanted)
    return rows[0] if rows else {}


def get_single_value(fake: ErpNextFake, call: Call, args: Args) -> Any:
    return single_value(fake, str(args["doctype"]), str(args["field"]))


def has_permission(fake: ErpNextFake, call: Call, args: Args) -> dict[str, bool]:
    record = fake.site.fetch(str(args["doctype"]), str(args["docname"]))
    right = str(args.get("perm_type") or "read").lower()
    return {"has_permission": fake.permissions.may(record.kind, right, record.fields)}


def get_doc_permissions(fake: ErpNextFake, call: Call, args: Args) -> dict[str, Any]:
    record = fake.site.fetch(str(args["doctype"]), str(args["docname"]))
    return {"permissions": fake.permissions.rights(record.kind, record.fields)}


def validate_link(fake: ErpNextFake, call: Call, args: Args) -> dict[str, Any]:
    """`{"name": …}` in its canonical case and the wanted fields, or `{}` for a link that leads nowhere."""
    meta = fake.site.meta(args["doctype"])
    if not fake.permissions.may(meta.name, "read"):
        raise throw(f"You do not have Read or Select Permissions for {meta.name}", "PermissionError", "Not Permitted", status=403)
    record = fake.site.find(meta.name, args["docname"])
    if record is None:
        return {}
    wanted = as_object(args.get("fields")) or []
    return {"name": record.id, **{str(name): record.fields.get(str(name)) for name in wanted if isinstance(wanted, list)}}


def get_time_zone(fake: ErpNextFake, call: Call, args: Args) -> dict[str, str]:
    return {"time_zone": fake.settings.time_zone}


def _name(fake: ErpNextFake, meta: DocType, args: Args) -> str:
    """Raises Refused (404) when the filters find nothing."""
    if args.get("name"):
        return str(args["name"])
    wanted = query.ListQuery(filters=parse_filters(_filters(args)), limit=1, parent=str(args.get("parent") or ""))
    rows = listing.run(fake, meta, wanted)
    if not rows:
        raise not_found(meta.name, "")
    return str(rows[0]["name"])


def _filters(args: Args) -> Any:
    """A dictionary, JSON text, or a name."""
    filters = args.get("filters")
    if isinstance(filters, str) and filters and filters.lstrip()[0] not in "[{":
        return {"name": filters}
    return as_object(filters)


METHODS: dict[str, Function] = {
    f"frappe.client.{name}": function(run, name, takes, guest=name == "get_time_zone")
    for name, run, takes in (
        ("get", get, "doctype"),
        ("get_list", get_list, "doctype"),
        ("get_count", get_count, "doctype"),
        ("get_value", get_value, "doctype fieldname"),
        ("get_single_value", get_single_value, "doctype field"),
        ("has_permission", has_permission, "doctype docname"),
        ("get_doc_permissions", get_doc_permissions, "doctype docname"),
        ("validate_link", validate_link, "doctype:str docname:str"),
        ("validate_link_and_fetch", validate_link, "doctype:str docname:str"),
        ("get_time_zone", get_time_zone, ""),
    )
}
