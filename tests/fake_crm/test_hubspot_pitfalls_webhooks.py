"""Pitfalls of webhooks: what integrations met on the real service, by the numbers of facts section 16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hubspot_developer import TARGET, URL, Developer, events
from hubspot_portal import OBJECTS, Portal

from fake_crm.hubspot.events import signatures
from harness.kit.webhooks import DeliveryResult

OpenPortal = Callable[..., Portal]
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"


def listening(open_portal: OpenPortal, **settings: Any) -> Portal:
    portal = open_portal(**settings)
    portal.fake.connect_webhooks(URL, SECRET)
    return portal


def test_pitfall_29_after_a_merge_the_old_id_answers_with_the_new_one_and_webhooks_carry_it(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    one, other = portal.add("contacts", email="a@acme.com"), portal.add("contacts", email="b@acme.com")
    events(portal)
    portal.post(f"{OBJECTS}/contacts/merge", {"primaryObjectId": one, "objectIdToMerge": other})

    read = portal.get(f"{OBJECTS}/contacts/{one}").json()
    assert read["id"] not in (one, other)
    (event,) = [each for each in events(portal) if each["subscriptionType"] == "contact.merge"]
    assert event["newObjectId"] == int(read["id"])
    assert {event["primaryObjectId"], *event["mergedObjectIds"]} == {int(one), int(other)}, "what a cached mapping has to give up"


def test_pitfall_34_the_modification_time_moves_without_a_visible_change_and_a_loop_that_follows_it_never_ends(
    portal: Portal,
) -> None:
    developer = Developer(portal)
    developer.call("PUT", "/settings", TARGET)
    developer.subscribe("deal.propertyChange", propertyName="hs_lastmodifieddate")
    deal, contact = portal.add("deals", dealname="one"), portal.add("contacts", email="a@acme.com")
    before = portal.read("deals", deal, "dealname", "amount", "dealstage")
    portal.wait(1)
    portal.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}")

    assert [(each["objectId"], each["propertyName"]) for each in events(portal)] == [(int(deal), "hs_lastmodifieddate")]
    after = portal.read("deals", deal, "dealname", "amount", "dealstage")
    assert {name for name in after if after[name] != before[name]} == {"hs_lastmodifieddate"}


def test_pitfall_35_the_same_event_id_on_two_different_events(open_portal: OpenPortal) -> None:
    portal = listening(open_portal, webhook_event_id_repeats=1.0)
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, amount="5", dealname="two")
    told = events(portal)

    assert len({event["eventId"] for event in told}) == 1
    keys = {(each["subscriptionId"], each["objectId"], each.get("propertyName"), each["occurredAt"]) for each in told}
    assert len(keys) == len(told) == 3, "what they can be told apart by"


def test_pitfall_35_event_ids_repeat_now_and_then_by_themselves(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    for number in range(3):
        rows = [{"properties": {"name": f"{number}/{each}"}} for each in range(100)]
        assert portal.post(f"{OBJECTS}/companies/batch/create", {"inputs": rows}).status == 201
    numbers = [event["eventId"] for event in events(portal)]
    assert len(numbers) == 300
    assert 280 < len(set(numbers)) < 300


def test_pitfall_35_a_batch_is_delivered_again_as_a_whole_after_a_500_on_its_last_event(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    deals = [portal.add("deals", dealname=str(number)) for number in range(5)]
    portal.wait(6)
    (first,) = portal.fake.webhooks.take_due()
    seen, signature = msgspec.json.decode(first.body), first.headers["x-hubspot-signature"]
    portal.fake.webhooks.settle(first, DeliveryResult(500))
    portal.wait(80)
    (again,) = portal.fake.webhooks.take_due()

    repeated = msgspec.json.decode(again.body)
    assert [{**event, "attemptNumber": 1} for event in seen] == repeated
    assert {event["objectId"] for event in repeated} == {int(each) for each in deals}
    assert again.headers["x-hubspot-signature"] != signature, "the number of the attempt is in the body"


def test_pitfall_35_events_come_out_of_order_and_their_times_put_them_right(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    deal = portal.add("deals", dealname="0")
    for number in range(1, 20):
        portal.wait(0.05)
        portal.patch("deals", deal, dealname=str(number))
    told = [event for event in events(portal) if event["subscriptionType"] == "deal.propertyChange"]

    assert [each["propertyValue"] for each in told] != [str(number) for number in range(1, 20)]
    in_order = sorted(told, key=lambda event: event["occurredAt"])
    assert [each["propertyValue"] for each in in_order] == [str(number) for number in range(1, 20)]
    assert portal.read("deals", deal, "dealname")["dealname"] == "19", "what an event said may be stale when it comes"


def test_pitfall_35_without_the_shuffle_they_come_as_they_were_committed(open_portal: OpenPortal) -> None:
    portal = listening(open_portal, webhook_shuffle_s=0)
    for number in range(20):
        portal.add("deals", dealname=str(number))
        portal.wait(0.01)
    times = [event["occurredAt"] for event in events(portal)]
    assert times == sorted(times)


def test_pitfall_35_an_apps_own_writes_are_echoed_back_to_it(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    deal = portal.add("deals", dealname="one")
    events(portal)
    portal.patch("deals", deal, amount="5")
    portal.fake.sales_desk("anna").move_deal(deal, "quoted")
    sources = {event["propertyName"]: (event["changeSource"], event["sourceId"]) for event in events(portal)}

    assert sources["amount"] == ("INTEGRATION", str(portal.fake.account.settings.app_id))
    assert sources["dealstage"][0] == "CRM_UI"


def test_pitfall_36_a_body_that_was_parsed_and_written_again_has_the_same_hash(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    deal = portal.add("deals", dealname="one")
    events(portal)
    portal.patch("deals", deal, dealname='Müller & Söhne "Straße" ☃ 🎉 </script>')
    portal.wait(6)
    (delivery,) = portal.fake.webhooks.take_due()

    again = msgspec.json.encode(msgspec.json.decode(delivery.body))
    assert again == delivery.body
    assert b"\\u" not in delivery.body
    assert b'": ' not in delivery.body
    assert delivery.headers["x-hubspot-signature"] == signatures.v1(SECRET, again)


def test_pitfall_36_behind_a_proxy_the_address_differs_and_the_v3_signature_with_it(open_portal: OpenPortal) -> None:
    portal = listening(open_portal)
    portal.add("deals", dealname="one")
    portal.wait(6)
    (delivery,) = portal.fake.webhooks.take_due()
    sent_at = int(delivery.headers["x-hubspot-request-timestamp"])

    def v3(uri: str) -> str:
        return signatures.v3(SECRET, "POST", uri, delivery.body, sent_at)

    assert delivery.headers["x-hubspot-signature-v3"] == v3(URL)
    assert delivery.headers["x-hubspot-signature-v3"] != v3("http://10.0.0.7:8080/hook"), "what the receiver sees behind its proxy"
    assert delivery.headers["x-hubspot-signature"] == signatures.v1(SECRET, delivery.body), "v1 does not know the address"


def test_pitfall_50_subscription_types_outside_an_sdks_list_come_back_from_the_settings_api(portal: Portal) -> None:
    known_to_an_old_sdk = {
        f"{kind}.{event}"
        for kind in ("contact", "company", "deal", "ticket", "product", "line_item")
        for event in ("propertyChange", "creation", "deletion")
    }
    developer = Developer(portal)
    developer.subscribe("deal.associationChange")
    developer.subscribe("deal.merge")
    developer.subscribe("object.associationChange", objectTypeId="0-123")
    listed = [row["eventType"] for row in developer.listed()]

    assert listed == ["deal.associationChange", "deal.merge", "object.associationChange"]
    assert not known_to_an_old_sdk & set(listed)
