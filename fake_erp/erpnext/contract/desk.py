"""What the desk's own screens call, and clients with them: forms, lists, searches. Source: facts 2.8."""

from __future__ import annotations

from fake_erp.erpnext.contract import examples
from fake_erp.erpnext.contract.client import DOC, FIELDS, FILTERS
from fake_erp.erpnext.contract.shapes import (
    ABSENT,
    ARGUMENTS,
    DOCTYPE,
    NAME,
    NOTHING,
    OPEN,
    QUERY,
    STORED,
    TAKEN,
    TEXT,
    TEXTS,
    VALUES,
    WHOLE,
    closed,
    data,
    given,
    message,
    of,
    raw,
    ref,
    stumbles,
)
from harness.kit.contract import Answer, Confidence, Example, Operation, Schema

AREA = "desk"
SOURCE = "facts 2.8"
_READ = {**ABSENT, **stumbles(*QUERY)}
_WRITE = {**ABSENT, **TAKEN, **stumbles(*ARGUMENTS, *VALUES, "KeyError")}
_FORM = raw({"docs": of(STORED), "docinfo": OPEN})
_FORM_GUESS = "of `docinfo` comments, attachments and rights are real, the rest is empty"
_WHO = given({"doctype": DOCTYPE, "name": NAME})
_LINKED = closed({"doctype": TEXT, "name": TEXT, "docstatus": WHOLE})
_META = ref("DocTypeDocument")

SCHEMAS: dict[str, Schema] = {
    "DocTypeDocument": closed(
        {
            "name": TEXT,
            "doctype": {"const": "DocType"},
            "istable": {"enum": [0, 1]},
            "is_submittable": {"enum": [0, 1]},
            "title_field": {"type": ["string", "null"]},
            "fields": of(ref("DocField")),
        },
        {"permissions": of(OPEN)},
    ),
    "DocField": {"type": "object", "properties": {"fieldname": TEXT, "fieldtype": TEXT}, "required": ["fieldname", "fieldtype"]},
}

OPERATIONS = {
    "frappe.desk.form.load.getdoctype": Operation(
        "A DocType and those of its tables, custom fields among the others.",
        AREA,
        {200: Answer(raw({"docs": of(_META), "user_settings": TEXT})), **_READ},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"doctype": DOCTYPE}),
        examples=[Example(body={"doctype": "Sales Order"})],
        deviations="the keys of a field that integrations read, and no others",
    ),
    "meta_of_{doctype}": Operation(
        "A DocType with its custom fields, for who may read its documents.",
        AREA,
        {200: Answer(data(_META)), **_READ},
        "facts 2.9",
        Confidence.DOCUMENTED,
        examples=[Example({"doctype": "Sales Order"})],
        deviations="the keys of a field that integrations read, and no others",
    ),
    "count_{doctype}": Operation(
        "How many documents match.",
        AREA,
        {200: Answer(data(WHOLE)), **_READ},
        "facts 2.9",
        Confidence.DOCUMENTED,
        examples=[Example({"doctype": "Sales Order"})],
    ),
    "frappe.desk.form.load.getdoc": Operation(
        "A document and what stands around its form; an unknown name is an empty list.",
        AREA,
        {200: Answer({"anyOf": [_FORM, message({"type": "array", "maxItems": 0})]}), **_READ},
        SOURCE,
        Confidence.DOCUMENTED,
        body=_WHO,
        examples=[Example(body={"doctype": "Sales Order", "name": examples.ORDER})],
        deviations=_FORM_GUESS,
    ),
    "frappe.desk.form.save.savedocs": Operation(
        "Save, submit, update or cancel a whole document, which carries the `modified` it was read with.",
        AREA,
        {200: Answer(_FORM), **_WRITE},
        f"{SOURCE}, 3.2, 3.3",
        Confidence.DOCUMENTED,
        body=given({"doc": DOC, "action": {"enum": ["Save", "Submit", "Update", "Cancel"]}}),
        examples=[
            Example(body={"doc": '{"doctype": "Customer", "__islocal": 1, "customer_name": "Cobalt"}', "action": "Save"}),
        ],
        deviations=_FORM_GUESS,
    ),
    "frappe.desk.form.save.cancel": Operation(
        "Cancel a submitted document.",
        AREA,
        {200: Answer(_FORM), **_WRITE},
        f"{SOURCE}, 3.2",
        Confidence.DOCUMENTED,
        body=_WHO,
        examples=[Example(body={"doctype": "Quotation", "name": examples.QUOTE})],
        deviations=_FORM_GUESS,
    ),
    "frappe.desk.reportview.get": Operation(
        "Rows as lists under their keys; an empty list when there are none.",
        AREA,
        {
            200: Answer(
                message({"anyOf": [closed({"keys": TEXTS, "values": of({"type": "array"})}), {"type": "array", "maxItems": 0}]})
            ),
            **_READ,
        },
        SOURCE,
        Confidence.DOCUMENTED,
        body=given(
            {"doctype": DOCTYPE},
            {"fields": FIELDS, "filters": FILTERS, "order_by": TEXT, "start": WHOLE, "page_length": WHOLE},
        ),
        examples=[Example(body={"doctype": "Sales Order", "fields": '["name", "status"]'})],
    ),
    "frappe.desk.reportview.get_count": Operation(
        "How many documents match that the user may see.",
        AREA,
        {200: Answer(message(WHOLE)), **_READ},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"doctype": DOCTYPE}, {"filters": FILTERS}),
        examples=[Example(body={"doctype": "Sales Order"})],
    ),
    "frappe.desk.search.search_link": Operation(
        "Names that contain a text, or whose title does.",
        AREA,
        {200: Answer(message(of(closed({"value": TEXT, "description": TEXT})))), **_READ},
        SOURCE,
        Confidence.DOCUMENTED,
        body=given({"doctype": DOCTYPE, "txt": TEXT}, {"filters": FILTERS, "page_length": WHOLE}),
        examples=[Example(body={"doctype": "Customer", "txt": "ac"})],
        deviations="what else is searched, and the order, are our guess",
    ),
    "frappe.desk.form.linked_with.get_submitted_linked_docs": Operation(
        "Submitted documents that hang on this one, near and far.",
        AREA,
        {200: Answer(message(closed({"docs": of(_LINKED), "count": WHOLE}))), **_READ},
        f"{SOURCE}, 3.7",
        Confidence.INFERRED,
        body=_WHO,
        examples=[Example(body={"doctype": "Sales Order", "name": examples.ORDER})],
    ),
    "frappe.desk.form.linked_with.cancel_all_linked_docs": Operation(
        "Cancel the listed documents, the farthest first, all or none.",
        AREA,
        {200: Answer(NOTHING), **_WRITE},
        f"{SOURCE}, 3.7",
        Confidence.INFERRED,
        body=given(
            {"docs": {"type": ["array", "string"]}},
            {"ignore_doctypes_on_cancel_all": {"type": ["array", "string"]}},
        ),
        examples=[Example(body={"docs": [{"doctype": "Quotation", "name": examples.QUOTE}]})],
    ),
}
