"""The recycle bin and what leaves no trace: archive, restore, 90 days, GDPR delete (facts 4.1, 4.6)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, where

from fake_crm.hubspot.desk.people import HubSpotSalesDesk
from harness.kit.call import Reply
from harness.kit.people import NotPossible

DAY = 86_400
DEAL_TO_CONTACT, CONTACT_TO_COMPANY, LINE_TO_DEAL = 3, 279, 20


def archive(portal: Portal, kind: str, record_id: str) -> None:
    assert portal.call("DELETE", f"{OBJECTS}/{kind}/{record_id}").status == 204


def restore(portal: Portal, kind: str, record_id: str) -> None:
    desk = portal.fake.sales_desk("jo")
    assert isinstance(desk, HubSpotSalesDesk)
    desk.restore(kind, record_id)


def linked(portal: Portal, kind: str, record_id: str, other: str) -> list[str]:
    body = portal.get(f"{OBJECTS}/{kind}/{record_id}", f"associations={other}").json()
    rows = body.get("associations", {}).get(other, {"results": []})["results"]
    return list(dict.fromkeys(row["id"] for row in rows))


def listed(portal: Portal, kind: str, query: str = "") -> list[str]:
    return [row["id"] for row in portal.get(f"{OBJECTS}/{kind}", query).json()["results"]]


def gdpr(portal: Portal, **body: Any) -> Reply:
    return portal.post(f"{OBJECTS}/contacts/gdpr-delete", body)


# -- the bin --------------------------------------------------------------------------------------------------------------


def test_an_archived_record_is_read_and_listed_only_when_asked_for(portal: Portal) -> None:
    kept, gone = portal.add("deals", dealname="kept"), portal.add("deals", dealname="gone")
    portal.patch("deals", gone, amount="5")
    archive(portal, "deals", gone)
    assert portal.get(f"{OBJECTS}/deals/{gone}").status == 404
    assert portal.get(f"{OBJECTS}/deals/{kept}", "archived=true").status == 404
    body = portal.get(f"{OBJECTS}/deals/{gone}", "archived=true&propertiesWithHistory=amount").json()
    assert (body["archived"], body["archivedAt"]) == (True, "2026-03-02T08:00:00Z")
    assert [each["value"] for each in body["propertiesWithHistory"]["amount"]] == ["5"]
    assert (listed(portal, "deals"), listed(portal, "deals", "archived=true")) == ([kept], [gone])
    assert portal.patch("deals", gone, amount="6").status == 404


def test_after_90_days_the_bin_is_empty(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    archive(portal, "deals", deal)
    portal.wait(90 * DAY - 1)
    assert listed(portal, "deals", "archived=true") == [deal]
    portal.wait(1)
    assert listed(portal, "deals", "archived=true") == []
    assert portal.get(f"{OBJECTS}/deals/{deal}", "archived=true").status == 404
    body = {"inputs": [{"id": deal}]}
    assert portal.post(f"{OBJECTS}/deals/batch/read", body, "archived=true").json()["results"] == []
    with pytest.raises(NotPossible, match="resource not found"):
        restore(portal, "deals", deal)


def test_archived_records_are_hidden_from_both_ends_and_come_back_with_their_links_and_counts(portal: Portal) -> None:
    contact = portal.add("contacts", email="jo@acme.com")
    deal = portal.add("deals", [(contact, DEAL_TO_CONTACT)], dealname="one")
    line = portal.add("line_items", [(deal, LINE_TO_DEAL)], name="Bolt")
    archive(portal, "deals", deal)
    assert linked(portal, "contacts", contact, "deals") == []
    assert portal.read("contacts", contact, "num_associated_deals")["num_associated_deals"] == "0"
    archive(portal, "line_items", line)
    restore(portal, "deals", deal)
    assert linked(portal, "contacts", contact, "deals") == [deal]
    assert linked(portal, "deals", deal, "contacts") == [contact]
    assert portal.read("contacts", contact, "num_associated_deals")["num_associated_deals"] == "1"
    counts = portal.read("deals", deal, "num_associated_contacts", "hs_num_of_associated_line_items")
    assert (counts["num_associated_contacts"], counts["hs_num_of_associated_line_items"]) == ("1", "0")


def test_a_restored_record_is_found_again(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    archive(portal, "deals", deal)
    portal.wait(6)
    assert portal.search("deals", where("dealname", "EQ", "one")).json()["total"] == 0
    restore(portal, "deals", deal)
    portal.wait(6)
    assert portal.search("deals", where("dealname", "EQ", "one")).json()["total"] == 1


def test_a_unique_value_in_the_bin_is_free_and_keeps_its_old_owner_there_once_taken(portal: Portal) -> None:
    portal.define("deals", "erp_order_id", unique=True)
    first = portal.add("deals", erp_order_id="SO-1")
    contact = portal.add("contacts", email="jo@acme.com")
    archive(portal, "deals", first)
    archive(portal, "contacts", contact)
    second = portal.add("deals", erp_order_id="SO-1")
    other = portal.add("contacts", email="jo@acme.com")
    with pytest.raises(NotPossible, match=f"{second} already has that value"):
        restore(portal, "deals", first)
    with pytest.raises(NotPossible, match=f"Existing ID: {other}"):
        restore(portal, "contacts", contact)
    archive(portal, "deals", second)
    restore(portal, "deals", first)
    assert portal.read("deals", first, "erp_order_id")["erp_order_id"] == "SO-1"


def test_a_primary_company_that_was_replaced_while_it_was_gone_comes_back_as_one_of_many(portal: Portal) -> None:
    first, second = portal.add("companies", name="First"), portal.add("companies", name="Second")
    contact = portal.add("contacts", [(first, CONTACT_TO_COMPANY)], email="jo@acme.com")
    archive(portal, "companies", first)
    portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{second}")
    restore(portal, "companies", first)
    rows = portal.get(f"/crm/v4/objects/contacts/{contact}/associations/companies").json()["results"]
    primary = {row["toObjectId"] for row in rows for each in row["associationTypes"] if each["label"] == "Primary"}
    assert primary == {int(second)}
    assert {row["toObjectId"] for row in rows} == {int(first), int(second)}


# -- for good -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["id", "email"])
def test_a_gdpr_delete_leaves_nothing(portal: Portal, by: str) -> None:
    company = portal.add("companies", name="Acme")
    contact = portal.add("contacts", [(company, CONTACT_TO_COMPANY)], email="jo@acme.com")
    portal.patch("contacts", contact, firstname="Jo")
    reply = gdpr(portal, objectId=contact) if by == "id" else gdpr(portal, objectId="Jo@Acme.com", idProperty="email")
    assert (reply.status, reply.body) == (204, b"")
    for query in ("", "archived=true"):
        assert portal.get(f"{OBJECTS}/contacts/{contact}", query).status == 404
        assert listed(portal, "contacts", query) == []
    assert portal.read("companies", company, "num_associated_contacts")["num_associated_contacts"] == "0"
    assert linked(portal, "companies", company, "contacts") == []
    portal.wait(6)
    assert portal.search("contacts").json()["total"] == 0
    again = portal.add("contacts", email="jo@acme.com")
    body = portal.get(f"{OBJECTS}/contacts/{again}", "propertiesWithHistory=firstname").json()
    assert body["propertiesWithHistory"] == {"firstname": []}


def test_a_gdpr_delete_takes_contacts_from_the_bin_and_those_that_were_merged(portal: Portal) -> None:
    contacts = [portal.add("contacts", email=f"c{number}@acme.com") for number in range(3)]
    archive(portal, "contacts", contacts[2])
    merged = portal.post(f"{OBJECTS}/contacts/merge", {"primaryObjectId": contacts[0], "objectIdToMerge": contacts[1]}).json()
    assert gdpr(portal, objectId=contacts[2]).status == 204
    assert gdpr(portal, objectId=contacts[1]).status == 204
    for each in (*contacts, merged["id"]):
        assert portal.get(f"{OBJECTS}/contacts/{each}").status == 404
    assert list(portal.fake.store.all("contacts")) == []
    assert portal.add("contacts", email="c1@acme.com")


def test_an_unknown_address_is_blocked_for_the_future(portal: Portal) -> None:
    assert gdpr(portal, objectId="Jo@acme.com", idProperty="email").status == 204
    reply = portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "jo@acme.com"}})
    assert (reply.status, reply.json()["errors"][0]["code"]) == (400, "INVALID_EMAIL")
    contact = portal.add("contacts", email="bo@acme.com")
    assert portal.patch("contacts", contact, email="JO@acme.com").status == 400


def test_gdpr_deletes_that_are_refused(portal: Portal) -> None:
    assert gdpr(portal).json()["message"].endswith("Some required fields were not set: [objectId]")
    assert gdpr(portal, objectId="999").json()["message"] == "resource not found"
    assert gdpr(portal, objectId="jo@acme.com").json()["category"] == "OBJECT_NOT_FOUND"
    assert gdpr(portal, objectId="Jo", idProperty="firstname").status == 400
    assert portal.post(f"{OBJECTS}/deals/gdpr-delete", {"objectId": "1"}).status == 405
    for base in ("/crm/objects/2026-03/0-1", "/crm/objects/v3/contact"):
        assert portal.post(f"{base}/gdpr-delete", {"objectId": "999"}).status == 404
