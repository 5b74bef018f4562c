"""Documents as answers show them: with or without nulls, secrets as stars; DocTypes as documents. Source: facts 2.5, 2.10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.access.roles import grants
from fake_erp.erpnext.framework.field_documents import field_json
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import without_nulls

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

SECRETS = frozenset({"webhook_secret", "api_secret", "password", "new_password"})


def shown(site: Site, fields: Mapping[str, Any]) -> Doc:
    """A stored document as single reads show it: without nulls, with tables and defaults of sparse fields that nobody has set.

    Its rows are stored without nulls, and no sparse column of a row has a default.
    """
    meta = site.doctypes.get(str(fields.get("doctype")))
    if meta is None:
        return masked(without_nulls(fields))
    doc = _with_absent(meta, without_nulls(fields))
    return masked(doc)


def _with_absent(meta: DocType, doc: Doc) -> Doc:
    """Tables and defaults, behind the document's own columns. Zeros are left out (our choice): they would cost a read a tenth of
    its time, and fragment the memory of a site that creates many documents."""
    if not meta.filled:
        return doc
    return {**doc, **meta.filled} if doc.keys().isdisjoint(meta.loose) else {**doc, **meta.filled, **doc}


def full(site: Site, fields: Mapping[str, Any]) -> Doc:
    """A stored document with its nulls, rows too: what `frappe.client` returns."""
    meta = site.doctypes.get(str(fields.get("doctype")))
    doc = dict(_of_schema(site, meta, fields) if site.dropped and meta is not None else fields)
    if meta is None:
        return masked(doc)
    doc = {**dict.fromkeys(meta.sparse), **meta.absent, **doc}
    for table, child in meta.tables.items():
        child_meta = site.doctypes[child]
        order, absent = child_meta.whole, child_meta.absent
        doc[table] = [{name: row.get(name, absent.get(name)) for name in order} for row in fields.get(table) or ()]
    return masked(doc)


def as_read(fake: ErpNextFake, fields: Mapping[str, Any]) -> Doc:
    """A single read: nulls left out [P8], unless the site has a release that keeps them; without what is above the user's level."""
    meta = fake.site.doctypes.get(str(fields.get("doctype")))
    if fake.site.dropped and meta is not None:
        fields = _of_schema(fake.site, meta, fields)
    hidden = [f for f in meta.levels if not fake.permissions.may_level(meta.name, f.permlevel)] if meta is not None else []
    if hidden:
        names = {f.fieldname for f in hidden}
        fields = {key: value for key, value in fields.items() if key not in names}
    return full(fake.site, fields) if fake.settings.reads_keep_nulls else shown(fake.site, fields)


def _of_schema(site: Site, meta: DocType, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the values of custom fields that were deleted."""
    gone = site.dropped.get(meta.name, ())
    doc = {key: value for key, value in fields.items() if key not in gone}
    for table, child in meta.tables.items():
        if gone := site.dropped.get(child, ()):
            doc[table] = [{key: value for key, value in row.items() if key not in gone} for row in fields.get(table) or ()]
    return doc


def as_created(fake: ErpNextFake, fields: Mapping[str, Any]) -> Doc:
    """The answer of a create: version 14 shows nulls."""
    return full(fake.site, fields) if fake.settings.version < 15 else as_read(fake, fields)


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


def merged_meta(meta: DocType) -> Doc:
    """A DocType with its custom fields among the others."""
    fields = [without_nulls(field_json(position, f)) for position, f in enumerate(meta.fields.values(), start=1)]
    return {**meta_document(meta), "fields": fields, "permissions": [] if meta.child else grants(meta.name)}
