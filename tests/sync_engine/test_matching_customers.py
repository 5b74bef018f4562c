"""A company that buys gets the customer that a person made for it in the ERP, if a rule of the dictionary finds just one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from both_sides import FULL_CYCLE
from world import World

from harness.kit.call import Call
from harness.kit.journal import Received
from harness.kit.people import Company

LIST = "POST /api/method/frappe.client.get_list"
CREATE, LINK = "POST /api/resource/Customer", "PUT /api/resource/Customer/"


class Matching(World):
    """The ERP's customers and whose they are."""

    def by_hand(self, name: str, **fields: str) -> str:
        body = {"customer_name": name, "customer_type": "Company", "customer_group": "Commercial", "territory": "All Territories"}
        text = json.dumps({**body, **fields}).encode()
        call = Call("POST", "/api/resource/Customer", "", {"content-type": "application/json"}, text, "person:bert", "bert")
        reply = self.erp.handle(call)
        assert reply.ok, reply.body
        return str(reply.json()["data"]["name"])

    def customers(self) -> dict[str, str]:
        """Name → the company it carries, or an empty text."""
        return {record.id: record.fields.get("custom_crm_company_id") or "" for record in self.erp.store.all("Customer")}

    def company_of(self, deal: str) -> str:
        reply = self.crm.handle(
            Call("GET", f"/crm/v4/objects/deals/{deal}/associations/companies", caller="person:anna", person="anna")
        )
        return str(reply.json()["results"][0]["toObjectId"])

    def many_values(self, since: int) -> list[str]:
        """The bodies of lists that ask for values of any of several fields."""
        entries = [e for e in self.journal.entries[since:] if isinstance(e, Received) and f"{e.method} {e.path}" == LIST]
        return [str(e.body) for e in entries if "or_filters" in str(e.body)]

    def errors(self) -> dict[str, str]:
        return dict(self.host.ask("open_errors", None))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Matching]:
    world = Matching(tmp_path, dictionary=FULL_CYCLE)
    world.host.start()
    world.until_quiet()
    yield world
    world.close()


def test_a_customer_with_the_same_website_is_linked_and_gets_no_twin(world: Matching) -> None:
    name = world.by_hand("Acme One Ltd", website="ACME1.example")
    deal = world.win(1)
    world.until_quiet()
    company = world.company_of(deal)
    assert (world.customers(), world.errors()) == ({name: company}, {})
    assert world.crm.store.get("companies", company).fields["erp_customer_id"] == name
    (order,) = world.erp.store.all("Sales Order")
    assert order.fields["customer"] == name
    assert world.erp.store.get("Customer", name).fields["customer_name"] == "Acme 1", "the owner's values are carried over"


def test_the_tax_id_says_more_than_the_website(world: Matching) -> None:
    other, right = world.by_hand("Other", website="acme1.example"), world.by_hand("Right", tax_id="DE 1")
    company = world.anna.add_company(Company("Acme 1", "acme1.example", "1", "Main St 1", "Berlin", "10115", "Germany"))
    world.anna.edit_company(company, {"tax_id": "DE 1"})
    world.win(1, company=company)
    world.until_quiet()
    assert world.customers() == {other: "", right: company}


def test_of_several_a_person_chooses(world: Matching) -> None:
    one, two = (world.by_hand(name, website="acme1.example") for name in ("Acme Berlin", "Acme Bonn"))
    deal = world.win(1)
    world.until_quiet()
    company = world.company_of(deal)
    cause = f"Company {company} has the same Website as {one}, {two} in the ERP."
    assert world.customers() == {one: "", two: ""}
    assert cause in world.errors()[f"crm deals {deal}"]
    world.bert.edit_customer(two, {"custom_crm_company_id": company})
    world.anna.change_quantity(deal, "SKU-1", 4)
    world.until_quiet()
    assert (world.customers(), world.errors()) == ({one: "", two: company}, {})


@pytest.mark.parametrize("fields", [{"custom_crm_company_id": "4711"}, {"disabled": "1"}])
def test_a_customer_of_another_company_and_one_out_of_use_are_no_candidates(world: Matching, fields: dict[str, str]) -> None:
    by_hand = world.by_hand("Acme 1", website="acme1.example", **fields)
    deal = world.win(1)
    world.until_quiet()
    customers = world.customers()
    assert customers.pop(by_hand) == fields.get("custom_crm_company_id", "")
    assert list(customers.values()) == [world.company_of(deal)]


def test_many_companies_are_matched_in_one_list(world: Matching) -> None:
    names = [world.by_hand(f"By hand {number}", website=f"acme{number}.example") for number in range(0, 40, 2)]
    since = len(world.journal.entries)
    deals = [world.win(number) for number in range(40)]
    world.pass_time(10)
    world.until_quiet()
    customers, calls = world.customers(), world.calls(since)
    assert (len(customers), world.errors()) == (40, {})
    assert [customers[name] for name in names] == [world.company_of(deal) for deal in deals[::2]]
    assert calls.count(CREATE) == 20
    looks = [call for call in world.many_values(since) if "website" in call]
    assert 1 <= len(looks) <= 8, "one for each batch of deals, not one for each company"


def test_two_companies_that_are_the_same_customer_are_a_question(world: Matching) -> None:
    name = world.by_hand("Acme", website="same.example")
    companies = [
        world.anna.add_company(Company(f"Acme {place}", "same.example", "1", "Main St 1", place, "10115", "Germany"))
        for place in ("Berlin", "Bonn")
    ]
    deals = [world.win(number, company=company) for number, company in enumerate(companies)]
    world.until_quiet()
    errors = world.errors()
    assert all(
        f"so do the companies {other}" in errors[f"crm deals {deal}"] for deal, other in zip(deals, companies[::-1], strict=True)
    )
    assert world.customers() == {name: ""}


@pytest.mark.parametrize("behind", ["finding", "linking"])
def test_a_death_between_finding_and_linking_leaves_one_customer(tmp_path: Path, behind: str) -> None:
    world = Matching(tmp_path, dictionary=FULL_CYCLE)
    world.host.start()
    world.until_quiet()
    name = world.by_hand("Acme One Ltd", website="acme1.example")
    deal, since = world.win(1), len(world.journal.entries)
    wanted = LINK if behind == "linking" else LIST
    for _ in range(20_000):
        if any(call.startswith(wanted) for call in world.calls(since)):
            break
        world.pass_time(0.002)
    else:
        pytest.fail(f"never came to {wanted}")
    world.host.kill("in the middle")
    world.pass_time(5)
    assert world.customers()[name] == (world.company_of(deal) if behind == "linking" else "")
    world.host.start()
    world.until_quiet()
    assert (world.customers(), world.errors()) == ({name: world.company_of(deal)}, {})
    world.close()
