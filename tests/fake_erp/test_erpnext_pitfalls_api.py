"""The facts' pitfalls of the API surface, each by its number. Source: facts 8."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erpnext_site import SALES_ORDER, TOKEN, ErpSite, data_of, messages_of, refused

from harness.kit.call import Call, Reply

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def message_of(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return reply.json()["message"]


def test_pitfall_p08_a_null_is_missing_in_a_single_read_and_null_in_a_list(site: ErpSite) -> None:
    name = site.draft_order()
    assert "po_no" not in site.get("Sales Order", name)
    assert site.rows("Sales Order", fields=["name", "po_no"]) == [{"name": name, "po_no": None}]
    whole = message_of(site.call("frappe.client.get", doctype="Sales Order", name=name))
    assert whole["po_no"] is None
    assert whole["items"][0]["item_tax_template"] is None
    assert "item_tax_template" not in site.get("Sales Order", name)["items"][0]


def test_pitfall_p08_releases_of_2026_keep_nulls_in_single_reads() -> None:
    site = ErpSite(reads_keep_nulls=True)
    assert site.get("Sales Order", site.draft_order())["po_no"] is None


def test_pitfall_p11_submitting_twice_is_fine_by_put_and_stale_by_client_submit(site: ErpSite) -> None:
    name = site.draft_order()
    draft = site.get("Sales Order", name)
    assert site.put("Sales Order", name, docstatus=1).status == 200
    again = data_of(site.put("Sales Order", name, docstatus=1))
    assert (again["docstatus"], again["modified"] > draft["modified"]) == (1, True)
    assert site.bin("SKU-1") == (100.0, 3.0), "reserved once"
    words = refused(site.call("frappe.client.submit", doc=draft), 417, "TimestampMismatchError")
    assert words.startswith("Error: Document has been modified after you have opened it (")


def test_pitfall_p11_savedocs_submits_once_and_is_stale_the_second_time(site: ErpSite) -> None:
    draft = json.dumps(site.get("Sales Order", site.draft_order()))
    saved = site.call("frappe.desk.form.save.savedocs", doc=draft, action="Submit")
    assert saved.json()["docs"][0]["docstatus"] == 1
    assert messages_of(saved)[-1]["message"] == "Submitted"
    refused(site.call("frappe.desk.form.save.savedocs", doc=draft, action="Submit"), 417, "TimestampMismatchError")


@pytest.mark.parametrize("how", ["run_method", "mapped status", "v2"])
def test_pitfall_p22_a_get_that_writes_answers_well_and_keeps_nothing(site: ErpSite, how: str) -> None:
    site.fake.connect_webhooks("https://engine.example/erp", "s3cret")
    name = site.submitted_order() if how == "mapped status" else site.draft_order()
    site.fake.webhooks.clear()
    before = site.get("Sales Order", name)
    match how:
        case "run_method":
            reply = site.send("GET", f"/api/resource/Sales Order/{name}", run_method="submit")
            assert data_of(reply)["docstatus"] == 1
        case "v2":
            reply = site.send("GET", f"/api/v2/document/Sales Order/{name}/method/submit")
            assert data_of(reply)["docstatus"] == 1
        case _:
            reply = site.send("GET", f"/api/method/{SALES_ORDER}.update_status", status="Closed", name=name)
            assert (reply.status, reply.json()) == (200, {})
    assert site.get("Sales Order", name) == before
    assert site.fake.webhooks.pending == 0


def test_pitfall_p28_a_404_has_neither_exc_nor_exception_so_old_clients_read_it_as_nothing(site: ErpSite) -> None:
    body = site.send("GET", "/api/resource/Customer/Nobody").json()
    assert sorted(body) == ["_server_messages", "exc_type"]
    understood = body if "exc" in body else body.get("message") or body.get("data")  # frappe-client's reading of any answer
    assert understood is None


def test_pitfall_p29_a_create_is_a_200_and_a_delete_a_202(site: ErpSite) -> None:
    made = site.post("Customer", customer_name="New", customer_type="Company")
    assert (made.status, made.json()["data"]["name"]) == (200, "New")
    gone = site.delete("Customer", "New")
    assert (gone.status, gone.json()) == (202, {"data": "ok"})
    assert ErpSite(version=14).delete("Customer", "ACME").json() == {"message": "ok"}


def test_pitfall_p30_what_a_controller_refuses_is_a_417(site: ErpSite) -> None:
    reply = site.order(delivery_date=None)
    assert refused(reply, 417, "ValidationError") == "Please enter Delivery Date"
    assert reply.json()["exception"] == "frappe.exceptions.ValidationError: Please enter Delivery Date"


@pytest.mark.parametrize("fields", ["name", "*", "name,owner"])
def test_pitfall_p32_fields_that_are_no_json_are_a_500(site: ErpSite, fields: str) -> None:
    refused(site.send("GET", "/api/resource/Customer", fields=fields), 500, "JSONDecodeError")


def test_pitfall_p36_a_read_only_field_can_be_written_by_the_api(site: ErpSite) -> None:
    site.add("Custom Field", dt="Customer", label="Score", fieldname="custom_score", fieldtype="Data", read_only=1)
    assert data_of(site.put("Customer", "ACME", custom_score="A"))["custom_score"] == "A"
    assert site.get("Customer", "ACME")["custom_score"] == "A"


def test_pitfall_p38_a_token_beside_a_cookie_of_the_desk_is_asked_for_the_csrf_token(site: ErpSite) -> None:
    login = site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}, headers={})
    both = {**TOKEN, "cookie": login.cookies[0].split(";")[0]}
    new = {"customer_name": "Shared jar", "customer_type": "Company"}
    assert site.send("POST", "/api/resource/Customer", new, headers=both).status == 200, "no page has made a token yet"
    assert site.send("GET", "/app", headers=both).status == 200
    reply = site.send("POST", "/api/resource/Customer", new, headers=both)
    assert refused(reply, 400, "CSRFTokenError") == "Invalid Request"
    assert sorted(reply.json()) == ["_server_messages", "exc_type"]
    assert site.send("GET", "/api/resource/Customer", headers=both).status == 200, "reads are never asked"
    assert site.send("POST", "/api/resource/Customer", new).status == 200, "nor is a token alone"


def test_pitfall_p39_a_post_with_a_trailing_slash_is_redirected_and_comes_back_as_a_get(site: ErpSite) -> None:
    path = "/api/method/frappe.client.insert/"
    doc = {"doc": {"doctype": "Customer", "customer_name": "Lost", "customer_type": "Company"}}
    reply = site.send("POST", path, doc)
    assert (reply.status, reply.headers["location"]) == (301, path[:-1])
    followed = site.send("GET", reply.headers["location"])  # what clients make of a 301
    assert refused(followed, 403, "PermissionError") == "Not permitted"
    assert site.rows("Customer") == [{"name": "ACME"}]
    straight = ErpSite(redirect_trailing_slash=False)
    assert message_of(straight.send("POST", path, doc))["name"] == "Lost"


def test_pitfall_p39_the_redirect_keeps_the_query_and_quotes_the_path(site: ErpSite) -> None:
    reply = site.send("GET", "/api/resource/Sales Order/", limit="5")
    assert (reply.status, reply.headers["location"]) == (301, "/api/resource/Sales%20Order?limit=5")


@pytest.mark.parametrize("value", [0, "", None, False])
def test_pitfall_p50_set_value_makes_an_empty_text_of_whatever_is_falsy(site: ErpSite, value: Any) -> None:
    site.put("Customer", "ACME", tax_id="DE1")
    changed = message_of(site.call("frappe.client.set_value", doctype="Customer", name="ACME", fieldname="tax_id", value=value))
    assert changed["tax_id"] == ""
    number = site.call("frappe.client.set_value", doctype="Customer", name="ACME", fieldname="is_frozen", value=value)
    assert message_of(number)["is_frozen"] == 0


@pytest.mark.parametrize(("version", "counted"), [(15, 2), (16, 1)])
def test_pitfall_p51_get_count_counts_what_the_user_may_not_read(version: int, counted: int) -> None:
    anna = {"email": "anna@example.com", "roles": ["Sales User"], "api_key": "a", "api_secret": "s"}
    site = ErpSite(version=version, users=[anna])
    site.add("Customer", customer_name="Other", customer_type="Company")
    site.add("User Permission", user="anna@example.com", allow="Customer", for_value="ACME")
    as_anna = {"authorization": "token a:s", "accept": "application/json"}
    rows = site.send("GET", "/api/resource/Customer", headers=as_anna)
    assert rows.json()["data"] == [{"name": "ACME"}]
    count = site.send("GET", "/api/method/frappe.client.get_count", headers=as_anna, doctype="Customer")
    assert message_of(count) == counted
    refused(site.send("GET", "/api/resource/Customer/Other", headers=as_anna), 403, "PermissionError")


def test_pitfall_p52_names_with_slashes_hashes_and_percents(site: ErpSite) -> None:
    for code in ("A/B#1", "100%", "A?B"):
        site.add("Item", item_code=code, item_name=code, item_group="Products", stock_uom="Nos")
        assert site.get("Item", code)["name"] == code, "a client that encodes the name finds it"
    cut = site.send("GET", "/api/resource/Item/A/B")  # what arrives when the client does not encode the hash
    refused(cut, 404, "DoesNotExistError")
    assert "name" in data_of(site.send("PUT", "/api/resource/Item/A/B#1", {"item_name": "Slash"}))
    assert data_of(site.send("GET", "/api/v2/document/Item/A/B#1"))["item_name"] == "Slash"


def test_pitfall_p57_a_json_body_hides_the_query_string(site: ErpSite) -> None:
    name = site.draft_order()
    path = f"/api/resource/Sales Order/{name}"
    assert refused(site.send("POST", path, {}, run_method="submit"), 500, "KeyError") == "KeyError: 'run_method'"
    assert site.get("Sales Order", name)["docstatus"] == 0
    by_form = site.fake.handle(Call("POST", path, "run_method=submit", {**TOKEN, "content-type": FORM}, b"a=1"))
    assert data_of(by_form)["docstatus"] == 1
