"""Known bugs of values on their way: text, keys, money, dates, and what is empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from test_both_sides import FULL_CYCLE, Both
from test_plan import deal
from tiny_vendors import DICTIONARY
from world import World

from harness.kit.call import Call
from harness.kit.people import Company, Product
from sync_engine.dictionary import load
from sync_engine.processes.plan import check_deal, order_doc
from sync_engine.vendors.hubspot import CrmRecord

TEXTS = {
    "emoji": "Bäckerei 🥐 GmbH",
    "right to left": "مخبز שלום",
    "combining marks": "Cafe\u0301 Noe\u0308l",
    "zero width": "Ac\u200bme\u2060 Ltd",
    "quotes and signs": "O'Neil & Söhne; DROP %s \\ 100 %",
    "lines": "First line\nSecond line",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def company(name: str, number: int = 1, zip: str = "10115") -> Company:
    return Company(name, f"acme{number}.example", "1", "Main St 1", "Berlin", zip, "Germany")


def customers(world: World) -> list[Any]:
    return [record.fields for record in world.erp.store.all("Customer")]


def writes(world: World, since: int) -> list[str]:
    return [call for call in world.calls(since) if call.startswith(("PUT", "PATCH")) or "/batch/update" in call]


# -- text -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text_of_any_script_arrives_as_it_was_written_and_is_then_at_rest(world: World, text: str) -> None:
    world.host.start()
    world.win(company=world.anna.add_company(company(text)))
    world.until_quiet()
    assert [held["customer_name"] for held in customers(world)] == [text]
    assert world.host.ask("open_errors", None) == []
    since = len(world.journal.entries)
    world.pass_time(3600)
    assert writes(world, since) == []


def test_a_value_that_the_erp_cannot_hold_is_told_or_arrives_and_holds_up_nobody(world: World) -> None:
    world.host.start()
    company_id = world.anna.add_company(company("Ac\x00me\x07"))
    poisoned = world.win(1, company=company_id)
    healthy = world.win(2)
    world.until_quiet()
    assert world.deal(healthy)["erp_order_id"]
    told = [record for record, _ in world.host.ask("open_errors", None)]
    assert told in ([], [f"crm deals {poisoned}"])
    assert bool(world.deal(poisoned).get("erp_order_id")) == (told == [])


def test_what_is_too_long_is_cut_where_the_dictionary_says_so_else_told_and_holds_up_nobody(world: World) -> None:
    """The ERP makes a contact's name of the person's and the customer's, which may be longer than a name can be."""
    world.host.start()
    long = world.win(1, company=world.anna.add_company(company("A" * 90 + " " + "B" * 90)))
    world.win(2)
    world.until_quiet()
    names = sorted((held["customer_name"] for held in customers(world)), key=len)
    assert names == ["Acme 2", "A" * 90 + " " + "B" * 49]
    assert len(world.orders) == 2
    assert world.deal(long)["erp_order_id"] in world.orders
    ((record, cause),) = world.host.ask("open_errors", None)
    assert record.startswith("crm contacts ")
    assert "too long" in cause
    tried = len([call for call in world.calls() if call == "POST /api/resource/Contact"])
    world.pass_time(86_400)
    assert len([call for call in world.calls() if call == "POST /api/resource/Contact"]) - tried <= 1


def test_a_name_that_the_erp_does_not_allow_is_told_on_the_deal_and_goes_through_once_corrected(world: World) -> None:
    world.host.start()
    company_id = world.anna.add_company(company("<Acme>"))
    deal_id = world.win(company=company_id)
    world.until_quiet()
    ((record, _),) = world.host.ask("open_errors", None)
    assert record == f"crm deals {deal_id}"
    assert "<Acme>" in world.deal(deal_id)["erp_sync_error"] or "special characters" in world.deal(deal_id)["erp_sync_error"]
    world.anna.edit_company(company_id, {"name": "Acme"})
    world.crm.handle(_edit(f"/crm/v3/objects/deals/{deal_id}", {"dealname": "Corrected"}))
    world.until_quiet()
    assert len(world.orders) == 1
    assert world.host.ask("open_errors", None) == []
    assert not world.deal(deal_id).get("erp_sync_error")


def test_a_text_of_digits_keeps_its_zeros(world: World) -> None:
    world.bert.add_item(Product("0017", "Bolt", Decimal("10.00")), Decimal(100))
    world.host.start()
    world.win(sku="0017", company=world.anna.add_company(company("00451", zip="01067")))
    world.until_quiet()
    (order,) = world.orders
    assert [row["item_code"] for row in world.erp.store.get("Sales Order", order).fields["items"]] == ["0017"]
    assert [held["customer_name"] for held in customers(world)] == ["00451"]
    assert [address.fields["pincode"] for address in world.erp.store.all("Address")] == ["01067"]


