"""Merging two records, and deleting a contact for good. Source: facts sections 4.1, 4.5; the vendor's documents of each type.

Other refusals than those of 3.3 are our guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fake_crm.hubspot.api.shapes import created
from fake_crm.hubspot.errors import missing_attributes, not_found, not_numeric
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import CONTACTS, ObjectType
from fake_crm.hubspot.model.values import Invalid, email_of
from fake_crm.hubspot.paths import OBJECTS
from fake_crm.hubspot.wire import body_object, id_text, is_id, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]


def routes() -> Iterator[Route]:
    for base in OBJECTS:
        yield Route("POST", f"{base}/{{type}}/merge", merge, "merge_{many}")
        for name in (CONTACTS.plural, CONTACTS.singular, CONTACTS.type_id):
            yield Route("POST", f"{base}/{name}/gdpr-delete", gdpr_delete, "gdpr_delete_contact", fixed={"type": CONTACTS.plural})


def merge(account: Account, call: Call) -> Reply:
    """200 with the surviving record; 400 for types that cannot be merged, 404 for ids that are not there, 414 for a contact
    that would have too many identities."""
    kind = account.resolve(call.params["type"])
    account.merging.check_type(kind)
    body = body_object(call)
    missing = [name for name in ("primaryObjectId", "objectIdToMerge") if body.get(name) in (None, "")]
    if missing:
        raise missing_attributes(missing)
    primary, other = (_record(account, kind, id_text(body[name])) for name in ("primaryObjectId", "objectIdToMerge"))
    return ok(created(account, kind, account.merging.merge(kind, primary, other)))


def _record(account: Account, kind: ObjectType, key: str) -> Record:
    """A live record. An id that went under before stands for what it has become. Raises HubSpotError 404."""
    if not is_id(key):
        raise not_numeric(key)
    record = account.live(kind, key) or account.merging.survivor(kind, key)
    if record is None or record.archived:
        raise not_found()
    return record


def gdpr_delete(account: Account, call: Call) -> Reply:
    """204: nothing of the contact is left, nor of those that were merged into it. An unknown e-mail address is blocked; an
    unknown id is a 404."""
    body = body_object(call)
    if body.get("objectId") in (None, ""):
        raise missing_attributes(["objectId"])
    key, id_property = id_text(body["objectId"]), body.get("idProperty")
    if id_property and id_property != "hs_object_id":
        record = account.find(CONTACTS, key, str(id_property))
        if record is None and id_property == "email":
            _block(account, key)
            return no_content()
    else:
        record = account.merging.survivor(CONTACTS, key) or account.store.get(CONTACTS.plural, key)
        if record is None and not is_id(key):
            raise not_numeric(key)
    if record is None:
        raise not_found()
    account.merging.forget(CONTACTS, record)
    return no_content()


def _block(account: Account, text: str) -> None:
    """What is no address needs no blocking."""
    try:
        account.emails.block(email_of(text, ()))
    except Invalid:
        return
