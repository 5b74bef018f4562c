"""The Python frappe-client against the fake: forms, `cmd` on the site's root, and the traps its users know. Source: facts 2.13."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from background_server import served

from fake_erp.erpnext import SPEC
from harness.kit.fake import Fake
from harness.kit.journal import Answered

frappeclient = pytest.importorskip("frappeclient", reason="needs the test extra: frappe-client")
from frappeclient import FrappeClient  # type: ignore[import-untyped]  # noqa: E402
from frappeclient.frappeclient import AuthError, FrappeException  # type: ignore[import-untyped]  # noqa: E402

LINE = {"item_code": "SAW", "qty": 2, "rate": 10, "warehouse": "Stores - ACM"}
PREMISE = {"doctype": "Sales Order", "customer": "ACME", "delivery_date": "2035-01-01", "items": [LINE]}
ITEM = {"doctype": "Item", "item_code": "SAW", "item_group": "Products", "stock_uom": "Nos", "is_stock_item": 0}


@pytest.fixture(scope="module")
def site() -> Iterator[Fake]:
    with served(SPEC, {}) as fake:
        yield fake


@pytest.fixture(scope="module")
def client(site: Fake) -> Iterator[Any]:
    client = FrappeClient(site.base_url, **site.credentials())
    client.insert({"doctype": "Customer", "customer_name": "ACME", "customer_type": "Company"})
    client.insert(ITEM)
    yield client
    client.session.close()


def test_a_login_with_a_password_goes_to_the_root_of_the_site(site: Fake) -> None:
    client = FrappeClient(site.base_url, "Administrator", "admin")
    assert client.get_api("frappe.auth.get_logged_user") == "Administrator"
    client.logout()
    with pytest.raises(FrappeException, match="PermissionError"):
        client.get_api("frappe.auth.get_logged_user")
    client.session.close()
    stranger = FrappeClient(site.base_url)
    with pytest.raises(AuthError):
        stranger.login("Administrator", "wrong")
    stranger.session.close()


def test_a_key_and_secret_go_as_basic(client: Any) -> None:
    assert client.get_api("frappe.auth.get_logged_user") == "api@example.com"


def test_documents_are_made_read_changed_and_deleted(client: Any) -> None:
    made = client.insert({"doctype": "Customer", "customer_name": "Short & Co", "customer_type": "Company"})
    assert made["name"] == "Short & Co"
    assert client.update({"doctype": "Customer", "name": "Short & Co", "tax_id": "DE1"})["tax_id"] == "DE1"
    assert client.get_doc("Customer", "Short & Co")["tax_id"] == "DE1"
    assert client.get_value("Customer", "tax_id", {"name": "Short & Co"}) == {"tax_id": "DE1"}
    assert client.set_value("Customer", "Short & Co", "website", "https://short.test")["website"] == "https://short.test"
    assert client.delete("Customer", "Short & Co") is None


def test_lists_take_filters_and_pages(client: Any) -> None:
    for number in range(3):
        client.insert({**PREMISE, "po_no": f"L-{number}"})
    where = {"po_no": ["like", "L-%"]}
    rows = client.get_list(
        "Sales Order", fields=["po_no"], filters=where, order_by="po_no desc", limit_start=1, limit_page_length=2
    )
    assert rows == [{"po_no": "L-1"}, {"po_no": "L-0"}]
    whole = client.get_list("Sales Order", filters=where)
    assert {row["customer"] for row in whole} == {"ACME"}
    assert "items" not in whole[0]


def test_an_order_is_submitted_by_a_put_and_cancelled_by_name(client: Any) -> None:
    order = client.insert(PREMISE)
    assert client.update({"doctype": "Sales Order", "name": order["name"], "docstatus": 1})["status"] == "To Deliver and Bill"
    assert client.cancel("Sales Order", order["name"])["docstatus"] == 2


def test_its_submit_sends_doclist_which_no_current_server_knows(client: Any, site: Fake) -> None:
    """Calls to the root of the site do not ask for JSON, so their errors are pages, which this client cannot read."""
    order = client.insert(PREMISE)
    with pytest.raises(ValueError, match="Expecting value"):
        client.submit(order)
    answers = [entry for entry in site.journal.of(Answered) if entry.status == 500]
    assert "500 Server Error" in answers[-1].body
    assert client.get_doc("Sales Order", order["name"])["docstatus"] == 0


def test_many_are_changed_at_once_and_told_which_failed(client: Any) -> None:
    docs = [{"doctype": "Customer", "docname": "ACME", "website": "x"}, {"doctype": "Customer", "docname": "NOPE", "website": "x"}]
    (failed,) = client.bulk_update(docs)["failed_docs"]
    assert failed["doc"]["docname"] == "NOPE"
    assert client.get_doc("Customer", "ACME")["website"] == "x"


def test_a_document_gets_another_name(client: Any) -> None:
    client.insert({"doctype": "Customer", "customer_name": "Old", "customer_type": "Company"})
    assert client.rename_doc("Customer", "Old", "New") == "New"


def test_pitfall_p28_what_does_not_exist_looks_like_nothing(client: Any) -> None:
    assert client.get_doc("Customer", "NOPE") is None


def test_errors_are_exceptions_with_the_servers_traceback(client: Any) -> None:
    with pytest.raises(FrappeException, match="Please enter Delivery Date"):
        client.insert({**PREMISE, "delivery_date": None})
    with pytest.raises(FrappeException, match="Duplicate entry 'SAW' for key 'PRIMARY'"):
        client.insert(ITEM)


def test_pitfall_p39_a_post_to_an_address_with_a_slash_becomes_a_get(client: Any, site: Fake) -> None:
    """`post_api` puts a slash at the end; the web server's 301 turns the call into a GET, which keeps nothing [P22]."""
    client.insert({"doctype": "Customer", "customer_name": "Stays", "customer_type": "Company"})
    before = site.store.get("Customer", "Stays")
    with pytest.raises(FrappeException, match="Not permitted"):
        client.post_api("frappe.client.delete", {"doctype": "Customer", "name": "Stays"})
    assert site.store.get("Customer", "Stays") is before
