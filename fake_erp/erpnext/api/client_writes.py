"""`frappe.client.*` that write: POST and PUT only, `delete` DELETE too. Source: facts 2.8."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded
from fake_erp.erpnext.api.doc_methods import truth
from fake_erp.erpnext.api.files import attach_file
from fake_erp.erpnext.api.functions import WRITE, Function, function
from fake_erp.erpnext.api.requests import as_object
from fake_erp.erpnext.api.shapes import full
from fake_erp.erpnext.errors import Refused, python_error, throw
from fake_erp.erpnext.framework.meta import PARENTAGE, STANDARD, Doc
from fake_erp.erpnext.framework.rename import rename
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]
STANDARD_FIELDS = frozenset({*STANDARD, *PARENTAGE, "doctype"})
INSERTS_MAX = 200


def insert(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    return full(fake.site, _insert(fake, as_doc(args["doc"])))


def insert_many(fake: ErpNextFake, call: Call, args: Args) -> list[str]:
    """Names of all, or nothing of it: one transaction."""
    docs = as_object(args.get("docs"))
    if not isinstance(docs, list):
        raise python_error("TypeError", f"object of type '{type(docs).__name__}' has no len()")
    if len(docs) > INSERTS_MAX:
        raise throw(f"Only {INSERTS_MAX} inserts allowed in one request")
    return [str(_insert(fake, as_doc(doc))["name"]) for doc in docs]


def _insert(fake: ErpNextFake, doc: Doc) -> Doc:
    """A child row is appended to its parent, which is saved and returned."""
    meta = fake.site.meta(str(doc.get("doctype") or ""))
    if not meta.child:
        return guarded.insert(fake, meta.name, doc)
    return guarded.insert_row(fake, meta, doc)[0]


def save(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """The whole document as sent; one without a name is inserted."""
    doc = as_doc(args["doc"])
    if doc.get("__islocal") or not doc.get("name"):
        return full(fake.site, _insert(fake, doc))
    return full(fake.site, guarded.replace(fake, str(doc.get("doctype") or ""), doc))


def submit(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """The whole document as sent, submitted. A second time it is refused, because `modified` has moved [P11]."""
    doc = as_doc(args["doc"])
    if doc.get("__islocal") or not doc.get("name"):
        return full(fake.site, _insert(fake, {**doc, "docstatus": 1}))
    return full(fake.site, guarded.replace(fake, str(doc.get("doctype") or ""), doc, docstatus=1))


def cancel(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    return full(fake.site, guarded.update(fake, str(args["doctype"]), str(args["name"]), {"docstatus": 2}))


def delete(fake: ErpNextFake, call: Call, args: Args) -> None:
    guarded.delete(fake, str(args["doctype"]), str(args["name"]))


def set_value(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """One field or an object of fields; of a child row it saves and returns the parent."""
    values = _values(fake, args["fieldname"], args.get("value"))
    meta = fake.site.meta(str(args["doctype"]))
    if meta.child:
        return full(fake.site, guarded.update_row(fake, meta, str(args["name"]), values)[0])
    return full(fake.site, guarded.update(fake, meta.name, str(args["name"]), values))


def _values(fake: ErpNextFake, given: Any, value: Any) -> Doc:
    """A falsy value is the empty text, whatever it was [P50]. A standard field is refused when it is named alone; what happens to
    one inside an object changed in 2026."""
    if isinstance(given, str) and given in STANDARD_FIELDS:
        raise throw("Cannot edit standard fields")
    if isinstance(given, str) and not value:
        try:
            given = json.loads(given)
        except ValueError:
            return {given: ""}
    if isinstance(given, str):
        return {given: value}
    if not isinstance(given, dict):
        raise python_error("AttributeError", f"'{type(given).__name__}' object has no attribute 'items'")
    return _without_standard_fields(fake, given)


def _without_standard_fields(fake: ErpNextFake, values: Doc) -> Doc:
    how = fake.settings.set_value_in_objects
    if how == "accepted":
        return values
    if how == "rejected" and not STANDARD_FIELDS.isdisjoint(values):
        raise throw("Cannot edit standard fields")
    return {key: value for key, value in values.items() if key not in STANDARD_FIELDS}


def bulk_update(fake: ErpNextFake, call: Call, args: Args) -> dict[str, Any]:
    """Each item by itself: what fails is listed with its trace, and what it had written before it failed stays written."""
    if not isinstance(args["docs"], str):
        text = f"the JSON object must be str, bytes or bytearray, not {type(args['docs']).__name__}"
        raise python_error("TypeError", text)
    docs = as_object(args["docs"])
    failed = []
    for item in docs if isinstance(docs, list) else []:
        doc = as_doc(item)
        try:
            values = {key: value for key, value in doc.items() if key not in ("doctype", "docname")}
            guarded.update(fake, str(doc.get("doctype") or ""), str(doc.get("docname") or ""), values)
        except Refused as refused:
            fake.site.notices += refused.messages
            failed.append({"doc": doc, "exc": refused.trace})
    return {"failed_docs": failed}


def rename_doc(fake: ErpNextFake, call: Call, args: Args) -> str:
    """The name the document has now; with `merge` that of the one it became part of."""
    record = guarded.fetch(fake, str(args["doctype"]), str(args["old_name"]), "write")
    return rename(fake.site, record.kind, record.id, str(args["new_name"]), merge=truth(args.get("merge")))


def as_doc(value: Any) -> Doc:
    """A document given as an object or as JSON text. Raises Refused."""
    doc = as_object(value)
    if not isinstance(doc, dict):
        raise python_error("AttributeError", f"'{type(doc).__name__}' object has no attribute 'get'")
    return doc


METHODS: dict[str, Function] = {
    f"frappe.client.{name}": function(run, name, takes, verbs=frozenset({"POST", "DELETE"}) if name == "delete" else WRITE)
    for name, run, takes in (
        ("insert", insert, "doc"),
        ("insert_many", insert_many, ""),
        ("save", save, "doc"),
        ("submit", submit, "doc"),
        ("cancel", cancel, "doctype name"),
        ("delete", delete, "doctype name"),
        ("set_value", set_value, "doctype name fieldname"),
        ("bulk_update", bulk_update, "docs"),
        ("rename_doc", rename_doc, "doctype:str old_name:str new_name:str"),
        ("attach_file", attach_file, ""),
    )
}
