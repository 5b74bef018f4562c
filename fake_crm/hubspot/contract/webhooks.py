"""Webhook settings and subscriptions of the app, as its developer manages them."""

from __future__ import annotations

from fake_crm.hubspot.api.webhook_settings import CONCURRENCY_MAX, CONCURRENCY_MIN, ID_MAX
from fake_crm.hubspot.contract.examples import APP, SUBSCRIPTION
from fake_crm.hubspot.contract.shapes import ABSENT, BAD, FLAG, INSTANT, PARTLY, TEXT, batch, closed, given, inputs, listed, ref
from fake_crm.hubspot.events.subscriptions import EVENT_TYPES, GENERIC, PROPERTY_CHANGE
from harness.kit.contract import Answer, Confidence, Example, Link, Operation, Param, Schema

AREA = "webhooks"
_SOURCE = "facts 12.1; the vendor's documents webhooks_v3, webhooks_2025_09, webhooks_2026_03"
_SECURITY = ("developer_key",)
_APP = {"app_id": Param({"type": "string", "pattern": "^[0-9]{1,10}$"}, "The app's id.")}
_ONE = {**_APP, "id": Param({"type": "string", "pattern": "^[0-9]{1,10}$"}, "A subscription's id.")}
_OF_APP = {"app_id": APP}
_OF_ONE = {"app_id": APP, "id": SUBSCRIPTION}
_SAME = {"app_id": "$request.path.app_id", "id": "$request.path.id"}
_MADE = {"app_id": "$request.path.app_id", "id": "$response.body#/id"}
_THROTTLING: Schema = {"type": "integer", "minimum": CONCURRENCY_MIN, "maximum": CONCURRENCY_MAX}
_ADDRESS: Schema = {"type": "string", "pattern": r"^https://[a-z]+(\.[a-z]+)*(:[1-9][0-9]{1,3})?(/[a-z]*)*$"}
_TEXTS_ARE_GUESSES = "texts of refusals, and 404 for an app of somebody else, are our guess"
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 255}


def _types(*, generic: bool, property_change: bool) -> Schema:
    chosen = (each for each in EVENT_TYPES if each.startswith(f"{GENERIC}.") is generic)
    return {"enum": sorted(each for each in chosen if each.endswith(f".{PROPERTY_CHANGE}") is property_change)}


def _new(always: tuple[str, ...]) -> Schema:
    """A subscription to make: what has to be named depends on its type. `always` is required besides."""
    forms = []
    for generic in (False, True):
        for property_change in (False, True):
            needed: dict[str, Schema] = {"eventType": _types(generic=generic, property_change=property_change)}
            needed |= {"objectTypeId": _NAME} if generic else {}
            needed |= {"propertyName": _NAME} if property_change else {}
            flag = {"active": FLAG}
            forms.append(given({**needed, **flag}) if "active" in always else given(needed, flag))
    return {"oneOf": forms}


SCHEMAS: dict[str, Schema] = {
    "WebhookSettings": closed(
        {
            "targetUrl": TEXT,
            "throttling": closed({"maxConcurrentRequests": _THROTTLING}),
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
        }
    ),
    "WebhookSubscription": closed(
        {"id": TEXT, "eventType": {"enum": sorted(EVENT_TYPES)}, "active": FLAG, "createdAt": INSTANT, "updatedAt": INSTANT},
        {"propertyName": TEXT, "objectTypeId": TEXT},
    ),
    "NewWebhookSubscription": _new(()),
}
SCHEMAS_DATED: dict[str, Schema] = {"NewWebhookSubscription": _new(("active",))}

