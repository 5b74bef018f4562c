"""What happens by the clock: invoices become overdue, quotations expire. Source: facts 4.2, 4.6, P48."""

from __future__ import annotations

from typing import Any

import pytest
from erpnext_site import QUOTATION, ErpSite, data_of, refused

DAY = 86_400


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def invoice_of(site: ErpSite, **values: Any) -> dict[str, Any]:
    line = {"item_code": "SKU-1", "qty": 1, "rate": 100}
    return site.add("Sales Invoice", **{"customer": "ACME", "items": [line], "docstatus": 1, **values})


def quotation_of(site: ErpSite, **values: Any) -> dict[str, Any]:
    line = {"item_code": "SKU-1", "qty": 3, "rate": 10}
    return site.add("Quotation", **{"party_name": "ACME", "items": [line], "docstatus": 1, **values})


def test_an_invoice_is_overdue_on_the_day_after_its_due_date(site: ErpSite) -> None:
    invoice = invoice_of(site)
    site.fake.connect_webhooks("https://engine.example/erp", "s3cret")
    site.wait(DAY - 12 * 3_600)
    assert site.get("Sales Invoice", invoice["name"])["status"] == "Unpaid"
    site.wait(12 * 3_600)
    after = site.get("Sales Invoice", invoice["name"])
    assert (after["status"], after["modified"]) == ("Overdue", invoice["modified"])
    assert site.fake.webhooks.pending == 0, "nobody is told"


def test_only_what_is_due_is_overdue(site: ErpSite) -> None:
    today = site.fake.site.time.today()
    schedule = [{"due_date": today, "invoice_portion": 30}, {"due_date": "2026-05-01", "invoice_portion": 70}]
    later, parts = invoice_of(site, due_date="2026-05-01"), invoice_of(site, due_date="2026-05-01", payment_schedule=schedule)
    draft = invoice_of(site, docstatus=0)
    site.wait(DAY)
    names = [later["name"], parts["name"], draft["name"]]
    assert [site.get("Sales Invoice", name)["status"] for name in names] == ["Unpaid", "Overdue", "Draft"]


def test_overdue_invoices_are_found_by_their_status(site: ErpSite) -> None:
    invoice = invoice_of(site)["name"]
    site.wait(2 * DAY)
    assert site.rows("Sales Invoice", filters={"status": "Overdue"}) == [{"name": invoice}]


def test_a_quotation_expires_unless_something_of_it_is_ordered(site: ErpSite) -> None:
    today = site.fake.site.time.today()
    first, second = (quotation_of(site, valid_till=today) for _ in range(2))
    order = site.proposal(f"{QUOTATION}.make_sales_order", second["name"])
    order["items"][0]["qty"] = 1
    site.add("Sales Order", **{**order, "delivery_date": "2026-04-01", "docstatus": 1})
    site.wait(DAY)
    after = site.get("Quotation", first["name"])
    assert (after["status"], after["modified"]) == ("Expired", first["modified"])
    assert site.get("Quotation", second["name"])["status"] == "Partially Ordered"
    words = refused(site.call(f"{QUOTATION}.make_sales_order", source_name=first["name"]), 417, "ValidationError")
    assert words == "Validity period of this quotation has ended."


def test_an_expired_quotation_may_be_ordered_where_the_site_says_so() -> None:
    site = ErpSite(allow_sales_order_creation_for_expired_quotation=True)
    name = quotation_of(site, valid_till=site.fake.site.time.today())["name"]
    site.wait(DAY)
    proposal = site.proposal(f"{QUOTATION}.make_sales_order", name)
    site.add("Sales Order", **{**proposal, "delivery_date": "2026-04-01", "docstatus": 1})
    assert site.get("Quotation", name)["status"] == "Ordered"


def test_without_the_jobs_nothing_happens_by_itself() -> None:
    site = ErpSite(daily_jobs=False)
    invoice, quotation = invoice_of(site)["name"], quotation_of(site, valid_till=site.fake.site.time.today())["name"]
    site.wait(3 * DAY)
    assert site.get("Sales Invoice", invoice)["status"] == "Unpaid"
    assert site.get("Quotation", quotation)["status"] == "Open"


def test_the_jobs_run_again_for_a_site_that_goes_back(site: ErpSite) -> None:
    invoice = invoice_of(site)["name"]
    state = site.fake.remember()
    for _ in range(2):
        site.wait(DAY)
        assert site.get("Sales Invoice", invoice)["status"] == "Overdue"
        site.fake.put_back(state)


def test_a_quotation_is_lost_until_it_is_ordered(site: ErpSite) -> None:
    def lose(name: str) -> Any:
        body = {
            "run_method": "declare_enquiry_lost",
            "lost_reasons_list": [{"lost_reason": "Price"}],
            "detailed_reason": "too dear",
        }
        return site.send("POST", f"/api/resource/Quotation/{name}", body)

    lost, ordered = quotation_of(site)["name"], quotation_of(site)["name"]
    assert lose(lost).status == 200
    after = site.get("Quotation", lost)
    assert (after["status"], after["order_lost_reason"], after["lost_reasons"][0]["lost_reason"]) == ("Lost", "too dear", "Price")
    proposal = site.proposal(f"{QUOTATION}.make_sales_order", ordered)
    site.add("Sales Order", **{**proposal, "delivery_date": "2026-04-01", "docstatus": 1})
    assert refused(lose(ordered), 417, "ValidationError") == "Cannot set as Lost as Sales Order is made."


def test_a_quotation_becomes_an_invoice_without_an_order(site: ErpSite) -> None:
    name = quotation_of(site)["name"]
    proposal = site.proposal(f"{QUOTATION}.make_sales_invoice", name)
    invoice = data_of(site.post("Sales Invoice", **{**proposal, "docstatus": 1}))
    assert (invoice["customer"], invoice["grand_total"], "sales_order" in invoice["items"][0]) == ("ACME", 30.0, False)
    assert site.get("Quotation", name)["status"] == "Open"


def test_what_the_site_does_by_itself_is_nobodys_request(site: ErpSite) -> None:
    invoice_of(site)
    site.wait(DAY)
    site.rows("GL Entry")
    changes = [change for change in site.fake.store.changes if "Overdue" in change.new.values() or change.kind == "GL Entry"]
    assert {(change.by, change.request) for change in changes} == {("system", 0)}
    assert len(changes) == 7, "one invoice, two rows for it, and four for the stock that the site began with"
