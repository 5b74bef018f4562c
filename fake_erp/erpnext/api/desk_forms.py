"""What the forms of the desk call: loading, saving, cancelling, methods of documents. Source: facts 2.8, 3.2, 3.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded
from fake_erp.erpnext.api.client_writes import as_doc
from fake_erp.erpnext.api.doc_methods import NoSuchMethod, run_method
from fake_erp.erpnext.api.functions import Function, Raw, function
from fake_erp.erpnext.api.requests import as_object, required
from fake_erp.erpnext.api.shapes import full, merged_meta, shown
from fake_erp.erpnext.errors import Refused, notice, python_error, throw
from fake_erp.erpnext.framework.documents import check_not_stale
from fake_erp.erpnext.framework.meta import Doc
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]
_DOCSTATUS = {"Save": 0, "Submit": 1, "Update": 1, "Cancel": 2}
_SAID = {"Save": "Saved", "Submit": "Submitted", "Update": "Updated", "Cancel": "Cancelled"}


def getdoctype(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """A DocType and its tables, custom fields merged in."""
    meta = fake.site.meta(str(args["doctype"]))
    docs = [merged_meta(each) for each in (meta, *(fake.site.meta(name) for name in dict.fromkeys(meta.tables.values())))]
    return Raw({"docs": docs, "user_settings": "{}"})


def getdoc(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """The document and what stands around its form; an unknown name is an empty list and a 200."""
    meta = fake.site.meta(str(args["doctype"]))
    record = fake.site.find(meta.name, str(args["name"]))
    if record is None:
        return Raw({"message": []})
    if not fake.permissions.may(meta.name, "read", record.fields):
        raise Refused(403, "PermissionError", f"('{meta.name}', 'read', '{record.id}')")
    return Raw(_form(fake, record.fields))


def savedocs(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """Save, submit, update or cancel a whole document, which must carry the current `modified`; one with `__islocal` is new."""
    doc, action = as_doc(args["doc"]), str(args["action"])
    if action not in _DOCSTATUS:
        raise python_error("KeyError", f"'{action}'")
    doctype, docstatus = str(doc.get("doctype") or ""), _DOCSTATUS[action]
    if doc.get("__islocal") or not doc.get("name"):
        saved = guarded.insert(fake, doctype, {**doc, "docstatus": docstatus})
        saved = {**saved, "localname": doc["name"]} if doc.get("name") else saved
    else:
        saved = guarded.replace(fake, doctype, doc, docstatus=docstatus)
    fake.site.notices.append(notice(_SAID[action], indicator="green", alert=True))
    return Raw(_form(fake, saved))


def form_cancel(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    doc = guarded.update(fake, str(args["doctype"]), str(args["name"]), {"docstatus": 2})
    fake.site.notices.append(notice("Cancelled", indicator="red", alert=True))
    return Raw(_form(fake, doc))


def run_doc_method(fake: ErpNextFake, call: Call, args: Args) -> Raw:
    """A method of a stored document (`dt`, `dn`) or of one that is sent (`docs`), which must be the latest."""
    required(args, "run_doc_method", "method")
    doctype, name = str(args.get("dt") or ""), str(args.get("dn") or args.get("dt") or "")
    if not doctype:
        sent = as_doc(args.get("docs"))
        doctype, name = str(sent.get("doctype") or ""), str(sent.get("name") or "")
        check_not_stale(fake.site, fake.site.fetch(doctype, name), sent.get("modified") or "")
    record = guarded.fetch(fake, doctype, name)
    given = as_object(args.get("args") or args.get("arg") or {})
    try:
        result = run_method(fake, record.kind, record.id, str(args["method"]), given if isinstance(given, dict) else {})
    except NoSuchMethod:
        text = f"'{record.kind.replace(' ', '')}' object has no attribute '{args['method']}'"
        raise python_error("AttributeError", text) from None
    after = fake.site.find(record.kind, record.id) or record
    body: dict[str, Any] = {"docs": [shown(fake.site, after.fields)]}
    return Raw(body if result is None else {**body, "message": result})


def apply_workflow(fake: ErpNextFake, call: Call, args: Args) -> None:
    """No site of ours has workflows; that this is a 417 is our guess."""
    doc = as_doc(args["doc"])
    meta = fake.site.meta(str(doc.get("doctype") or ""))
    raise throw(f"Workflow not found for {meta.name}")


def _form(fake: ErpNextFake, fields: Doc) -> dict[str, Any]:
    return {"docs": [full(fake.site, fields)], "docinfo": docinfo(fake, fields)}


def docinfo(fake: ErpNextFake, fields: Doc) -> dict[str, Any]:
    """What the desk shows around a form: comments and attachments are real, the rest is empty."""
    site, doctype, name = fake.site, str(fields["doctype"]), str(fields["name"])

    def around(kind: str, type_field: str, name_field: str) -> list[Doc]:
        found = (r.fields for r in site.store.all(kind) if r.fields[type_field] == doctype and r.fields[name_field] == name)
        return [shown(fake.site, each) for each in found]

    comments = around("Comment", "reference_doctype", "reference_name")
    return {
        "doctype": doctype,
        "name": name,
        "attachments": around("File", "attached_to_doctype", "attached_to_name"),
        "communications": [],
        "comments": comments,
        "total_comments": len(comments),
        "versions": [],
        "assignments": [],
        "permissions": fake.permissions.rights(doctype, fields),
        "shared": [],
        "views": [],
        "milestones": [],
        "is_document_followed": None,
        "tags": "",
        "user_info": {},
    }


_FORM = "frappe.desk.form"
METHODS: dict[str, Function] = {
    f"{_FORM}.load.getdoctype": function(getdoctype, "getdoctype", "doctype"),
    f"{_FORM}.load.getdoc": function(getdoc, "getdoc", "doctype name"),
    f"{_FORM}.save.savedocs": function(savedocs, "savedocs", "doc action"),
    f"{_FORM}.save.cancel": function(form_cancel, "cancel", "doctype name"),
    "run_doc_method": function(run_doc_method, "run_doc_method", ""),
    "frappe.model.workflow.apply_workflow": function(apply_workflow, "apply_workflow", "doc action"),
}