OPERATIONS = {
    "read_webhook_settings": Operation(
        "Where the app's webhooks go, and how many calls it takes at once.",
        AREA,
        {200: Answer(ref("WebhookSettings")), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_APP,
        examples=[Example(_OF_APP)],
        deviations=_TEXTS_ARE_GUESSES,
        security=_SECURITY,
    ),
    "put_webhook_settings": Operation(
        "Set or change the one address of the app; it counts at once.",
        AREA,
        {200: Answer(ref("WebhookSettings")), **BAD, **ABSENT},
        f"{_SOURCE}; n8n's trigger for `maxConcurrentRequests` at the top level",
        Confidence.DOCUMENTED,
        path=_APP,
        body={
            "anyOf": [
                given({"targetUrl": _ADDRESS, "throttling": given({"maxConcurrentRequests": _THROTTLING})}),
                given({"targetUrl": _ADDRESS, "maxConcurrentRequests": _THROTTLING}),
            ]
        },
        examples=[
            Example(_OF_APP, body={"targetUrl": "https://app.example/hook", "throttling": {"maxConcurrentRequests": 10}}),
            Example(_OF_APP, body={"targetUrl": "https://n8n.example/webhook", "maxConcurrentRequests": 5}, name="asN8nSendsIt"),
        ],
        deviations=f"http is taken too for hosts that are not public; {_TEXTS_ARE_GUESSES}; so is the least of 5 calls",
        security=_SECURITY,
    ),
    "delete_webhook_settings": Operation(
        "Forget the address; subscriptions wait for another one.",
        AREA,
        {204: Answer(), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_APP,
        examples=[Example(_OF_APP)],
        deviations=_TEXTS_ARE_GUESSES,
        security=_SECURITY,
    ),
    "list_webhook_subscriptions": Operation(
        "All subscriptions of the app, paused ones too.",
        AREA,
        {200: Answer(listed(ref("WebhookSubscription"))), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_APP,
        examples=[Example(_OF_APP)],
        deviations=_TEXTS_ARE_GUESSES,
        security=_SECURITY,
    ),
    "create_webhook_subscription": Operation(
        "Subscribe to one type of event; a change of a property names exactly one.",
        AREA,
        {201: Answer(ref("WebhookSubscription")), **BAD, **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_APP,
        body=ref("NewWebhookSubscription"),
        examples=[
            Example(_OF_APP, body={"eventType": "deal.propertyChange", "propertyName": "dealstage", "active": True}),
            Example(_OF_APP, body={"eventType": "object.creation", "objectTypeId": "0-123", "active": False}, name="generic"),
        ],
        links={
            "read": Link("read_webhook_subscription", _MADE),
            "update": Link("update_webhook_subscription", _MADE),
            "delete": Link("delete_webhook_subscription", _MADE),
        },
        deviations=(
            "two equal subscriptions are possible, properties and types are not looked up, at most 1000 of an app: our guess; "
            f"`eventTypeName` is passed over; conversations and custom events are never told; {_TEXTS_ARE_GUESSES}"
        ),
        security=_SECURITY,
    ),
    "batch_update_webhook_subscriptions": Operation(
        "Activate or pause many.",
        AREA,
        {200: Answer(batch(ref("WebhookSubscription"))), 207: Answer(batch(ref("WebhookSubscription")), PARTLY), **BAD, **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_APP,
        body=inputs(given({"id": {"type": "integer", "minimum": 0, "maximum": ID_MAX}, "active": FLAG}), 100),
        examples=[Example(_OF_APP, body={"inputs": [{"id": int(SUBSCRIPTION), "active": False}]})],
        deviations=f"unknown ids are one error together; 2025-09 has no 207, there it is a 200 with errors; {_TEXTS_ARE_GUESSES}",
        security=_SECURITY,
    ),
    "read_webhook_subscription": Operation(
        "One subscription.",
        AREA,
        {200: Answer(ref("WebhookSubscription")), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_ONE,
        examples=[Example(_OF_ONE)],
        deviations=_TEXTS_ARE_GUESSES,
        security=_SECURITY,
    ),
    "update_webhook_subscription": Operation(
        "Activate or pause one.",
        AREA,
        {200: Answer(ref("WebhookSubscription")), **BAD, **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_ONE,
        body=given({}, {"active": FLAG}),
        examples=[Example(_OF_ONE, body={"active": False})],
        links={"read": Link("read_webhook_subscription", _SAME)},
        deviations=_TEXTS_ARE_GUESSES,
        security=_SECURITY,
    ),
    "delete_webhook_subscription": Operation(
        "Subscribe no longer.",
        AREA,
        {204: Answer(), **ABSENT},
        _SOURCE,
        Confidence.DOCUMENTED,
        path=_ONE,
        examples=[Example(_OF_ONE)],
        deviations=_TEXTS_ARE_GUESSES,
        security=_SECURITY,
    ),
}
