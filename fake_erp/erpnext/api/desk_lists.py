"""What lists, searches and dialogs of the desk call. Source: facts 2.8 (desk methods); shapes beyond it are our guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from fake_erp.erpnext.api import guarded, listing
from fake_erp.erpnext.api.functions import Function, Raw, function
from fake_erp.erpnext.api.requests import as_object
from fake_erp.erpnext.errors import throw
from fake_erp.erpnext.framework.links import LEDGERS
from fake_erp.erpnext.framework.meta import Doc, DocType
from fake_erp.erpnext.lists import query
from fake_erp.erpnext.lists.filters import Filter, parse_filters
from fake_erp.erpnext.lists.schema import is_schema, meta_of
from fake_erp.erpnext.wire import fold, int_of
from harness.kit.call import Call

if TYPE_CHECKING:
    from fake_erp.erpnext.dialect import ErpNextFake

Args = dict[str, Any]
Hit = tuple[bool, str, str]  # whether the name only contains the text, the name, the title where it is another


def reportview_get(fake: ErpNextFake, call: Call, args: Args) -> Any:
    """Rows as lists under their keys; `[]` when there are none. `start` and `page_length` are the names of the page here."""
    asked = {**args, "limit_start": args.get("start"), "limit_page_length": args.get("page_length")}
    rows = listing.rows(fake, str(args["doctype"]), asked, limit_alias=False)
    return {"keys": list(rows[0]), "values": [list(row.values()) for row in rows]} if rows else []


def reportview_count(fake: ErpNextFake, call: Call, args: Args) -> int:
    meta = meta_of(fake.site, str(args["doctype"]))
    listing.check(fake, meta)
    hidden = fake.permissions.filters(meta.name)
    return query.count(fake.site, meta.name, [*parse_filters(as_object(args.get("filters"))), *parse_filters(hidden)])


def search_link(fake: ErpNextFake, call: Call, args: Args) -> Any:
    """Names that contain the text, or whose title does, those that begin with it first."""
    meta = meta_of(fake.site, args["doctype"])
    filters = parse_filters(as_object(args.get("filters")))
    title = meta.title_field if meta.title_field in meta.columns else ""
    listing.check(fake, meta)
    length = int_of(args.get("page_length") or 10)
    text = str(fold(args["txt"]))
    if meta.child or is_schema(meta.name):
        found = sorted(_matching(_rows(fake, meta, title, filters), text))[:length]
    else:
        found = _search(fake, meta, title, filters, text, length)
    results = [{"value": name, "description": about} for _, name, about in found]
    return Raw({"results": results}) if fake.settings.version < 15 else results


def _rows(fake: ErpNextFake, meta: DocType, title: str, filters: list[Filter]) -> Iterator[tuple[str, str]]:
    """Name and title of what the user may see."""
    wanted = query.ListQuery(fields=["name", title] if title else ["name"], filters=filters, limit=0)
    return ((str(row["name"]), str(row.get(title) or "")) for row in listing.run(fake, meta, wanted))


def _matching(rows: Iterable[tuple[str, str]], text: str) -> Iterator[Hit]:
    for name, about in rows:
        folded = str(fold(name))
        if text in folded or text in str(fold(about)):
            yield not folded.startswith(text), name, about if about != name else ""


def _search(fake: ErpNextFake, meta: DocType, title: str, filters: list[Filter], text: str, length: int) -> list[Hit]:
    """First the names that fit, then, page by page, which of them the filters and the user's rights let through."""
    every = ((record.id, str(record.fields.get(title) or "")) for record in fake.site.store.all(meta.name))
    fitting = sorted(_matching(every, text))
    needed, start, found = (length if length > 0 else len(fitting)), 0, list[Hit]()
    while not start or (start < len(fitting) and len(found) < needed):
        hits = fitting[start : start + max(needed, start)]
        own = parse_filters([["name", "in", [name for _, name, _ in hits]]])
        seen = Counter(name for name, _ in _rows(fake, meta, title, [*own, *filters]))
        found += [hit for hit in hits for _ in range(seen[hit[1]])]  # as often as joined rows make it [P34]
        start += max(1, len(hits))
    return found[:length]


def run_report(fake: ErpNextFake, call: Call, args: Args) -> None:
    raise throw(f"Report {args['report_name']}: Not supported by fake")


def submitted_linked_docs(fake: ErpNextFake, call: Call, args: Args) -> dict[str, Any]:
    """Submitted documents that link to this one, those that link to them, and so on; nearest first."""
    record = guarded.fetch(fake, str(args["doctype"]), str(args["name"]))
    waiting, seen = [(record.kind, record.id)], {(record.kind, record.id)}
    docs: list[Doc] = []
    while waiting:
        doctype, name = waiting.pop(0)
        for holder, _, column in fake.site.references.linking(doctype, name):
            key = (holder.kind, holder.id)
            if key in seen or holder.fields.get("docstatus") != 1 or column == "amended_from" or holder.kind in LEDGERS:
                continue
            seen.add(key)
            waiting.append(key)
            docs.append({"doctype": holder.kind, "name": holder.id, "docstatus": 1})
    return {"docs": docs, "count": len(docs)}


def cancel_all_linked_docs(fake: ErpNextFake, call: Call, args: Args) -> None:
    """Cancels the listed documents, farthest first, in one transaction; DocTypes to be left out are left out."""
    docs, left_out = as_object(args["docs"]), as_object(args.get("ignore_doctypes_on_cancel_all")) or []
    for doc in reversed(docs if isinstance(docs, list) else []):
        if isinstance(doc, dict) and doc.get("doctype") not in left_out:
            record = guarded.fetch(fake, str(doc.get("doctype") or ""), str(doc.get("name") or ""))
            if record.fields.get("docstatus") == 1:
                guarded.update(fake, record.kind, record.id, {"docstatus": 2})


_LINKED = "frappe.desk.form.linked_with"
METHODS: dict[str, Function] = {
    "frappe.desk.reportview.get": function(reportview_get, "get", "doctype"),
    "frappe.desk.reportview.get_count": function(reportview_count, "get_count", "doctype"),
    "frappe.desk.search.search_link": function(search_link, "search_link", "doctype:str txt:str page_length?:int"),
    "frappe.desk.query_report.run": function(run_report, "run", "report_name"),
    f"{_LINKED}.get_submitted_linked_docs": function(submitted_linked_docs, "get_submitted_linked_docs", "doctype:str name:str"),
    f"{_LINKED}.cancel_all_linked_docs": function(cancel_all_linked_docs, "cancel_all_linked_docs", "docs"),
}
