"""Comments on documents, and the short list of them that the document itself carries. Source: facts 3.1 (`_comments`)."""

from __future__ import annotations

import json
from typing import Any

from fake_erp.erpnext.framework.controller import Controller
from fake_erp.erpnext.framework.meta import Doc
from fake_erp.erpnext.framework.site import Site
from fake_erp.erpnext.wire import encode
from harness.kit.records import Record

KEPT = 100  # how many a document carries; each is cut to TEXT_MAX characters
TEXT_MAX = 200
_SHOWN = frozenset({"Comment", None, ""})


def add_comment(site: Site, doctype: str, name: str, content: str, kind: str = "Comment") -> Record:
    """A Comment by the user of the call. Written past the rules of documents, as what the site itself notes."""
    stamp, key = site.time.stamp(), site.random_name()
    fields: Doc = {
        "name": key,
        "owner": site.user,
        "creation": stamp,
        "modified": stamp,
        "modified_by": site.user,
        "docstatus": 0,
        "idx": 0,
        **site.meta("Comment").blank,
        "comment_type": kind,
        "comment_email": site.user,
        "comment_by": site.value("User", site.user, "full_name") or site.user,
        "reference_doctype": doctype,
        "reference_name": name,
        "content": content,
        "doctype": "Comment",
    }
    return site.store.insert("Comment", key, fields)


class CommentController(Controller):
    """What people write appears in `_comments` of its document, which moves no `modified`."""

    def on_update(self, site: Site, doc: Doc) -> None:
        if doc.get("comment_type") not in _SHOWN:
            return
        entry = {
            "comment": str(doc.get("content") or "")[:TEXT_MAX],
            "by": doc.get("comment_email") or doc["owner"],
            "name": doc["name"],
        }
        _put(site, doc, lambda entries: [*(each for each in entries if each.get("name") != doc["name"]), entry][-KEPT:])

    def on_trash(self, site: Site, doc: Doc) -> None:
        _put(site, doc, lambda entries: [each for each in entries if each.get("name") != doc["name"]])


def _put(site: Site, doc: Doc, change: Any) -> None:
    record = site.store.get(str(doc.get("reference_doctype")), str(doc.get("reference_name")))
    if record is None:
        return
    try:
        entries = json.loads(record.fields.get("_comments") or "[]")
    except ValueError:  # a client wrote something else there
        entries = []
    entries = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    site.store.update(record.kind, record.id, {"_comments": encode(change(entries)).decode()}, touch=False)
