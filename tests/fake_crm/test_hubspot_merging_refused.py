"""Merges that are refused: missing and wrong ids, types without merging, too many identities (facts 3.3, 4.1, 4.5)."""

from __future__ import annotations

import pytest
from hubspot_portal import OBJECTS, Portal

from harness.kit.call import Reply


def merge(portal: Portal, kind: str, primary: str, other: str) -> Reply:
    return portal.post(f"{OBJECTS}/{kind}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})


def test_merges_that_are_refused_change_nothing(portal: Portal) -> None:
    jo, joe = portal.add("contacts", email="jo@acme.com"), portal.add("contacts", email="joe@acme.com")
    required = "Invalid input JSON on line 1, column 2. Some required fields were not set: "
    assert portal.post(f"{OBJECTS}/contacts/merge", {}).json()["message"] == f"{required}[primaryObjectId, objectIdToMerge]"
    reply = portal.post(f"{OBJECTS}/contacts/merge", {"primaryObjectId": jo})
    assert (reply.status, reply.json()["message"]) == (400, f"{required}[objectIdToMerge]")
    assert merge(portal, "contacts", jo, jo).status == 400
    assert merge(portal, "contacts", jo, "999").json()["message"] == "resource not found"
    assert merge(portal, "contacts", "jo", joe).json()["category"] == "OBJECT_NOT_FOUND"
    portal.call("DELETE", f"{OBJECTS}/contacts/{joe}")
    assert merge(portal, "contacts", jo, joe).status == 404
    assert [row["id"] for row in portal.get(f"{OBJECTS}/contacts").json()["results"]] == [jo]


@pytest.mark.parametrize("kind", ["products", "line_items", "quotes", "orders", "invoices"])
def test_types_that_cannot_be_merged(portal: Portal, kind: str) -> None:
    more = {"quotes": {"hs_title": "q", "hs_expiration_date": "2026-04-01"}, "invoices": {"hs_currency": "EUR"}}
    ids = [portal.add(kind, **more.get(kind, {"name": "Bolt"} if kind in ("products", "line_items") else {})) for _ in range(2)]
    for reply in (merge(portal, kind, *ids), merge(portal, kind, "998", "999")):
        assert (reply.status, reply.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_contact_has_at_most_250_identities(portal: Portal) -> None:
    """The limit is on what went into a contact; the records stay apart."""
    contact = portal.add("contacts", email="jo@acme.com")
    vids = ";".join(f"{number}:1772438400000" for number in range(1, 250))
    portal.fake.store.update("contacts", contact, {"hs_calculated_merged_vids": vids})
    other = portal.add("contacts", email="joe@acme.com")
    reply = merge(portal, "contacts", contact, other)
    assert (reply.status, reply.json()["message"]) == (414, "Cannot have more than 250 identities on a profile")
    assert portal.get(f"{OBJECTS}/contacts/{other}").json()["id"] == other
