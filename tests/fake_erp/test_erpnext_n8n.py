"""What n8n's ERPNext node does, call by call: credentials, DocTypes and fields, get all. Source: facts 2.13."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import ErpSite, data_of

from harness.kit.call import Call, Reply

PAGE = 1000


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def ask(site: ErpSite, path: str, token: str = "syncproof:syncproof", **query: Any) -> Reply:
    return site.send("GET", path, headers={"authorization": f"token {token}", "accept": "application/json"}, **query)


def get_all(site: ErpSite, doctype: str, filters: list[list[Any]]) -> list[dict[str, Any]]:
    """Pages of 1,000, the next one from 999 rows further on, until one is empty."""
    rows: list[dict[str, Any]] = []
    start = 0
    while True:
        sent = {"fields": ["name"], "filters": filters, "limit_page_length": PAGE, "limit_start": start, "order_by": "name asc"}
        page = ask(site, f"/api/resource/{doctype}", **sent).json()["data"]
        if not page:
            return rows
        rows += page
        start += PAGE - 1


def test_the_credential_test_asks_for_a_doctype_that_is_spelt_wrong(site: ErpSite) -> None:
    assert ask(site, "/api/resource/Doctype").status == 200
    assert ask(site, "/api/method/frappe.auth.get_logged_user").json() == {"message": "api@example.com"}
    assert ask(site, "/api/resource/Doctype", token="a:b").status == 401


def test_the_node_offers_every_doctype_and_its_fields(site: ErpSite) -> None:
    names = {row["name"] for row in ask(site, "/api/resource/DocType", fields=["name"], limit_page_length=1000).json()["data"]}
    assert {"Customer", "Sales Order", "Sales Invoice"} <= names
    fields = {field["fieldname"]: field for field in data_of(ask(site, "/api/resource/DocType/Sales Order"))["fields"]}
    assert {"label", "fieldtype", "reqd"} <= set(fields["customer"])
    assert (fields["customer"]["reqd"], fields["customer"]["label"]) == (1, "Customer")
    newer = ask(site, "/api/method/frappe.desk.form.load.getdoctype", doctype="Sales Order").json()
    assert {field["fieldname"] for field in newer["docs"][0]["fields"]} >= {"customer", "items"}


def test_a_document_is_made_read_and_changed(site: ErpSite) -> None:
    made = data_of(site.post("Customer", customer_name="From n8n", customer_type="Company"))
    assert data_of(ask(site, f"/api/resource/Customer/{made['name']}"))["customer_name"] == "From n8n"
    assert data_of(site.put("Customer", made["name"], tax_id="DE1"))["tax_id"] == "DE1"
    assert site.delete("Customer", made["name"]).status == 202


def test_pitfall_p04_get_all_gets_the_last_row_of_every_page_twice(site: ErpSite) -> None:
    body = b'{"docs": [%s]}' % b", ".join(b'{"doctype": "Contact", "first_name": "Nr %04d"}' % number for number in range(150))
    sent = {"authorization": "token syncproof:syncproof", "content-type": "application/json"}
    for _ in range(10):
        assert site.fake.handle(Call("POST", "/api/method/frappe.client.insert_many", "", sent, body)).status == 200
    rows = get_all(site, "Contact", [["Contact", "first_name", "like", "Nr %"]])
    assert (len(rows), len({row["name"] for row in rows})) == (1501, 1500)


def test_filters_come_with_their_doctype_and_an_unknown_one_is_an_error(site: ErpSite) -> None:
    assert get_all(site, "Customer", [["Customer", "name", "=", "ACME"]]) == [{"name": "ACME"}]
    assert ask(site, "/api/resource/Customer", filters=[["Customer", "no_such_field", "=", "x"]]).status in (417, 500)
