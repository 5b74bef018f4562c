"""What an event says, key by key: merges, privacy deletions, sensitive values, who made a change (facts 12.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hubspot_developer import APP, TARGET, URL, Developer, events
from hubspot_portal import OBJECTS, Portal

OpenPortal = Callable[..., Portal]
BASE = ["eventId", "subscriptionId", "portalId", "appId", "occurredAt", "subscriptionType", "attemptNumber"]


@pytest.fixture
def listening(portal: Portal) -> Portal:
    portal.fake.connect_webhooks(URL, "s3cret")
    return portal


def merge(portal: Portal, kind: str, primary: str, other: str) -> str:
    reply = portal.post(f"{OBJECTS}/{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})
    assert reply.status == 200, reply.body
    survivor: str = reply.json()["id"]
    return survivor


def of_type(told: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [event for event in told if event["subscriptionType"] == name]


def test_the_keys_of_each_event_and_no_others(listening: Portal) -> None:
    deal, company = listening.add("deals", dealname="one"), listening.add("companies", name="Acme")
    listening.add("quotes", hs_title="Offer", hs_expiration_date="2026-12-31")
    listening.patch("deals", deal, amount="5")
    listening.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/companies/{company}")
    listening.call("DELETE", f"{OBJECTS}/deals/{deal}")
    told = {event["subscriptionType"]: list(event) for event in events(listening)}

    source = ["changeSource", "sourceId"]
    ends = ["associationType", "fromObjectId", "toObjectId", "associationRemoved", "isPrimaryAssociation"]
    assert told["deal.creation"] == [*BASE, "objectId", "changeFlag", *source]
    assert told["deal.deletion"] == [*BASE, "objectId", "changeFlag", *source]
    assert told["deal.propertyChange"] == [*BASE, "objectId", "propertyName", "propertyValue", *source]
    assert told["deal.associationChange"] == [*BASE, *ends, *source]
    assert told["object.creation"] == [*BASE, "objectId", "changeFlag", *source, "objectTypeId"]


def test_the_generic_association_event_says_which_types_and_ends(portal: Portal) -> None:
    developer = Developer(portal)
    developer.call("PUT", "/settings", TARGET)
    developer.subscribe("object.associationChange", objectTypeId="0-14")
    quote = portal.add("quotes", hs_title="Offer", hs_expiration_date="2026-12-31")
    deal = portal.add("deals", dealname="one")
    portal.call("PUT", f"/crm/v4/objects/quotes/{quote}/associations/default/deals/{deal}")

    (event,) = events(portal)
    assert {name: event[name] for name in event if name not in BASE} == {
        "associationType": "QUOTE_TO_DEAL",
        "fromObjectId": int(quote),
        "toObjectId": int(deal),
        "associationRemoved": False,
        "isPrimaryAssociation": False,
        "associationTypeId": 64,
        "associationCategory": "HUBSPOT_DEFINED",
        "fromObjectTypeId": "0-14",
        "toObjectTypeId": "0-3",
        "changeSource": "INTEGRATION",
        "sourceId": APP,
        "objectTypeId": "0-14",
    }


def test_a_merge_of_companies_is_one_event_and_nobody_was_deleted_or_created(listening: Portal) -> None:
    winner, loser = listening.add("companies", name="A"), listening.add("companies", name="B", city="Bonn", phone="1")
    events(listening)
    survivor = merge(listening, "companies", winner, loser)
    told = events(listening)

    (event,) = of_type(told, "company.merge")
    assert list(event) == [
        *BASE,
        *("objectId", "primaryObjectId", "mergedObjectIds", "newObjectId", "numberOfPropertiesMoved"),
        *("changeSource", "sourceId"),
    ]
    assert survivor not in (winner, loser)
    assert (event["objectId"], event["newObjectId"]) == (int(survivor), int(survivor))
    assert (event["primaryObjectId"], event["mergedObjectIds"]) == (int(winner), [int(loser)])
    assert event["numberOfPropertiesMoved"] == 2
    assert of_type(told, "company.deletion") == of_type(told, "company.creation") == []


def test_a_merge_of_deals_keeps_the_primary_and_tells_the_values_it_took_over(listening: Portal) -> None:
    winner, loser = listening.add("deals", dealname="A"), listening.add("deals", dealname="B", amount="7")
    events(listening)
    assert merge(listening, "deals", winner, loser) == winner
    told = events(listening)

    (event,) = of_type(told, "deal.merge")
    assert (event["objectId"], event["newObjectId"], event["mergedObjectIds"]) == (int(winner), int(winner), [int(loser)])
    assert of_type(told, "deal.deletion") == []
    changed = of_type(told, "deal.propertyChange")
    assert [(each["objectId"], each["propertyName"], each["propertyValue"]) for each in changed] == [(int(winner), "amount", "7")]


def test_a_privacy_deletion_is_told_as_such_and_as_a_deletion(listening: Portal) -> None:
    """The vendor's changelog: who is subscribed to both gets two notifications."""
    contact = listening.add("contacts", email="jo@acme.com")
    events(listening)
    assert listening.post(f"{OBJECTS}/contacts/gdpr-delete", {"objectId": contact}).status == 204

    told = events(listening)
    assert sorted(event["subscriptionType"] for event in told) == ["contact.deletion", "contact.privacyDeletion"]
    assert {event["objectId"] for event in told} == {int(contact)}


def test_those_that_went_under_before_are_not_told_to_be_deleted_with_their_survivor(listening: Portal) -> None:
    first, second = listening.add("contacts", email="a@acme.com"), listening.add("contacts", email="b@acme.com")
    survivor = merge(listening, "contacts", first, second)
    events(listening)
    listening.post(f"{OBJECTS}/contacts/gdpr-delete", {"objectId": survivor})
    assert {event["objectId"] for event in events(listening)} == {int(survivor)}


def test_a_restored_deal_is_told_under_its_old_id(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one")
    listening.call("DELETE", f"{OBJECTS}/deals/{deal}")
    events(listening)
    listening.fake.account.bin.restore(listening.fake.account.resolve("deals"), deal)
    (event,) = of_type(events(listening), "deal.restore")
    assert (event["objectId"], "changeFlag" in event) == (int(deal), False)


@pytest.mark.parametrize("sensitivity", ["sensitive", "highly_sensitive"])
def test_a_sensitive_value_does_not_travel(listening: Portal, sensitivity: str) -> None:
    listening.define("contacts", "passport", dataSensitivity=sensitivity)
    contact = listening.add("contacts", email="jo@acme.com")
    events(listening)
    listening.patch("contacts", contact, passport="C01X")

    (event,) = events(listening)
    assert (event["propertyName"], event["propertyValue"], event["isSensitive"]) == ("passport", "REDACTED", True)


@pytest.mark.parametrize("source", ["INTEGRATION", "API"])
def test_what_an_app_wrote_comes_back_with_the_apps_id(open_portal: OpenPortal, source: str) -> None:
    portal = open_portal(webhook_echo_source=source)
    portal.fake.connect_webhooks(URL, "s3cret")
    portal.add("deals", dealname="one")
    assert [(event["changeSource"], event["sourceId"]) for event in events(portal)] == [(source, APP)]


def test_numbers_are_numbers_and_instants_are_milliseconds(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one")
    events(listening)
    listening.patch("deals", deal, closedate="2026-05-01T10:00:00.123Z")
    (event,) = events(listening)

    assert all(
        isinstance(event[name], int) for name in ("eventId", "subscriptionId", "portalId", "appId", "occurredAt", "objectId")
    )
    assert event["propertyValue"] == "1777629600123"
