"""Associations: both directions, primary companies, and the shapes that surprise (facts 9)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to

V4 = "/crm/v4/objects"


@pytest.fixture
def trio(portal: Portal) -> tuple[Portal, str, str, str]:
    """A deal and two companies."""
    return portal, portal.add("deals", dealname="one"), portal.add("companies", name="A"), portal.add("companies", name="B")


def types_of(portal: Portal, deal: str, company: str) -> list[int]:
    rows = portal.get(f"{V4}/deals/{deal}/associations/companies").json()["results"]
    return [each["typeId"] for row in rows if row["toObjectId"] == int(company) for each in row["associationTypes"]]


def test_a_default_put_answers_both_directions(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    reply = portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    assert reply.status == 200
    assert [(row["from"]["id"], row["associationSpec"]["associationTypeId"]) for row in reply.json()["results"]] == [
        (deal, 341),
        (company, 342),
    ]
    back = portal.get(f"{V4}/companies/{company}/associations/deals").json()["results"]
    assert [row["toObjectId"] for row in back] == [int(deal)]


def test_a_put_with_labels_answers_201_with_numbers_on_v4_and_strings_on_dated_paths(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]
    reply = portal.call("PUT", f"{V4}/deals/{deal}/associations/companies/{company}", spec)
    assert reply.status == 201
    assert reply.json() == {
        "fromObjectTypeId": "0-3",
        "fromObjectId": int(deal),
        "toObjectTypeId": "0-2",
        "toObjectId": int(company),
        "labels": [],
    }
    dated = portal.get(f"/crm/objects/2026-03/deals/{deal}/associations/companies").json()["results"]
    assert dated[0]["toObjectId"] == company


def test_the_first_company_becomes_primary_and_a_new_primary_demotes_it(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, first, second = trio
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{first}")
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{second}")
    assert (types_of(portal, deal, first), types_of(portal, deal, second)) == ([5, 341], [341])
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    portal.call("PUT", f"{V4}/deals/{deal}/associations/companies/{second}", spec)
    assert (types_of(portal, deal, first), types_of(portal, deal, second)) == ([341], [5, 341])


def test_the_first_company_stays_plain_where_the_account_is_switched_so() -> None:
    portal = Portal(first_company_is_primary=False)
    company = portal.add("companies", name="A")
    deal = portal.add("deals", [(company, 341)], dealname="one")
    assert types_of(portal, deal, company) == [341]


def test_a_primary_company_appears_twice_on_a_read(trio: tuple[Portal, str, str, str]) -> None:
    """Pitfall 23."""
    portal, deal, company, _ = trio
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    body = portal.get(f"{OBJECTS}/deals/{deal}", "associations=companies").json()
    assert body["associations"]["companies"]["results"] == [
        {"id": company, "type": "deal_to_company"},
        {"id": company, "type": "deal_to_company_unlabeled"},
    ]


def test_line_items_come_back_under_a_key_with_a_space_and_nothing_under_no_key(portal: Portal) -> None:
    """Pitfall 22."""
    deal = portal.add("deals", dealname="one")
    assert "associations" not in portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items").json()
    line = portal.add("line_items", [(deal, 20)], name="Bolt")
    body = portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items,contacts").json()
    assert body["associations"] == {"line items": {"results": [{"id": line, "type": "deal_to_line_item"}]}}


def test_a_batch_read_leaves_out_who_has_none_and_says_so(trio: tuple[Portal, str, str, str]) -> None:
    """Pitfall 24."""
    portal, deal, company, _ = trio
    lonely = portal.add("deals", dealname="two")
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    reply = portal.post("/crm/v4/associations/deals/companies/batch/read", {"inputs": [{"id": lonely}, {"id": deal}]})
    body = reply.json()
    assert reply.status == 207
    assert [row["from"] for row in body["results"]] == [{"id": deal}]
    assert body["results"][0]["to"][0]["toObjectId"] == int(company)
    assert body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": f"No company is associated with deal {lonely}.",
            "context": {"fromObjectId": [lonely], "fromObjectType": ["deal"], "toObjectType": ["company"]},
        }
    ]


def test_deleting_removes_both_directions_and_deleting_again_is_a_204(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    for _ in range(2):
        assert portal.call("DELETE", f"{V4}/companies/{company}/associations/deals/{deal}").status == 204
    assert portal.get(f"{V4}/deals/{deal}/associations/companies").json() == {"results": []}
    assert portal.read("companies", company, "num_associated_deals")["num_associated_deals"] == "0"


def test_repeating_an_association_changes_nothing(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    changes = len(portal.fake.store.changes)
    assert portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}").status == 200
    assert len(portal.fake.store.changes) == changes


def test_labels_replace_each_other_and_the_plain_association_leaves_them_alone(trio: tuple[Portal, str, str, str]) -> None:
    portal, _, parent, child = trio
    path = f"{V4}/companies/{parent}/associations"

    def types() -> list[tuple[int, str | None]]:
        rows = portal.get(f"{path}/companies").json()["results"][0]["associationTypes"]
        return [(each["typeId"], each["label"]) for each in rows]

    portal.call("PUT", f"{path}/companies/{child}", [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 13}])
    assert types() == [(13, "Child Company"), (450, None)]
    portal.call("PUT", f"{path}/default/companies/{child}")
    assert types() == [(13, "Child Company"), (450, None)]
    portal.call("PUT", f"{path}/companies/{child}", [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}])
    assert types() == [(14, "Parent Company"), (450, None)]


def test_an_archived_record_is_in_no_association_read(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    portal.call("DELETE", f"{OBJECTS}/companies/{company}")
    assert portal.get(f"{V4}/deals/{deal}/associations/companies").json() == {"results": []}


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (4, "invalid from object type 0-3 for associations to be created. expected: 0-1"),
        (3, "invalid to object type 0-2"),
        (999, "No association type"),
        ("x", "No association type"),
    ],
)
def test_a_type_that_does_not_fit_is_refused(trio: tuple[Portal, str, str, str], number: Any, message: str) -> None:
    portal, deal, company, _ = trio
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
    reply = portal.call("PUT", f"{V4}/deals/{deal}/associations/companies/{company}", spec)
    assert reply.status == 400
    assert message in reply.json()["message"]


def test_linking_to_a_missing_record_is_a_400_alone_and_a_207_in_a_batch(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    assert portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/424242").status == 400
    rows = [{"from": {"id": deal}, "to": {"id": other}} for other in (company, "424242")]
    reply = portal.post("/crm/v4/associations/deals/companies/batch/associate/default", {"inputs": rows})
    assert (reply.status, len(reply.json()["results"]), reply.json()["numErrors"]) == (207, 2, 1)


def test_products_cannot_be_associated(portal: Portal) -> None:
    product, deal = portal.add("products", name="Anvil"), portal.add("deals", dealname="one")
    assert portal.call("PUT", f"{V4}/deals/{deal}/associations/default/products/{product}").status == 400


def test_batches_create_and_archive(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, first, second = trio
    rows = [{"from": {"id": deal}, **link_to(each, 341)} for each in (first, second)]
    assert portal.post("/crm/v4/associations/deals/companies/batch/create", {"inputs": rows}).status == 201
    page = portal.get(f"{V4}/deals/{deal}/associations/companies", "limit=1").json()
    assert page["paging"]["next"]["after"] == second
    rest = portal.get(f"{V4}/deals/{deal}/associations/companies", f"limit=1&after={second}").json()
    assert [row["toObjectId"] for row in rest["results"]] == [int(second)]
    archive = {"inputs": [{"from": {"id": deal}, "to": [{"id": first}, {"id": second}]}]}
    assert portal.post("/crm/v4/associations/deals/companies/batch/archive", archive).status == 204
    assert portal.get(f"{V4}/deals/{deal}/associations/companies").json()["results"] == []


def test_the_v3_batch_read_towards_companies_shows_only_the_primary(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, first, second = trio
    rows = [{"from": {"id": deal}, "to": {"id": each}, "type": "deal_to_company_unlabeled"} for each in (first, second)]
    assert portal.post("/crm/v3/associations/deal/company/batch/create", {"inputs": rows}).status == 201
    body = portal.post("/crm/v3/associations/deal/company/batch/read", {"inputs": [{"id": deal}]}).json()
    assert body["results"] == [{"from": {"id": deal}, "to": [{"id": first, "type": "deal_to_company"}]}]


def test_labels_and_types_are_listed(portal: Portal) -> None:
    labels = portal.get("/crm/v4/associations/deals/companies/labels").json()["results"]
    assert {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"} in labels
    types = portal.get("/crm/v3/associations/deals/companies/types").json()["results"]
    assert {"id": "341", "name": "deal_to_company_unlabeled"} in types


def test_associations_survive_a_snapshot(trio: tuple[Portal, str, str, str]) -> None:
    portal, deal, company, _ = trio
    portal.call("PUT", f"{V4}/deals/{deal}/associations/default/companies/{company}")
    state = portal.fake.remember()
    portal.call("DELETE", f"{V4}/deals/{deal}/associations/companies/{company}")
    portal.fake.put_back(state)
    assert types_of(portal, deal, company) == [5, 341]


def test_a_read_of_a_record_shows_the_first_links_and_where_the_others_are() -> None:
    portal = Portal(burst_limit=10_000)
    company = portal.add("companies", name="Acme")
    contacts = [portal.add("contacts", firstname=str(number)) for number in range(503)]
    pairs = [{"from": {"id": company}, "to": {"id": each}} for each in contacts]
    assert portal.post("/crm/v4/associations/companies/contacts/batch/associate/default", {"inputs": pairs}).status == 200

    shown = portal.get(f"{OBJECTS}/companies/{company}", "associations=contacts").json()["associations"]["contacts"]

    assert {row["id"] for row in shown["results"]} == set(contacts[:500])
    assert shown["paging"]["next"]["after"] == contacts[500]
    path, _, query = shown["paging"]["next"]["link"].partition("api.hubapi.com")[2].partition("?")
    rest = portal.get(path, query).json()
    assert ({row["id"] for row in rest["results"]}, "paging" in rest) == (set(contacts[500:]), False)
