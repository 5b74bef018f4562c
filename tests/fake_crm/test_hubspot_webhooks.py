"""Webhooks: what is told, in which shape, how it is signed and how often it is tried (facts 12)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hubspot_portal import OBJECTS, Portal

from fake_crm.hubspot.events import signatures
from harness.kit.journal import DeliveryAttempted, DeliveryGivenUp
from harness.kit.people import Company
from harness.kit.webhooks import Delivery, DeliveryResult, DeliveryWeather

OpenPortal = Callable[..., Portal]
URL = "https://engine.example/hooks/crm?tenant=1"
SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"


@pytest.fixture
def listening(portal: Portal) -> Portal:
    portal.fake.connect_webhooks(URL, SECRET)
    return portal


def deliver(portal: Portal, status: int | None = 204) -> list[Delivery]:
    """Everything that is due within the next five seconds."""
    portal.wait(5)
    due = portal.fake.webhooks.take_due()
    for each in due:
        portal.fake.webhooks.settle(each, DeliveryResult(status, "" if status else "timeout"))
    return due


def events_of(deliveries: list[Delivery]) -> list[dict[str, Any]]:
    return [event for each in deliveries for event in msgspec.json.decode(each.body)]


def test_the_vendors_signature_vectors() -> None:
    body = (
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation",'
        b'"attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
    )
    assert signatures.v1(SECRET, body) == "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
    v2 = signatures.v2(SECRET, "POST", "https://www.example.com/webhook_uri", b'{"example_field":"example_value"}')
    assert v2 == "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"
    v3 = signatures.v3(SECRET, "POST", "https://fake.example/hubspot?x=%2F1", b'[{"objectId":1}]', 1785748462871)
    assert v3 == "eJNp+CxfKknfeULNxBN6Rqueyt7IncEYWeJQIGFgHTI="


def test_nothing_is_told_before_somebody_listens(portal: Portal) -> None:
    portal.add("deals", dealname="one")
    assert portal.fake.webhooks.pending == 0


def test_a_creation_is_told_once_with_its_flag(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one", amount="5")
    events = events_of(deliver(listening))
    assert len(events) == 1
    event_id = events[0].pop("eventId")
    assert isinstance(event_id, int)
    assert events == [
        {
            "subscriptionId": 1,
            "portalId": 48211907,
            "appId": 1344071,
            "occurredAt": 1772438400000,
            "subscriptionType": "deal.creation",
            "attemptNumber": 0,
            "objectId": int(deal),
            "changeFlag": "NEW",
            "changeSource": "INTEGRATION",
            "sourceId": "1344071",
        }
    ]


def test_a_creation_may_tell_its_values_too(open_portal: OpenPortal) -> None:
    portal = open_portal(property_events_on_create=True)
    portal.fake.connect_webhooks(URL, SECRET)
    portal.add("deals", dealname="one")
    told = {event.get("propertyName") for event in events_of(deliver(portal))}
    assert told == {None, "dealname", "pipeline", "dealstage", "deal_currency_code"}


def test_one_write_of_two_properties_is_two_events_and_calculated_ones_are_not_told(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one")
    deliver(listening)
    listening.patch("deals", deal, dealstage="closedwon", amount="5")
    events = events_of(deliver(listening))
    told = {event["propertyName"]: event["propertyValue"] for event in events}
    assert told == {"dealstage": "closedwon", "amount": "5", "closedate": "1772438405000"}
    assert {event["subscriptionType"] for event in events} == {"deal.propertyChange"}
    assert len({event["subscriptionId"] for event in events}) == 3


def test_a_cleared_value_is_told_as_empty_text(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one", amount="5")
    deliver(listening)
    listening.patch("deals", deal, amount="")
    assert [event["propertyValue"] for event in events_of(deliver(listening))] == [""]


def test_a_custom_property_made_later_is_told(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one")
    listening.define("deals", "erp_order_id")
    deliver(listening)
    listening.patch("deals", deal, erp_order_id="SO-1")
    assert [event["propertyName"] for event in events_of(deliver(listening))] == ["erp_order_id"]


def test_a_write_of_the_same_value_and_a_refused_one_tell_nothing(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one", amount="5")
    deliver(listening)
    listening.patch("deals", deal, amount="5")
    listening.patch("deals", deal, amount="x")
    listening.post(
        f"{OBJECTS}/deals/batch/create", {"inputs": [{"properties": {"dealname": "a"}}, {"properties": {"amount": "x"}}]}
    )
    assert listening.fake.webhooks.pending == 0


def test_an_edit_by_a_person_carries_the_users_id(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one")
    deliver(listening)
    listening.fake.sales_desk("anna").move_deal(deal, "quoted")
    event = events_of(deliver(listening))[0]
    assert (event["changeSource"], event["propertyValue"]) == ("CRM_UI", "contractsent")
    assert event["sourceId"].startswith("userId:66")


def test_an_archived_deal_is_told_as_a_deletion(listening: Portal) -> None:
    deal = listening.add("deals", dealname="one")
    deliver(listening)
    listening.call("DELETE", f"{OBJECTS}/deals/{deal}")
    event = events_of(deliver(listening))[0]
    assert (event["subscriptionType"], event["changeFlag"], event["objectId"]) == ("deal.deletion", "DELETED", int(deal))


def test_an_association_is_told_from_both_ends(listening: Portal) -> None:
    company, deal = listening.add("companies", name="A"), listening.add("deals", dealname="one")
    deliver(listening)
    listening.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/companies/{company}")
    events = {event["associationType"]: event for event in events_of(deliver(listening))}
    assert set(events) == {"DEAL_TO_COMPANY", "COMPANY_TO_DEAL"}
    forward = events["DEAL_TO_COMPANY"]
    assert (forward["fromObjectId"], forward["toObjectId"]) == (int(deal), int(company))
    assert (forward["associationRemoved"], forward["isPrimaryAssociation"]) == (False, True)
    assert forward["subscriptionType"] == "deal.associationChange"
    listening.call("DELETE", f"/crm/v4/objects/deals/{deal}/associations/companies/{company}")
    assert all(event["associationRemoved"] for event in events_of(deliver(listening)))


def test_a_delivery_is_signed_twice_over_the_compact_body_it_carries(listening: Portal) -> None:
    """Pitfall 36: a receiver that parses and writes the JSON again gets the same bytes, umlauts included."""
    deal = listening.add("deals", dealname="one")
    deliver(listening)
    listening.patch("deals", deal, dealname="Müller ☃")
    delivery = deliver(listening)[0]
    assert msgspec.json.encode(msgspec.json.decode(delivery.body)) == delivery.body
    assert "Müller ☃".encode() in delivery.body
    assert delivery.headers["x-hubspot-signature"] == hashlib.sha256(SECRET.encode() + delivery.body).hexdigest()
    assert delivery.headers["x-hubspot-signature-version"] == "v1"
    timestamp = delivery.headers["x-hubspot-request-timestamp"]
    signed = b"POST" + URL.encode() + delivery.body + timestamp.encode()
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert delivery.headers["x-hubspot-signature-v3"] == expected
    assert delivery.headers["content-type"] == "application/json"
    assert delivery.url == URL


def test_a_forged_delivery_has_a_wrong_signature(listening: Portal) -> None:
    listening.fake.webhooks.weather = DeliveryWeather(forge=1.0)
    listening.add("deals", dealname="one")
    forged = [each for each in deliver(listening) + deliver(listening) if each.forged]
    assert len(forged) == 1
    assert forged[0].headers["x-hubspot-signature"] != signatures.v1(SECRET, forged[0].body)


def test_a_duplicate_of_a_batch_says_the_same_bytes(listening: Portal) -> None:
    listening.fake.webhooks.weather = DeliveryWeather(duplicate=1.0)
    for number in range(10):
        listening.add("deals", dealname=str(number))
    first, twin = deliver(listening) + deliver(listening)
    assert (first.twin, twin.twin) == (False, True)
    assert first.body == twin.body


def test_a_delivery_carries_at_most_a_hundred_events(listening: Portal) -> None:
    for number in range(150):
        listening.add("deals", dealname=str(number))
    sizes = [len(each.events) for each in deliver(listening)]
    assert sorted(sizes) == [50, 100]


def test_neighbours_may_change_places(listening: Portal) -> None:
    for number in range(40):
        listening.add("deals", dealname=str(number))
        listening.wait(0.02)
    times = [event["occurredAt"] for event in events_of(deliver(listening))]
    assert times != sorted(times)


def test_a_refused_batch_is_tried_ten_more_times_over_a_day_with_a_counting_number(listening: Portal) -> None:
    listening.add("deals", dealname="one")
    numbers, times = [], []
    while (due_at := listening.fake.webhooks.next_due()) is not None:
        listening.clock.advance(max(timedelta(0), due_at - listening.clock.now()))
        for delivery in listening.fake.webhooks.take_due():
            numbers.append(msgspec.json.decode(delivery.body)[0]["attemptNumber"])
            times.append(listening.clock.now())
            listening.fake.webhooks.settle(delivery, DeliveryResult(500))
    assert numbers == list(range(11))
    assert timedelta(seconds=48) <= times[1] - times[0] <= timedelta(seconds=72)
    assert timedelta(hours=19) <= times[-1] - times[0] <= timedelta(hours=29)
    assert len(listening.fake.webhooks.given_up) == 1


@pytest.mark.parametrize("status", [404, 429, 500, None])
def test_any_failure_is_retried_and_any_2xx_is_enough(listening: Portal, status: int | None) -> None:
    listening.add("deals", dealname="one")
    deliver(listening, status)
    assert listening.fake.webhooks.pending == 1
    listening.wait(80)
    deliver(listening, 202)
    assert listening.fake.webhooks.pending == 0


def test_at_most_ten_deliveries_are_on_their_way(listening: Portal) -> None:
    for number in range(1200):
        listening.fake.sales_desk("anna").add_company(Company(str(number), "", "", "", "", "", ""))
    listening.wait(5)
    assert len(listening.fake.webhooks.take_due()) == 10


def test_an_account_may_sign_as_workflows_and_cards_do(open_portal: OpenPortal) -> None:
    portal = open_portal(webhook_signatures=["v2"])
    portal.fake.connect_webhooks(URL, SECRET)
    portal.add("deals", dealname="one")
    delivery = deliver(portal)[0]
    assert delivery.headers["x-hubspot-signature-version"] == "v2"
    assert delivery.headers["x-hubspot-signature"] == signatures.v2(SECRET, "POST", URL, delivery.body)
    assert "x-hubspot-signature-v3" not in delivery.headers


@pytest.mark.parametrize("versions", [["v1", "v2"], ["v4"], "v1"])
def test_versions_that_cannot_be_together_or_are_none_are_refused(open_portal: OpenPortal, versions: object) -> None:
    with pytest.raises(ValueError, match="webhook_signatures"):
        open_portal(webhook_signatures=versions)


def test_the_retries_of_an_account_can_be_shortened_and_the_loss_is_in_the_journal(open_portal: OpenPortal) -> None:
    portal = open_portal(webhook_retry_minutes=[1, 2], webhook_retry_jitter=0)
    portal.fake.connect_webhooks(URL, SECRET)
    deal = portal.add("deals", dealname="one")
    deliver(portal, 500)
    for minutes in (1, 2):
        portal.wait(60 * minutes)
        deliver(portal, 500)

    assert [(each.attempt, each.result) for each in portal.journal.of(DeliveryAttempted)] == [(1, "500"), (2, "500"), (3, "500")]
    (lost,) = portal.journal.of(DeliveryGivenUp)
    assert (lost.subject, lost.attempts, lost.result) == (f"deal.creation {deal}", 3, "500")
    assert portal.fake.webhooks.pending == 0
