"""What Schemathesis needs to walk through an ERPNext site: fewer DocTypes and fields, and names that exist.

A request made from the document alone would nearly always name documents that do not exist, and fail at the first link. So the
walk's document has a few DocTypes with a few fields each, whose links choose among existing names, and `Walker.sensible` puts
existing documents in the place of half of those that nobody has.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any
from urllib.parse import unquote
from zlib import crc32

import schemathesis
from erpnext_examples import PreparedSite, the_contract
from erpnext_site import TOKEN
from schemathesis_findings import sent

from fake_erp.erpnext.contract.doctypes import all_doctypes, component
from fake_erp.erpnext.contract.examples import BODIES

# The fields that a walk fills, and those of rows.
FIELDS: dict[str, tuple[str, ...]] = {
    "Customer": ("customer_name", "customer_type", "customer_group", "territory", "tax_id", "disabled"),
    "Quotation": ("party_name", "items", "taxes", "valid_till", "additional_discount_percentage", "order_type"),
    "Sales Order": ("customer", "items", "taxes", "delivery_date", "po_no", "discount_amount", "apply_discount_on", "docstatus"),
    "Delivery Note": ("customer", "items", "posting_date", "set_warehouse", "docstatus"),
    "Sales Invoice": ("customer", "items", "taxes", "due_date", "docstatus", "is_return"),
    "Payment Entry": (
        "payment_type",
        "party_type",
        "party",
        "paid_from",
        "paid_to",
        "paid_amount",
        "received_amount",
        "references",
    ),
    "Stock Entry": ("stock_entry_type", "items", "to_warehouse"),
    "Territory": ("territory_name", "parent_territory", "is_group"),
    "Comment": ("comment_type", "reference_doctype", "reference_name", "content"),
    "Quotation Item": ("item_code", "qty", "rate", "discount_percentage", "uom"),
    "Sales Order Item": ("item_code", "qty", "rate", "warehouse", "delivery_date", "uom"),
    "Delivery Note Item": ("item_code", "qty", "rate", "warehouse", "against_sales_order", "so_detail"),
    "Sales Invoice Item": ("item_code", "qty", "rate", "sales_order", "so_detail"),
    "Sales Taxes and Charges": ("charge_type", "account_head", "description", "rate", "row_id", "included_in_print_rate"),
    "Payment Entry Reference": ("reference_doctype", "reference_name", "allocated_amount"),
    "Stock Entry Detail": ("item_code", "qty", "s_warehouse", "t_warehouse", "basic_rate"),
}
PARENTS = [doctype for doctype in FIELDS if not all_doctypes()[doctype].child]
DYNAMIC = {"party": "Customer", "party_name": "Customer", "reference_name": "Sales Invoice"}
DOCTYPE_KEYS = {"doctype": ("name", "docname", "old_name"), "dt": ("dn",), "parent_doctype": ("parent_doctype_name",)}
SOURCES = {
    "quotation": "Quotation",
    "sales_order": "Sales Order",
    "delivery_note": "Delivery Note",
    "sales_invoice": "Sales Invoice",
}
QUERIES = ('["name"]', '["*"]', '["name", "modified as m"]', '["nope"]', "name", '["count(name) as n"]', '["sleep(1)"]', "[")
FILTERS = (
    '{"docstatus": 1}', '[["name", "like", "%1%"]]', '[["modified", ">", "2026-01-01"]]', '[["nope", "=", 1]]',
    '[["creation", "between", ["2026-01-01", "2026-12-31"]]]', '{"name": ["is", "set"]}', '["name", "=", "x"]',
    '[["name", "~", "x"]]', "3", "{",
)  # fmt: skip
ORDERS = ("modified desc", "creation asc, name desc", "nope asc", "name; drop table", "count(name)")


class Walker:
    """A prepared site, the calls to it, and what exists in it."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """A new site, equal to the first one in every name and key: a state put back would go on in its streams of chance."""
        self.prepared = PreparedSite()
        self.fake = self.prepared.site.fake

    def put_back(self) -> None:
        """The same site as it was prepared; names of chance differ from those of a new one."""
        self.fake.put_back(self.prepared.ready)

    def send(self, case: schemathesis.Case) -> schemathesis.Response:
        """The case as a client library would put it on the wire, answered by the fake."""
        return sent(self.fake, case, TOKEN)

    def names(self, doctype: str, most: int = 4) -> list[str]:
        found = [record.id for record in self.fake.store.all(doctype)]
        return found[:most] if len(found) <= 2 * most else [*found[:most], *found[-most:]]

    # -- a smaller document -------------------------------------------------------------------------------------------

    def narrowed(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with the chosen DocTypes and fields only, and without examples: values of links are merged into them in
        place, so that a later scenario would draw what an earlier one has left there."""
        made = deepcopy(document)
        slugs = {all_doctypes()[doctype].slug for doctype in PARENTS}
        served = the_contract().operations
        for path, node in list(made["paths"].items()):
            for verb, operation in list(node.items()):
                entry = operation["operationId"]
                if entry in served and served[entry].case_of and not any(entry.endswith(f"_{slug}") for slug in slugs):
                    del node[verb]
                    continue
                for content in operation.get("requestBody", {"content": {}})["content"].values():
                    content.pop("examples", None)
                for answer in operation["responses"].values():
                    links = answer.get("links", {})
                    for key in [key for key, link in links.items() if not self._kept(link["operationId"], slugs)]:
                        del links[key]
            if not node:
                del made["paths"][path]
        for doctype in FIELDS:
            made["components"]["schemas"][f"{component(doctype)}Values"] = self._values(doctype)
        return made

    def _kept(self, entry: str, slugs: set[str]) -> bool:
        operation = the_contract().operations.get(entry)
        return operation is None or not operation.case_of or any(entry.endswith(f"_{slug}") for slug in slugs)

    def _values(self, doctype: str) -> dict[str, Any]:
        schema = the_contract().components("v1")[f"{component(doctype)}Values"]
        chosen = {
            name: self._narrow(doctype, name, schema["properties"][name])
            for name in FIELDS[doctype]
            if name in schema["properties"]
        }
        needed = [name for name in schema.get("required", ()) if name in chosen]
        return {"type": "object", "properties": chosen, **({"required": needed} if needed else {}), "additionalProperties": False}

    def _narrow(self, doctype: str, name: str, schema: Any) -> Any:
        meta = all_doctypes()[doctype]
        if name in meta.tables:
            return {"type": "array", "items": schema["items"], "minItems": 1, "maxItems": 3}
        field = meta.columns.get(name)
        target = DYNAMIC.get(name, field.options if field is not None and field.fieldtype == "Link" else "")
        if target == "DocType":
            return {"enum": ["Customer", "Sales Order", "Sales Invoice"]}
        if target:
            return {"enum": self.names(target) or ["nobody"]}
        if schema.get("type") == "number":
            return {"enum": [0, 1, 2, 3.5, 10, 19, 33.33, -1, 1e12]}
        if schema.get("format") == "date":
            return {"enum": ["2026-01-01", "2026-04-01", "2027-02-28", "2026-4-1", ""]}
        return {**schema, "maxLength": 12} if schema.get("type") == "string" else schema

    # -- requests that have a chance ----------------------------------------------------------------------------------

    def sensible(self, case: schemathesis.Case) -> None:
        """Give a case names that exist in the site, and documents that do to half of those that name none."""
        path, body = case.path_parameters, case.body
        own = [doctype for doctype in PARENTS if f"/{doctype}" in unquote(case.operation.path)]
        doctype = path["doctype"] = _one(PARENTS, path["doctype"]) if "doctype" in path else (own or PARENTS)[0]
        if "doctype" not in case.operation.path:
            del path["doctype"]
        if "name" in path:
            path["name"] = self._existing(doctype, path["name"])
        if "method" in path:
            path["method"] = _one(("submit", "cancel", "add_comment", "rename", "nope"), path["method"])
        for name, values in (("fields", QUERIES), ("filters", FILTERS), ("or_filters", FILTERS), ("order_by", ORDERS)):
            for where in (case.query, body):
                if isinstance(where, dict) and name in where:
                    where[name] = _one(values, where[name])
        if isinstance(body, dict):
            self._sensible_body(case, body)
            if case.method == "POST" and "/method/" not in case.operation.path and "name" not in path and "__islocal" not in body:
                case.body = self._acceptable(own[0] if own else path["doctype"], body)

    def _acceptable(self, doctype: str, drawn: dict[str, Any]) -> dict[str, Any]:
        """Mostly a document that the site takes, with some of what was drawn."""
        if doctype not in PARENTS or _chance(drawn) % 4 == 0:
            return drawn
        known_good = {name: value for name, value in self.prepared.own(BODIES[doctype]).items() if name != "po_no"}
        kept = {name: value for name, value in drawn.items() if _chance([name, value]) % 5 == 0}
        return {**known_good, **kept}

    def _sensible_body(self, case: schemathesis.Case, body: dict[str, Any]) -> None:
        for kind, names in DOCTYPE_KEYS.items():
            if kind in body:
                body[kind] = _one(PARENTS, body[kind])
                for name in (name for name in names if name in body):
                    body[name] = self._existing(body[kind], body[name])
        if "source_name" in body:
            source = next((target for part, target in SOURCES.items() if f".{part}." in case.operation.path), "Sales Order")
            body["source_name"] = self._existing(source, body["source_name"])
        if "run_method" in body or "method" in body:
            key = "run_method" if "run_method" in body else "method"
            body[key] = body[key] if "." in str(body[key]) else _one(("submit", "cancel", "add_comment", "nope"), body[key])
        if "doc" in body:
            body["doc"] = self._document(body["doc"])
        if "docs" in body:
            docs = [self._document(body["docs"]), {"doctype": "Customer", "customer_name": "X"}]
            body["docs"] = json.dumps(docs) if _chance(body["docs"]) % 2 else docs
        if "fieldname" in body:
            body["fieldname"] = _one(("name", "status", "po_no", "nope", "customer", "modified"), body["fieldname"])

    def _document(self, drawn: Any) -> Any:
        """A stored document as it is read, sometimes an old version of it, sometimes as text."""
        chance = _chance(drawn)
        doctype = PARENTS[chance % len(PARENTS)]
        names = self.names(doctype)
        if not names or chance % 5 == 0:
            return drawn
        reply = self.prepared.site.send("GET", f"/api/resource/{doctype}/{names[chance // 7 % len(names)]}")
        doc = dict(reply.json().get("data") or {})
        if chance % 3 == 0:
            doc.pop("modified", None)
        return json.dumps(doc) if chance % 2 else doc

    def _existing(self, doctype: str, drawn: Any) -> str:
        """Half of the names that nobody has become one that somebody has."""
        text = str(drawn)
        chance, names = _chance(text), self.names(doctype)
        if names and chance % 2 and self.fake.store.get(doctype, text) is None:
            return names[chance // 2 % len(names)]
        return text


def _one(values: Any, drawn: Any) -> Any:
    """One of the values, or what was drawn."""
    if drawn in values:
        return drawn
    chance = _chance(drawn)
    return drawn if chance % 8 == 0 else values[chance // 8 % len(values)]


def _chance(drawn: Any) -> int:
    """A number that belongs to what was drawn, the same in every process. Some of what is drawn has no value of its own."""
    return crc32(json.dumps(drawn, sort_keys=True, default=lambda each: type(each).__name__).encode())
