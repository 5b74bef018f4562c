"""Quotas: burst by app, searches by second, the account's day (facts 11.1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Call, Reply

OpenPortal = Callable[..., Portal]


def throttled(reply: Reply, policy: str, words: str) -> None:
    body = reply.json()
    body.pop("correlationId")
    assert reply.status == 429
    expected = f"You have reached your {words} limit."
    assert body == {"status": "error", "message": expected, "errorType": "RATE_LIMIT", "policyName": policy}


def read_deals(portal: Portal) -> Reply:
    return portal.get(f"{OBJECTS}/deals")


@pytest.mark.parametrize(
    ("tier", "burst", "daily"),
    [("free", 100, 250_000), ("starter", 100, 250_000), ("professional", 190, 625_000), ("enterprise", 190, 1_000_000)],
)
def test_the_tier_decides_the_burst(open_portal: OpenPortal, tier: str, burst: int, daily: int) -> None:
    """Pitfall 16."""
    portal = open_portal(tier=tier)
    first = read_deals(portal)
    assert first.headers["x-hubspot-ratelimit-max"] == str(burst)
    assert first.headers["x-hubspot-ratelimit-remaining"] == str(burst - 1)
    assert first.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert first.headers["x-hubspot-ratelimit-daily"] == str(daily)
    assert first.headers["x-hubspot-ratelimit-daily-remaining"] == str(daily - 1)
    assert all(read_deals(portal).status == 200 for _ in range(burst - 1))
    refused = read_deals(portal)
    throttled(refused, "TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
    assert refused.headers["x-hubspot-ratelimit-remaining"] == "0"
    assert "retry-after" not in refused.headers


def test_refused_calls_count_so_hammering_never_gets_through(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=2)
    statuses = []
    for _ in range(12):
        statuses.append(read_deals(portal).status)
        portal.wait(3)
    assert statuses == [200, 200] + [429] * 10
    portal.wait(10)
    assert read_deals(portal).status == 200


def test_retry_after_is_a_switch(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=1, retry_after=True)
    read_deals(portal)
    portal.wait(3.5)
    assert read_deals(portal).headers["retry-after"] == "10", "the refused call counts as well"


def test_a_second_app_has_its_own_burst_and_shares_the_day(open_portal: OpenPortal) -> None:
    """Pitfalls 16 and 18."""
    portal = open_portal(burst_limit=2, daily_limit=4, apps={"pat-na1-other": None})
    other = {"authorization": "Bearer pat-na1-other"}
    assert [read_deals(portal).status for _ in range(3)] == [200, 200, 429]
    assert portal.call("GET", f"{OBJECTS}/deals", **other).status == 200
    throttled(portal.call("GET", f"{OBJECTS}/deals", **other), "DAILY", "daily")
    portal.wait(14 * 3600)
    throttled(read_deals(portal), "DAILY", "daily")
    portal.wait(3600)
    assert read_deals(portal).status == 200, "midnight in Berlin"


def test_six_searches_in_a_second_from_two_apps(open_portal: OpenPortal) -> None:
    """Pitfall 17."""
    portal = open_portal(apps={"pat-na1-other": None})
    other = {"authorization": "Bearer pat-na1-other"}
    for number in range(5):
        reply = portal.call("POST", f"{OBJECTS}/deals/search", {}, **(other if number % 2 else {}))
        assert reply.status == 200
        assert not any(name.startswith("x-hubspot-ratelimit") for name in reply.headers)
    throttled(portal.search("deals"), "SECONDLY", "secondly")
    assert read_deals(portal).status == 200, "reads have a counter of their own"
    portal.wait(1)
    assert portal.search("deals").status == 200


def test_a_call_without_credentials_spends_nothing(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=1)
    for _ in range(5):
        assert portal.call("GET", f"{OBJECTS}/deals", authorization="").status == 401
    assert read_deals(portal).status == 200


def test_people_need_no_token_and_spend_nothing(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=1)
    for _ in range(5):
        reply = portal.fake.handle(Call("GET", f"{OBJECTS}/deals", person="anna", caller="person:anna"))
        assert reply.status == 200
        assert "x-hubspot-ratelimit-max" not in reply.headers
    assert read_deals(portal).status == 200


def test_the_fake_tells_its_limit_and_never_its_secret(open_portal: OpenPortal) -> None:
    portal = open_portal()
    assert portal.fake.describe_limit() == "190 calls per 10 s and 625,000 a day"
    read_deals(portal)
    assert b"pat-na1" not in portal.journal.to_bytes()


def test_going_back_to_a_state_fills_every_limit_again(open_portal: OpenPortal) -> None:
    portal = open_portal(burst_limit=1, search_limit=1, daily_limit=4)
    state = portal.fake.remember()
    for _ in range(2):
        assert [read_deals(portal).status, read_deals(portal).status] == [200, 429], "the burst"
        assert [portal.search("deals").status, portal.search("deals").status] == [200, 429], "the searches of a second"
        portal.wait(60)
        throttled(read_deals(portal), "DAILY", "daily")
        portal.fake.put_back(state)


@pytest.mark.parametrize(("counts", "status"), [(True, 429), (False, 200)])
def test_whether_refused_calls_count_is_a_setting(counts: bool, status: int) -> None:
    """Ten refused calls five seconds after two good ones: a window that counts them is still full when those two leave it."""
    portal = Portal(burst_limit=2, refused_calls_count=counts)
    assert [portal.get(f"{OBJECTS}/deals").status for _ in range(2)] == [200, 200]
    portal.wait(5)
    assert {portal.get(f"{OBJECTS}/deals").status for _ in range(10)} == {429}
    portal.wait(5)
    assert portal.get(f"{OBJECTS}/deals").status == status


def test_the_old_quota_of_a_second_is_told_and_refuses_nothing(portal: Portal) -> None:
    def told() -> str:
        return portal.get(f"{OBJECTS}/deals").headers["x-hubspot-ratelimit-secondly-remaining"]

    assert [told() for _ in range(2)] == ["18", "17"]
    assert [told() for _ in range(20)][-1] == "0"
    portal.wait(1)
    assert told() == "18"
