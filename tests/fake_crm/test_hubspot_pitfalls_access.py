"""Pitfalls of tokens, scopes and limits: what integrations met on the real service, by the numbers of facts section 16."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hubspot_app import App
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Reply

OpenPortal = Callable[..., Portal]
DEALS = f"{OBJECTS}/deals"
OTHER_APP = "pat-na1-other"


def as_other(portal: Portal, method: str, path: str, body: Any = None) -> Reply:
    return portal.call(method, path, body, authorization=f"Bearer {OTHER_APP}")


def throttled(reply: Reply, policy: str) -> Reply:
    body = reply.json()
    assert (reply.status, body["policyName"], body["errorType"]) == (429, policy, "RATE_LIMIT")
    assert body["message"] == f"You have reached your {policy.lower()} limit."
    assert "retry-after" not in reply.headers
    return reply


def test_pitfall_16_the_191st_call_in_ten_seconds_is_refused_and_a_second_app_only_shares_the_day(open_portal: OpenPortal) -> None:
    portal = open_portal(tier="professional", apps={OTHER_APP: None})
    for _ in range(190):
        assert portal.get(DEALS).status == 200
    refused = throttled(portal.get(DEALS), "TEN_SECONDLY_ROLLING")
    assert refused.headers["x-hubspot-ratelimit-remaining"] == "0"
    other = as_other(portal, "GET", DEALS)
    assert other.status == 200
    assert other.headers["x-hubspot-ratelimit-remaining"] == "189"
    assert other.headers["x-hubspot-ratelimit-daily-remaining"] == str(625_000 - 192)


def test_pitfall_17_six_searches_of_two_apps_in_a_second_and_no_header_to_pace_by(open_portal: OpenPortal) -> None:
    portal = open_portal(apps={OTHER_APP: None})
    for _ in range(3):
        portal.search("deals")
    found = [as_other(portal, "POST", f"{DEALS}/search", {}) for _ in range(3)]
    assert [each.status for each in found] == [200, 200, 429]
    throttled(found[-1], "SECONDLY")
    assert not any(name.startswith("x-hubspot-ratelimit") for each in found for name in each.headers)
    portal.wait(1)
    assert portal.search("deals").status == 200


def test_pitfall_18_a_spent_day_stays_spent_until_midnight_of_the_account(open_portal: OpenPortal) -> None:
    portal = open_portal(daily_limit=3, time_zone="Europe/Berlin", apps={OTHER_APP: None})
    for _ in range(3):
        assert portal.get(DEALS).status == 200
    for wait in (10, 60, 600, 3600, 6 * 3600):
        portal.wait(wait)
        throttled(portal.get(DEALS), "DAILY")
    throttled(as_other(portal, "GET", DEALS), "DAILY")
    throttled(portal.search("deals"), "DAILY")
    portal.clock.advance(timedelta(hours=15) - timedelta(seconds=10 + 60 + 600 + 3600 + 6 * 3600 + 1))
    throttled(portal.get(DEALS), "DAILY")
    portal.wait(1)
    assert portal.get(DEALS).status == 200, "it was 9 in the morning in Berlin, and is midnight now"


def test_pitfall_37_a_token_ends_in_the_middle_of_a_paged_read_and_after_stays_good(portal: Portal) -> None:
    wanted = [portal.add("deals", dealname=f"deal {number}") for number in range(9)]
    app = App(portal)
    app.install()
    found: list[str] = []
    query, expired = "limit=2", 0
    while query:
        reply = app.list_deals(query)
        if reply.status == 401:
            expired += 1
            body = reply.json()
            assert body["category"] == "EXPIRED_AUTHENTICATION"
            assert body["message"] == "The OAuth token used to make this call expired 10 minute(s) ago."
            assert body["context"] == {"expire time": ["2026-03-02T08:30:00Z"]}
            assert app.refresh().status == 200
            continue
        page = reply.json()
        found += [row["id"] for row in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
        query = f"limit=2&after={after}" if after else ""
        if len(found) == 4:
            portal.wait(40 * 60)
    assert (found, expired) == (wanted, 1)


def test_pitfall_38_the_refresh_token_stays_the_same_until_the_app_is_uninstalled(portal: Portal) -> None:
    app = App(portal)
    app.install()
    held = app.refresh_token
    for _ in range(3):
        portal.wait(1800)
        tokens = app.refresh().json()
        assert tokens["refresh_token"] == held
        assert tokens["access_token"] != held
    portal.fake.account.tokens.uninstall()
    reply = app.refresh()
    body = reply.json()
    body.pop("correlationId")
    assert (reply.status, body) == (
        400,
        {
            "status": "BAD_REFRESH_TOKEN",
            "message": "refresh token is invalid, expired or revoked",
            "error": "invalid_grant",
            "error_description": "refresh token is invalid, expired or revoked",
        },
    )
    assert app.list_deals().status == 401


def test_pitfall_39_an_installer_of_properties_needs_more_than_to_write_deals(portal: Portal) -> None:
    app = App(portal)
    app.install(scope="oauth crm.objects.deals.read crm.objects.deals.write")
    assert app.call("POST", DEALS, {"properties": {"dealname": "one"}}).status == 201
    definition = {"name": "erp_id", "label": "ERP", "type": "string", "fieldType": "text", "groupName": "dealinformation"}
    reply = app.call("POST", "/crm/v3/properties/deals", definition)
    body = reply.json()
    body.pop("correlationId")
    assert (reply.status, body) == (
        403,
        {
            "status": "error",
            "message": "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
            "https://developers.hubspot.com/scopes.",
            "errors": [
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": ["crm.schemas.deals.write"]},
                }
            ],
            "links": {"scopes": "https://developers.hubspot.com/scopes"},
            "category": "MISSING_SCOPES",
        },
    )
    assert app.call("GET", "/crm/v3/properties/deals/erp_id").status == 404
    app.install(scope="oauth crm.objects.deals.write crm.schemas.deals.write")
    assert app.call("POST", "/crm/v3/properties/deals", definition).status == 201


def test_pitfall_40_four_hundred_property_names_fit_the_address_unless_they_are_long(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    short = ",".join(f"erp_field_{number}" for number in range(400))
    assert 5_000 < len(short) < 6_000
    assert portal.get(f"{DEALS}/{deal}", f"properties={short}").status == 200
    assert portal.get(DEALS, f"properties={short}").status == 200
    verbose = ",".join(f"custom_property_of_the_long_winded_administrator_{number}" for number in range(400))
    reply = portal.get(DEALS, f"properties={verbose}")
    assert (reply.status, reply.body) == (414, b"")
