"""What holds for any input: an answer always comes, a refusal leaves nothing, a GET never persists."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from erpnext_site import EXTERNAL_ID, GET_PAYMENT_ENTRY, SALES_ORDER, TOKEN, ErpSite
from hypothesis import example, given
from hypothesis import strategies as st

from harness.kit.call import Call, Reply

DOCTYPES = [
    "Customer",
    "Contact",
    "Address",
    "Item",
    "Item Price",
    "Quotation",
    "Sales Order",
    "Delivery Note",
    "Sales Invoice",
    "Payment Entry",
    "Stock Entry",
    "Custom Field",
    "Webhook",
]
NAMES = ["ACME", "SKU-1", "SAL-ORD-2026-00001", "Stores - ACM", "EUR", "Nos", "Sales Order", "name", "2026-03-02", "on_update"]


def _site() -> ErpSite:
    site = ErpSite(webhook_request_log=True)
    site.add("Custom Field", **EXTERNAL_ID)
    site.submitted_order(custom_external_id="EXT-1")
    site.draft_order()
    return site


SITE = _site()
SITE.people.ship("SAL-ORD-2026-00001", Decimal("0.4"))
SITE.people.invoice("SAL-ORD-2026-00001")
PROPOSALS = {
    "Delivery Note": SITE.proposal(f"{SALES_ORDER}.make_delivery_note", "SAL-ORD-2026-00001"),
    "Sales Invoice": SITE.proposal(f"{SALES_ORDER}.make_sales_invoice", "SAL-ORD-2026-00001"),
    "Payment Entry": SITE.call(GET_PAYMENT_ENTRY, dt="Sales Invoice", dn="ACC-SINV-2026-00001").json()["message"],
}
START = SITE.fake.remember()
COLUMNS = {name: sorted(SITE.fake.site.meta(name).fields) for name in DOCTYPES}
CHILD_COLUMNS = sorted({column for meta in SITE.fake.site.doctypes.values() if meta.child for column in meta.fields})

numbers = st.one_of(st.integers(-(10**20), 10**20), st.floats(), st.integers(-3, 3))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=8), st.sampled_from(NAMES))
child_rows = st.lists(st.dictionaries(st.sampled_from(CHILD_COLUMNS), scalars, max_size=6), max_size=3)
values = st.one_of(scalars, scalars, child_rows, st.lists(scalars, max_size=2))
line: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"item_code": st.sampled_from(["SKU-1", "SKU-2", "NOPE"]), "qty": numbers, "rate": numbers}
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A DocType and a document of it: sensible rows with senseless values, or the other way round."""
    doctype = draw(st.sampled_from(DOCTYPES))
    fields: dict[str, Any] = draw(st.dictionaries(st.sampled_from(COLUMNS[doctype]), values, max_size=6))
    if "items" in COLUMNS[doctype] and draw(st.booleans()):
        sensible: dict[str, Any] = {
            "customer": "ACME",
            "delivery_date": "2026-05-01",
            "quotation_to": "Customer",
            "party_name": "ACME",
        }
        fields = {**sensible, "items": draw(st.lists(line, min_size=1, max_size=2)), **fields}
    extra = draw(st.dictionaries(st.sampled_from(["docstatus", "name", "modified", "amended_from", "data"]), scalars, max_size=1))
    return doctype, {**fields, **extra}


def send(method: str, path: str, body: Any = None, query: str = "") -> Reply:
    raw = b"" if body is None else json.dumps(body).encode()
    return SITE.fake.handle(Call(method, path, query, {**TOKEN, "content-type": "application/json"}, raw))


def everything() -> dict[str, Any]:
    store = SITE.fake.store
    return {kind: {record.id: record.fields for record in store.all(kind)} for kind in store.kinds()}


def check(reply: Reply, before: dict[str, Any]) -> None:
    assert 200 <= reply.status <= 503
    if reply.status >= 400:
        assert everything() == before


@given(documents())
def test_any_document_is_stored_or_refused_whole(what: tuple[str, dict[str, Any]]) -> None:
    doctype, fields = what
    SITE.fake.put_back(START)
    before = everything()
    reply = send("POST", f"/api/resource/{doctype}", fields)
    check(reply, before)
    if reply.status == 200:
        name = reply.json()["data"]["name"]
        assert send("GET", f"/api/resource/{doctype}/{name}").json()["data"]["name"] == name
        SITE.wait(10)
        SITE.fake.webhooks.take_due()


@given(st.sampled_from(sorted(PROPOSALS)), st.data())
def test_a_proposal_with_anything_changed_is_stored_or_refused_whole(doctype: str, data: st.DataObject) -> None:
    """Deliveries, invoices and payments that are right but for a field or two, submitted and cancelled."""
    SITE.fake.put_back(START)
    document = dict(PROPOSALS[doctype])
    table = "references" if doctype == "Payment Entry" else "items"
    row = dict(document[table][0])
    for target in (document, row):
        changes = data.draw(st.dictionaries(st.sampled_from(sorted(set(target) - {"items", "references"})), values, max_size=1))
        target.update(changes)
    before = everything()
    reply = send("POST", f"/api/resource/{doctype}", {**document, table: [row], "docstatus": data.draw(st.sampled_from([0, 1]))})
    check(reply, before)
    if reply.status == 200:
        saved = reply.json()["data"]
        before = everything()
        check(send("PUT", f"/api/resource/{doctype}/{saved['name']}", {"docstatus": saved["docstatus"] + 1}), before)


