"""HubSpot's official Python SDK, only its host changed, cannot tell the fake from the vendor: from first company to batch read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from background_server import served

from fake_crm.hubspot import SPEC
from harness.kit.fake import Fake
from harness.kit.faults import Fault, Refuse

hubspot = pytest.importorskip("hubspot", reason="needs the test extra: hubspot-api-client")
from hubspot import HubSpot  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm import companies, contacts, deals, line_items  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm.associations.v4 import AssociationSpec  # type: ignore[import-untyped]  # noqa: E402

TOKEN = "pat-na1-00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with served(SPEC, {"index_lag_s": 0.0}) as fake:
        yield fake


@pytest.fixture
def crm(fake: Fake) -> HubSpot:
    return HubSpot(access_token=TOKEN, host=fake.base_url)


def linked_to(other: str, number: int) -> Any:
    kind = deals.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=number)
    return deals.PublicAssociationsForObject(to=deals.PublicObjectId(id=other), types=[kind])


def test_quote_to_won_deal_as_an_integration_built_on_the_sdk_does_it(crm: HubSpot) -> None:
    acme = create_company(crm, "Acme", "acme.test")
    anna = create_contact(crm, "anna@acme.test")
    deal = crm.crm.deals.basic_api.create(
        deals.SimplePublicObjectInputForCreate(
            properties={"dealname": "Fifty saws", "pipeline": "default", "dealstage": "appointmentscheduled", "amount": "1250.50"},
            associations=[linked_to(acme, 341)],
        )
    )
    crm.crm.associations.v4.basic_api.create(
        "deals", deal.id, "contacts", anna, [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=3)]
    )
    saws = crm.crm.line_items.basic_api.create(
        line_items.SimplePublicObjectInputForCreate(properties={"name": "Saw", "quantity": "50", "price": "25.01"})
    )
    crm.crm.associations.v4.basic_api.create_default("line_items", saws.id, "deals", deal.id)

    won = crm.crm.deals.basic_api.update(deal.id, deals.SimplePublicObjectInput(properties={"dealstage": "closedwon"}))
    assert (won.id, won.properties["dealstage"]) == (deal.id, "closedwon")
    assert won.updated_at >= deal.created_at

    read = crm.crm.deals.basic_api.get_by_id(
        deal.id,
        properties=["dealname", "amount", "dealstage", "hs_is_closed_won"],
        associations=["companies", "contacts", "line_items"],
    )
    assert (read.properties["dealname"], read.properties["amount"]) == ("Fifty saws", "1250.50")
    assert read.properties["hs_is_closed_won"] == "true"
    assert {kind: {each.id for each in linked.results} for kind, linked in read.associations.items()} == {
        "companies": {acme},
        "contacts": {anna},
        "line items": {saws.id},
    }
    linked = crm.crm.associations.v4.basic_api.get_page("deals", deal.id, "companies")
    assert [str(each.to_object_id) for each in linked.results] == [acme]
    assert 341 in {kind.type_id for kind in linked.results[0].association_types}


def test_search_finds_by_filter_and_pages_to_the_end(crm: HubSpot) -> None:
    made = [create_deal(crm, f"Search {number}", str(100 * number)) for number in range(1, 6)]
    found, after = [], None
    while True:
        page = crm.crm.deals.search_api.do_search(
            deals.PublicObjectSearchRequest(
                filter_groups=[
                    deals.FilterGroup(
                        filters=[
                            deals.Filter(property_name="dealname", operator="CONTAINS_TOKEN", value="Search"),
                            deals.Filter(property_name="amount", operator="GTE", value="200"),
                        ]
                    )
                ],
                sorts=["amount"],
                properties=["dealname", "amount"],
                limit=2,
                after=after,
            )
        )
        found += [deal.id for deal in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after

    assert page.total == 4
    assert sorted(found) == sorted(made[1:])
    assert len(found) == 4


def test_batches_create_update_and_read_in_one_call(crm: HubSpot) -> None:
    created = crm.crm.companies.batch_api.create(
        companies.BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=[
                companies.SimplePublicObjectBatchInputForCreate(properties={"name": f"Batch {number}"}, associations=[])
                for number in range(3)
            ]
        )
    )
    assert created.status == "COMPLETE"
    ids = [each.id for each in created.results]
    crm.crm.companies.batch_api.update(
        companies.BatchInputSimplePublicObjectBatchInput(
            inputs=[companies.SimplePublicObjectBatchInput(id=each, properties={"city": "Bonn"}) for each in ids]
        )
    )
    read = crm.crm.companies.batch_api.read(
        companies.BatchReadInputSimplePublicObjectId(
            inputs=[companies.SimplePublicObjectId(id=each) for each in ids],
            properties=["name", "city"],
            properties_with_history=[],
        )
    )

    assert {each.id: (each.properties["name"], each.properties["city"]) for each in read.results} == {
        each: (f"Batch {number}", "Bonn") for number, each in enumerate(ids)
    }


def test_the_sdks_own_paging_helper_walks_all_pages(crm: HubSpot) -> None:
    made = {create_contact(crm, f"page{number}@x.test") for number in range(5)}

    assert made <= {each.id for each in crm.crm.contacts.get_all(properties=["email"])}


def test_properties_pipelines_and_owners_are_read(crm: HubSpot) -> None:
    assert "closedwon" in {stage.id for stage in crm.crm.pipelines.pipelines_api.get_by_id("deals", "default").stages}
    amount = crm.crm.properties.core_api.get_by_name("deals", "amount")
    assert (amount.name, amount.type) == ("amount", "number")
    assert crm.crm.owners.owners_api.get_page().results


def test_an_archived_company_is_gone_and_listed_in_the_bin(crm: HubSpot) -> None:
    gone = create_company(crm, "Gone", "gone.test")
    crm.crm.companies.basic_api.archive(gone)

    with pytest.raises(companies.ApiException) as caught:
        crm.crm.companies.basic_api.get_by_id(gone)
    assert caught.value.status == 404
    assert crm.crm.companies.basic_api.get_by_id(gone, archived=True).archived


# -- error paths --------------------------------------------------------------------------------------------------------------


def test_an_unknown_id_is_the_sdks_not_found(crm: HubSpot) -> None:
    with pytest.raises(deals.ApiException) as caught:
        crm.crm.deals.basic_api.get_by_id("999999999999")

    assert caught.value.status == 404
    assert "resource not found" in caught.value.body, "facts.md, errors of a read: an absent numeric id has no category"


def test_a_duplicate_email_is_a_conflict_that_names_the_existing_contact(crm: HubSpot) -> None:
    first = create_contact(crm, "twice@x.test")
    with pytest.raises(contacts.ApiException) as caught:
        create_contact(crm, "Twice@X.test")

    assert caught.value.status == 409
    assert first in caught.value.body


def test_a_property_that_does_not_exist_is_a_validation_error(crm: HubSpot) -> None:
    with pytest.raises(companies.ApiException) as caught:
        crm.crm.companies.basic_api.create(companies.SimplePublicObjectInputForCreate(properties={"no_such_property": "x"}))

    assert caught.value.status == 400
    assert "VALIDATION_ERROR" in caught.value.body
    assert "no_such_property" in caught.value.body


def test_a_wrong_token_is_unauthorized(fake: Fake) -> None:
    with pytest.raises(companies.ApiException) as caught:
        HubSpot(access_token="pat-na1-wrong", host=fake.base_url).crm.companies.basic_api.get_page()

    assert caught.value.status == 401


def test_an_injected_429_reaches_the_sdks_caller(crm: HubSpot, fake: Fake) -> None:
    fake.faults.inject(Fault("crm.*", Refuse("throttled")))
    with pytest.raises(companies.ApiException) as caught:
        crm.crm.companies.basic_api.get_page()

    assert caught.value.status == 429
    assert "RATE_LIMIT" in caught.value.body
    assert fake.faults.not_yet_fired == []


def test_the_burst_limit_itself_answers_429_after_its_last_call() -> None:
    with served(SPEC, {"burst_limit": 5}) as fake:
        crm = HubSpot(access_token=TOKEN, host=fake.base_url)
        statuses = []
        for _ in range(7):
            try:
                crm.crm.companies.basic_api.get_page()
                statuses.append(200)
            except companies.ApiException as error:
                statuses.append(error.status)

    assert statuses[:5] == [200] * 5
    assert 429 in statuses[5:], "the seven calls would have to take ten seconds to be let in"


# -- short ways -----------------------------------------------------------------------------------------------------------------


def create_company(crm: HubSpot, name: str, domain: str) -> str:
    made = crm.crm.companies.basic_api.create(
        companies.SimplePublicObjectInputForCreate(properties={"name": name, "domain": domain})
    )
    return str(made.id)


def create_contact(crm: HubSpot, email: str) -> str:
    made = crm.crm.contacts.basic_api.create(contacts.SimplePublicObjectInputForCreate(properties={"email": email}))
    return str(made.id)


def create_deal(crm: HubSpot, name: str, amount: str) -> str:
    made = crm.crm.deals.basic_api.create(
        deals.SimplePublicObjectInputForCreate(
            properties={"dealname": name, "amount": amount, "pipeline": "default", "dealstage": "appointmentscheduled"}
        )
    )
    return str(made.id)
