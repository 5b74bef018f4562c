"""Going back to a remembered state, and the settings of the fake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from erpnext_site import EXTERNAL_ID, ErpSite, data_of, refused

import fake_erp.erpnext
from fake_erp.erpnext.settings import Settings, settings_from

README = Path(fake_erp.erpnext.__file__).with_name("README.md")


def test_a_site_goes_back_to_what_it_was_as_often_as_wanted() -> None:
    site = ErpSite()
    name = site.submitted_order(("SKU-1", 4, 10.0))
    state = site.fake.remember()
    for _ in range(2):
        site.people.ship(name, Decimal("0.5"))
        invoice = str(site.people.invoice(name))
        site.people.pay(invoice, Decimal(1))
        site.add("Custom Field", **EXTERNAL_ID)
        assert site.draft_order(custom_external_id="EXT-1") == "SAL-ORD-2026-00002"
        site.fake.put_back(state)
        order = site.get("Sales Order", name)
        assert (order["status"], order["per_delivered"], order["per_billed"]) == ("To Deliver and Bill", 0.0, 0.0)
        assert site.bin("SKU-1") == (100.0, 4.0)
        assert site.rows("Sales Invoice") == site.rows("Custom Field") == []
        assert "custom_external_id" not in site.get("Sales Order", site.draft_order(custom_external_id="EXT-1"))
        site.fake.put_back(state)


def test_a_custom_field_that_was_there_is_there_and_unique_again() -> None:
    site = ErpSite()
    site.add("Custom Field", **EXTERNAL_ID)
    site.draft_order(custom_external_id="EXT-1")
    state = site.fake.remember()
    site.delete("Sales Order", "SAL-ORD-2026-00001")
    assert site.delete("Custom Field", "Sales Order-custom_external_id").status == 202
    assert site.order(custom_external_id="EXT-1").status == 200
    site.fake.put_back(state)
    refused(site.order(custom_external_id="EXT-1"), 417, "UniqueValidationError")


def test_sessions_and_webhooks_go_back_too() -> None:
    site = ErpSite()
    before = site.fake.remember()
    reply = site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}, headers={})
    cookie = {"cookie": reply.cookies[0].split(";")[0]}
    site.fake.connect_webhooks("https://engine.example/erp", "s3cret")
    site.submitted_order()
    assert site.fake.webhooks.pending
    site.fake.put_back(before)
    assert site.fake.webhooks.pending == 0
    assert site.send("GET", "/api/resource/Customer", headers=cookie).status == 403
    site.submitted_order()
    assert site.fake.webhooks.pending == 0


def test_wrong_passwords_are_forgotten_with_the_rest() -> None:
    site = ErpSite()
    state = site.fake.remember()
    for _ in range(2):
        for _ in range(9):
            site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "wrong"}, headers={})
        assert site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "wrong"}, headers={}).status == 401
        site.fake.put_back(state)


def test_the_limiter_starts_anew_with_the_rest() -> None:
    site = ErpSite(rate_limit_seconds=1.0, rate_limit_window_seconds=86_400, read_ms=(500, 500), write_ms=(1, 1))
    state = site.fake.remember()
    for _ in range(2):
        site.fake.put_back(state)
        statuses = [site.send("GET", "/api/resource/Customer").status for _ in range(4)]
        assert statuses == [200, 200, 200, 429], "checked before a call and spent after it"


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, two = (data_of(ErpSite().order(("SKU-1", 2, 9.0))) for _ in range(2))
    assert one == two


def test_a_failed_custom_field_leaves_no_column() -> None:
    site = ErpSite()
    for _ in range(2):
        site.add("Customer", customer_name="Twin", customer_type="Company", tax_id="DE1")
    field = {"dt": "Customer", "label": "Tax ID", "fieldname": "tax_id", "fieldtype": "Data"}
    assert "already exists in Customer" in refused(site.post("Custom Field", **field), 417, "ValidationError")
    plain = {"dt": "Customer", "label": "Kind", "fieldtype": "Data", "fieldname": "custom_kind"}
    site.add("Custom Field", **plain)
    for name in ("Twin", "Twin - 1"):
        data_of(site.put("Customer", name, custom_kind="same"))
    refused(site.put("Custom Field", "Customer-custom_kind", unique=1), 417, "UniqueValidationError")
    assert data_of(site.put("Customer", "ACME", custom_kind="same"))["custom_kind"] == "same"


def test_a_setting_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"erpnext settings: .*rate_limit"):
        settings_from({"rate_limit": 5})
    with pytest.raises(ValueError, match="erpnext settings"):
        settings_from({"read_ms": "fast"})


def test_the_readme_names_every_setting() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in Settings.__struct_fields__ if f"`{name}`" not in text] == []
