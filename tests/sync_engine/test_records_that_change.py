"""Records that are merged, renamed or deleted, and fields that are removed or retyped, while the engine runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from both_sides import FULL_CYCLE, Both

from harness.kit.call import Call
from harness.kit.people import Company


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    world = Both(tmp_path, dictionary=FULL_CYCLE)
    world.begin()
    yield world
    world.close()


def test_a_customer_renamed_in_the_erp_keeps_its_company(both: Both) -> None:
    body = {"doctype": "Customer", "old_name": both.customer_id, "new_name": "Acme Holding"}
    both.erp_call("POST", "/api/method/frappe.client.rename_doc", body)
    both.anna.edit_company(both.company_id, {"phone": "77"})
    both.until_quiet()
    assert both.customer("Acme Holding")["custom_phone"] == "77"
    assert both.company()["erp_customer_id"] == "Acme Holding"
    assert both.errors() == []


def test_the_survivor_of_merged_companies_keeps_the_one_customer(both: Both) -> None:
    other = both.anna.add_company(_plain("Acme twin"))
    survivor = both.anna.merge_companies(other, both.company_id)
    both.until_quiet()
    assert both.customer()["custom_crm_company_id"] == survivor
    assert both.company(survivor)["erp_customer_id"] == both.customer_id
    both.anna.edit_company(survivor, {"phone": "55"})
    both.until_quiet()
    assert both.customer()["custom_phone"] == "55"


def test_two_customers_of_merged_companies_are_a_question_for_a_person(both: Both) -> None:
    both.win(2)
    both.until_quiet()
    other = next(record for record in both.erp.store.all("Customer") if record.id != both.customer_id)
    survivor = both.anna.merge_companies(both.company_id, other.fields["custom_crm_company_id"])
    both.until_quiet()
    ((record, cause),) = both.errors()
    assert record == f"crm companies {survivor}"
    assert both.customer_id in cause
    assert other.id in cause
    loser = other.id if both.company(survivor)["erp_customer_id"] == both.customer_id else both.customer_id
    both.bert.edit_customer(loser, {"disabled": 1})
    both.until_quiet()
    assert both.errors() == []


def test_a_removed_field_is_told_made_again_and_empties_nothing(both: Both) -> None:
    both.anna.edit_company(both.company_id, {"account_note": "keep me"})
    both.until_quiet()
    both.erp_call("DELETE", "/api/resource/Custom Field/Customer-custom_account_note", {})
    both.bert.edit_customer(both.customer_id, {"custom_delivery_hint": "ring twice"})
    both.until_quiet()
    assert both.company()["account_note"] == "keep me"
    assert both.company()["delivery_hint"] == "ring twice"
    both.anna.edit_company(both.company_id, {"phone": "1234"})
    both.until_quiet()
    assert both.customer()["custom_account_note"] == "keep me"
    assert both.errors() == []


def test_an_order_deleted_in_the_erp_is_told_on_the_deal_and_never_made_again(both: Both) -> None:
    (order,) = both.orders
    both.bert.cancel_order(order)
    both.until_quiet()
    assert both.deal(both.deal_id)["erp_order_status"] == "cancelled"
    both.erp_call("DELETE", f"/api/resource/Sales Order/{order}", {})
    both.pass_time(1800)
    ((record, cause),) = both.errors()
    assert record == f"crm deals {both.deal_id}"
    assert order in cause
    assert not both.deal(both.deal_id).get("erp_order_id")
    assert list(both.erp.store.all("Sales Order")) == []


def _plain(name: str) -> Any:
    return Company(name, "twin.example", "1", "Main St 1", "Berlin", "10115", "Germany")


def test_a_removed_crm_property_empties_nothing_in_the_erp_and_heals(both: Both) -> None:
    both.bert.edit_customer(both.customer_id, {"custom_delivery_hint": "ring twice"})
    both.until_quiet()
    assert both.company()["delivery_hint"] == "ring twice"
    reply = both.crm.handle(Call("DELETE", "/crm/v3/properties/companies/delivery_hint", caller="person:admin", person="admin"))
    assert reply.ok
    both.anna.edit_company(both.company_id, {"phone": "4321"})
    both.until_quiet()
    assert both.customer()["custom_delivery_hint"] == "ring twice"
    assert both.customer()["custom_phone"] == "4321"
    assert both.company()["delivery_hint"] == "ring twice", "made again, and filled from the other side"
    assert both.errors() == []


def test_a_retyped_property_stops_its_own_field_only_and_heals(both: Both) -> None:
    def admin(method: str, path: str, body: Any = None) -> None:
        raw = json.dumps(body).encode() if body is not None else b""
        reply = both.crm.handle(Call(method, path, body=raw, caller="person:admin", person="admin"))
        assert reply.ok, reply.body

    number = {
        "name": "delivery_hint",
        "label": "Delivery hint",
        "type": "number",
        "fieldType": "number",
        "groupName": "companyinformation",
    }
    admin("DELETE", "/crm/v3/properties/companies/delivery_hint")
    admin("POST", "/crm/v3/properties/companies", number)
    both.bert.edit_customer(both.customer_id, {"custom_delivery_hint": "ring twice", "custom_account_note": "calls on Mondays"})
    both.until_quiet()
    assert both.company()["account_note"] == "calls on Mondays"
    ((record, cause),) = both.errors()
    assert record == f"crm companies {both.company_id}"
    assert "Delivery note text" in cause

    admin("DELETE", "/crm/v3/properties/companies/delivery_hint")
    admin("POST", "/crm/v3/properties/companies", {**number, "type": "string", "fieldType": "text"})
    both.anna.edit_company(both.company_id, {"phone": "4321"})
    both.until_quiet()
    assert both.company()["delivery_hint"] == "ring twice"
    assert both.errors() == []
