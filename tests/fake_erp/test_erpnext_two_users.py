"""Two users of one document: exactly one wins, the other gets the vendor's conflict. Source: facts 3.3, 7."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from background_server import served
from erpnext_site import TOKEN, ErpSite, data_of, refused

from fake_erp.erpnext import SPEC


def saved(site: ErpSite, doc: dict[str, Any], how: str, **changes: Any) -> Any:
    """One user's save of the copy they hold."""
    site.wait(1)
    if how == "PUT with modified":
        return site.send("PUT", f"/api/resource/Sales Order/{doc['name']}", {**changes, "modified": doc["modified"]})
    if how == "submit":
        return site.call("frappe.client.submit", doc={**doc, **changes})
    return site.call("frappe.client.save", doc={**doc, **changes})


WAYS = ("PUT with modified", "save", "submit")


@pytest.mark.parametrize(("mine", "yours"), list(itertools.product(WAYS, WAYS)))
def test_of_two_who_hold_one_copy_the_second_is_refused_however_they_save(mine: str, yours: str) -> None:
    site = ErpSite()
    name = site.draft_order()
    held = site.get("Sales Order", name), site.get("Sales Order", name)
    assert saved(site, held[0], mine, po_no="mine").status == 200
    reply = saved(site, held[1], yours, po_no="yours")
    words = refused(reply, 417, "TimestampMismatchError")
    stored = site.get("Sales Order", name)
    assert stored["po_no"] == "mine"
    assert words.startswith(f"Error: Document has been modified after you have opened it ({stored['modified']}, 2026-")
    assert words.endswith("). Please refresh to get the latest document.")
    fresh = site.get("Sales Order", name)
    if mine != "submit":
        assert saved(site, fresh, yours, po_no="yours").status == 200


def test_without_modified_the_last_one_wins_silently() -> None:
    site = ErpSite()
    name = site.draft_order()
    for value in ("mine", "yours"):
        assert site.put("Sales Order", name, po_no=value).status == 200
    assert site.get("Sales Order", name)["po_no"] == "yours"


def test_texts_are_compared_not_times() -> None:
    site = ErpSite()
    order = data_of(site.order())
    for text in (order["modified"][:-1], order["modified"].replace(" ", "T"), "", "2099-01-01 00:00:00.000000"):
        refused(site.put("Sales Order", order["name"], modified=text), 417, "TimestampMismatchError")
    assert site.put("Sales Order", order["name"], modified=order["modified"]).status == 200


def test_two_saves_in_one_instant_still_differ() -> None:
    site = ErpSite()
    order = data_of(site.order())
    path = f"/api/resource/Sales Order/{order['name']}"
    first = site.send("PUT", path, {"modified": order["modified"], "po_no": "1"})
    refused(site.send("PUT", path, {"modified": order["modified"], "po_no": "2"}), 417, "TimestampMismatchError")
    assert data_of(first)["modified"] > order["modified"]


def test_version_16_names_the_document() -> None:
    site = ErpSite(version=16)
    order = data_of(site.order())
    words = refused(site.put("Sales Order", order["name"], modified="x"), 417, "TimestampMismatchError")
    assert words.startswith(
        f"Error: {order['name']} (Sales Order) has been modified after you have opened it ({order['modified']}, "
    )


@pytest.mark.parametrize("event", ["delivery", "payment", "comment"])
def test_what_follows_an_order_makes_held_copies_stale_unless_it_only_speaks_of_it(event: str) -> None:
    site = ErpSite()
    name = site.submitted_order()
    held = site.get("Sales Order", name)
    make = "erpnext.selling.doctype.sales_order.sales_order.make_delivery_note"
    if event == "delivery":
        site.add("Delivery Note", **{**site.proposal(make, name), "docstatus": 1})
    elif event == "payment":
        pay = site.call("erpnext.accounts.doctype.payment_entry.payment_entry.get_payment_entry", dt="Sales Order", dn=name)
        entry = {**pay.json()["message"], "reference_no": "1", "reference_date": "2026-03-02", "docstatus": 1}
        site.add("Payment Entry", **entry)
    else:
        site.add("Comment", reference_doctype="Sales Order", reference_name=name, content="hello")
    reply = saved(site, held, "save", po_no="1")
    if event == "comment":
        assert reply.status == 200, reply.body
    else:
        refused(reply, 417, "TimestampMismatchError")


def test_over_real_sockets_exactly_one_of_many_wins() -> None:
    with served(SPEC, {}) as fake, httpx.Client(base_url=fake.base_url, headers=TOKEN, timeout=30) as client:
        made = client.post("/api/resource/Customer", json={"customer_name": "ACME", "customer_type": "Company"})
        assert made.status_code == 200, made.text
        for number in range(3):
            held = client.get("/api/resource/Customer/ACME").json()["data"]["modified"]
            bodies = [{"website": f"{number}-{user}", "modified": held} for user in range(8)]
            with ThreadPoolExecutor(8) as pool:
                replies = list(pool.map(lambda body: client.put("/api/resource/Customer/ACME", json=body), bodies))
            assert sorted(reply.status_code for reply in replies) == [200, *[417] * 7]
            assert {reply.json()["exc_type"] for reply in replies if reply.status_code == 417} == {"TimestampMismatchError"}
            (winner,) = [reply.json()["data"] for reply in replies if reply.status_code == 200]
            assert client.get("/api/resource/Customer/ACME").json()["data"] == winner
