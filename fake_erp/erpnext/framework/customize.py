"""Custom Field and Webhook: what an administrator adds to the site's schema and its events. Source: facts 3.10 and 6.1."""

from __future__ import annotations

import re

from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.events.conditions import BadCondition, parse_condition
from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc, custom_field
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import fold
from harness.kit.records import UniqueConflict

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_FIELDNAME = re.compile(r"^[a-z][a-z0-9_]*$")
_FOR_SUBMITTABLE = ("on_submit", "on_cancel", "on_update_after_submit")


class CustomFieldController(Controller):
    def autoname(self, site: Site, doc: Doc) -> str | None:
        if not doc.get("fieldname"):
            if not doc.get("label"):
                raise throw("Label is mandatory")
            doc["fieldname"] = "custom_" + _NOT_WORD.sub("_", doc["label"].strip().lower()).strip("_")
        doc["fieldname"] = doc["fieldname"].lower()
        if not _FIELDNAME.match(doc["fieldname"]):
            raise throw(f"Fieldname {doc['fieldname']} cannot have special characters")
        dt = doc.get("dt") or ""
        if doc["fieldname"] in site.meta(dt).fields:
            raise throw(f"A field with the name <strong>{doc['fieldname']}</strong> already exists in {dt}")
        return f"{dt}-{doc['fieldname']}"

    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        if doc.get("fieldtype") in ("Table", "Table MultiSelect"):
            raise throw("Custom tables: Not supported by fake")
        if not doc.get("label"):
            doc["label"] = doc["fieldname"].removeprefix("custom_").replace("_", " ").title()

    def on_update(self, site: Site, doc: Doc) -> None:
        install(site, doc)

    def on_trash(self, site: Site, doc: Doc) -> None:
        uninstall(site, doc["dt"], doc["fieldname"])


def install(site: Site, values: Doc) -> None:
    """Make the column known. Raises Refused when a unique column would hold duplicates."""
    meta = site.meta(values["dt"])
    f = custom_field(values)
    meta.fields[f.fieldname] = f
    if "unique" in f.flags:
        try:
            site.store.define(meta.name, unique={f.fieldname: fold})
        except UniqueConflict as conflict:
            del meta.fields[f.fieldname]
            raise throw(
                f"Cannot make {f.label} unique: Duplicate entry '{conflict.value}' for key '{f.fieldname}'", "UniqueValidationError"
            ) from None
    elif site.store.is_unique(meta.name, f.fieldname):
        site.store.drop_unique(meta.name, f.fieldname)
    if not site.store.is_indexed(meta.name, f.fieldname):
        site.store.define(meta.name, indexes=(f.fieldname,))
    meta.derive()


def uninstall(site: Site, doctype: str, fieldname: str) -> None:
    """The column's values stay in the records, as they stay in the vendor's table."""
    meta = site.meta(doctype)
    if site.store.is_unique(doctype, fieldname):
        site.store.drop_unique(doctype, fieldname)
    meta.fields.pop(fieldname, None)
    meta.derive()


def reinstall(site: Site) -> None:
    """Rebuild the schema from the stored Custom Fields, after a rollback or a restored snapshot."""
    wanted = {(record.fields["dt"], record.fields["fieldname"]): record.fields for record in site.store.all("Custom Field")}
    for meta in site.doctypes.values():
        for fieldname in [name for name, f in meta.fields.items() if f.custom and (meta.name, name) not in wanted]:
            uninstall(site, meta.name, fieldname)
    for (dt, fieldname), values in wanted.items():
        if fieldname not in site.meta(dt).fields:
            install(site, values)


class WebhookController(Controller):
    def validate(self, site: Site, doc: Doc, old: Doc | None) -> None:
        target = site.meta(doc.get("webhook_doctype") or "")
        if doc.get("webhook_docevent") in _FOR_SUBMITTABLE and not target.submittable:
            raise throw("DocType must be Submittable for the selected Doc Event")
        url = doc.get("request_url") or ""
        if not doc["is_dynamic_url"] and not url.startswith(("http://", "https://")):
            raise throw("Check Request URL")
        if doc["enable_security"] and not doc.get("webhook_secret"):
            raise throw("Invalid Webhook Secret")
        if doc.get("condition"):
            try:
                parse_condition(doc["condition"])
            except BadCondition as error:
                raise throw(f"Invalid Condition: {error}") from None
        keys = [row.get("fieldname") for row in doc["webhook_data"]]
        if len(keys) != len(set(keys)):
            raise throw("Same Field is entered more than once")