@given(
    documents(), st.sampled_from(["SAL-ORD-2026-00001", "SAL-ORD-2026-00002", "ACME", "SKU-1", "Sales Order-custom_external_id"])
)
def test_any_change_is_stored_or_refused_whole(what: tuple[str, dict[str, Any]], name: str) -> None:
    doctype = "Sales Order" if name.startswith("SAL") else {"ACME": "Customer", "SKU-1": "Item"}.get(name, "Custom Field")
    SITE.fake.put_back(START)
    before = everything()
    check(send("PUT", f"/api/resource/{doctype}/{name}", what[1]), before)
    check(send("POST", "/api/method/frappe.client.save", {"doc": {**what[1], "doctype": doctype, "name": name}}), everything())


FILTERS = st.one_of(
    scalars,
    st.dictionaries(st.sampled_from(["name", "modified", "docstatus", "nope"]), values, max_size=2),
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(["name", "grand_total", "modified", "Sales Order Item", "qty", "=", "in", "between", ">"]), values
            ),
            max_size=4,
        ),
        max_size=2,
    ),
)


@given(
    st.dictionaries(
        st.sampled_from(["fields", "filters", "or_filters", "order_by", "limit_start", "limit_page_length", "parent", "as_dict"]),
        st.one_of(
            FILTERS, st.sampled_from(["name desc", "`tabSales Order`.`name`", "nope", "1;2", '["name as x"]', '["items.qty"]'])
        ),
        max_size=4,
    ),
    st.sampled_from(["Sales Order", "Customer", "Sales Order Item", "DocType", "Bin"]),
)
@example({"fields": ["name", {"a": 1}]}, "Customer")
def test_any_list_call_is_answered(query: dict[str, Any], doctype: str) -> None:
    reply = send("POST", "/api/method/frappe.client.get_list", {"doctype": doctype, **query})
    assert 200 <= reply.status <= 503
    reply = send("POST", "/api/method/frappe.client.get_count", {"doctype": doctype, **query})
    assert 200 <= reply.status <= 503
    texts = "&".join(f"{key}={json.dumps(value)}" for key, value in query.items() if "&" not in json.dumps(value))
    assert 200 <= send("GET", f"/api/resource/{doctype}", query=texts.replace("#", "%23")).status <= 503


@given(
    st.sampled_from(
        [
            ("frappe.client.insert", "doc"),
            ("frappe.client.submit", "doc"),
            ("frappe.client.set_value", "fieldname"),
            ("frappe.client.get_value", "fieldname"),
            (f"{SALES_ORDER}.make_delivery_note", "source_name"),
            (f"{SALES_ORDER}.update_status", "status"),
            (GET_PAYMENT_ENTRY, "dt"),
            ("frappe.desk.form.load.getdoctype", "doctype"),
            ("login", "usr"),
        ]
    ),
    values,
    st.dictionaries(st.sampled_from(["doctype", "name", "filters", "value", "dn", "method", "pwd"]), values, max_size=3),
)
def test_a_get_never_persists_and_no_argument_makes_the_fake_fail(
    function: tuple[str, str], value: Any, more: dict[str, Any]
) -> None:
    SITE.fake.put_back(START)
    before = everything()
    path = f"/api/method/{function[0]}"
    assert 200 <= send("GET", path, {**more, function[1]: value}).status <= 503
    assert everything() == before
    check(send("POST", path, {**more, function[1]: value}), before)


PATHS = [
    "/api/resource/Customer",
    "/api/resource/Sales Order",
    "/api/resource/Sales Order/X",
    "/api/resource/Sales Order Item/x",
    "/api/resource/Custom Field",
    "/api/resource/Webhook",
    "/api/method/frappe.client.save",
    "/api/method/frappe.client.get",
    "/api/method/frappe.client.set_value",
    "/api/method/frappe.client.get_list",
    "/api/method/login",
    f"/api/method/{SALES_ORDER}.make_delivery_note",
]


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(PATHS),
    query=st.text(max_size=40),
    body=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["items", "customer", "doc", "doctype", "name", "fields", "filters", "dt", "fieldname", "docstatus"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_no_input_makes_the_fake_itself_fail(method: str, path: str, query: str, body: bytes) -> None:
    """Invariant: whatever comes in, an HTTP answer goes out, and a refused request leaves no record behind."""
    before = SITE.fake.store.count("Sales Order")
    reply = SITE.fake.handle(Call(method, path, query, {**TOKEN, "content-type": "application/json"}, body))
    assert 200 <= reply.status <= 503
    assert reply.status < 400 or SITE.fake.store.count("Sales Order") == before
