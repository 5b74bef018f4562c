"""Whatever a caller sends, the fake answers in the vendor's way: it never raises, and a refusal changes nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import msgspec
from bent_json import places, replaced
from erpnext_site import TOKEN, ErpSite
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_erp.erpnext.api.methods import METHODS
from harness.kit.call import Call, Outcome, Reply

# What the vendor answers with 500, deliberately: its own Python and its database stumble over these.
_STUMBLES = """
AttributeError DataError Error IndexError IntegrityError JSONDecodeError KeyError NotImplementedError OperationalError
OverflowError ProgrammingError QueryDeadlockError RecursionError SecurityException TypeError UnicodeDecodeError ValueError
ZeroDivisionError
"""
_NAMES = """
doctype name customer items item_code qty rate docstatus modified naming_series company currency conversion_rate taxes
charge_type account_head posting_date delivery_date is_return return_against links link_doctype link_name fields filters
or_filters order_by group_by limit limit_start limit_page_length parent as_dict run_method data doc docs fieldname value
method args dt dn action source_name parent_doctype parent_doctype_name trans_items child_docname docname cmd usr pwd txt
start page_length old_name new_name merge payment_type party_type party paid_amount references reference_doctype
reference_name allocated_amount idx owner label fieldtype options unique webhook_doctype webhook_docevent request_url
condition webhook_json webhook_data template additional_discount_percentage apply_discount_on valid_till selling_price_list
uom conversion_factor report_name status
"""
_WORDS = (
    "Sales Order|Sales Order Item|Customer|Item|DocType|Webhook|Custom Field|Quotation|User|File|ACME|SKU-1|SAL-ORD-2026-00001|name"
    "|modified desc|*|count(name) as n|is|set|in|like|between|2026-01-01|2026-13-45|Submit|Save|submit|cancel|1|0|-1||null|EUR|%"
    "|Administrator|api@example.com|VAT - ACM|Stores - ACM|On Net Total|' OR 1=1 --|`tabUser`.`name`|\\"
    '|[]|{}|["name"]'
)
STUMBLES = frozenset(_STUMBLES.split())
NAMES = st.sampled_from(_NAMES.split())
WORDS = st.sampled_from(_WORDS.split("|"))
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=12
)
# half a surrogate pair is no character a decoded path can have
SEGMENTS = WORDS | st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), max_size=6)
VERBS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
KINDS = st.sampled_from(
    ["application/json"] * 5
    + [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
        "",
        "json;charset=x",
    ]
)


_FORMS = """
/api/resource/{} /api/resource/{}/{} /api/v1/resource/{}/{} /api/method/{} /api/v2/document/{} /api/v2/document/{}/{}
/api/v2/document/{}/{}/method/{} /api/v2/doctype/{}/meta /api/v2/doctype/{}/count /{} /api/{} /files/{}
"""


@st.composite
def paths(draw: st.DrawFn) -> str:
    form = draw(st.sampled_from(_FORMS.split()))
    return form.format(*(draw(SEGMENTS) for _ in range(form.count("{}"))))


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call to some path, with verb, query, content type and body made up."""
    method_path = st.sampled_from(sorted(METHODS)).map(lambda name: f"/api/method/{name}")
    kind = draw(KINDS)
    bodies: st.SearchStrategy[bytes] = JSON.map(msgspec.json.encode) | st.binary(max_size=40)
    if "urlencoded" in kind:
        bodies = st.lists(st.tuples(NAMES, JSON.map(_text)), max_size=3).map(lambda pairs: urlencode(pairs).encode())
    pairs = draw(st.lists(st.tuples(NAMES, JSON.map(_text)), max_size=3))
    headers = {"content-type": kind, **draw(st.sampled_from([{}, {"accept": "text/html"}]))}
    return Call(draw(VERBS), draw(paths() | method_path), urlencode(pairs), headers, draw(bodies))


def _text(value: Any) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else msgspec.json.encode(value).decode()


