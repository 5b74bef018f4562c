"""Bodies of v1 and v2 writes, and how these services word their refusals.

Source: validation as recorded by several wrappers (`validationResults`), the conflict of a contact as in facts 3.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fake_crm.hubspot.api.legacy.shapes import identities
from fake_crm.hubspot.errors import HubSpotError, missing_attributes, wrong_shape
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import CONTACTS
from fake_crm.hubspot.wire import ms_of, objects_in

Wire = dict[str, Any]


def values_in(body: Wire) -> Wire:
    """`properties: [{name, value}]`, on contacts `[{property, value}]`; the last of a name wins. Raises HubSpotError 400."""
    if body.get("properties") is None:
        raise missing_attributes(["properties"])
    given: Wire = {}
    for row in objects_in(body, "properties"):
        name = row.get("name", row.get("property"))
        if not isinstance(name, str):
            raise wrong_shape("Cannot deserialize value of type `String` at `properties.name`")
        given[name] = row.get("value", "")
    return given


@contextmanager
def worded_the_old_way(account: Account) -> Iterator[None]:
    """Refusals of the write rules inside come out as v1 and v2 tell them."""
    try:
        yield
    except HubSpotError as refused:
        raise _translated(account, refused) from None


def _translated(account: Account, refused: HubSpotError) -> HubSpotError:
    _, taken, holder = refused.body["message"].partition("Contact already exists. Existing ID: ")
    if refused.status == 409 and taken:
        return _contact_exists(account, holder, refused.body["message"])
    errors = refused.body.get("errors")
    if errors and refused.body["message"].startswith("Property values were not valid"):
        results = [
            {"isValid": False, "message": each["message"], "error": each["code"], "name": each["context"]["propertyName"][0]}
            for each in errors
        ]
        return HubSpotError(400, "Property values were not valid", validationResults=results)
    return refused


def _contact_exists(account: Account, holder: str, message: str) -> HubSpotError:
    record = account.live(CONTACTS, holder)
    email = record.fields.get("email", "") if record is not None else ""
    profile = {
        "vid": int(holder),
        "identity": identities(account, record) if record is not None else [],
        "linkedVid": [],
        "isContact": True,
        "isCanonicalProfile": True,
        "savedAtTimestamp": ms_of(record.fields["lastmodifieddate"]) if record is not None else 0,
        "promotedToContact": True,
    }
    errors = [{"message": f"A contact with email {email} already exists. Existing ID: {holder}", "in": "email"}]
    return HubSpotError(409, message, "OBJECT_ALREADY_EXISTS", identityProfile=profile, errors=errors, error="CONTACT_EXISTS")
