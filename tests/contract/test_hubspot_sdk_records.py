"""HubSpot's official Python SDK meets histories, merges, deletions for good and batches that succeed in part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from background_server import served

from fake_crm.hubspot import SPEC
from harness.kit.fake import Fake

hubspot = pytest.importorskip("hubspot", reason="needs the test extra: hubspot-api-client")
from hubspot import HubSpot  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm import companies, contacts, deals, products  # type: ignore[import-untyped]  # noqa: E402

TOKEN = "pat-na1-00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with served(SPEC, {"index_lag_s": 0.0, "burst_limit": 10_000}) as fake:
        yield fake


@pytest.fixture
def crm(fake: Fake) -> HubSpot:
    return HubSpot(access_token=TOKEN, host=fake.base_url)


def create_contact(crm: HubSpot, **properties: str) -> str:
    made = crm.crm.contacts.basic_api.create(contacts.SimplePublicObjectInputForCreate(properties=properties))
    return str(made.id)


def create_deal(crm: HubSpot, **properties: str) -> str:
    made = crm.crm.deals.basic_api.create(deals.SimplePublicObjectInputForCreate(properties=properties))
    return str(made.id)


# -- history ------------------------------------------------------------------------------------------------------------------


def test_the_sdk_reads_the_history_of_one_deal_and_of_fifty_in_a_batch(crm: HubSpot) -> None:
    deal = create_deal(crm, amount="1")
    for amount in ("2", ""):
        crm.crm.deals.basic_api.update(deal, deals.SimplePublicObjectInput(properties={"amount": amount}))
    past = crm.crm.deals.basic_api.get_by_id(deal, properties_with_history=["amount"]).properties_with_history["amount"]
    assert [each.value for each in past] == ["", "2", "1"]
    assert past[0].timestamp >= past[2].timestamp
    assert {(each.source_type, each.source_id) for each in past} == {("INTEGRATION", "1344071")}

    def read(*ids: str) -> list[list[str]]:
        body = deals.BatchReadInputSimplePublicObjectId(
            inputs=[deals.SimplePublicObjectId(id=each) for each in ids], properties=[], properties_with_history=["amount"]
        )
        rows = crm.crm.deals.batch_api.read(body).results
        return [[each.value for each in row.properties_with_history["amount"]] for row in rows]

    assert read(deal) == [["", "2", "1"]]
    with pytest.raises(deals.ApiException) as caught:
        read(*(str(number) for number in range(1, 52)))
    assert caught.value.status == 400
    assert "property histories is 50" in caught.value.body


def test_the_sdks_paging_helper_asks_for_pages_of_fifty_with_histories(crm: HubSpot) -> None:
    rows = [products.SimplePublicObjectBatchInputForCreate(properties={"name": f"Bolt {number}"}) for number in range(60)]
    crm.crm.products.batch_api.create(products.BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows))
    found = crm.crm.products.get_all(properties_with_history=["name"])
    assert len(found) == 60
    assert all(len(each.properties_with_history["name"]) == 1 for each in found)


# -- merging and deleting for good ------------------------------------------------------------------------------------------------


def test_merged_contacts_have_a_new_id_that_the_sdk_is_led_to(crm: HubSpot) -> None:
    jo, joe = create_contact(crm, email="jo@merge.test"), create_contact(crm, email="joe@merge.test", city="Bonn")
    merged = crm.crm.contacts.basic_api.merge(contacts.PublicMergeInput(primary_object_id=jo, object_id_to_merge=joe))
    assert merged.id not in (jo, joe)
    assert (merged.properties["city"], merged.properties["hs_additional_emails"]) == ("Bonn", "joe@merge.test")
    assert {crm.crm.contacts.basic_api.get_by_id(each).id for each in (jo, joe)} == {merged.id}
    assert crm.crm.contacts.basic_api.get_by_id("joe@merge.test", id_property="email").id == merged.id
    dropped = crm.crm.contacts.batch_api.update(
        contacts.BatchInputSimplePublicObjectBatchInput(
            inputs=[contacts.SimplePublicObjectBatchInput(id=jo, properties={"city": "Ulm"})]
        )
    )
    assert (dropped.status, dropped.results) == ("COMPLETE", [])


def test_merged_deals_keep_the_id_of_the_primary(crm: HubSpot) -> None:
    one, two = create_deal(crm, dealname="one"), create_deal(crm, amount="5")
    merged = crm.crm.deals.basic_api.merge(deals.PublicMergeInput(primary_object_id=one, object_id_to_merge=two))
    assert (merged.id, merged.properties["amount"]) == (one, "5")
    with pytest.raises(companies.ApiException) as caught:
        crm.crm.companies.basic_api.merge(companies.PublicMergeInput(primary_object_id="1", object_id_to_merge="2"))
    assert caught.value.status == 404


def test_a_purged_contact_is_gone_and_an_unknown_address_is_blocked(crm: HubSpot) -> None:
    contact = create_contact(crm, email="purged@x.test")
    crm.crm.contacts.basic_api.purge(contacts.PublicGdprDeleteInput(object_id="purged@x.test", id_property="email"))
    for archived in (False, True):
        with pytest.raises(contacts.ApiException) as caught:
            crm.crm.contacts.basic_api.get_by_id(contact, archived=archived)
        assert caught.value.status == 404
    crm.crm.contacts.basic_api.purge(contacts.PublicGdprDeleteInput(object_id="never@x.test", id_property="email"))
    with pytest.raises(contacts.ApiException) as refused:
        create_contact(crm, email="never@x.test")
    assert (refused.value.status, "INVALID_EMAIL" in refused.value.body) == (400, True)


# -- batches that succeed in part -------------------------------------------------------------------------------------------------


def test_a_partly_found_batch_read_comes_with_its_errors(crm: HubSpot) -> None:
    deal = create_deal(crm, dealname="one")
    inputs = [deals.SimplePublicObjectId(id=each) for each in (deal, "998")]
    body = deals.BatchReadInputSimplePublicObjectId(inputs=inputs, properties=["dealname"], properties_with_history=[])
    found, status, _ = crm.crm.deals.batch_api.read_with_http_info(body)
    assert (status, [each.id for each in found.results]) == (207, [deal])
    assert (found.num_errors, found.errors[0].context) == (1, {"ids": ["998"]})


def test_a_batch_create_is_all_or_nothing_without_trace_ids_and_in_part_with_them(crm: HubSpot) -> None:
    def create(*traces: str | None) -> object:
        rows = [
            deals.SimplePublicObjectBatchInputForCreate(
                properties={"dealname": "traced", "amount": amount}, object_write_trace_id=trace
            )
            for amount, trace in zip(("1", "one"), traces, strict=True)
        ]
        return crm.crm.deals.batch_api.create_with_http_info(deals.BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows))

    with pytest.raises(deals.ApiException) as caught:
        create(None, None)
    assert (caught.value.status, "INVALID_INTEGER" in caught.value.body) == (400, True)
    made, status, _ = create("t1", "t2")  # type: ignore[misc]
    assert (status, [row.object_write_trace_id for row in made.results]) == (207, ["t1"])
    assert made.errors[0].context["objectWriteTraceId"] == ["t2"]


def test_an_upsert_tells_what_is_new(crm: HubSpot) -> None:
    def upsert(*emails: str) -> dict[str, bool]:
        inputs = [
            contacts.SimplePublicObjectBatchInputUpsert(id=each, id_property="email", properties={"city": "Bonn"})
            for each in emails
        ]
        done = crm.crm.contacts.batch_api.upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
        return {row.properties["email"]: row.new for row in done.results}

    assert upsert("Up1@x.test", "up2@x.test") == {"up1@x.test": True, "up2@x.test": True}
    assert upsert("up2@x.test", "up3@x.test") == {"up2@x.test": False, "up3@x.test": True}
