"""Who else matters: scopes of the records a call links to, owners who left, an account that is moved (facts 2.4, 10.3, 11.2)."""

from __future__ import annotations

from collections.abc import Callable

from hubspot_portal import OBJECTS, Portal, link_to

from harness.kit.call import Outcome
from harness.kit.faults import Fault, Refuse

OpenPortal = Callable[..., Portal]


def test_links_take_the_scopes_of_both_ends_wherever_they_are_named(open_portal: OpenPortal) -> None:
    deals_only = ("crm.objects.deals.read", "crm.objects.deals.write")
    portal = open_portal(apps={"pat-deals": deals_only})
    company, deal = portal.add("companies", name="Acme"), portal.add("deals", dealname="Saws")
    portal.headers = {"authorization": "Bearer pat-deals"}
    where_acme = {"propertyName": "associations.company", "operator": "EQ", "value": company}
    v1 = {"properties": [{"name": "dealname", "value": "x"}], "associations": {"associatedCompanyIds": [int(company)]}}
    refused = [
        portal.get(f"{OBJECTS}/deals/{deal}", "associations=companies"),
        portal.get(f"{OBJECTS}/deals", "associations=companies"),
        portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "x"}, "associations": [link_to(company, 341)]}),
        portal.post(f"{OBJECTS}/deals/batch/create", {"inputs": [{"properties": {}, "associations": [link_to(company, 341)]}]}),
        portal.search("deals", where_acme),
        portal.post("/deals/v1/deal", v1),
    ]
    assert [(reply.status, reply.json()["category"]) for reply in refused] == [(403, "MISSING_SCOPES")] * 6
    assert portal.fake.store.count("deals") == 1
    assert portal.get(f"{OBJECTS}/deals/{deal}").status == 200


def test_an_account_that_is_moved_says_when_to_come_back(portal: Portal) -> None:
    portal.fake.faults.inject(Fault("crm.list_deals", Refuse("migrating")))
    refused = portal.get(f"{OBJECTS}/deals")
    assert (refused.status, refused.outcome) == (477, Outcome.NOT_APPLIED)
    assert int(refused.headers["retry-after"]) > 0
    assert portal.get(f"{OBJECTS}/deals").status == 200


def test_owners_who_left_are_listed_apart(portal: Portal) -> None:
    (left,) = portal.get("/crm/v3/owners", "archived=true").json()["results"]
    assert (left["userId"], left["archived"], left["userIdIncludingInactive"] > 0) == (None, True, True)
    assert left["id"] not in {row["id"] for row in portal.get("/crm/v3/owners").json()["results"]}
    assert portal.get(f"/crm/v3/owners/{left['id']}").status == 404
    assert portal.get(f"/crm/v3/owners/{left['id']}", "archived=true").json() == left
    by_user = "idProperty=userId&archived=true"
    assert portal.get(f"/crm/v3/owners/{left['userIdIncludingInactive']}", by_user).json() == left
    deal = portal.add("deals", dealname="x")
    assert portal.patch("deals", deal, hubspot_owner_id=left["id"]).status == 400
