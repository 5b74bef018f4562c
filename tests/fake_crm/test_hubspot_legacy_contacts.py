"""Contacts v1: by id, by e-mail, all of them, the recently updated, and what became of merged ones."""

from __future__ import annotations

from typing import Any

from hubspot_portal import Portal

COMPANY = "/companies/v2/companies"
CONTACT = "/contacts/v1/contact"
EVERYONE = "/contacts/v1/lists/all/contacts/all"


def values(**given: Any) -> dict[str, Any]:
    """A body of contacts v1: a list of properties and values."""
    return {"properties": [{"property": name, "value": value} for name, value in given.items()]}


def test_a_contact_of_v1() -> None:
    portal = Portal()
    made = portal.post(CONTACT, values(email="Anna@Acme.com", firstname="Anna"))
    assert made.status == 200
    vid = made.json()["vid"]
    profile = portal.get(f"{CONTACT}/email/ANNA@acme.com/profile").json()
    assert profile["vid"] == profile["canonical-vid"] == vid
    assert profile["properties"]["firstname"]["versions"][0]["source-type"] == "INTEGRATION"
    assert [each["value"] for each in profile["identity-profiles"][0]["identities"] if each["type"] == "EMAIL"] == ["anna@acme.com"]
    alone = portal.get(f"{CONTACT}/vid/{vid}/profile", "property=email&propertyMode=value_only").json()
    assert alone["properties"] == {"email": {"value": "anna@acme.com"}}
    assert portal.post(f"{CONTACT}/vid/{vid}/profile", values(lastname="Berg")).status == 204
    assert portal.post(f"{CONTACT}/email/anna@acme.com/profile", values(phone="1")).status == 204
    assert portal.read("contacts", str(vid), "lastname", "phone") | {"lastname": "Berg", "phone": "1"} == portal.read(
        "contacts", str(vid), "lastname", "phone"
    )
    assert portal.call("DELETE", f"{CONTACT}/vid/{vid}").json() == {"vid": vid, "deleted": True, "reason": "OK"}
    gone = portal.get(f"{CONTACT}/vid/{vid}/profile")
    assert (gone.status, gone.json()["message"]) == (404, "contact does not exist")


def test_create_or_update_by_email() -> None:
    portal = Portal()
    path = f"{CONTACT}/createOrUpdate/email/anna@acme.com"
    made = portal.post(path, values(firstname="Anna")).json()
    assert made["isNew"] is True
    assert portal.post(path, values(firstname="Anna Maria")).json() == {"vid": made["vid"], "isNew": False}
    assert portal.read("contacts", str(made["vid"]), "firstname")["firstname"] == "Anna Maria"
    portal.add("contacts", email="jonas@acme.com")
    taken = portal.post(path, values(email="jonas@acme.com", firstname="Jonas"))
    assert (taken.status, taken.json()["error"]) == (409, "CONTACT_EXISTS")
    assert portal.read("contacts", str(made["vid"]), "firstname")["firstname"] == "Anna Maria"
    bad = portal.post(f"{CONTACT}/createOrUpdate/email/anna@acme.badtld", values())
    assert bad.json()["validationResults"][0]["error"] == "INVALID_EMAIL"


def test_a_walk_over_contacts_and_the_recently_updated_ones() -> None:
    portal = Portal()
    vids = []
    for number in range(5):
        vids.append(int(portal.add("contacts", email=f"c{number}@acme.com", firstname=f"c{number}")))
        portal.wait(1)
    first = portal.get(EVERYONE, "count=3&limit=250&showListMemberships=True").json()
    assert [row["vid"] for row in first["contacts"]] == vids[:3]
    assert first["has-more"] is True
    assert first["contacts"][0]["properties"]["firstname"] == {"value": "c0"}  # values alone
    last = portal.get(EVERYONE, f"count=3&vidOffset={first['vid-offset']}&property=email").json()
    assert [row["vid"] for row in last["contacts"]] == vids[3:]
    assert last["has-more"] is False
    assert set(last["contacts"][0]["properties"]) == {"email"}
    recent = "/contacts/v1/lists/recently_updated/contacts/recent"
    page = portal.get(recent, "count=2").json()
    assert [row["vid"] for row in page["contacts"]] == [vids[4], vids[3]]
    offsets = f"vidOffset={page['vid-offset']}&timeOffset={page['time-offset']}"
    assert [row["vid"] for row in portal.get(recent, f"count=9&{offsets}").json()["contacts"]] == vids[2::-1]
    assert [row["vid"] for row in portal.get(recent, f"count=9&vidOffset={page['vid-offset']}").json()["contacts"]] == vids[2::-1]
    portal.wait(31 * 86_400)
    assert portal.get(recent).json()["contacts"] == []


def test_an_id_that_went_under_in_a_merge_shows_what_it_became() -> None:
    portal = Portal()
    anna, ann = (portal.add("contacts", email=f"{name}@acme.com") for name in ("anna", "ann"))
    merged = portal.post("/crm/v3/objects/contacts/merge", {"primaryObjectId": anna, "objectIdToMerge": ann})
    assert merged.status == 200
    survivor = int(merged.json()["id"])
    profile = portal.get(f"{CONTACT}/vid/{ann}/profile").json()
    assert (profile["vid"], profile["canonical-vid"]) == (survivor, survivor)
    assert set(profile["merged-vids"]) == {int(anna), int(ann)}
    assert portal.get(f"{CONTACT}/email/ann@acme.com/profile").json()["vid"] == survivor
    assert portal.call("DELETE", f"{CONTACT}/vid/{ann}").status == 404  # and the survivor stays
    assert [row["vid"] for row in portal.get(EVERYONE).json()["contacts"]] == [survivor]
    acme, twin = (portal.add("companies", name="Acme") for _ in range(2))
    assert portal.post("/crm/v3/objects/companies/merge", {"primaryObjectId": acme, "objectIdToMerge": twin}).status == 200
    assert portal.get(f"{COMPANY}/{twin}").json()["companyId"] not in (int(acme), int(twin))
    assert portal.call("DELETE", f"{COMPANY}/{twin}").status == 404
