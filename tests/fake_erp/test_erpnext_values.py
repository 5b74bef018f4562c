"""What becomes of a value on its way into a document: checks, casts, defaults, fetched values. Source: facts 3.5."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import ErpSite, data_of, messages_of, refused


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def field(site: ErpSite, doctype: str, name: str, fieldtype: str = "Data", **more: Any) -> None:
    """A custom field that must be accepted."""
    site.add("Custom Field", dt=doctype, label=name.title(), fieldname=name, fieldtype=fieldtype, **more)


# -- checks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "good", "bad", "exc_type", "words"),
    [
        ("Email", "a@x.de, b@x.de", "a@x.de, nobody", "InvalidEmailAddressError", "nobody is not a valid Email Address"),
        ("Phone", "+49 (30) 1-2", "call me", "InvalidPhoneNumberError", "call me is not a valid Phone Number"),
        ("Name", "O'Neill Jane", "Jane <3", "InvalidNameError", "Jane <3 is not a valid Name"),
        ("URL", "https://x.de/a?b=1", "x.de", "ValidationError", "'<strong>x.de</strong>' is not a valid URL"),
    ],
)
def test_a_data_field_says_what_it_holds(site: ErpSite, options: str, good: str, bad: str, exc_type: str, words: str) -> None:
    field(site, "Customer", "custom_it", options=options)
    assert data_of(site.put("Customer", "ACME", custom_it=good))["custom_it"] == good
    assert refused(site.put("Customer", "ACME", custom_it=bad), 417, exc_type) == words


def test_a_choice_is_one_of_its_options_in_its_own_case(site: ErpSite) -> None:
    field(site, "Customer", "custom_size", "Select", options="\nSmall\nBig")
    assert data_of(site.put("Customer", "ACME", custom_size=" Small "))["custom_size"] == "Small"
    assert data_of(site.put("Customer", "ACME", custom_size=""))["custom_size"] == ""
    words = refused(site.put("Customer", "ACME", custom_size="small"), 417, "ValidationError")
    assert words == ' Custom_Size cannot be "small". It should be one of "", "Small", "Big"'


def test_what_is_wrong_in_a_row_names_the_row(site: ErpSite) -> None:
    rows = [{"item_code": "SKU-1", "qty": 1}, {"item_code": "SKU-1", "qty": 1, "margin_type": "Half"}]
    words = refused(site.order(items=rows), 417, "ValidationError")
    assert words == 'Row #2: Margin Type cannot be "Half". It should be one of "", "Percentage", "Amount"'
    rows[1] = {"item_code": "SKU-1", "qty": -1}
    reply = site.order(items=rows)
    assert reply.status == 417


def test_what_may_not_be_negative(site: ErpSite) -> None:
    reply = site.put("Item", "SKU-1", weight_per_unit=-1)
    words = refused(reply, 417, "NonNegativeError")
    assert words == "Value cannot be negative for Item: <strong>Weight Per Unit</strong>"
    assert messages_of(reply)[-1]["title"] == "Negative Value"


def test_lengths_of_text_and_numbers(site: ErpSite) -> None:
    field(site, "Customer", "custom_short", length=5)
    field(site, "Customer", "custom_count", "Int")
    reply = site.put("Customer", "ACME", custom_short="123456")
    words = refused(reply, 417, "CharacterLengthExceededError")
    assert words.startswith(
        "<strong>Customer ACME</strong>: 'Custom_Short' (123456) will get truncated, as max characters allowed is 5"
    )
    assert messages_of(reply)[-1]["title"] == "Value too big"
    refused(site.put("Customer", "ACME", custom_count=10**11), 417, "CharacterLengthExceededError")
    reply = site.put("Customer", "ACME", custom_count=2**31)
    assert (reply.status, reply.json()["exception"].split(":")[0]) == (500, "pymysql.err.DataError")
    assert data_of(site.put("Customer", "ACME", custom_count="2,147,483,647"))["custom_count"] == 2147483647


def test_links_are_rewritten_as_their_target_is_written(site: ErpSite) -> None:
    order = data_of(site.order(customer="acme "))
    assert order["customer"] == "ACME"
    words = refused(site.order(customer="Nobody", items=[{"item_code": "NOPE", "qty": 1}]), 417, "LinkValidationError")
    assert words == "Could not find Customer: Nobody, Row #1: Item Code: NOPE"


def test_a_dynamic_link_needs_its_type(site: ErpSite) -> None:
    address = {"address_title": "X", "address_type": "Billing", "address_line1": "a", "city": "b", "country": "Germany"}
    words = refused(site.post("Address", **address, links=[{"link_name": "ACME"}]), 417, "ValidationError")
    assert words == "Link Document Type must be set first"


def test_a_cancelled_document_takes_no_links(site: ErpSite) -> None:
    name = site.submitted_order()
    proposal = site.proposal("erpnext.selling.doctype.sales_order.sales_order.make_delivery_note", name)
    site.put("Sales Order", name, docstatus=2)
    words = refused(site.post("Delivery Note", **proposal), 417, "CancelledLinkError")
    assert words == f"Cannot link cancelled document: Row #1: Against Sales Order: {name}"


def test_zero_is_there_and_blanks_or_empty_tags_are_not(site: ErpSite) -> None:
    field(site, "Customer", "custom_must", reqd=1)
    for nothing in ("", "   ", "<p> </p>", None):
        reply = site.put("Customer", "ACME", custom_must=nothing)
        assert refused(reply, 417, "MandatoryError") == "Error: Value missing for Customer: Custom_Must"
        assert reply.json()["exception"].endswith("[Customer, ACME]: custom_must")
    assert data_of(site.put("Customer", "ACME", custom_must=0))["custom_must"] == "0"


def test_lists_and_objects_in_plain_fields(site: ErpSite) -> None:
    words = refused(site.put("Customer", "ACME", website=["a"]), 417, "ValidationError")
    assert words == "Value for Website cannot be a list"
    assert site.put("Customer", "ACME", website={"a": 1}).json()["exception"] == "TypeError: dict can not be used as parameter"
    field(site, "Customer", "custom_json", "JSON")
    assert data_of(site.put("Customer", "ACME", custom_json={"a": [1, "ä"]}))["custom_json"] == '{"a":[1,"\\u00e4"]}'


# -- casts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fieldtype", "sent", "kept"),
    [
        ("Int", "1,234", 1234),
        ("Int", "abc", 0),
        ("Int", 7.9, 7),
        ("Float", "1,234.5", 1234.5),
        ("Currency", "abc", 0.0),
        ("Percent", None, 0.0),
        ("Check", "yes", 0),
        ("Check", True, 1),
        ("Check", 5, 1),
        ("Data", 12, "12"),
        ("Datetime", "2026-03-04T05:06:07Z", "2026-03-04 05:06:07"),
        ("Datetime", "2026-03-04 05:06:07.120000+02:00", "2026-03-04 05:06:07.120000"),
        ("Datetime", "2026-03-04", "2026-03-04 00:00:00"),
        ("Time", "09:05:06", "9:05:06"),
        ("Time", "7:05", "7:05:00"),
        ("Duration", "90.5", 90.5),
    ],
)
def test_a_column_makes_its_own_of_what_it_gets(site: ErpSite, fieldtype: str, sent: Any, kept: Any) -> None:
    field(site, "Customer", "custom_it", fieldtype)
    assert site.put("Customer", "ACME", custom_it=sent).status == 200
    assert site.get("Customer", "ACME").get("custom_it") == kept


@pytest.mark.parametrize(("fieldtype", "sent"), [("Date", "01.02.2026"), ("Datetime", "noon"), ("Time", "25 past")])
def test_a_date_that_no_rule_reads_is_the_databases_refusal(site: ErpSite, fieldtype: str, sent: str) -> None:
    field(site, "Customer", "custom_it", fieldtype)
    reply = site.put("Customer", "ACME", custom_it=sent)
    text = f"Incorrect {fieldtype.lower()} value: '{sent}' for column 'custom_it' at row 1"
    assert (reply.status, reply.json()["exception"]) == (500, f'pymysql.err.OperationalError: (1292, "{text}")')


def test_the_answer_keeps_the_form_of_a_date_that_the_database_rewrote(site: ErpSite) -> None:
    reply = site.order(delivery_date="2026-4-1", items=[{"item_code": "SKU-1", "qty": 1, "delivery_date": "2026-04-1"}])
    order = data_of(reply)
    assert (order["delivery_date"], order["items"][0]["delivery_date"]) == ("2026-4-1", "2026-04-1")
    read = site.get("Sales Order", order["name"])
    assert (read["delivery_date"], read["items"][0]["delivery_date"]) == ("2026-04-01", "2026-04-01")


def test_scripts_do_not_survive_and_other_html_does(site: ErpSite) -> None:
    text = '<b onclick="x()">Hi</b> <script>alert(1)</script><a href="javascript:x()">a</a> 1 < 2'
    kept = data_of(site.put("Customer", "ACME", customer_details=text))["customer_details"]
    assert kept == "<b>Hi</b> <a>a</a> 1 < 2"
    assert site.get("Customer", "ACME")["customer_details"] == kept


# -- defaults and fetched values ----------------------------------------------------------------------------------


def test_defaults_of_a_new_document(site: ErpSite) -> None:
    field(site, "Customer", "custom_who", default="__user")
    field(site, "Customer", "custom_day", "Date", default="Today")
    field(site, "Customer", "custom_when", "Datetime", default="now")
    field(site, "Customer", "custom_pick", "Select", options="Red\nBlue")
    field(site, "Customer", "custom_home", "Link", options="Country")
    field(site, "Customer", "custom_rate", "Currency", default="2.5")
    field(site, "Company", "custom_region")
    field(site, "Customer", "custom_region", default=":Company")
    assert site.put("Company", "Acme GmbH", custom_region="DE").status == 200
    new = site.add("Customer", customer_name="New", customer_type="Company")
    assert new["custom_region"] == "DE"
    assert new["custom_who"] == "api@example.com"
    assert new["custom_day"] == "2026-03-02"
    assert new["custom_when"] == new["creation"]
    assert (new["custom_pick"], new["custom_rate"]) == ("Red", 2.5)
    assert "custom_home" not in new
    assert site.add("Warehouse", warehouse_name="Hall")["company"] == "Acme GmbH"


def test_a_null_takes_the_default_of_a_new_document_and_empties_an_old_one(site: ErpSite) -> None:
    assert data_of(site.order(order_type=None))["order_type"] == "Sales"
    assert "website" in data_of(site.put("Customer", "ACME", website="x"))
    assert "website" not in data_of(site.put("Customer", "ACME", website=None))


def test_fetched_values_are_overwritten_by_every_save_of_a_draft_and_kept_after_it(site: ErpSite) -> None:
    field(site, "Sales Order", "custom_site", fetch_from="customer.website")
    field(site, "Sales Order", "custom_once", fetch_from="customer.website", fetch_if_empty=1)
    site.put("Customer", "ACME", website="a.de")
    name = site.draft_order(custom_site="mine")
    assert [site.get("Sales Order", name)[key] for key in ("custom_site", "custom_once")] == ["a.de", "a.de"]
    site.put("Customer", "ACME", website="b.de")
    saved = data_of(site.put("Sales Order", name, po_no="1"))
    assert (saved["custom_site"], saved["custom_once"]) == ("b.de", "a.de")
    site.put("Sales Order", name, docstatus=1)
    site.put("Customer", "ACME", website="c.de")
    assert data_of(site.put("Sales Order", name, po_no="2"))["custom_site"] == "b.de"


def test_columns_above_a_users_level_are_put_back_without_a_word() -> None:
    key = {"authorization": "token seller:seller", "accept": "application/json"}
    seller = {"email": "s@x.de", "roles": ["Sales User", "Stock User"], "api_key": "seller", "api_secret": "seller"}
    site = ErpSite(users=[seller])
    name = site.draft_order(ignore_pricing_rule=1)
    reply = site.send("PUT", f"/api/resource/Sales Order/{name}", {"ignore_pricing_rule": 0, "po_no": "7"}, key)
    assert reply.status == 200, reply.body
    read = site.get("Sales Order", name)
    assert (read["ignore_pricing_rule"], read["po_no"]) == (1, "7")
    assert "ignore_pricing_rule" not in site.send("GET", f"/api/resource/Sales Order/{name}", headers=key).json()["data"]


# -- whole documents ----------------------------------------------------------------------------------------------


def test_client_save_takes_what_is_missing_for_null(site: ErpSite) -> None:
    doc = site.get("Customer", "ACME")
    site.put("Customer", "ACME", website="x", customer_details="y")
    doc = site.get("Customer", "ACME")
    del doc["website"]
    saved = site.call("frappe.client.save", doc=doc).json()["message"]
    assert (saved["website"], saved["customer_details"]) == (None, "y")
    del doc["customer_type"]
    doc["modified"] = saved["modified"]
    refused(site.call("frappe.client.save", doc=doc), 417, "MandatoryError")


@pytest.mark.parametrize(("sent", "text"), [(3, "3"), (-1, "-1"), ("9", "9")])
def test_a_docstatus_that_does_not_exist(site: ErpSite, sent: Any, text: str) -> None:
    name = site.draft_order()
    for reply in (site.put("Sales Order", name, docstatus=sent), site.order(docstatus=sent)):
        assert (reply.status, reply.json()["exc_type"]) == (417, "ValidationError")
        assert reply.json()["exception"] == f"frappe.exceptions.ValidationError: ('Invalid docstatus', {text})"
        assert messages_of(reply) == []


def test_a_put_that_names_another_document_breaks(site: ErpSite) -> None:
    first, second = site.draft_order(), site.draft_order()
    refused(site.put("Sales Order", first, name="SAL-ORD-2026-00099"), 404, "DoesNotExistError")
    refused(site.put("Sales Order", first, name=second, po_no="1"), 417, "TimestampMismatchError")
    assert data_of(site.put("Sales Order", first, name=first, doctype="Customer", po_no="1"))["po_no"] == "1"


def test_an_item_is_kept_in_the_sites_default_unit_unless_it_says_so(site: ErpSite) -> None:
    assert site.add("Item", item_code="PLAIN", item_group="Products")["stock_uom"] == "Nos"
    assert site.add("Item", item_code="HEAVY", item_group="Products", stock_uom="Kg")["stock_uom"] == "Kg"
