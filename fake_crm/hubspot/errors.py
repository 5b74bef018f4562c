"""The vendor's refusals: one exception that carries the wire body. Texts are byte for byte, clients match on them.

Source: facts sections 2.3 (credentials), 3.2 to 3.5 (envelope and texts), 11 (limits). None of these wrote anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

Body = dict[str, Any]


class HubSpotError(Exception):
    """A refusal. `body` is the envelope without its correlation id, which the dialect adds when it answers."""

    def __init__(self, status: int, message: str, category: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        body: Body = {"status": "error", "message": message}
        if category is not None:
            body["category"] = category
        body.update(more)
        self.body = body

    def entry(self, **context: list[str]) -> Body:
        """This refusal as one row of a batch answer's `errors`; rows carry no correlation id."""
        row = dict(self.body)
        if context:
            row["context"] = {**row.get("context", {}), **context}
        return row


def validation(message: str, **more: Any) -> HubSpotError:
    return HubSpotError(400, message, "VALIDATION_ERROR", **more)


def not_modelled(what: str) -> HubSpotError:
    """Ours, not the vendor's: says plainly what this fake does not imitate."""
    return HubSpotError(501, f"This fake of HubSpot does not model {what}.", "NOT_MODELLED")


def not_found() -> HubSpotError:
    return HubSpotError(404, "resource not found")


def not_numeric(record_id: str) -> HubSpotError:
    return HubSpotError(404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND", context={"id": [record_id]})


def some_not_found(label: str, ids: Iterable[str]) -> HubSpotError:
    text = f"Could not get some {label} objects, they may be deleted or not exist. Check that ids are valid."
    return HubSpotError(404, text, "OBJECT_NOT_FOUND", context={"ids": list(ids)})


def value_not_found(type_id: str, name: str, value: str) -> HubSpotError:
    """No record has this value of a unique property. Only the context is the vendor's, whose values follow the last colon."""
    context = {"missingObjectPropertyValueCoordinates": [f"{type_id}:{name}:{value}"]}
    return HubSpotError(404, "Could not find objects by their property values.", "OBJECT_NOT_FOUND", context=context)


def bad_json(reason: str, body: bytes) -> HubSpotError:
    """The parser names a byte offset, or none; the vendor names line and column of a character."""
    if "recursion" in reason:
        reason = "the document is nested too deeply"  # our words for what the parser cannot say in the vendor's
    elif "codec" in reason:
        reason = "the document is not UTF-8"
    _, _, at = reason.rpartition("(byte ")
    offset = int(at.rstrip(")")) if at.rstrip(")").isdigit() else 0
    before = body[:offset].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return HubSpotError(400, f"Invalid input JSON on line {line}, column {column}: {reason}")


def missing_attributes(names: Iterable[str]) -> HubSpotError:
    return HubSpotError(400, f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{', '.join(names)}]")


def wrong_shape(what: str) -> HubSpotError:
    """The text is our guess; the vendor's names its Java classes."""
    return HubSpotError(400, f"Invalid input JSON on line 1, column 2: {what}")


def required_properties(label: str, names: list[str]) -> HubSpotError:
    return validation(f"Error creating {label}. Some required properties were not set.", context={"properties": names})


def non_unique(type_id: str, name: str, portal_id: int) -> HubSpotError:
    return validation(f"Unable to perform update/upsert by non-unique {type_id} property {name} in portal ID {portal_id}")


def duplicate_ids(ids: list[str]) -> HubSpotError:
    return validation(f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique", context={"ids": ids})


def too_many_inputs(limit: int, what: str = "") -> HubSpotError:
    text = f"The maximum number of inputs supported in a batch request{what} is {limit}."
    return validation(f"{text} Please reduce the number of items and try again")


def contact_exists(holder: str) -> HubSpotError:
    return HubSpotError(409, f"Contact already exists. Existing ID: {holder}", "CONFLICT")


def value_taken(portal_id: int, label: str, name: str, value: str, writing: str, holder: str) -> HubSpotError:
    where = f"portalId={portal_id}, objectTypeId=ObjectTypeId{{legacyObjectType={label}}}, propertyName={name}, value={value}"
    return validation(f"Cannot set PropertyValueCoordinates{{{where}}} on {writing}. {holder} already has that value.")


def invalid_associations(label: str, ids: list[str]) -> HubSpotError:
    context = {"INVALID_OBJECT_IDS": [f"{label}={each} is not valid" for each in ids], "objectId": ids, "objectType": [label]}
    return validation("One or more associations are invalid", context=context)


def invalid_properties(problems: list[tuple[str, str, str]], portal_id: int) -> HubSpotError:
    """`problems` are (property, code, message), in the order of the request. The message embeds a JSON array as text."""
    rows = [
        {"isValid": False, "message": text, "error": code, "name": name, "localizedErrorMessage": text, "portalId": portal_id}
        for name, code, text in problems
    ]
    listed = msgspec.json.encode(rows).decode()
    errors = [{"message": text, "code": code, "context": {"propertyName": [name]}} for name, code, text in problems]
    return validation(f"Property values were not valid: {listed}", errors=errors)


VAGUE = "There was a problem with the request."


def vague() -> HubSpotError:
    """What search answers to every mistake in its body, on purpose without a reason."""
    return HubSpotError(400, VAGUE)


NO_CREDENTIALS: Body = {
    "status": "error",
    "message": "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    "category": "INVALID_AUTHENTICATION",
}


def missing_scopes(alternatives: list[str]) -> HubSpotError:
    """Any one of `alternatives` would have been enough."""
    return HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        "https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[
            {"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": alternatives}}
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


_LIMIT_WORDS = {"TEN_SECONDLY_ROLLING": "ten_secondly_rolling", "SECONDLY": "secondly", "DAILY": "daily"}


def throttled(policy: str) -> Body:
    text = f"You have reached your {_LIMIT_WORDS[policy]} limit."
    return {"status": "error", "message": text, "errorType": "RATE_LIMIT", "policyName": policy}
