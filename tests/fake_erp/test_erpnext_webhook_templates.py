"""Templates of webhooks that would use up time or memory end their own delivery and nothing else. Source: facts 6.3."""

from __future__ import annotations

import json

import pytest
from erpnext_site import ErpSite


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def subscribe(site: ErpSite, template: str) -> None:
    when = {"webhook_doctype": "Sales Order", "webhook_docevent": "on_submit"}
    site.add("Webhook", name="hook", **when, request_url="https://e.example/", request_structure="JSON", webhook_json=template)


@pytest.mark.parametrize(
    "template",
    [
        '{"a": "{{ "a" * 10**9 }}"}',
        '{"a": {{ 10**10000000 }}}',
        '{"a": "{{ "%999999999d" % 3 }}"}',
        '{"a": "{{ "%999999999d"|format(3) }}"}',
        '{"a": "{{ "{:999999999}".format(3) }}"}',
        '{"a": "{{ "x".ljust(999999999) }}"}',
        '{"a": "{{ "x"|center(999999999) }}"}',
        "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}{}",
    ],
)
def test_a_template_does_not_eat_the_machine(site: ErpSite, template: str) -> None:
    subscribe(site, template)
    site.submitted_order()
    site.wait(10)
    assert site.fake.webhooks.take_due() == []
    (log,) = site.rows("Webhook Request Log", fields=["error"])
    assert "SecurityError" in log["error"]


def test_an_ordinary_template_calculates_pads_and_formats(site: ErpSite) -> None:
    template = '{"a": "{{ "%.2f"|format(3) }} {{ "%05d" % 3 }} {{ "{:.1f}".format(2.25) }} {{ "7".zfill(3) }} {{ 3 * 4 + 2**3 }}"}'
    subscribe(site, template)
    site.submitted_order()
    site.wait(10)
    (delivery,) = site.fake.webhooks.take_due()
    assert json.loads(delivery.body) == {"a": "3.00 00003 2.2 007 20"}
