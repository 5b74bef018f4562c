"""Contacts v1: all, the recently updated, by id and by e-mail, create, update, create or update. Source: facts sections 3.5 and 15;
what the n8n node sends; the vendor's v1 documentation for answers of writes.

Not modelled: lists and their members, form submissions, batches, the profile token, the associated company inside a profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from heapq import nlargest
from typing import Any

from fake_crm.hubspot.api.legacy import shapes
from fake_crm.hubspot.api.legacy.reading import Wanted, contact_wanted, latest_first, live_or_survivor, number, page_by_id
from fake_crm.hubspot.api.legacy.writing import values_in, worded_the_old_way
from fake_crm.hubspot.errors import HubSpotError
from fake_crm.hubspot.model.account import Account
from fake_crm.hubspot.model.standard_types import CONTACTS
from fake_crm.hubspot.wire import body_object, ms_of, no_content, ok
from harness.kit.call import Call, Reply
from harness.kit.clock import epoch_ms
from harness.kit.records import Record
from harness.kit.routing import Route

Wire = dict[str, Any]
PAGE_DEFAULT, PAGE_MAX = 20, 100
RECENT = timedelta(days=30)  # how far back the recently updated ones go
_LISTED = ("firstname", "lastmodifieddate", "company", "lastname")


def routes() -> Iterator[Route]:
    contacts = {"type": "contacts"}
    one, by_email = "/contacts/v1/contact/vid/{id}", "/contacts/v1/contact/email/{email}/profile"
    yield Route("GET", "/contacts/v1/lists/all/contacts/all", list_contacts, "list_contacts_v1", fixed=contacts)
    recent = "/contacts/v1/lists/recently_updated/contacts/recent"
    yield Route("GET", recent, recently_updated, "list_recently_updated_contacts_v1", fixed=contacts)
    yield Route("POST", "/contacts/v1/contact", create_contact, "create_contact_v1", fixed=contacts)
    upsert = "/contacts/v1/contact/createOrUpdate/email/{email}"
    yield Route("POST", upsert, create_or_update, "upsert_contact_v1", fixed=contacts)
    yield Route("GET", f"{one}/profile", read_contact, "read_contact_v1", fixed=contacts)
    yield Route("POST", f"{one}/profile", update_contact, "update_contact_v1", fixed=contacts)
    yield Route("GET", by_email, read_contact, "read_contact_v1", "read_contact_by_email_v1", contacts)
    yield Route("POST", by_email, update_contact, "update_contact_v1", "update_contact_by_email_v1", contacts)
    yield Route("DELETE", one, archive_contact, "archive_contact_v1", fixed=contacts)


def list_contacts(account: Account, call: Call) -> Reply:
    """200 with a page, ids ascending. `vid-offset` is the last contact's id, to be sent back as `vidOffset` while `has-more`."""
    after, wanted = number(call, "vidOffset", 0), contact_wanted(call, _LISTED, history=False)
    page, more = page_by_id(account, CONTACTS, after, number(call, "count", PAGE_DEFAULT, PAGE_MAX))
    rows = [_listed(account, record, wanted, "createdate") for record in page]
    return ok({"contacts": rows, "has-more": more, "vid-offset": int(page[-1].id) if page else after})


def recently_updated(account: Account, call: Call) -> Reply:
    """200 with the contacts of the last 30 days, latest first. `vidOffset` and `timeOffset` of a page lead to the next one; without
    `timeOffset` the contact's own time stands in (our guess: the n8n node sends only `vidOffset`)."""
    limit, vid = number(call, "count", PAGE_DEFAULT, PAGE_MAX), number(call, "vidOffset", 0)
    wanted = contact_wanted(call, _LISTED, history=False)
    since = epoch_ms(account.clock.now() - RECENT)
    last = account.store.get(CONTACTS.plural, str(vid)) if vid else None
    at = number(call, "timeOffset", _modified(last) if last is not None else 0)
    found = [row for row in latest_first(account, CONTACTS, CONTACTS.modified, since) if not at or row[:2] < (at, vid)]
    page = [row[2] for row in nlargest(limit, found, key=lambda row: row[:2])]
    return ok(
        {
            "contacts": [_listed(account, record, wanted, CONTACTS.modified) for record in page],
            "has-more": len(found) > limit,
            "vid-offset": int(page[-1].id) if page else vid,
            "time-offset": _modified(page[-1]) if page else at,
        }
    )


def read_contact(account: Account, call: Call) -> Reply:
    body = shapes.contact(account, _contact(account, call), contact_wanted(call, None, history=True))
    return ok({**body, "list-memberships": []})


def create_contact(account: Account, call: Call) -> Reply:
    """200 with the profile; 400 for bad values; 409 with the holder's identity for a taken e-mail."""
    given = values_in(body_object(call))
    with worded_the_old_way(account):
        record = account.create(CONTACTS, given, [])
    return ok(shapes.contact(account, record, Wanted(history=True)))


def update_contact(account: Account, call: Call) -> Reply:
    """204; 400, 404 or 409, and then nothing of the request is applied."""
    given, record = values_in(body_object(call)), _contact(account, call)
    with worded_the_old_way(account):
        account.patch(CONTACTS, record, given)
    return no_content()


def create_or_update(account: Account, call: Call) -> Reply:
    """200 with `vid` and `isNew`; an `email` in the body other than the path's renames the contact. 400 and 409 as above."""
    given, email = values_in(body_object(call)), call.params["email"]
    with worded_the_old_way(account):
        record = account.find(CONTACTS, email, "email")
        if record is None:
            made = account.create(CONTACTS, {"email": email, **given}, [])
            return ok({"vid": int(made.id), "isNew": True})
        account.patch(CONTACTS, record, given)
    return ok({"vid": int(record.id), "isNew": False})


def archive_contact(account: Account, call: Call) -> Reply:
    record = account.live(CONTACTS, call.params["id"])
    if record is None:
        raise _no_contact()
    account.archive(CONTACTS, record.id)
    return ok({"vid": int(record.id), "deleted": True, "reason": "OK"})


def _contact(account: Account, call: Call) -> Record:
    """The contact a path names, or what it became in a merge. Raises HubSpotError 404 with v1's own text."""
    email = call.params.get("email")
    if email is not None:
        record = account.find(CONTACTS, email, "email")
    else:
        record = live_or_survivor(account, CONTACTS, call.params["id"])
    if record is None:
        raise _no_contact()
    return record


def _no_contact() -> HubSpotError:
    return HubSpotError(404, "contact does not exist")


def _listed(account: Account, record: Record, wanted: Wanted, added: str) -> Wire:
    return {"addedAt": ms_of(record.fields[added]), **shapes.contact(account, record, wanted)}


def _modified(record: Record) -> int:
    return ms_of(record.fields[CONTACTS.modified]) or 0