# -- keys -----------------------------------------------------------------------------------------------------------------


def test_companies_of_one_name_are_customers_of_their_own(world: World) -> None:
    world.host.start()
    ids = [world.anna.add_company(company("Acme", number)) for number in (1, 2)]
    for number, id in enumerate(ids):
        world.win(number, company=id)
    world.until_quiet()
    assert sorted(held["custom_crm_company_id"] for held in customers(world)) == sorted(ids)
    assert [held["customer_name"] for held in customers(world)] == ["Acme", "Acme"]
    assert world.host.ask("open_errors", None) == []


def test_an_address_of_a_person_in_other_letters_is_the_same_person(world: World) -> None:
    world.host.start()
    first = world.win()
    world.until_quiet()
    (person,) = world.erp.store.all("Contact")
    world.anna.edit_contact(person.fields["custom_crm_contact_id"], {"email": "JANE1@acme.example"})
    world.until_quiet()
    assert len(list(world.erp.store.all("Contact"))) == 1
    assert world.deal(first)["erp_order_id"]


# -- money ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("currency", "price", "quantity"), [("JPY", "1234", "3"), ("EUR", "12.34", "3"), ("KWD", "12.34", "3")])
def test_an_amount_is_the_same_number_in_every_currency(currency: str, price: str, quantity: str) -> None:
    """There are no minor units on the way: nothing is multiplied, so nothing has to be divided."""
    book = msgspec.structs.replace(load(DICTIONARY), currency=currency)
    sold = CrmRecord("line_items", "1", {"hs_sku": "A", "quantity": quantity, "price": price}, {})
    won = deal(amount=str(Decimal(price) * Decimal(quantity)))
    assert check_deal(book, won, [sold]) is None
    doc = order_doc(book, won, [sold], "Acme", date(2026, 3, 2))
    assert (doc["currency"], doc["items"][0]["rate"], doc["items"][0]["qty"]) == (currency, Decimal(price), Decimal(quantity))


def test_a_discount_that_is_not_in_the_lines_is_told_before_anything_is_ordered(world: World) -> None:
    world.host.start()
    deal_id = world.win()
    world.crm.handle(_edit(f"/crm/v3/objects/deals/{deal_id}", {"amount": "24"}))
    world.until_quiet()
    ((record, cause),) = world.host.ask("open_errors", None)
    assert record == f"crm deals {deal_id}"
    assert "24" in cause
    assert world.orders == []


# -- time -----------------------------------------------------------------------------------------------------------------


def test_a_business_date_in_the_dictionary_is_the_orders_date_after_days_of_outage(tmp_path: Path) -> None:
    book = yaml.safe_load(DICTIONARY.read_text(encoding="utf-8"))
    entity = next(entity for entity in book["entities"] if entity["name"] == "order")
    row = {"name": "Order date", "owner": "crm", "frozen_after_create": True}
    row |= {"crm": {"field": "closedate", "type": "datetime", "zone": "Europe/Berlin"}}
    row |= {"erp": {"field": "transaction_date", "type": "date", "zone": "Europe/Berlin"}}
    entity["fields"].append(row)
    path = tmp_path / "dictionary.yaml"
    path.write_text(yaml.safe_dump(book), encoding="utf-8")
    world = World(tmp_path, dictionary=path)
    won = world.win()
    world.crm.handle(_edit(f"/crm/v3/objects/deals/{won}", {"closedate": "2026-02-28T23:30:00Z"}))
    world.pass_time(3 * 86_400)
    world.host.start()
    world.until_quiet()
    (order,) = world.orders
    assert world.erp.store.get("Sales Order", order).fields["transaction_date"] == "2026-03-01", "the day it was in Berlin"
    world.close()


# -- nothing --------------------------------------------------------------------------------------------------------------


def test_what_stands_in_for_an_empty_value_never_travels_back(tmp_path: Path) -> None:
    world = Both(tmp_path, dictionary=FULL_CYCLE)
    world.begin()
    (person,) = world.erp.store.all("Contact")
    contact = person.fields["custom_crm_contact_id"]
    world.anna.edit_contact(contact, {"first_name": "", "last_name": ""})
    world.anna.edit_company(world.company_id, {"phone": ""})
    world.until_quiet()
    held = world.erp.store.get("Contact", person.id).fields
    assert held["first_name"], "the ERP wants one"
    world.bert.edit_customer(world.customer_id, {"custom_account_note": "calls on Mondays"})
    world.pass_time(4 * 3600)
    known = world.crm.store.get("contacts", contact).fields
    assert not known.get("firstname")
    assert not known.get("lastname")
    assert not world.company().get("phone")
    assert not world.customer().get("custom_phone")
    world.close()


def _edit(path: str, properties: dict[str, str]) -> Any:
    return Call("PATCH", path, body=json.dumps({"properties": properties}).encode(), caller="person:carl", person="carl")
