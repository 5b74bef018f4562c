"""What a webhook sends: rows, templates, addresses, headers, copies of documents, and the logs of it. Source: facts 6.3, 6.4."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from erpnext_site import ErpSite, data_of, refused

from fake_erp.erpnext.events.payload import sign
from harness.kit.webhooks import Delivery, DeliveryResult, DeliveryWeather

URL = "https://hook.example/x"
LOG = "Webhook Request Log"
LOGGED = ["webhook", "reference_document", "url", "headers", "data", "response", "error", "user"]


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def subscribe(site: ErpSite, event: str = "on_submit", doctype: str = "Sales Order", **values: Any) -> str:
    row = {"name": "hook", "webhook_doctype": doctype, "webhook_docevent": event, "request_url": URL}
    return str(data_of(site.post("Webhook", **{**row, **values}))["name"])


def told(site: ErpSite, result: DeliveryResult = DeliveryResult(200)) -> list[Delivery]:
    site.wait(10)
    found = site.fake.webhooks.take_due()
    for delivery in found:
        site.fake.webhooks.settle(delivery, result)
    return found


def logs(site: ErpSite) -> list[dict[str, Any]]:
    return site.rows(LOG, fields=LOGGED, order_by="creation")


def fields(*names: str) -> list[dict[str, str]]:
    return [{"fieldname": name, "key": name} for name in names]


def test_rows_send_numbers_dates_and_tables(site: ErpSite) -> None:
    rows = fields("transaction_date", "grand_total", "docstatus", "po_no", "items", "no_such_field", "creation")
    subscribe(site, webhook_data=rows)
    name = site.submitted_order(("SKU-1", 3, 10.0))
    (delivery,) = told(site)
    data = json.loads(delivery.body)
    assert list(data) == [row["key"] for row in rows]
    assert delivery.body.startswith(b'{"transaction_date": "')
    assert b'"grand_total": 30.0, "docstatus": 1, "po_no": null, ' in delivery.body
    (line,) = data["items"]
    assert (line["item_code"], line["qty"], line["parent"], line["doctype"]) == ("SKU-1", 3.0, name, "Sales Order Item")
    assert "additional_notes" not in line or line["additional_notes"] is None
    assert data["no_such_field"] is None
    assert data["creation"] == site.get("Sales Order", name)["creation"]


def test_a_webhook_without_data_sends_an_empty_object(site: ErpSite) -> None:
    subscribe(site)
    site.submitted_order()
    (delivery,) = told(site)
    assert (delivery.body, delivery.method) == (b"{}", "POST")
    assert [log["data"] for log in logs(site)] == [None]


def test_a_structure_keeps_only_its_own_kind_of_data(site: ErpSite) -> None:
    both: dict[str, Any] = {"webhook_json": '{"a": 1}', "webhook_data": fields("name")}
    subscribe(site, request_structure="JSON", **both)
    assert site.get("Webhook", "hook")["webhook_data"] == []
    subscribe(site, name="form", request_structure="Form URL-Encoded", **both)
    assert "webhook_json" not in site.get("Webhook", "form")
    subscribe(site, name="none", **both)
    site.submitted_order()
    bodies = sorted(delivery.body for delivery in told(site))
    assert bodies[0] == b'{"a": 1}'
    assert len({*bodies}) == 2  # without a structure the rows win


def test_text_beyond_ascii_is_escaped_and_the_signature_is_of_exactly_these_bytes(site: ErpSite) -> None:
    site.post("Customer", customer_name="Müller ☃")
    subscribe(site, webhook_data=fields("customer"), enable_security=1, webhook_secret="s3cret")
    site.submitted_order(customer="Müller ☃")
    (delivery,) = told(site)
    assert delivery.body == b'{"customer": "M\\u00fcller \\u2603"}'
    assert delivery.headers["X-Frappe-Webhook-Signature"] == sign("s3cret", delivery.body)
    assert sign("s3cret", json.dumps(json.loads(delivery.body), separators=(",", ":")).encode()) != sign("s3cret", delivery.body)


def test_an_address_may_be_a_template(site: ErpSite) -> None:
    subscribe(
        site, is_dynamic_url=1, request_url="https://hook.example/{{ doc.customer | lower }}/{{ doc.name }}", request_method="PUT"
    )
    name = site.submitted_order()
    (delivery,) = told(site)
    assert (delivery.method, delivery.url) == ("PUT", f"https://hook.example/acme/{name}")


def test_headers_are_sent_as_they_stand_and_those_without_a_value_are_not(site: ErpSite) -> None:
    rows = [{"key": "X-Key", "value": "{{ doc.name }}"}, {"key": "X-Empty", "value": ""}, {"key": "", "value": "x"}]
    subscribe(site, webhook_headers=rows)
    site.submitted_order()
    (delivery,) = told(site)
    assert delivery.headers["X-Key"] == "{{ doc.name }}"
    assert {name for name in delivery.headers if name.startswith("X-")} == {"X-Key"}


@pytest.mark.parametrize(
    ("template", "body"),
    [
        ('{"a": {{ doc.items | length }}}', {"a": 1}),
        ('{"a": "{{ doc.nothing_of_the_kind }}"}', None),
        ('{"a": {{ doc.as_json() }}}', None),
        ('{"a": {{ doc.items[0].qty }}, "b": {{ doc.get("items") | json }}}', None),
        ('{{ {"a": doc.name} | json }}', None),
        ('{"a": {{ utils.flt(doc.grand_total, 1) }}}', {"a": 100.0}),
        ("[1, 2]", [1, 2]),
    ],
)
def test_templates_know_documents_as_the_vendors_do(site: ErpSite, template: str, body: Any) -> None:
    subscribe(site, request_structure="JSON", webhook_json=template)
    site.submitted_order()
    (delivery,) = told(site)
    data = json.loads(delivery.body)
    assert body is None or data == body
    if "as_json" in template:
        assert data["a"]["items"][0]["item_code"] == "SKU-1"
    if "nothing" in template:
        assert data["a"].startswith("{{ ")  # what is not there is written as it stands


@pytest.mark.parametrize(
    "template",
    [
        '{"a": {{ doc.po_no }}}',
        "{{ 1 / 0 }}",
        '{{ doc["__class__"].x() }}',
        "{{ doc.name.nope() }}",
        '{"a": ',
        "{{ 'x' * 5 }}",
        "{{ doc.items | tojson }}",
    ],
)
def test_a_template_that_renders_no_json_sends_nothing_and_leaves_one_log(site: ErpSite, template: str) -> None:
    subscribe(site, request_structure="JSON", webhook_json=template)
    name = site.submitted_order()
    assert told(site) == []
    (log,) = logs(site)
    assert (log["webhook"], log["reference_document"], log["data"], log["response"]) == ("hook", name, None, None)
    assert log["error"]
    assert site.fake.webhooks.pending == 0


def test_a_template_that_cannot_be_read_is_refused(site: ErpSite) -> None:
    row = {"name": "x", "webhook_doctype": "Sales Order", "webhook_docevent": "on_submit", "request_url": URL}
    words = refused(site.post("Webhook", **row, request_structure="JSON", webhook_json="{{ doc."), 417, "ValidationError")
    assert words.startswith("Syntax error in template as line 1: ")


def test_the_webhook_is_read_when_the_job_runs_and_the_document_is_the_one_of_the_commit(site: ErpSite) -> None:
    subscribe(site, event="on_update", webhook_data=fields("name", "po_no"))
    name = site.draft_order(po_no="first")
    site.put("Sales Order", name, po_no="second")
    site.fake.site.store.update("Webhook", "hook", {"request_url": "https://new.example/", "enabled": 0})
    bodies = {delivery.body: delivery.url for delivery in told(site)}
    assert bodies == dict.fromkeys(
        (f'{{"name": "{name}", "po_no": "{text}"}}'.encode() for text in ("first", "second")), "https://new.example/"
    )


def test_what_is_queued_for_a_webhook_that_is_deleted_meanwhile_is_not_sent(site: ErpSite) -> None:
    subscribe(site)
    site.submitted_order()
    assert site.delete("Webhook", "hook").status == 202
    assert told(site) == []
    assert site.fake.webhooks.pending == 0


def test_all_attempts_send_the_same_bytes_even_if_the_webhook_changes_in_between(site: ErpSite) -> None:
    subscribe(site, webhook_data=fields("name"), enable_security=1, webhook_secret="old")
    site.submitted_order()
    (first,) = told(site, DeliveryResult(500))
    seen = (first.body, dict(first.headers))
    site.put("Webhook", "hook", webhook_secret="new", webhook_data=fields("customer"))
    (second,) = told(site)
    assert (second.body, second.headers) == seen


def test_one_transaction_tells_the_last_event_of_a_document_only(site: ErpSite) -> None:
    subscribe(site, event="on_change", webhook_data=fields("name", "status"))
    name = site.draft_order()
    assert told(site) == []
    site.put("Sales Order", name, docstatus=1)  # several changes of one document, one of them of its status
    (delivery,) = told(site)
    assert json.loads(delivery.body)["name"] == name


def test_events_leave_in_no_order_but_in_the_same_one_for_the_same_seed() -> None:
    def order_of_arrival() -> list[str]:
        site = ErpSite()
        subscribe(site, event="after_insert", webhook_data=fields("name"))
        for _ in range(6):
            site.send("POST", "/api/resource/Sales Order", {"customer": "ACME", "delivery_date": "2026-04-01", "items": [LINE]})
        site.wait(10)
        return [str(json.loads(delivery.body)["name"]) for delivery in site.fake.webhooks.take_due()]

    first = order_of_arrival()
    assert first == order_of_arrival()
    assert first != sorted(first)


LINE = {"item_code": "SKU-1", "qty": 1, "rate": 5}


def test_every_attempt_leaves_a_log_also_one_that_succeeds(site: ErpSite) -> None:
    secret = [{"key": "X-Token", "value": "hush"}]
    subscribe(site, webhook_data=fields("docstatus"), webhook_headers=secret, enable_security=1, webhook_secret="s3cret")
    name = site.submitted_order()
    told(site, DeliveryResult(None, "timeout"))
    told(site, DeliveryResult(404, body="who?"))
    told(site, DeliveryResult(204))
    timeout, missing, good = logs(site)
    assert {log["reference_document"] for log in (timeout, missing, good)} == {name}
    assert timeout["error"].endswith("HTTPSConnectionPool(host='hook.example', port=443): Read timed out. (read timeout=5)\n")
    assert (missing["response"], missing["data"]) == ("who?", '{\n "docstatus": 1\n}')
    assert missing["error"].endswith("HTTPError: 404 Client Error: Not Found for url: https://hook.example/x\n")
    assert (good["error"], good["user"]) == (None, "api@example.com")
    assert json.loads(good["headers"])["X-Token"] == "hush"
    assert "hush" not in site.fake.journal.to_bytes().decode()


def test_version_16_says_of_what_kind_the_document_was_and_no_log_keeps_a_webhook_alive() -> None:
    for version, told_kind in ((15, None), (16, "Sales Order")):
        site = ErpSite(version=version)
        subscribe(site)
        site.submitted_order()
        told(site)
        (name,) = (row["name"] for row in site.rows(LOG))
        assert site.get(LOG, name).get("reference_doctype") == told_kind
        assert site.delete("Webhook", "hook").status == 202


def test_the_newest_logs_are_kept_and_none_are_written_where_they_are_off() -> None:
    short, silent = ErpSite(webhook_request_logs_max=2), ErpSite(webhook_request_log=False)
    for site in (short, silent):
        subscribe(site)
        names = [site.submitted_order() for _ in range(4)]
        for _ in range(4):
            told(site)
    assert {log["reference_document"] for log in logs(short)} < {*names}
    assert (len(logs(short)), logs(silent)) == (2, [])


def test_what_the_network_adds_is_no_attempt_of_the_site(site: ErpSite) -> None:
    subscribe(site, enable_security=1, webhook_secret="s3cret", timeout=7)
    site.fake.webhooks.weather = DeliveryWeather(duplicate=1.0, forge=1.0)
    site.submitted_order()
    deliveries = told(site) + told(site)
    signatures = [delivery.headers["X-Frappe-Webhook-Signature"] for delivery in deliveries]
    assert sorted(signature == sign("s3cret", b"{}") for signature in signatures) == [False, True, True]
    assert {delivery.timeout for delivery in deliveries} == {timedelta(seconds=7)}
    assert len(logs(site)) == 1


def test_an_integration_hears_of_its_own_writes_and_can_tell_them_by_who_wrote(site: ErpSite) -> None:
    subscribe(site, event="on_update", condition="doc.modified_by != 'api@example.com'")
    subscribe(site, event="on_update", name="all")
    site.draft_order()
    assert [delivery.events[0].hook for delivery in told(site)] == ["all"]