LINE = {"item_code": "SKU-1", "qty": 1, "rate": 5, "uom": "Nos", "conversion_factor": 1, "warehouse": "Stores - ACM"}
TAX = {"charge_type": "On Net Total", "account_head": "VAT - ACM", "description": "VAT", "rate": 19, "row_id": None}
PREMISE = {"doctype": "Sales Order", "customer": "ACME", "delivery_date": "2026-12-01", "items": [LINE], "taxes": [TAX]}
PAYMENT = {
    "doctype": "Payment Entry", "payment_type": "Receive", "party_type": "Customer", "party": "ACME", "paid_amount": 5,
    "received_amount": 5, "paid_to": "Cash - ACM", "paid_from": "Debtors - ACM", "company": "Acme GmbH",
    "references": [{"reference_doctype": "Sales Order", "reference_name": "SAL-ORD-2026-00002", "allocated_amount": 5}],
}  # fmt: skip
STOCK = {
    "doctype": "Stock Entry",
    "stock_entry_type": "Material Receipt",
    "company": "Acme GmbH",
    "items": [{"item_code": "SKU-1", "qty": 1, "t_warehouse": "Stores - ACM", "basic_rate": 1}],
}
HOOK = {
    "name": "h", "webhook_doctype": "Sales Order", "webhook_docevent": "on_update", "request_url": "https://{{ doc.name }}.x/",
    "condition": "doc.grand_total > 1", "request_structure": "JSON", "webhook_json": "{}", "enable_security": 1,
    "webhook_secret": "s", "webhook_headers": [{"key": "a", "value": "b"}], "is_dynamic_url": 1, "timeout": 5,
}  # fmt: skip
FIELD = {
    "dt": "Sales Order",
    "label": "X",
    "fieldname": "x",
    "fieldtype": "Link",
    "options": "Customer",
    "unique": 1,
    "default": "ACME",
}
TRANS = [{"docname": "", "item_code": "SKU-1", "qty": 2, "rate": 4, "delivery_date": "2026-12-01", "conversion_factor": 1}]
UPDATE = {
    "parent_doctype": "Sales Order",
    "parent_doctype_name": "SAL-ORD-2026-00002",
    "trans_items": TRANS,
    "child_docname": "items",
}
LIST = {
    "fields": ["name", "customer.customer_group"],
    "filters": [["Sales Order Item", "qty", "in", [1, 2]]],
    "order_by": "name desc",
}
UPDATE_ITEMS = "erpnext.controllers.accounts_controller.update_child_qty_rate"
MAKE = "erpnext.selling.doctype.sales_order.sales_order.make_delivery_note"
ORDER = "/api/resource/Sales Order/SAL-ORD-2026-0000"
GOOD: list[tuple[str, str, Any]] = [
    ("POST", "/api/resource/Sales Order", {**PREMISE, "docstatus": 1}),
    ("POST", "/api/resource/Quotation", {**PREMISE, "quotation_to": "Customer", "party_name": "ACME", "valid_till": "2027-01-01"}),
    ("POST", "/api/resource/Delivery Note", {**PREMISE, "posting_date": "2026-03-02", "set_posting_time": 1}),
    ("POST", "/api/resource/Sales Invoice", {**PREMISE, "due_date": "2026-12-01", "is_return": 0, "docstatus": 1}),
    ("POST", "/api/resource/Payment Entry", PAYMENT),
    ("POST", "/api/resource/Stock Entry", STOCK),
    ("POST", "/api/resource/Customer", {"customer_name": "N", "customer_type": "Company", "email_id": "a@b.co", "mobile_no": "1"}),
    ("POST", "/api/resource/Item", {"item_code": "N", "item_group": "Products", "stock_uom": "Nos", "standard_rate": 5}),
    ("POST", "/api/resource/Webhook", HOOK),
    ("POST", "/api/resource/Custom Field", FIELD),
    ("PUT", f"{ORDER}1", {"items": [{**LINE, "name": "x"}], "docstatus": 1, "taxes": [TAX]}),
    ("PUT", f"{ORDER}2", {"po_no": "1", "docstatus": 2}),
    ("POST", f"{ORDER}1", {"run_method": "submit"}),
    ("POST", "/api/v2/document/Sales Order", PREMISE),
    ("POST", "/api/method/frappe.client.save", {"doc": PREMISE}),
    ("POST", "/api/method/frappe.client.insert_many", {"docs": [PREMISE, {"doctype": "Customer", "customer_name": "N"}]}),
    ("POST", "/api/method/frappe.client.bulk_update", {"docs": json.dumps([{"doctype": "Customer", "docname": "ACME", "x": 1}])}),
    ("POST", "/api/method/frappe.client.set_value", {"doctype": "Customer", "name": "ACME", "fieldname": {"tax_id": "1"}}),
    ("POST", "/api/method/frappe.client.get_list", {"doctype": "Sales Order", **LIST, "group_by": "customer", "limit_start": 0}),
    ("POST", "/api/method/frappe.client.get_value", {"doctype": "Customer", "fieldname": ["name"], "filters": {"name": "ACME"}}),
    ("POST", "/api/method/frappe.client.rename_doc", {"doctype": "Customer", "old_name": "ACME", "new_name": "B", "merge": 0}),
    ("POST", "/api/method/frappe.desk.reportview.get", {"doctype": "Sales Order", **LIST, "start": 0, "page_length": 5}),
    ("POST", "/api/method/frappe.desk.form.save.savedocs", {"doc": json.dumps(PREMISE), "action": "Save"}),
    ("POST", "/api/method/run_doc_method", {"dt": "Sales Order", "dn": "SAL-ORD-2026-00001", "method": "submit", "args": "{}"}),
    ("POST", f"/api/method/{UPDATE_ITEMS}", {**UPDATE, "trans_items": json.dumps(TRANS)}),
    ("POST", "/api/method/frappe.model.mapper.make_mapped_doc", {"method": MAKE, "source_name": "SAL-ORD-2026-00002", "args": {}}),
    ("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}),
]  # fmt: skip
EXTREMES = st.sampled_from([10**4000, "9" * 400, "1e9999", -1e308, "2026-02-30", "\x00", "x" * 200, [], {}, [[]], 1e-320])


@st.composite
def nearly_good_calls(draw: st.DrawFn) -> Call:
    """A good call with one part of its body replaced by something made up, or with something added."""
    method, path, body = draw(st.sampled_from(GOOD))
    body = replaced(body, draw(st.sampled_from(places(body))), draw(JSON | EXTREMES))
    if isinstance(body, dict) and draw(st.booleans()):
        body[draw(NAMES)] = draw(JSON)
    return Call(method, path, "", {"content-type": "application/json"}, json.dumps(body).encode())


def judge(reply: Reply) -> None:
    """An answer of HTTP; JSON that can be read; a 500 only of the kinds that the vendor has."""
    assert 200 <= reply.status < 600
    if reply.body and reply.headers["content-type"].startswith("application/json"):
        body = json.loads(reply.body)
        if reply.status == 500 and "exc_type" in body:
            assert body["exc_type"] in STUMBLES, body["exc_type"]


@settings(max_examples=200)
@given(sent=st.lists(calls() | nearly_good_calls(), min_size=1, max_size=4))
def test_no_call_makes_the_fake_raise(sent: list[Call]) -> None:
    """Invariant: every answer is one of HTTP in the vendor's form, and a refusal changed no record."""
    site = ErpSite()
    site.draft_order()
    site.submitted_order()
    for call in sent:
        call.headers = {**TOKEN, **call.headers}
        changes = len(site.fake.store.changes)
        reply = site.fake.handle(call)
        judge(reply)
        if reply.status >= 400:
            assert reply.outcome is Outcome.NOT_APPLIED
            assert len(site.fake.store.changes) == changes
    site.wait(10)
    assert site.send("GET", "/api/method/ping").status == 200
    for delivery in site.fake.webhooks.take_due():
        assert delivery.body


@given(body=JSON)
def test_no_question_to_a_list_makes_the_fake_raise(body: Any) -> None:
    """Invariant: a list answers 200, or one of the vendor's refusals, whatever stands in its parameters."""
    site = ErpSite()
    site.draft_order()
    text = _text(body)
    for name in ("fields", "filters", "or_filters", "order_by", "group_by", "limit", "limit_start", "limit_page_length", "as_dict"):
        judge(site.fake.handle(Call("GET", "/api/resource/Sales Order", urlencode({name: text}), dict(TOKEN))))
    judge(site.call("frappe.client.get_list", doctype="Sales Order", filters=body))
    judge(site.call("frappe.client.get_count", doctype="Sales Order", filters=[["po_no", "=", body], ["grand_total", ">", body]]))
    judge(site.call("frappe.client.get_list", doctype="Sales Order", fields=body, order_by=text))
