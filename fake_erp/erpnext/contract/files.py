"""Attachments, and where their content is. Source: facts 2.8; names, hashes and refusals beyond them are our guess."""

from __future__ import annotations

from fake_erp.erpnext.contract import examples
from fake_erp.erpnext.contract.doctypes import answered
from fake_erp.erpnext.contract.shapes import ABSENT, ARGUMENTS, DOCTYPE, FLAG, HTML, NAME, TEXT, error, given, message, stumbles
from harness.kit.contract import Answer, Confidence, Example, Operation, Schema

AREA = "files"
BYTES = "application/octet-stream"
_GUESS = "file names, hashes and refusals are our guess; types of files are not checked"
_WHERE: dict[str, Schema] = {"doctype": DOCTYPE, "docname": NAME, "folder": TEXT, "is_private": {"enum": [0, 1]}}
_STORED = {200: Answer(message(answered("File"))), **ABSENT}
_CONTENT: Schema = {"type": "string", "contentEncoding": "binary"}
_NO_FILE = {404: Answer(TEXT, "No such file.", HTML)}

OPERATIONS = {
    "upload_file": Operation(
        "A file as a part of a form, or `file_url` of one that is elsewhere.",
        AREA,
        {**_STORED, **stumbles(*ARGUMENTS)},
        "facts 2.8",
        Confidence.DOCUMENTED,
        body=given({}, {"file": _CONTENT, "file_name": TEXT, "file_url": TEXT, "fieldname": TEXT, **_WHERE}),
        media="multipart/form-data",
        examples=[Example(body={"file_url": "https://files.example/a.pdf", "file_name": "a.pdf"})],
        deviations=_GUESS,
    ),
    "frappe.client.attach_file": Operation(
        "A file whose content is in the body, as text or base64; `docfield` gets its address.",
        AREA,
        {**_STORED, **stumbles(*ARGUMENTS, "Error")},
        "facts 2.8",
        Confidence.DOCUMENTED,
        body=given({"filename": TEXT, "filedata": TEXT}, {**_WHERE, "decode_base64": FLAG, "docfield": TEXT}),
        examples=[Example(body={"filename": "a.txt", "filedata": "hello", "doctype": "Sales Order", "docname": examples.ORDER})],
        deviations=_GUESS,
    ),
    "read_file_content": Operation(
        "The content of a public file.",
        AREA,
        {200: Answer(_CONTENT, media=BYTES), **_NO_FILE},
        "facts 2.1",
        Confidence.INFERRED,
        examples=[Example({"file": examples.FILE})],
        deviations=_GUESS,
        security=(),
    ),
    "read_private_file_content": Operation(
        "The content of a private file, for who may read the document it is attached to.",
        AREA,
        {
            200: Answer(_CONTENT, media=BYTES),
            **_NO_FILE,
            403: Answer(error("PermissionError"), "Somebody else's file.", others={HTML: TEXT}),
        },
        "facts 2.1",
        Confidence.INFERRED,
        examples=[Example({"file": examples.FILE})],
        deviations=_GUESS,
    ),
}
