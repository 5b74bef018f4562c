"""Where the app's webhooks go and what it subscribes to, as its developer manages them. Source: facts 12.1 and the vendor's
webhook documents.

Who may call is decided before (`access/tokens.py`): the developer key or a client's own token, never a token of an account. All
texts of refusals are our guess, the statuses too unless the facts name them. Names of properties and custom types are not
looked up: an app is in many accounts, and each has its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fake_crm.hubspot.api.batch import inputs_of
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, validation, wrong_shape
from fake_crm.hubspot.events.subscriptions import (
    EVENT_TYPES,
    GENERIC,
    PROPERTY_CHANGE,
    Subscription,
    Target,
    row_of,
)
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.paths import WEBHOOKS
from fake_crm.hubspot.wire import body_object, is_id, no_content, ok, whole
from harness.kit.addresses import BadRequest, checked_address, is_loopback
from harness.kit.call import Call, Reply
from harness.kit.routing import Route

CONCURRENCY_MIN, CONCURRENCY_MAX = 5, 2**31 - 1
SUBSCRIPTIONS_MAX = 1000
ID_MAX = 2**31 - 1
NAME_MAX, URL_MAX = 255, 2048
OLD_BATCH = "/app-webhooks/2025-09"  # its document knows no 207
NEEDS_ACTIVE = ("/app-webhooks", "/webhooks/2026-03")  # their documents require `active`


def routes() -> Iterator[Route]:
    for base in WEBHOOKS:
        app = f"{base}/{{app_id}}"
        yield Route("GET", f"{app}/settings", read_settings, "read_webhook_settings")
        yield Route("PUT", f"{app}/settings", put_settings, "put_webhook_settings")
        yield Route("DELETE", f"{app}/settings", delete_settings, "delete_webhook_settings")
        yield Route("GET", f"{app}/subscriptions", list_subscriptions, "list_webhook_subscriptions")
        yield Route("POST", f"{app}/subscriptions", create_subscription, "create_webhook_subscription")
        yield Route("POST", f"{app}/subscriptions/batch/update", batch_update, "batch_update_webhook_subscriptions")
        yield Route("GET", f"{app}/subscriptions/{{id}}", read_subscription, "read_webhook_subscription")
        yield Route("PATCH", f"{app}/subscriptions/{{id}}", update_subscription, "update_webhook_subscription")
        yield Route("DELETE", f"{app}/subscriptions/{{id}}", delete_subscription, "delete_webhook_subscription")


# -- the address ------------------------------------------------------------------------------------------------------


def read_settings(account: Account, call: Call) -> Reply:
    _check_app(account, call)
    target = account.subscriptions.target
    if target is None:
        raise HubSpotError(404, f"No webhook settings found for app {call.params['app_id']}.", "OBJECT_NOT_FOUND")
    return ok(_settings_row(target))


def put_settings(account: Account, call: Call) -> Reply:
    _check_app(account, call)
    body = body_object(call)
    missing = [] if body.get("targetUrl") is not None else ["targetUrl"]
    if body.get("throttling") is None and body.get("maxConcurrentRequests") is None:
        missing.append("throttling")
    if missing:
        raise missing_attributes(missing)
    return ok(_settings_row(account.subscriptions.put_target(_target_url(body["targetUrl"]), _concurrency(body))))


def delete_settings(account: Account, call: Call) -> Reply:
    _check_app(account, call)
    account.subscriptions.clear_target()
    return no_content()


def _settings_row(target: Target) -> dict[str, Any]:
    return {
        "targetUrl": target.url,
        "throttling": {"maxConcurrentRequests": target.concurrency},
        "createdAt": target.created_at,
        "updatedAt": target.updated_at,
    }


def _target_url(url: Any) -> str:
    """The vendor wants https; a host that it could not reach anyway, such as this machine, may do without."""
    if not isinstance(url, str) or len(url) > URL_MAX:
        raise wrong_shape("Cannot deserialize value of type `String` at `targetUrl`")
    try:
        checked = checked_address(url)
    except BadRequest:
        raise validation(f"targetUrl is not a valid URL: {url[:80]}") from None
    parts = urlsplit(checked)
    if parts.scheme != "https" and not _is_private(parts.hostname or ""):
        raise validation("targetUrl must use https")
    return checked


def _is_private(host: str) -> bool:
    if is_loopback(host) or "." not in host.strip("."):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


def _concurrency(body: dict[str, Any]) -> int:
    """From `throttling`, or from the top level as n8n sends it (facts 12.1)."""
    throttling = body.get("throttling")
    if throttling is None:
        throttling = body
    if not isinstance(throttling, dict):
        raise wrong_shape("Cannot deserialize value of type `ThrottlingSettings` at `throttling`")
    if throttling.get("maxConcurrentRequests") is None:
        raise missing_attributes(["maxConcurrentRequests"])
    number = whole(throttling["maxConcurrentRequests"])
    if number is None or number > CONCURRENCY_MAX:
        raise wrong_shape("Cannot deserialize value of type `int` at `maxConcurrentRequests`")
    if number < CONCURRENCY_MIN:
        raise validation(f"maxConcurrentRequests must be at least {CONCURRENCY_MIN}, got {number}")
    return number


# -- subscriptions ----------------------------------------------------------------------------------------------------


def list_subscriptions(account: Account, call: Call) -> Reply:
    _check_app(account, call)
    return ok({"results": [row_of(each) for each in account.subscriptions.all()]})


def create_subscription(account: Account, call: Call) -> Reply:
    _check_app(account, call)
    body = body_object(call)
    needed = ["eventType", "active"] if call.path.startswith(NEEDS_ACTIVE) else ["eventType"]
    missing = [name for name in needed if body.get(name) is None]
    if missing:
        raise missing_attributes(missing)
    event_type, type_name, name = _event_type(body["eventType"]), _text(body, "objectTypeId"), _text(body, "propertyName")
    about, _, event = event_type.partition(".")
    if event == PROPERTY_CHANGE and not name:
        raise validation("propertyName is required for propertyChange subscriptions")
    if event != PROPERTY_CHANGE and name:
        raise validation(f"propertyName is only valid for propertyChange subscriptions, not for {event_type}")
    if about == GENERIC and not type_name:
        raise validation(f"objectTypeId is required for {event_type} subscriptions")
    if about != GENERIC and type_name:
        raise validation(f"objectTypeId is only valid for object subscriptions, not for {event_type}")
    if account.subscriptions.count >= SUBSCRIPTIONS_MAX:
        raise validation(f"An app can have at most {SUBSCRIPTIONS_MAX} webhook subscriptions")
    active = _flag(body) if body.get("active") is not None else False
    return ok(row_of(account.subscriptions.add(event_type, name, type_name, active=active)), 201)


def read_subscription(account: Account, call: Call) -> Reply:
    return ok(row_of(_found(account, call)))


def update_subscription(account: Account, call: Call) -> Reply:
    """Only `active` can change; whatever else is sent is passed over."""
    found = _found(account, call)
    body = body_object(call)
    if body.get("active") is not None:
        found = account.subscriptions.switch(found.id, active=_flag(body))
    return ok(row_of(found))


def delete_subscription(account: Account, call: Call) -> Reply:
    account.subscriptions.remove(_found(account, call).id)
    return no_content()


def batch_update(account: Account, call: Call) -> Reply:
    """Known ones are switched, unknown ids are one error together."""
    _check_app(account, call)
    body = body_object(call)
    if body.get("inputs") is None:
        raise missing_attributes(["inputs"])
    wanted = [_switch(row) for row in inputs_of(body)]
    unknown = list(dict.fromkeys(str(number) for number, _ in wanted if account.subscriptions.get(number) is None))
    known = dict(each for each in wanted if account.subscriptions.get(each[0]) is not None)
    started = account.now()
    results = [row_of(account.subscriptions.switch(number, active=active)) for number, active in known.items()]
    answer: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": started, "completedAt": account.now()}
    if not unknown:
        return ok(answer)
    answer["numErrors"] = 1
    answer["errors"] = [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "SubscriptionErrors.SUBSCRIPTION_IDS_NOT_FOUND",
            "message": f"Failed to find subscriptions by id `{', '.join(unknown)}`.",
            "context": {"ids": unknown},
        }
    ]
    return ok(answer, 200 if call.path.startswith(OLD_BATCH) else 207)


# -- what a body may say ----------------------------------------------------------------------------------------------


def _switch(row: dict[str, Any]) -> tuple[int, bool]:
    missing = [name for name in ("id", "active") if row.get(name) is None]
    if missing:
        raise missing_attributes(missing)
    given = row["id"]
    number = int(given[:20]) if isinstance(given, str) and is_id(given) else whole(given)
    if number is None or abs(number) > ID_MAX:
        raise wrong_shape("Cannot deserialize value of type `int` at `id`")
    return number, _flag(row)


def _flag(body: dict[str, Any]) -> bool:
    value = body["active"]
    if not isinstance(value, bool):
        raise wrong_shape("Cannot deserialize value of type `boolean` at `active`")
    return value


def _event_type(value: Any) -> str:
    if not isinstance(value, str) or value not in EVENT_TYPES:
        known = ", ".join(sorted(EVENT_TYPES))
        raise wrong_shape(f"Cannot deserialize value of type `EventType` at `eventType`: not one of [{known}]")
    return value


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > NAME_MAX:
        raise wrong_shape(f"Cannot deserialize value of type `String` at `{name}`")
    return value


# -- what a path says -------------------------------------------------------------------------------------------------


def _check_app(account: Account, call: Call) -> None:
    """Raises HubSpotError 404 for an app that is not this developer's (our guess)."""
    if call.params["app_id"] != str(account.settings.app_id):
        raise HubSpotError(404, f"App {call.params['app_id'][:80]} was not found.", "OBJECT_NOT_FOUND")


def _found(account: Account, call: Call) -> Subscription:
    _check_app(account, call)
    text = call.params["id"]
    found = account.subscriptions.get(int(text)) if is_id(text) and len(text) < 11 else None
    if found is None:
        raise HubSpotError(404, f"Subscription {text[:80]} was not found.", "OBJECT_NOT_FOUND")
    return found
