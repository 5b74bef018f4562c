"""Webhooks: what is told, to whom, how it is signed, and what becomes of a delivery nobody takes. Source: facts 6."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from erpnext_site import ErpSite, data_of, refused

from fake_erp.erpnext.events.payload import sign
from harness.kit.webhooks import Delivery, DeliveryResult

URL = "https://hook.example/x"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite(webhook_request_log=True)


def subscribe(site: ErpSite, event: str, doctype: str = "Sales Order", **values: Any) -> None:
    data = [{"fieldname": "name", "key": "name"}, {"fieldname": "docstatus", "key": "docstatus"}]
    what = {"name": f"{doctype} {event}", "webhook_doctype": doctype, "webhook_docevent": event, "request_url": URL}
    data_of(site.post("Webhook", **{**what, "webhook_data": data, **values}))


def told(site: ErpSite, result: DeliveryResult = DeliveryResult(200)) -> list[Delivery]:
    """Everything that leaves within ten seconds; all of it meets `result`."""
    site.wait(10)
    found = []
    while due := site.fake.webhooks.take_due():
        for delivery in due:
            found.append(delivery)
            site.fake.webhooks.settle(delivery, result)
    return found


def events(deliveries: list[Delivery]) -> list[str]:
    return sorted(delivery.subject.split(" ")[-2] for delivery in deliveries)


@pytest.fixture
def listened() -> ErpSite:
    """A site that tells all events of its orders."""
    site = ErpSite()
    for event in ("after_insert", "on_update", "on_submit", "on_cancel", "on_trash", "on_update_after_submit", "on_change"):
        subscribe(site, event)
    return site


def test_a_create_and_a_submit_tell_different_events(listened: ErpSite) -> None:
    name = listened.draft_order()
    assert events(told(listened)) == ["after_insert", "on_update"]
    listened.put("Sales Order", name, po_no="1")
    assert events(told(listened)) == ["on_change", "on_update"]
    listened.put("Sales Order", name, docstatus=1)
    assert events(told(listened)) == ["on_change", "on_submit", "on_update"]
    listened.put("Sales Order", name, docstatus=2)
    assert events(told(listened)) == ["on_cancel", "on_change"]
    listened.delete("Sales Order", name)
    assert events(told(listened)) == ["on_trash"]


def test_a_create_with_docstatus_one_tells_three_events(listened: ErpSite) -> None:
    listened.submitted_order()
    assert events(told(listened)) == ["after_insert", "on_submit", "on_update"]


def test_pitfall_p24_an_update_after_submit_is_silent_unless_the_vendors_bug_is_fixed(listened: ErpSite) -> None:
    name = listened.submitted_order()
    told(listened)
    listened.put("Sales Order", name, po_no="PO-1")
    assert events(told(listened)) == ["on_change"]
    fixed = ErpSite(update_after_submit_webhook_fires=True)
    subscribe(fixed, "on_update_after_submit")
    name = fixed.submitted_order()
    fixed.put("Sales Order", name, po_no="PO-1")
    assert events(told(fixed)) == ["on_update_after_submit"]


def test_pitfall_p23_a_delivery_does_not_update_the_order(listened: ErpSite) -> None:
    name = listened.submitted_order()
    told(listened)
    listened.people.ship(name, Decimal(1))
    assert events(told(listened)) == ["on_change"]


def test_a_refused_save_tells_nothing(listened: ErpSite) -> None:
    name = listened.submitted_order()
    told(listened)
    refused(listened.put("Sales Order", name, status="Closed"), 417, "UpdateAfterSubmitError")
    assert told(listened) == []


def test_pitfall_p26_a_form_webhook_sends_json_without_a_content_type(site: ErpSite) -> None:
    subscribe(site, "on_submit", request_structure="Form URL-Encoded")
    name = site.submitted_order()
    (delivery,) = told(site)
    assert delivery.body == f'{{"name": "{name}", "docstatus": 1}}'.encode()
    assert "content-type" not in {key.lower() for key in delivery.headers}
    assert delivery.headers["User-Agent"].startswith("python-requests/")


def test_a_template_is_parsed_and_written_again_and_signed_as_sent(site: ErpSite) -> None:
    template = '{ "name":"{{ doc.name }}",  "total":{{ doc.grand_total }} }'
    headers = [{"key": "Content-Type", "value": "application/json"}]
    security: dict[str, Any] = {"enable_security": 1, "webhook_secret": "s3cret"}
    subscribe(site, "on_submit", request_structure="JSON", webhook_json=template, webhook_headers=headers, **security)
    name = site.submitted_order()
    (delivery,) = told(site)
    assert delivery.body == f'{{"name": "{name}", "total": 99.99}}'.encode()
    assert delivery.headers["X-Frappe-Webhook-Signature"] == sign("s3cret", delivery.body)
    assert delivery.headers["Content-Type"] == "application/json"
    assert site.get("Webhook", "Sales Order on_submit")["webhook_secret"] == "******"


def test_a_template_may_walk_through_rows_and_write_any_value_as_json(site: ErpSite) -> None:
    row = '{"sku": {{ row.item_code | tojson }}, "qty": {{ row.qty }}}'
    rows = '[{% for row in doc.items %}{{ "," if not loop.first }}' + row + "{% endfor %}]"
    template = f'{{"rows": {rows}, "total": {{{{ doc.grand_total | tojson }}}}, "note": {{{{ doc.get("po_no") | tojson }}}}}}'
    subscribe(site, "on_submit", request_structure="JSON", webhook_json=template)
    site.submitted_order(("SKU-1", 3, 10.0), ("SKU-2", 1, 2.5))
    (delivery,) = told(site)
    lines = [{"sku": "SKU-1", "qty": 3.0}, {"sku": "SKU-2", "qty": 1.0}]
    assert json.loads(delivery.body) == {"rows": lines, "total": 32.5, "note": None}


def test_the_signature_is_base64_of_the_raw_digest() -> None:
    assert sign("s3cret", b'{"name": "SAL-ORD-2026-00001"}') == "of/7ykIksc5WiVoMRAsZnb/VhklKAbz46T0TcMD+4PM="


def test_a_template_that_renders_no_json_sends_nothing_and_leaves_one_log(site: ErpSite) -> None:
    subscribe(site, "on_submit", request_structure="JSON", webhook_json='{"note": "{{ doc.po_no }}"}')
    name = site.submitted_order(po_no='12" pipe')
    assert told(site) == []
    (log,) = site.rows("Webhook Request Log", fields=["reference_document", "error", "data"])
    assert (log["reference_document"], log["data"]) == (name, None)
    assert log["error"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"webhook_docevent": "on_submit"}, "DocType must be Submittable for the selected Doc Event"),
        ({"request_url": "hook.example"}, "Check Request URL"),
        ({"enable_security": 1}, "Invalid Webhook Secret"),
        ({"webhook_data": [{"fieldname": "name", "key": "a"}] * 2}, "Same Field is entered more than once"),
        ({"request_url": "https://[hook/x"}, "Check Request URL"),
        ({"condition": "doc.nope"}, "Invalid Condition: 'Customer' object has no attribute 'nope'"),
    ],
)
def test_what_a_webhook_must_not_be(site: ErpSite, values: dict[str, Any], words: str) -> None:
    row = {"name": "x", "webhook_doctype": "Customer", "webhook_docevent": "on_update", "request_url": URL}
    assert refused(site.post("Webhook", **{**row, **values}), 417, "ValidationError") == words


def attempts(site: ErpSite, result: DeliveryResult) -> list[float]:
    """Seconds after the first attempt at which each attempt leaves, while every one meets `result`."""
    queue, times = site.fake.webhooks, []
    while (due_at := queue.next_due()) is not None:
        site.clock.advance(max(due_at - site.clock.now(), due_at - due_at))
        for delivery in queue.take_due():
            times.append(site.clock.now())
            queue.settle(delivery, result)
    return [(time - times[0]).total_seconds() for time in times]


def test_pitfall_p27_a_receiver_that_is_down_loses_the_event_after_three_tries_in_seconds(site: ErpSite) -> None:
    subscribe(site, "on_submit")
    site.submitted_order()
    assert attempts(site, DeliveryResult(503)) == [0, 1, 5]
    assert len(site.fake.webhooks.given_up) == 1
    logs = site.rows("Webhook Request Log", fields=["error", "user"])
    assert {log["user"] for log in logs} == {"api@example.com"}
    assert [log["error"].splitlines()[-1] for log in logs] == [
        "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://hook.example/x"
    ] * 3


def test_pitfall_p25_a_slow_receiver_gets_the_event_three_times_at_once(site: ErpSite) -> None:
    subscribe(site, "on_submit")
    site.submitted_order()
    assert attempts(site, DeliveryResult(None, "timeout")) == [0, 0, 0]


def test_the_schedule_of_2026_tries_for_more_than_a_day_also_after_timeouts() -> None:
    patient = ErpSite(webhook_backoff=True)
    subscribe(patient, "on_submit")
    for result in (DeliveryResult(500), DeliveryResult(None, "timeout")):
        patient.submitted_order()
        assert attempts(patient, result) == [0, 300, 2100, 9300, 27300, 63300, 99300]
    assert patient.fake.webhooks.given_up_count == 2


def test_a_longer_schedule_is_a_setting_and_success_ends_it() -> None:
    patient = ErpSite(webhook_retry_seconds=(300, 1800, 7200))
    subscribe(patient, "on_submit")
    patient.submitted_order()
    assert attempts(patient, DeliveryResult(500)) == [0, 300, 2100]
    patient.submitted_order()
    assert attempts(patient, DeliveryResult(302)) == [0]


def test_what_an_administrator_sets_up_for_an_integration(site: ErpSite) -> None:
    site.fake.connect_webhooks(URL, "s3cret")
    name = site.submitted_order()
    site.people.ship(name, Decimal(1))
    invoice = str(site.people.invoice(name))
    site.people.pay(invoice, Decimal(1))
    bodies = [json.loads(delivery.body) for delivery in told(site)]
    assert {(body["doctype"], body["event"]) for body in bodies} >= {
        ("Sales Order", "on_submit"),
        ("Delivery Note", "on_submit"),
        ("Sales Invoice", "on_submit"),
        ("Payment Entry", "on_submit"),
    }
    assert all(body["name"] and body["modified"] for body in bodies)


def test_an_address_that_is_connected_again_hears_everything_once_signed_with_the_latest_secret(site: ErpSite) -> None:
    other = "https://other.example/y"
    for url, secret in ((URL, "first"), (other, "second"), (URL, "third")):
        site.fake.connect_webhooks(url, secret)
    site.submitted_order()
    heard = [delivery for delivery in told(site) if delivery.subject.startswith("Sales Order on_submit")]
    assert sorted(delivery.url for delivery in heard) == [URL, other]
    secrets = {URL: "third", other: "second"}
    assert all(delivery.headers["X-Frappe-Webhook-Signature"] == sign(secrets[delivery.url], delivery.body) for delivery in heard)


def test_a_webhook_that_a_person_made_for_the_same_address_is_left_alone(site: ErpSite) -> None:
    subscribe(site, "on_submit")
    site.fake.connect_webhooks(URL, "s3cret")
    site.submitted_order()
    assert events(told(site)).count("on_submit") == 2
