"""What is told follows the subscriptions of the app: named and generic ones, paused ones, an administrator's (facts 12.1, 12.2)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hubspot_developer import TARGET, URL, Developer, events
from hubspot_portal import Portal


@pytest.fixture
def developer(portal: Portal) -> Developer:
    made = Developer(portal)
    assert made.call("PUT", "/settings", TARGET).status == 200
    return made


def test_only_what_was_subscribed_and_is_active_is_told_under_its_number(developer: Developer) -> None:
    portal = developer.portal
    stage = developer.subscribe("deal.propertyChange", propertyName="dealstage")
    paused = developer.call("POST", "/subscriptions", {"eventType": "deal.creation"}).json()["id"]
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, dealstage="closedwon", amount="5")
    portal.add("contacts", email="jo@acme.com")
    assert [(str(event["subscriptionId"]), event["propertyName"]) for event in events(portal)] == [(stage, "dealstage")]

    developer.call("PATCH", f"/subscriptions/{paused}", {"active": True})
    developer.call("DELETE", f"/subscriptions/{stage}")
    other = portal.add("deals", dealname="two")
    portal.patch("deals", other, dealstage="closedwon")
    assert [(str(event["subscriptionId"]), event["objectId"]) for event in events(portal)] == [(paused, int(other))]


def test_without_an_address_nothing_is_told_and_subscriptions_wait_for_the_next_one(developer: Developer) -> None:
    portal = developer.portal
    developer.subscribe("deal.creation")
    developer.call("DELETE", "/settings")
    portal.add("deals", dealname="one")
    assert portal.fake.webhooks.pending == 0

    developer.call("PUT", "/settings", TARGET)
    deal = portal.add("deals", dealname="two")
    assert [event["objectId"] for event in events(portal)] == [int(deal)]


def test_deliveries_of_an_app_set_up_by_api_are_signed_with_its_client_secret(developer: Developer) -> None:
    developer.subscribe("deal.creation")
    developer.portal.add("deals", dealname="one")
    developer.portal.wait(6)
    (delivery,) = developer.portal.fake.webhooks.take_due()

    secret = developer.portal.fake.credentials()["client_secret"]
    assert delivery.url == URL
    assert delivery.headers["x-hubspot-signature"] == sha256(secret.encode() + delivery.body).hexdigest()


def test_the_generic_and_the_named_subscription_both_hear_of_a_deal(developer: Developer) -> None:
    portal = developer.portal
    named = developer.subscribe("deal.propertyChange", propertyName="amount")
    generic = developer.subscribe("object.propertyChange", propertyName="amount", objectTypeId="0-3")
    developer.subscribe("object.propertyChange", propertyName="amount", objectTypeId="0-8")
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, amount="5")

    told = {str(event["subscriptionId"]): event for event in events(portal)}
    assert set(told) == {named, generic}
    assert (told[named]["subscriptionType"], "objectTypeId" in told[named]) == ("deal.propertyChange", False)
    assert (told[generic]["subscriptionType"], told[generic]["objectTypeId"]) == ("object.propertyChange", "0-3")


@pytest.mark.parametrize("name", ["0-14", "quotes", "quote", "QUOTE"])
def test_quotes_are_told_to_generic_subscriptions_only(developer: Developer, name: str) -> None:
    portal = developer.portal
    number = developer.subscribe("object.creation", objectTypeId=name)
    quote = portal.add("quotes", hs_title="Offer", hs_expiration_date="2026-12-31")

    (event,) = events(portal)
    assert (str(event["subscriptionId"]), event["objectId"], event["objectTypeId"]) == (number, int(quote), "0-14")
    assert event["changeFlag"] == "NEW"
    assert developer.listed()[0]["objectTypeId"] == name, "shown as it was given"


def test_a_generic_subscription_hears_of_every_association_type_that_came_or_went(developer: Developer) -> None:
    portal = developer.portal
    generic = developer.subscribe("object.associationChange", objectTypeId="0-3")
    deal, company = portal.add("deals", dealname="one"), portal.add("companies", name="Acme")
    path = f"/crm/v4/objects/deals/{deal}/associations/companies/{company}"
    portal.call("PUT", f"{path}", [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}])
    told = sorted(events(portal), key=lambda event: event["associationTypeId"])
    assert [(event["associationTypeId"], event["isPrimaryAssociation"], event["associationRemoved"]) for event in told] == [
        (5, True, False),
        (341, False, False),
    ]
    first = told[0]
    assert (first["fromObjectTypeId"], first["toObjectTypeId"], first["associationCategory"]) == ("0-3", "0-2", "HUBSPOT_DEFINED")
    assert (first["associationType"], first["fromObjectId"], first["toObjectId"]) == ("DEAL_TO_COMPANY", int(deal), int(company))
    assert {str(event["subscriptionId"]) for event in told} == {generic}

    portal.call("DELETE", path)
    assert {(event["associationTypeId"], event["associationRemoved"]) for event in events(portal)} == {(5, True), (341, True)}


def test_settings_and_subscriptions_come_back_with_a_snapshot(developer: Developer) -> None:
    portal = developer.portal
    developer.subscribe("deal.creation")
    kept = portal.fake.remember()
    developer.subscribe("deal.deletion")
    developer.call("PUT", "/settings", {**TARGET, "throttling": {"maxConcurrentRequests": 50}})
    portal.fake.put_back(kept)

    assert [row["eventType"] for row in developer.listed()] == ["deal.creation"]
    assert portal.fake.webhooks.concurrency == 10
    assert developer.subscribe("deal.merge") == "2"


# -- an administrator who wants everything ------------------------------------------------------------------------------------


def test_an_administrators_connection_can_be_read_paused_and_thinned_out_through_the_api(portal: Portal) -> None:
    developer = Developer(portal)
    portal.fake.connect_webhooks(URL, "s3cret")
    assert developer.call("GET", "/settings").json()["targetUrl"] == URL
    rows = {(row["eventType"], row.get("propertyName"), row.get("objectTypeId")): row for row in developer.listed()}
    assert ("deal.propertyChange", "dealstage", None) in rows
    assert ("object.propertyChange", "hs_title", "0-14") in rows
    assert ("contact.privacyDeletion", None, None) in rows
    assert ("deal.propertyChange", "hs_lastmodifieddate", None) not in rows, "calculated ones are not worth an event"
    assert all(row["active"] for row in rows.values())

    developer.call("DELETE", f"/subscriptions/{rows[('deal.creation', None, None)]['id']}")
    developer.call("PATCH", f"/subscriptions/{rows[('deal.propertyChange', 'amount', None)]['id']}", {"active": False})
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, amount="5", dealname="two")
    assert [event["propertyName"] for event in events(portal)] == ["dealname"]
    assert len(developer.listed()) == len(rows) - 1, "what was removed is not subscribed to again"


def test_an_administrators_connection_hears_of_properties_made_later(portal: Portal) -> None:
    developer = Developer(portal)
    portal.fake.connect_webhooks(URL, "s3cret")
    before = len(developer.listed())
    portal.define("deals", "erp_order_id")
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, erp_order_id="SO-1")
    assert [event.get("propertyName") for event in events(portal) if event["subscriptionType"] == "deal.propertyChange"] == [
        "erp_order_id"
    ]
    assert len(developer.listed()) == before + 1
