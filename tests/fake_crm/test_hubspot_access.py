"""Who is let in, by which token, scope, content type and address, and how often (facts 2.3, 2.4, 3.3, 11)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from hubspot_app import App
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Call, Reply

OpenPortal = Callable[..., Portal]
FORM = "application/x-www-form-urlencoded"


def statuses(replies: list[Reply]) -> list[int]:
    return [each.status for each in replies]


def missing(reply: Reply) -> list[str]:
    """The scopes of which any would have been enough."""
    body = reply.json()
    assert (reply.status, body["category"]) == (403, "MISSING_SCOPES")
    scopes: list[str] = body["errors"][0]["context"]["requiredGranularScopes"]
    return scopes


# -- tokens ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "age"),
    [(0, "0 second(s)"), (59, "59 second(s)"), (60, "1 minute(s)"), (7 * 60 + 59, "7 minute(s)"), (3600, "1 hour(s)"),
     (47 * 3600, "1 day(s)"), (48 * 3600, "2 day(s)")],
)  # fmt: skip
def test_an_expired_token_tells_when_in_the_largest_unit(portal: Portal, late: int, age: str) -> None:
    app = App(portal)
    app.install()
    portal.wait(1800 + late)
    for _ in range(2):
        reply = app.list_deals()
        body = reply.json()
        assert body.pop("correlationId") == reply.headers["x-hubspot-correlation-id"]
        assert (reply.status, body) == (
            401,
            {
                "status": "error",
                "message": f"The OAuth token used to make this call expired {age} ago.",
                "category": "EXPIRED_AUTHENTICATION",
                "context": {"expire time": ["2026-03-02T08:30:00Z"]},
            },
        )
        app.portal.call("GET", f"{OBJECTS}/deals")
    held = app.access_token
    app.refresh()
    app.access_token = held
    assert app.list_deals().json()["category"] == "EXPIRED_AUTHENTICATION", "the token itself tells its end"


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("token", ["access-token", unpadded(b"\x08"), unpadded(b"\x10\x01"), "CNi1" + "x" * 41, "CNi1"])
def test_a_made_up_token_that_reads_as_one_expired_in_1970(portal: Portal, token: str) -> None:
    body = portal.call("GET", f"{OBJECTS}/deals", authorization=f"Bearer {token}").json()
    assert body["message"] == "The OAuth token used to make this call expired 20514 day(s) ago."
    assert body["context"] == {"expire time": ["1970-01-01T00:00:00Z"]}
    assert body["category"] == "EXPIRED_AUTHENTICATION"


@pytest.mark.parametrize(
    "token", ["thisisatesttoken", "wrong", "", "pat-na1-unknown", "é", "C" * 600, unpadded(b"\x10" + b"\xff" * 12), "a b"]
)
def test_any_other_made_up_token_is_no_credential(portal: Portal, token: str) -> None:
    for header in (f"Bearer {token}", f"Basic {token}", token):
        reply = portal.call("GET", f"{OBJECTS}/deals", authorization=header)
        assert (reply.status, reply.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_good_token_of_another_account_is_no_credential(portal: Portal) -> None:
    stranger = App(Portal(portal_id=1, app_id=2))
    stranger.install()
    app = App(portal)
    app.access_token = stranger.access_token
    assert app.list_deals().json()["category"] == "INVALID_AUTHENTICATION"


def test_the_developer_key_opens_no_account_and_an_account_no_settings(portal: Portal) -> None:
    key = portal.fake.credentials()["developer_key"]
    reply = portal.call("GET", f"{OBJECTS}/deals", query=f"hapikey={key}", authorization="")
    assert reply.json()["category"] == "INVALID_AUTHENTICATION"

    check = portal.fake.account.tokens.developer
    assert check(Call("GET", "/webhooks/v3/1/settings", f"hapikey={key}")) is None
    app = App(portal)
    app.install()
    for token in (portal.fake.credentials()["token"], app.access_token):
        refused = check(Call("GET", "/webhooks/v3/1/settings", headers={"authorization": f"Bearer {token}"}))
        assert refused is not None
        assert refused["category"] == "INVALID_AUTHENTICATION"
    assert check(Call("GET", "/webhooks/v3/1/settings", "hapikey=wrong")) is not None
    own = app.form("/oauth/v3/token", grant_type="client_credentials", scope="developers-write").json()["access_token"]
    header = {"authorization": f"Bearer {own}"}
    assert check(Call("GET", "/webhooks/v3/1/settings", headers=header)) is None


# -- scopes ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "scopes"),
    [
        ("GET", f"{OBJECTS}/contacts", ["crm.objects.contacts.read"]),
        ("POST", f"{OBJECTS}/contacts/search", ["crm.objects.contacts.read"]),
        ("POST", "/crm/objects/2026-09/contacts/batch/read", ["crm.objects.contacts.read"]),
        ("POST", f"{OBJECTS}/0-1/batch/upsert", ["crm.objects.contacts.write"]),
        ("GET", f"{OBJECTS}/tickets", ["tickets"]),
        ("POST", f"{OBJECTS}/tickets", ["tickets"]),
        ("GET", f"{OBJECTS}/products", ["e-commerce", "crm.objects.products.read"]),
        ("POST", f"{OBJECTS}/line_items", ["e-commerce", "crm.objects.line_items.write"]),
        ("GET", f"{OBJECTS}/0-101", ["crm.objects.commercepayments.read"]),
        ("POST", f"{OBJECTS}/orders", ["crm.objects.orders.write"]),
        ("GET", f"{OBJECTS}/discounts", ["e-commerce", "crm.objects.line_items.read"]),
        ("GET", "/crm/v3/properties/contacts", ["crm.schemas.contacts.read", "crm.objects.contacts.read"]),
        ("POST", "/crm/v3/properties/contacts", ["crm.schemas.contacts.write"]),
        ("POST", "/crm/v3/properties/deals/groups", ["crm.schemas.deals.write"]),
        ("PATCH", "/crm/v3/pipelines/deals/default", ["crm.schemas.deals.write"]),
        ("DELETE", "/crm/v3/pipelines/tickets/0", ["tickets"]),
        ("GET", "/crm/v3/owners/", ["crm.objects.owners.read"]),
    ],
)
def test_each_surface_names_the_scopes_it_needs(open_portal: OpenPortal, method: str, path: str, scopes: list[str]) -> None:
    portal = open_portal(scopes=["crm.objects.deals.read"])
    assert missing(portal.call(method, path, {} if method in ("POST", "PATCH") else None)) == scopes
    for one in scopes:
        allowed = open_portal(scopes=[one])
        assert allowed.call(method, path, {} if method in ("POST", "PATCH") else None).status != 403


def test_associations_need_the_scopes_of_both_ends(open_portal: OpenPortal) -> None:
    portal = open_portal(scopes=["crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.contacts.read"])
    deal = portal.add("deals", dealname="one")
    one = f"/crm/v4/objects/deals/{deal}/associations"
    assert portal.get(f"{one}/contacts").status == 200
    assert missing(portal.call("PUT", f"{one}/default/contacts/1")) == ["crm.objects.contacts.write"]
    assert missing(portal.get(f"{one}/companies")) == ["crm.objects.companies.read"]
    pair = "/crm/v4/associations/contacts/deals/batch"
    assert portal.post(f"{pair}/read", {"inputs": []}).status != 403
    assert missing(portal.post(f"{pair}/create", {"inputs": []})) == ["crm.objects.contacts.write"]


def test_each_access_token_has_the_scopes_it_was_granted_with(portal: Portal) -> None:
    app = App(portal)
    app.install()
    small = App(portal)
    small.install(scope="oauth crm.objects.contacts.read")
    assert app.call("POST", f"{OBJECTS}/deals", {"properties": {"dealname": "one"}}).status == 201
    assert missing(small.list_deals()) == ["crm.objects.deals.read"]
    assert missing(app.call("GET", f"{OBJECTS}/contacts")) == ["crm.objects.contacts.read"]


def test_the_order_of_checks_is_token_type_scope_body(open_portal: OpenPortal) -> None:
    portal = open_portal(scopes=["crm.objects.deals.read"])
    broken = b'{"properties"'
    path = f"{OBJECTS}/widgets"
    assert portal.call("POST", path, broken, authorization="").status == 401
    assert portal.call("POST", path, broken).json()["message"] == "Unable to infer object type from: widgets"
    assert missing(portal.call("POST", f"{OBJECTS}/deals", broken)) == ["crm.objects.deals.write"]
    assert open_portal().call("POST", f"{OBJECTS}/deals", broken).json()["message"].startswith("Invalid input JSON")


# -- how often -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tier", "packs", "burst", "daily"),
    [("professional", 1, 250, 1_625_000), ("professional", 2, 250, 2_625_000), ("enterprise", 2, 250, 3_000_000),
     ("free", 1, 250, 1_250_000)],
)  # fmt: skip
def test_increase_packs_raise_burst_and_day(open_portal: OpenPortal, tier: str, packs: int, burst: int, daily: int) -> None:
    headers = open_portal(tier=tier, limit_increase_packs=packs).get(f"{OBJECTS}/deals").headers
    assert headers["x-hubspot-ratelimit-max"] == str(burst)
    assert headers["x-hubspot-ratelimit-daily"] == str(daily)


@pytest.mark.parametrize("packs", [-1, 3])
def test_an_account_has_two_packs_at_most(open_portal: OpenPortal, packs: int) -> None:
    with pytest.raises(ValueError, match="limit_increase_packs"):
        open_portal(limit_increase_packs=packs)


def test_an_oauth_app_has_a_burst_of_its_own_and_no_day(open_portal: OpenPortal) -> None:
    portal = open_portal(tier="enterprise", limit_increase_packs=2, daily_limit=3)
    app = App(portal)
    app.install()
    first = app.list_deals()
    assert first.headers["x-hubspot-ratelimit-max"] == "110"
    assert first.headers["x-hubspot-ratelimit-remaining"] == "109"
    assert first.headers["x-hubspot-ratelimit-secondly"] == "11"
    assert not [name for name in first.headers if "daily" in name]
    app.refresh()
    assert statuses([app.list_deals() for _ in range(110)]) == [200] * 109 + [429], "a new token is the same app"
    assert app.list_deals().json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert statuses([portal.get(f"{OBJECTS}/deals") for _ in range(4)]) == [200, 200, 200, 429], "private apps have the day"
    portal.wait(10)
    assert app.list_deals().status == 200


def test_the_oauth_app_and_a_private_app_share_the_searches_of_a_second(portal: Portal) -> None:
    app = App(portal)
    app.install()
    found = [(app.call if number % 2 else portal.call)("POST", f"{OBJECTS}/deals/search", {}) for number in range(6)]
    assert statuses(found) == [200] * 5 + [429]
    assert found[-1].json()["policyName"] == "SECONDLY"


@pytest.mark.parametrize(("settings", "limit"), [({"tier": "starter"}, 100), ({}, 150), ({"limit_increase_packs": 1}, 200)])
def test_calls_about_associations_may_have_a_limit_on_top(open_portal: OpenPortal, settings: dict[str, object], limit: int) -> None:
    portal = open_portal(**settings, association_limits=True)
    path = "/crm/v4/associations/deals/contacts/labels"
    found = [portal.get(path) for _ in range(limit + 1)]
    assert statuses(found) == [200] * limit + [429]
    assert found[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    if limit > 100:
        assert portal.get(f"{OBJECTS}/deals").status == 200, "the app itself has some left"
    without = open_portal(**settings)
    assert int(without.get(path).headers["x-hubspot-ratelimit-max"]) == without.fake.settings.burst
    assert statuses([without.get(path) for _ in range(without.fake.settings.burst)])[-2:] == [200, 429]


def test_api_usage_tells_what_private_apps_used(portal: Portal) -> None:
    app = App(portal)
    app.install()
    app.list_deals()
    portal.get(f"{OBJECTS}/deals")
    for base in ("/account-info/v3", "/account-info/2026-03", "/account-info/2026-09"):
        row = portal.get(f"{base}/api-usage/daily/private-apps").json()["results"][0]
    assert row["currentUsage"] == 4, "the OAuth app counts to no day"
    assert (row["usageLimit"], row["resetsAt"]) == (625_000, "2026-03-02T23:00:00Z")


# -- transport -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FORM, "text/plain", "multipart/form-data; boundary=x", "application/xml", "*/*"])
def test_a_body_that_calls_itself_something_else_than_json(portal: Portal, kind: str) -> None:
    deal = portal.add("deals", dealname="one")
    for method, path in (("POST", f"{OBJECTS}/deals"), ("PATCH", f"{OBJECTS}/deals/{deal}"), ("POST", f"{OBJECTS}/deals/search")):
        reply = portal.call(method, path, {"properties": {"dealname": "two"}}, **{"content-type": kind})
        assert (reply.status, reply.body) == (415, b"")
        assert "content-type" not in reply.headers
    assert portal.fake.store.count("deals") == 1


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=utf-8", ""])
def test_a_body_of_json_or_of_no_kind_is_read(portal: Portal, kind: str) -> None:
    body = {"properties": {"dealname": "one"}}
    assert portal.call("POST", f"{OBJECTS}/deals", body, **{"content-type": kind}).status == 201


def test_calls_without_a_body_may_say_what_they_like(portal: Portal) -> None:
    deal, contact = portal.add("deals", dealname="one"), portal.add("contacts", email="a@b.co")
    put = f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}"
    assert portal.call("PUT", put, **{"content-type": FORM}).status == 200
    assert portal.call("GET", f"{OBJECTS}/deals", {"limit": 1}, **{"content-type": FORM}).status == 200, "n8n sends bodies with GET"
    assert portal.call("DELETE", f"{OBJECTS}/deals/{deal}", b"x", **{"content-type": "text/plain"}).status == 204


def test_a_long_address_is_refused_before_any_token(open_portal: OpenPortal) -> None:
    portal = open_portal(url_limit=100)
    path = f"{OBJECTS}/deals"
    fits = "a=" + "x" * (98 - len(path))
    assert portal.get(path, fits).status == 200
    reply = portal.call("GET", path, query=fits + "x", authorization="")
    assert (reply.status, reply.body) == (414, b"")
    assert portal.get(path, fits).headers["x-hubspot-ratelimit-remaining"] == "188", "it counted to nothing"


def test_a_daily_limit_ends_at_the_midnight_of_the_account(open_portal: OpenPortal) -> None:
    portal = open_portal(daily_limit=1, time_zone="America/New_York")
    assert portal.get(f"{OBJECTS}/deals").status == 200
    portal.clock.advance(timedelta(hours=20, minutes=59, seconds=59))
    assert portal.get(f"{OBJECTS}/deals").json()["policyName"] == "DAILY"
    portal.wait(1)
    assert portal.get(f"{OBJECTS}/deals").status == 200
