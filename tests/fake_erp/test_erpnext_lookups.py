"""Things that are looked up rather than searched for: settings documents, names for a link field, the document of a row."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import ErpSite, refused

from fake_erp.erpnext.api.singles import FIXED, FOLLOWING, RENAMED

SEARCH = "frappe.desk.search.search_link"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def single(site: ErpSite, doctype: str, field: str) -> Any:
    return site.call("frappe.client.get_single_value", doctype=doctype, field=field).json().get("message")


def names(site: ErpSite, **asked: Any) -> list[str]:
    return [row["value"] for row in site.call(SEARCH, doctype="Customer", **asked).json()["message"]]


def test_settings_documents_show_a_fresh_site(site: ErpSite) -> None:
    assert single(site, "System Settings", "float_precision") == 3
    assert single(site, "System Settings", "currency_precision") is None, "blank: the number format decides"
    assert single(site, "Accounts Settings", "unlink_payment_on_cancellation_of_invoice") == 1
    assert single(site, "Accounts Settings", "credit_controller") is None
    assert single(site, "Global Defaults", "default_company") == "Acme GmbH"


def test_settings_documents_follow_what_the_site_is_set_to() -> None:
    site = ErpSite(
        credit_controller="Sales Manager", disable_rounded_total=True, currency_precision=3, over_delivery_allowance=5.0,
        password_resets_per_hour=7, session_hours=1.5,
    )  # fmt: skip
    assert single(site, "Accounts Settings", "credit_controller") == "Sales Manager"
    assert single(site, "Global Defaults", "disable_rounded_total") == 1
    assert single(site, "System Settings", "currency_precision") == 3
    assert single(site, "System Settings", "password_reset_limit") == 7
    assert single(site, "System Settings", "session_expiry") == "01:30"
    assert single(site, "Stock Settings", "over_delivery_receipt_allowance") == 5.0


def test_every_field_of_a_settings_document_follows_a_setting_or_is_fixed(site: ErpSite) -> None:
    for doctype, fields in FOLLOWING.items():
        assert not FIXED[doctype].keys() & set(fields)
        for field in fields:
            assert field == "session_expiry" or hasattr(site.fake.settings, RENAMED.get(field, field))
            assert site.call("frappe.client.get_single_value", doctype=doctype, field=field).status == 200


def test_a_link_field_looks_on_where_filters_hide_the_first_names(site: ErpSite) -> None:
    for number in range(30):
        kind = "Individual" if number % 10 == 9 else "Company"
        site.add("Customer", customer_name=f"C{number:02d}", customer_type=kind)
    assert names(site, txt="c", page_length=2) == ["C00", "C01"]
    assert names(site, txt="c", page_length=2, filters={"customer_type": "Individual"}) == ["C09", "C19"]
    assert names(site, txt="c", page_length=9, filters={"customer_type": "Individual"}) == ["C09", "C19", "C29"]
    assert names(site, txt="nobody") == []


def test_a_row_is_found_by_its_name_wherever_its_document_is(site: ErpSite) -> None:
    site.add("Customer", customer_name="Old", customer_type="Company", accounts=[{"company": "Acme GmbH"}])
    name = site.get("Customer", "Old")["accounts"][0]["name"]
    assert site.get("Party Account", name)["parent"] == "Old"
    renamed = site.call("frappe.client.rename_doc", doctype="Customer", old_name="Old", new_name="New")
    assert renamed.status == 200, renamed.body
    assert site.get("Party Account", name)["parent"] == "New"
    assert site.send("DELETE", "/api/resource/Customer/New").status == 202
    refused(site.send("GET", f"/api/resource/Party Account/{name}"), 404, "DoesNotExistError")
