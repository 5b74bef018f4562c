"""One site from login to paid invoice: the path an integration walks, and the surprises on it. Source: facts 8 and 10.2."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import SALES_ORDER, TOKEN, VAT, ErpSite, messages_of, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.kit.call import Call, Reply
from harness.kit.people import NotPossible

SO = SALES_ORDER


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def message_of(reply: Reply) -> str:
    return str(messages_of(reply)[-1]["message"])


# -- who may come in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("token syncproof:syncproof", 200),
        ("TOKEN syncproof:syncproof", 200),
        ("Basic " + base64.b64encode(b"syncproof:syncproof").decode(), 200),
        ("token syncproof:wrong", 401),
        ("token nobody", 401),
        ("ApiKey syncproof:syncproof", 401),
        ("Basic ???", 400),
        ("token", 403),
        ("token a b", 403),
        ("", 403),
    ],
)
def test_what_comes_of_each_kind_of_credentials(site: ErpSite, authorization: str, status: int) -> None:
    headers = {"authorization": authorization} if authorization else {}
    assert site.send("GET", "/api/resource/Customer", headers=headers).status == status


def test_a_login_gives_a_session_that_lasts_until_logout(site: ErpSite) -> None:
    reply = site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}, headers={})
    assert reply.json()["message"] == "Logged In"
    cookie = {"cookie": reply.headers["set-cookie"].split(";")[0]}
    assert site.send("GET", "/api/method/frappe.auth.get_logged_user", headers=cookie).json() == {"message": "Administrator"}
    site.send("GET", "/api/method/logout", headers=cookie)
    assert site.send("GET", "/api/method/frappe.auth.get_logged_user", headers=cookie).status == 403
    assert site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "wrong"}, headers={}).status == 401


def test_guests_may_ping_and_nothing_else(site: ErpSite) -> None:
    assert site.send("GET", "/api/method/ping", headers={}).json() == {"message": "pong"}
    assert site.send("GET", "/api/method/frappe.client.get_count", headers={}, doctype="Customer").status == 403


# -- documents ----------------------------------------------------------------------------------------------------


def test_p1_a_second_customer_of_the_same_name_is_renamed_not_refused(site: ErpSite) -> None:
    reply = site.post("Customer", customer_name="acme", customer_type="Company")
    assert reply.status == 200
    assert reply.json()["data"]["name"].lower() == "acme - 1"
    assert "already exists" in message_of(reply)


def test_p2_p31_lists_stop_at_twenty_rows_and_only_filters_filter(site: ErpSite) -> None:
    for number in range(24):
        site.post("Customer", customer_name=f"C{number:02}", customer_type="Company")
    assert len(site.rows("Customer")) == 20
    assert len(site.rows("Customer", limit_page_length="0")) == 25
    assert len(site.rows("Customer", customer_name="C01", limit_page_length="0")) == 25
    assert site.rows("Customer", filters={"customer_name": "C01"}) == [{"name": "C01"}]


def test_p5_a_child_table_in_a_put_replaces_all_rows(site: ErpSite) -> None:
    name = site.order(("SKU-1", 3, 33.33), ("SKU-2", 2, 12.5)).json()["data"]["name"]
    before = {row["name"] for row in site.get("Sales Order", name)["items"]}
    row = {"item_code": "SKU-2", "qty": 1, "rate": 12.5, "warehouse": "Stores - ACM"}
    after = site.put("Sales Order", name, items=[row]).json()["data"]["items"]
    assert [row["item_code"] for row in after] == ["SKU-2"]
    assert not before & {row["name"] for row in after}


def test_p7_p8_unknown_fields_vanish_and_nulls_are_left_out_of_single_reads_only(site: ErpSite) -> None:
    name = site.order(custom_external_id="X-1").json()["data"]["name"]
    assert "custom_external_id" not in site.get("Sales Order", name)
    assert "po_no" not in site.get("Sales Order", name)
    assert site.rows("Sales Order", fields=["name", "po_no"]) == [{"name": name, "po_no": None}]


def test_p11_submitting_twice_by_put_is_no_error_and_by_client_submit_is(site: ErpSite) -> None:
    name = site.order().json()["data"]["name"]
    held = site.get("Sales Order", name)
    assert site.put("Sales Order", name, docstatus=1).status == 200
    assert site.put("Sales Order", name, docstatus=1).status == 200
    assert "has been modified" in refused(
        site.send("POST", "/api/method/frappe.client.submit", {"doc": held}), 417, "TimestampMismatchError"
    )


@pytest.mark.parametrize(
    ("before", "wanted", "exc_type"),
    [(0, 2, "DocstatusTransitionError"), (1, 0, "DocstatusTransitionError"), (2, 1, "ValidationError"), (0, 3, "ValidationError")],
)
def test_forbidden_changes_of_docstatus(site: ErpSite, before: int, wanted: int, exc_type: str) -> None:
    name = site.order(docstatus=min(before, 1)).json()["data"]["name"]
    if before == 2:
        assert site.put("Sales Order", name, docstatus=2).status == 200
    assert site.put("Sales Order", name, docstatus=wanted).json()["exc_type"] == exc_type
    assert site.get("Sales Order", name)["docstatus"] == before


def test_of_two_people_with_one_document_exactly_one_wins(site: ErpSite) -> None:
    name = site.order().json()["data"]["name"]
    stamp = site.get("Sales Order", name)["modified"]
    assert site.put("Sales Order", name, modified=stamp, po_no="first").status == 200
    refused(site.put("Sales Order", name, modified=stamp, po_no="second"), 417, "TimestampMismatchError")
    assert site.get("Sales Order", name)["po_no"] == "first"


def test_p22_a_get_that_would_write_changes_nothing(site: ErpSite) -> None:
    name = site.order().json()["data"]["name"]
    site.send("GET", f"/api/resource/Sales Order/{name}", run_method="submit")
    assert site.get("Sales Order", name)["docstatus"] == 0


def test_a_failed_create_gives_its_number_back(site: ErpSite) -> None:
    refused(site.order(("NOPE", 1, 1.0)), 417, "LinkValidationError")
    assert site.order().json()["data"]["name"] == "SAL-ORD-2026-00001"


def test_p28_p30_missing_is_404_without_a_trace_and_validation_is_417(site: ErpSite) -> None:
    reply = site.send("GET", "/api/resource/Sales Order/SAL-ORD-2026-99999")
    assert refused(reply, 404, "DoesNotExistError") == "Sales Order SAL-ORD-2026-99999 not found"
    assert "exc" not in reply.json()
    assert "exception" not in reply.json()
    assert refused(site.order(delivery_date=None), 417, "ValidationError") == "Please enter Delivery Date"


def test_a_unique_custom_field_refuses_the_second_order_and_finds_the_first(site: ErpSite) -> None:
    field = {
        "dt": "Sales Order",
        "label": "External ID",
        "fieldname": "custom_external_id",
        "fieldtype": "Data",
        "unique": 1,
        "no_copy": 1,
    }
    assert site.post("Custom Field", **field).json()["data"]["name"] == "Sales Order-custom_external_id"
    name = site.submitted_order(custom_external_id="EXT-1")
    assert refused(site.order(custom_external_id="EXT-1"), 417, "UniqueValidationError") == "External ID must be unique"
    assert site.rows("Sales Order", filters=[["custom_external_id", "=", "EXT-1"]]) == [{"name": name}]
    assert "already exists" in refused(site.post("Custom Field", **field), 417, "ValidationError")


def test_p33_p34_p35_names_are_case_blind_children_repeat_parents_and_less_than_takes_nulls(site: ErpSite) -> None:
    assert site.get("Customer", "acme")["name"] == "ACME"
    name = site.order(("SKU-1", 1, 5.0), ("SKU-2", 1, 5.0)).json()["data"]["name"]
    found = site.rows("Sales Order", filters=[["Sales Order Item", "qty", "=", 1]])
    assert found == [{"name": name}, {"name": name}]
    assert site.rows("Sales Order", filters=[["po_date", "<", "2026-01-01"]]) == [{"name": name}]


# -- money and goods ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("discount", "net", "grand"),
    [
        ({}, 124.99, 153.64),
        ({"additional_discount_percentage": 10, "apply_discount_on": "Grand Total"}, 112.08, 138.28),
        ({"additional_discount_percentage": 10, "apply_discount_on": "Net Total"}, 112.49, 138.76),
    ],
)
def test_the_worked_examples_of_the_totals_algorithm(site: ErpSite, discount: dict[str, Any], net: float, grand: float) -> None:
    """3 x 33.333 is 3 x 33.33 = 99.99; 2 x 12.50 = 25.00; VAT 19 %; freight 4.90 (facts 4.9)."""
    freight = {
        "charge_type": "Actual",
        "account_head": "Freight and Forwarding Charges - ACM",
        "description": "freight",
        "tax_amount": 4.9,
    }
    data = site.order(("SKU-1", 3, 33.333), ("SKU-2", 2, 12.5), taxes=[VAT, freight], **discount).json()["data"]
    assert (data["total"], data["net_total"], data["grand_total"]) == (124.99, net, grand)


def test_p14_a_rate_of_zero_is_replaced_by_the_list_price(site: ErpSite) -> None:
    assert site.order(("SKU-1", 1, 0)).json()["data"]["items"][0]["rate"] == 33.33


def test_from_order_to_payment(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 3, 33.33), taxes=[VAT])
    assert site.get("Sales Order", name)["status"] == "To Deliver and Bill"
    note = site.send("POST", f"/api/method/{SO}.make_delivery_note", {"source_name": name}).json()["message"]
    note["items"][0]["qty"] = 1
    assert site.post("Delivery Note", **{**note, "docstatus": 1}).status == 200
    order = site.get("Sales Order", name)
    assert (order["per_delivered"], order["delivery_status"]) == (33.333333, "Partly Delivered")
    site.people.ship(name, Decimal(1))
    assert site.get("Sales Order", name)["status"] == "To Bill"
    invoice = site.people.invoice(name)
    assert invoice is not None
    assert site.get("Sales Order", name)["status"] == "Completed"
    assert (site.get("Sales Invoice", invoice)["status"], site.get("Sales Invoice", invoice)["outstanding_amount"]) == (
        "Unpaid",
        118.99,
    )
    site.people.pay(invoice, Decimal("0.5"))
    assert site.get("Sales Invoice", invoice)["status"] == "Partly Paid"
    site.people.pay(invoice, Decimal(1))
    assert (site.get("Sales Invoice", invoice)["status"], site.get("Sales Invoice", invoice)["outstanding_amount"]) == ("Paid", 0.0)
    refused(
        site.send(
            "POST",
            "/api/method/erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry",
            {"dt": "Sales Invoice", "dn": invoice},
        ),
        417,
        "ValidationError",
    )


def test_p20_shortage_and_over_delivery_appear_at_submit_not_before(site: ErpSite) -> None:
    name = site.submitted_order(("SKU-1", 500, 1.0))
    note = site.send("POST", f"/api/method/{SO}.make_delivery_note", {"source_name": name}).json()["message"]
    draft = site.post("Delivery Note", **note).json()["data"]["name"]
    assert "needed in" in refused(site.put("Delivery Note", draft, docstatus=1), 417, "NegativeStockError")
    small = site.submitted_order(("SKU-1", 2, 1.0))
    note = site.send("POST", f"/api/method/{SO}.make_delivery_note", {"source_name": small}).json()["message"]
    note["items"][0]["qty"] = 5
    over = site.post("Delivery Note", **note).json()["data"]["name"]
    assert "over limit by" in refused(site.put("Delivery Note", over, docstatus=1), 417, "OverAllowanceError")
    with pytest.raises(NotPossible, match="needed in"):
        site.people.ship(name, Decimal(1))


def test_p45_two_invoices_of_one_order_both_save_and_the_second_fails_at_submit(site: ErpSite) -> None:
    name = site.submitted_order()
    proposal = site.send("POST", f"/api/method/{SO}.make_sales_invoice", {"source_name": name}).json()["message"]
    first, second = (site.post("Sales Invoice", **proposal).json()["data"]["name"] for _ in range(2))
    assert site.put("Sales Invoice", first, docstatus=1).status == 200
    assert "over limit by" in refused(site.put("Sales Invoice", second, docstatus=1), 417, "OverAllowanceError")


def test_p44_an_order_from_a_quotation_lacks_its_delivery_date(site: ErpSite) -> None:
    items = [{"item_code": "SKU-1", "qty": 3}]
    quotation = site.post("Quotation", quotation_to="Customer", party_name="ACME", items=items, docstatus=1).json()["data"]["name"]
    method = "erpnext.selling.doctype.quotation.quotation.make_sales_order"
    order = site.send("POST", f"/api/method/{method}", {"source_name": quotation}).json()["message"]
    assert refused(site.post("Sales Order", **order), 417, "ValidationError") == "Please enter Delivery Date"
    order["items"][0]["warehouse"] = "Stores - ACM"
    assert site.post("Sales Order", **{**order, "delivery_date": "2026-04-01", "docstatus": 1}).status == 200
    assert site.get("Quotation", quotation)["status"] == "Ordered"


@settings(max_examples=25, deadline=None)
@given(
    lines=st.lists(st.tuples(st.integers(1, 20), st.decimals("0.01", "999.99", places=2)), min_size=1, max_size=3),
    shares=st.lists(st.sampled_from(["0.2", "0.5", "0.8"]), max_size=2),
    paid=st.sampled_from(["0.3", "0.6", "1"]),
)
def test_whatever_the_parts_everything_adds_up_and_can_be_undone(
    lines: list[tuple[int, Decimal]], shares: list[str], paid: str
) -> None:
    """Invariant: any deliveries, invoices and payments of an order end at 100 % and 0 owed; cancelling all restores the stock."""
    site = ErpSite()
    name = site.submitted_order(*(("SKU-1", qty, float(rate)) for qty, rate in lines), taxes=[VAT])
    notes, invoices, payments = [], [], []
    for share in (*shares, "1"):
        if (note := site.people.ship(name, Decimal(share))) is not None:
            notes.append(note)
            invoices.append(site.people.invoice(name))
    for invoice in invoices:
        payments += [payment for part in (paid, "1") if (payment := site.people.pay(str(invoice), Decimal(part))) is not None]
    order = site.get("Sales Order", name)
    assert (order["per_delivered"], order["per_billed"], order["status"]) == (100.0, 100.0, "Completed")
    bills = [site.get("Sales Invoice", str(invoice)) for invoice in invoices]
    assert all(bill["outstanding_amount"] == 0 and bill["status"] == "Paid" for bill in bills)
    assert (
        sum(Decimal(str(bill["net_total"])) for bill in bills)
        == Decimal(str(order["net_total"]))
        == sum(qty * rate for qty, rate in lines)
    )
    for doctype, names in (
        ("Payment Entry", payments),
        ("Sales Invoice", invoices),
        ("Delivery Note", notes),
        ("Sales Order", [name]),
    ):
        for document in names:
            assert site.put(doctype, str(document), docstatus=2).status == 200
    (stock,) = site.rows("Bin", filters={"item_code": "SKU-1"}, fields=["actual_qty", "reserved_qty"])
    assert stock == {"actual_qty": 100.0, "reserved_qty": 0.0}


def test_an_order_with_a_delivery_cannot_be_cancelled(site: ErpSite) -> None:
    name = site.submitted_order()
    site.people.ship(name, Decimal(1))
    assert "is linked with Delivery Note" in refused(site.put("Sales Order", name, docstatus=2), 417, "LinkExistsError")


# -- webhooks and limits ------------------------------------------------------------------------------------------


def test_p23_a_submit_is_told_once_signed_and_a_delivery_does_not_update_the_order(site: ErpSite) -> None:
    site.fake.connect_webhooks("https://engine.example/erp", "s3cret")
    name = site.submitted_order()
    site.clock.advance(timedelta(seconds=5))
    due = {delivery.subject: delivery for delivery in site.fake.webhooks.take_due()}
    body = due[f"Sales Order on_submit {name}"].body
    expected = base64.b64encode(hmac.new(b"s3cret", body, hashlib.sha256).digest()).decode()
    assert due[f"Sales Order on_submit {name}"].headers["X-Frappe-Webhook-Signature"] == expected
    assert json.loads(body)["name"] == name


def test_no_secret_reaches_the_journal_by_any_door() -> None:
    site = ErpSite()
    keyed = [{"key": "X-Api-Key", "value": "HDRSECRET7"}]
    hook = {"name": "own", "webhook_doctype": "Customer", "webhook_docevent": "on_update", "request_url": "https://e.example/"}
    made = site.post("Webhook", **hook, enable_security=1, webhook_secret="TOPSECRET42", webhook_headers=keyed)
    assert made.status == 200
    site.put("Webhook", "own", webhook_secret="TOPSECRET43")
    site.send("GET", "/api/resource/Webhook/own")
    site.send("GET", "/api/method/login", headers={}, usr="Administrator", pwd="PASSWORD44")
    site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "PASSWORD45"}, headers={})
    site.fake.handle(
        Call("POST", "/api/method/login", "", {"content-type": "application/x-www-form-urlencoded"}, b"usr=A&pwd=PASSWORD46")
    )
    journal = site.fake.journal.to_bytes()
    for secret in (b"TOPSECRET", b"HDRSECRET", b"PASSWORD4", b"syncproof:syncproof"):
        assert secret not in journal
    assert b"Secret sauce" not in journal
    site.post("Customer", customer_name="Secret sauce", customer_type="Company")
    assert b"Secret sauce" in site.fake.journal.to_bytes(), "a name is no secret because it says so"


def test_the_processing_time_limiter_refuses_until_its_window_ends() -> None:
    site = ErpSite(rate_limit_seconds=1.0, rate_limit_window_seconds=60)
    replies = [site.send("GET", "/api/resource/Customer") for _ in range(200)]
    refusals = [reply for reply in replies if reply.status == 429]
    assert refusals
    assert replies[0].headers["x-ratelimit-limit"] == "1000000"
    assert refusals[0].json()["exc_type"] == "TooManyRequestsError"
    site.clock.advance(timedelta(seconds=int(refusals[0].headers["retry-after"])))
    assert site.send("GET", "/api/resource/Customer").status == 200


# -- bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("PATCH", "/api/resource/Customer/ACME", 405), ("GET", "/api/resource/Nonsense", 404)],
)
def test_unknown_paths_verbs_and_doctypes(site: ErpSite, method: str, path: str, status: int) -> None:
    assert site.send(method, path).status == status


@pytest.mark.parametrize(
    "function", ["get", "get_list", "get_count", "get_value", "insert", "save", "submit", "cancel", "delete", "set_value"]
)
def test_client_functions_meet_an_unknown_doctype_with_a_404(site: ErpSite, function: str) -> None:
    known = {"doctype": "Nonsense", "name": "x", "fieldname": "y", "doc": {"doctype": "Nonsense", "name": "x"}}
    refused(site.send("POST", f"/api/method/frappe.client.{function}", known), 404, "DoesNotExistError")


def test_p32_plain_text_where_json_belongs_is_a_500_of_the_vendors_kind(site: ErpSite) -> None:
    assert refused(site.send("GET", "/api/resource/Customer", fields="name"), 500, "JSONDecodeError")


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
    f"/api/method/{SO}.make_delivery_note",
]


@settings(max_examples=150, deadline=None)
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
    before = SHARED.fake.store.count("Sales Order")
    reply = SHARED.fake.handle(Call(method, path, query, {**TOKEN, "content-type": "application/json"}, body))
    assert 200 <= reply.status <= 503
    assert reply.status < 400 or SHARED.fake.store.count("Sales Order") == before


SHARED = ErpSite()
