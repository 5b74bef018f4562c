"""The processes decide what flows between a company and its customer: without one, its effect is gone and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from both_sides import FULL_CYCLE, Both

from harness.kit.people import Company

Make = Callable[..., Both]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    worlds: list[Both] = []

    def begin(without: tuple[str, ...] = (), trigger: dict[str, dict[str, Any]] | None = None) -> Both:
        """The full cycle without these processes, and with other properties of a process's trigger."""
        book = yaml.safe_load(FULL_CYCLE.read_text(encoding="utf-8"))
        book["processes"] = [each for each in book["processes"] if each["name"] not in without]
        for each in book["processes"]:
            each["trigger"] |= (trigger or {}).get(each["name"], {})
        path = tmp_path / "bent.dictionary.yaml"
        path.write_text(yaml.safe_dump(book), encoding="utf-8")
        worlds.append(Both(tmp_path, dictionary=path))
        worlds[-1].begin()
        return worlds[-1]

    yield begin
    for world in worlds:
        world.close()


def edit_everything(world: Both) -> None:
    """A company with its address and contact by Anna, its customer by Bert, on both a two-way field of their own."""
    (contact,) = [record.id for record in world.crm.store.all("contacts")]
    world.anna.edit_contact(contact, {"lastname": "Roe"})
    world.anna.edit_company(world.company_id, {"name": "Acme New", "city": "Bonn", "account_note": "call first"})
    changes = {"is_frozen": 1, "custom_delivery_hint": "ring twice"}
    world.erp_call("PUT", f"/api/resource/Customer/{world.customer_id}", changes)
    world.until_quiet()
    world.pass_time(3600)
    world.until_quiet()


def erp_shows(world: Both) -> tuple[str, str, str, str]:
    (address,), (contact,) = world.erp.store.all("Address"), world.erp.store.all("Contact")
    customer = world.customer()
    note = customer.get("custom_account_note") or ""
    return customer["customer_name"], note, address.fields["city"], contact.fields["last_name"]


def crm_shows(world: Both) -> tuple[str, str]:
    company = world.company()
    return company["erp_credit_status"], company.get("delivery_hint") or ""


CRM_NEWS, ERP_NEWS = ("Acme New", "call first", "Bonn", "Roe"), ("on hold", "ring twice")
CRM_OLD = ("Acme 1", "", "Berlin", "Doe 1")


def test_with_all_processes_everything_flows(make: Make) -> None:
    world = make()
    edit_everything(world)
    assert (erp_shows(world), crm_shows(world), world.errors()) == (CRM_NEWS, ERP_NEWS, [])


def test_without_company_change_only_edits_of_the_company_stay_where_they_are(make: Make) -> None:
    world = make(without=("company-change",))
    assert erp_shows(world) == CRM_OLD, "onboarding brings the address and the contact"
    edit_everything(world)
    assert (erp_shows(world), crm_shows(world), world.errors()) == (CRM_OLD, ERP_NEWS, [])


def test_without_credit_status_only_edits_of_the_customer_stay_where_they_are(make: Make) -> None:
    world = make(without=("credit-status",))
    assert not world.company().get("erp_credit_status")
    assert not world.company().get("erp_open_balance")
    edit_everything(world)
    assert erp_shows(world) == CRM_NEWS
    assert not world.company().get("erp_credit_status")
    assert (world.company().get("delivery_hint") or "", world.errors()) == ("", [])


def test_an_edit_that_nobody_listens_to_is_no_conflict_and_is_not_taken_back(make: Make) -> None:
    world = make(without=("credit-status",))
    world.bert.edit_customer(world.customer_id, {"custom_account_note": "theirs"})
    world.anna.edit_company(world.company_id, {"phone": "2"})
    world.until_quiet()
    assert (world.customer()["custom_account_note"], world.customer()["custom_phone"]) == ("theirs", "2")
    world.anna.edit_company(world.company_id, {"account_note": "ours"})
    world.until_quiet()
    assert (world.customer()["custom_account_note"], world.errors()) == ("ours", [])


def test_a_trigger_that_names_fields_carries_these_alone(make: Make) -> None:
    world = make(trigger={"company-change": {"fields": ["Name"]}, "credit-status": {"fields": ["Credit status"]}})
    edit_everything(world)
    assert erp_shows(world) == ("Acme New", *CRM_OLD[1:])
    assert crm_shows(world) == ("on hold", "")


def test_without_any_process_of_companies_none_is_asked_for(make: Make) -> None:
    world = make(without=("company-change", "company-merge", "credit-status"))
    world.pass_time(3600)
    since = len(world.journal.entries)
    edit_everything(world)
    assert (erp_shows(world), world.errors()) == (CRM_OLD, [])
    assert [call for call in world.calls(since) if "/companies" in call or "/contacts" in call] == []


@pytest.mark.parametrize("followed", [True, False])
def test_only_company_merge_brings_the_customer_to_the_survivor(make: Make, followed: bool) -> None:
    world = make(without=() if followed else ("company-merge",))
    survivor = world.anna.add_company(Company("Acme 2", "acme2.example", "1", "Main St 1", "Berlin", "10115", "Germany"))
    survivor = world.anna.merge_companies(survivor, world.company_id)
    world.until_quiet()
    world.pass_time(3600)
    world.until_quiet()
    holder = world.customer()["custom_crm_company_id"]
    assert (holder == survivor) == followed
    assert world.errors() == []


def test_a_contact_of_a_later_deal_is_onboarding_whatever_becomes_of_edits(make: Make) -> None:
    world = make(without=("company-change",))
    world.win(2, company=world.company_id)
    world.until_quiet()
    assert sorted(record.fields["last_name"] for record in world.erp.store.all("Contact")) == ["Doe 1", "Doe 2"]
