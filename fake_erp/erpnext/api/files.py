"""Attachments: `upload_file` and `frappe.client.attach_file`, and the files themselves. Source: facts 2.8.

A File document says where the content is; the content is kept beside the store and served at its `file_url`, a private one only
to users who may read the document it is attached to. Names, hashes and refusals beyond the facts are our guess.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded
from fake_erp.erpnext.api.doc_methods import truth
from fake_erp.erpnext.api.requests import Upload, uploaded
from fake_erp.erpnext.api.shapes import shown
from fake_erp.erpnext.errors import Refused, python_error
from fake_erp.erpnext.framework import documents
from fake_erp.erpnext.framework.meta import Doc
from harness.kit.call import Call, Reply

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]
CONTENTS = "__File content"  # by content hash: two documents with the same bytes share them


def upload_file(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """A multipart body with `file`, or `file_url` of something that is elsewhere."""
    file = uploaded(call)
    if file is None and not args.get("file_url"):
        raise python_error("AttributeError", "'NoneType' object has no attribute 'read'")
    if file is None:
        file = Upload(str(args.get("file_name") or args.get("filename") or ""), b"")
    doctype, name = str(args.get("doctype") or ""), str(args.get("docname") or "")
    return _attach(fake, file, doctype, name, {**args, "field": args.get("fieldname")})


def attach_file(fake: ErpNextFake, call: Call, args: Args) -> Doc:
    """The content as text, or as base64 when `decode_base64` says so; `docfield` gets the file's address."""
    content = str(args.get("filedata") or "").encode()
    if truth(args.get("decode_base64")):
        try:
            content = base64.b64decode(content, validate=False)
        except binascii.Error as error:
            raise python_error("Error", str(error)) from None
    file = Upload(str(args.get("filename") or ""), content)
    doctype, name = str(args.get("doctype") or ""), str(args.get("docname") or "")
    doc = _attach(fake, file, doctype, name, {**args, "field": args.get("docfield")})
    if args.get("docfield") and name:
        guarded.update(fake, doctype, name, {str(args["docfield"]): doc["file_url"]})
    return doc


def _attach(fake: ErpNextFake, file: Upload, doctype: str, name: str, args: Args) -> Doc:
    """The File document. Raises Refused: 404 or 403 for what it is attached to."""
    site = fake.site
    if doctype and name:
        record = guarded.fetch(fake, doctype, name, "write")
        doctype, name = record.kind, record.id
    digest = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
    private = truth(args.get("is_private"))
    filename = file.name or digest[:10]
    url = str(args.get("file_url") or "") or _free_url(fake, filename, digest, private)
    if file.content and site.store.get(CONTENTS, digest) is None:
        site.store.insert(CONTENTS, digest, {"base64": base64.b64encode(file.content).decode()})
    document = {
        "file_name": filename,
        "is_private": int(private),
        "file_size": len(file.content),
        "file_url": url,
        "folder": args.get("folder") or ("Home/Attachments" if name else "Home"),
        "attached_to_doctype": doctype or None,
        "attached_to_name": name or None,
        "attached_to_field": args.get("field") or None,
        "content_hash": digest,
    }
    return shown(site, documents.insert(site, "File", document))


def _free_url(fake: ErpNextFake, filename: str, digest: str, private: bool) -> str:
    """A second file of the same name and other content gets six characters of its hash."""
    folder = "/private/files/" if private else "/files/"
    url = f"{folder}{filename}"
    taken = fake.site.store.where("File", "file_url", url)
    if not taken or taken[-1].fields["content_hash"] == digest:
        return url
    stem, dot, ending = filename.rpartition(".")
    return f"{folder}{stem}{digest[-6:]}.{ending}" if dot else f"{folder}{filename}{digest[-6:]}"


def serve(fake: ErpNextFake, call: Call) -> Reply | None:
    """The content behind a `file_url`, or None when there is none. A private one raises Refused (403) for strangers."""
    for record in fake.site.store.where("File", "file_url", call.path):
        content = fake.site.store.get(CONTENTS, str(record.fields["content_hash"]))
        if record.fields["is_private"] and not _may_read(fake, record.fields):
            raise Refused(403, "PermissionError")
        if content is not None:
            body = base64.b64decode(str(content.fields["base64"]))
            return Reply(200, body, {"content-type": "application/octet-stream"})
    return None


def _may_read(fake: ErpNextFake, fields: Any) -> bool:
    site = fake.site
    if fields["owner"] == site.user:
        return True
    holder = site.store.get(str(fields["attached_to_doctype"]), str(fields["attached_to_name"]))
    return holder is not None and fake.permissions.may(holder.kind, "read", holder.fields)
