"""Labels of associations, limits on how many there may be, and the v3 paths that know links by name (facts 9)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal, link_to

V4 = "/crm/v4/associations"
LABELS = f"{V4}/deals/contacts/labels"
LIMITS = "/crm/associations/v4/definitions/configurations"


def own(number: int) -> dict[str, Any]:
    return {"associationCategory": "USER_DEFINED", "associationTypeId": number}


PLAIN = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}


@pytest.fixture
def portal() -> Portal:
    return Portal()


class Desk:
    """A deal, two contacts, and the label `Decision maker` that the account made."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.deal = portal.add("deals", dealname="ACME")
        self.anna, self.ben = portal.add("contacts", email="anna@acme.com"), portal.add("contacts", email="ben@acme.com")
        rows = portal.post(LABELS, {"name": "decision_maker", "label": "Decision maker", "inverseLabel": "Decides"}).json()[
            "results"
        ]
        self.label, self.inverse = (row["typeId"] for row in rows)

    def put(self, contact: str, *types: dict[str, Any]) -> int:
        return self.portal.call("PUT", f"/crm/v4/objects/deals/{self.deal}/associations/contacts/{contact}", list(types)).status

    def labels(self, contact: str) -> list[str | None]:
        rows = self.portal.get(f"/crm/v4/objects/deals/{self.deal}/associations/contacts").json()["results"]
        return [kind["label"] for row in rows if row["toObjectId"] == int(contact) for kind in row["associationTypes"]]


@pytest.fixture
def desk(portal: Portal) -> Desk:
    return Desk(portal)


# -- labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [V4, "/crm/associations/v4", "/crm/associations/2026-09"])
def test_a_new_label_has_an_id_in_each_direction(portal: Portal, base: str) -> None:
    body = {"name": "decision_maker", "label": "Decision maker", "inverseLabel": "Decides"}
    reply = portal.post(f"{base}/deals/contacts/labels", body)
    assert reply.status == 200
    forth, back = reply.json()["results"]
    assert (forth["category"], forth["label"], back["label"]) == ("USER_DEFINED", "Decision maker", "Decides")
    assert forth["typeId"] != back["typeId"]
    assert forth in portal.get(f"{base}/deals/contacts/labels").json()["results"]
    assert back in portal.get(f"{base}/contacts/deals/labels").json()["results"]


def test_a_labelled_link_carries_the_plain_type_and_is_seen_from_both_ends(desk: Desk) -> None:
    assert desk.put(desk.anna, own(desk.label)) == 201
    assert sorted(map(str, desk.labels(desk.anna))) == ["Decision maker", "None"]
    rows = desk.portal.get(f"/crm/v4/objects/contacts/{desk.anna}/associations/deals").json()["results"]
    assert {(each["typeId"], each["label"]) for each in rows[0]["associationTypes"]} == {(4, None), (desk.inverse, "Decides")}


def test_a_label_is_renamed_in_place(desk: Desk) -> None:
    desk.put(desk.anna, own(desk.label))
    reply = desk.portal.call("PUT", LABELS, {"associationTypeId": desk.label, "label": "Signs", "inverseLabel": "Signed by"})
    assert reply.status == 204
    assert "Signs" in desk.labels(desk.anna)
    back = desk.portal.get(f"{V4}/contacts/deals/labels").json()["results"]
    assert {"category": "USER_DEFINED", "typeId": desk.inverse, "label": "Signed by"} in back


def test_a_deleted_label_leaves_the_records_linked(desk: Desk) -> None:
    desk.put(desk.anna, own(desk.label))
    assert desk.portal.call("DELETE", f"{LABELS}/{desk.label}").status == 204
    assert desk.labels(desk.anna) == [None]
    assert desk.portal.call("DELETE", f"{LABELS}/{desk.label}").status == 404
    assert desk.put(desk.anna, own(desk.label)) == 400, "nobody knows it any more"
    assert all(row["typeId"] != desk.inverse for row in desk.portal.get(f"{V4}/contacts/deals/labels").json()["results"])


def test_a_batch_takes_labels_from_pairs_and_with_the_plain_one_the_link(desk: Desk) -> None:
    desk.put(desk.anna, own(desk.label))
    pair = {"from": {"id": desk.deal}, "to": {"id": desk.anna}}
    archive = f"{V4}/deals/contacts/batch/labels/archive"
    assert desk.portal.post(archive, {"inputs": [{**pair, "types": [own(desk.label)]}]}).status == 204
    assert desk.labels(desk.anna) == [None]
    assert desk.portal.post(archive, {"inputs": [{**pair, "types": [own(desk.label)]}]}).status == 204, "twice is no mistake"
    desk.put(desk.anna, own(desk.label))
    assert desk.portal.post(archive, {"inputs": [{**pair, "types": [PLAIN]}]}).status == 204
    assert desk.labels(desk.anna) == []


def test_the_vendors_own_types_cannot_be_changed(portal: Portal) -> None:
    assert portal.call("PUT", f"{V4}/deals/companies/labels", {"associationTypeId": 5, "label": "Main"}).status == 400
    assert portal.call("DELETE", f"{V4}/deals/companies/labels/5").status == 400
    assert portal.call("DELETE", f"{V4}/deals/companies/labels/341").status == 400
    assert portal.call("DELETE", f"{V4}/deals/companies/labels/abc").status == 404


def test_at_most_ten_labels_stand_between_two_types_and_each_is_one_of_its_kind(desk: Desk) -> None:
    assert desk.portal.post(LABELS, {"name": "decision_maker", "label": "Other"}).status == 400
    assert desk.portal.post(LABELS, {"name": "other", "label": "Decision maker"}).status == 400
    for body in ({"label": "No name"}, {"name": "no_label"}, {"name": "9lives", "label": "X"}, {"name": "a-b", "label": "X"}):
        assert desk.portal.post(LABELS, body).status == 400
    for number in range(9):
        assert desk.portal.post(LABELS, {"name": f"label_{number}", "label": f"Label {number}"}).status == 200
    assert desk.portal.post(LABELS, {"name": "eleventh", "label": "Eleventh"}).status == 400
    assert desk.portal.post(f"{V4}/companies/contacts/labels", {"name": "eleventh", "label": "Eleventh"}).status == 200


def test_within_one_type_a_label_may_be_the_same_from_both_ends(portal: Portal) -> None:
    same = portal.post(f"{V4}/contacts/contacts/labels", {"name": "friends", "label": "Friend"}).json()["results"]
    assert len(same) == 1
    pair = portal.post(f"{V4}/contacts/contacts/labels", {"name": "boss", "label": "Boss", "inverseLabel": "Report"}).json()[
        "results"
    ]
    assert [row["label"] for row in pair] == ["Boss", "Report"]
    boss, report = portal.add("contacts", email="boss@acme.com"), portal.add("contacts", email="report@acme.com")
    portal.call("PUT", f"/crm/v4/objects/contacts/{boss}/associations/contacts/{report}", [own(pair[0]["typeId"])])
    rows = portal.get(f"/crm/v4/objects/contacts/{report}/associations/contacts").json()["results"]
    assert {each["label"] for each in rows[0]["associationTypes"]} == {None, "Report"}


def test_category_and_number_must_fit_each_other(desk: Desk) -> None:
    assert desk.put(desk.anna, {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": desk.label}) == 400
    assert desk.put(desk.anna, {"associationCategory": "USER_DEFINED", "associationTypeId": 3}) == 400
    assert desk.put(desk.anna, {"associationTypeId": 3}) == 400
    link = link_to(desk.anna, 3)
    link["types"][0]["associationCategory"] = "INTEGRATOR_DEFINED"
    assert desk.portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "x"}, "associations": [link]}).status == 400
    assert desk.labels(desk.anna) == []


def test_a_snapshot_brings_labels_back(desk: Desk) -> None:
    desk.put(desk.anna, own(desk.label))
    before = desk.portal.fake.remember()
    desk.portal.call("DELETE", f"{LABELS}/{desk.label}")
    desk.portal.fake.put_back(before)
    assert "Decision maker" in desk.labels(desk.anna)


# -- limits -----------------------------------------------------------------------------------------------------------


def test_a_limited_label_is_refused_on_one_record_too_many(desk: Desk) -> None:
    limit = {"category": "USER_DEFINED", "typeId": desk.label, "maxToObjectIds": 1}
    made = desk.portal.post(f"{LIMITS}/deals/contacts/batch/create", {"inputs": [limit]})
    row = {"category": "USER_DEFINED", "typeId": desk.label, "userEnforcedMaxToObjectIds": 1, "label": "Decision maker"}
    assert (made.status, made.json()["results"]) == (201, [row])
    assert desk.portal.get(f"{LIMITS}/deals/contacts").json()["results"] == [row]
    assert desk.portal.get(f"{LIMITS}/all").json()["results"] == [row]

    assert desk.put(desk.anna, own(desk.label)) == 201
    assert desk.put(desk.anna, own(desk.label)) == 201, "the same pair again is no second one"
    assert desk.put(desk.ben, own(desk.label)) == 400
    assert desk.put(desk.ben, PLAIN) == 201, "without the label there is room"
    inputs = [{"from": {"id": desk.deal}, "to": {"id": desk.ben}, "types": [own(desk.label)]}]
    refused = desk.portal.post(f"{V4}/deals/contacts/batch/create", {"inputs": inputs})
    assert (refused.status, refused.json()["results"], refused.json()["numErrors"]) == (207, [], 1)
    assert desk.labels(desk.ben) == [None]

    assert desk.portal.post(f"{LIMITS}/deals/contacts/batch/purge", {"inputs": [limit]}).status == 204
    assert desk.put(desk.ben, own(desk.label)) == 201


def test_a_limit_of_the_plain_type_counts_every_link_from_either_side(desk: Desk) -> None:
    limit = {"category": "HUBSPOT_DEFINED", "typeId": 3, "maxToObjectIds": 1}
    assert desk.portal.post(f"{LIMITS}/deals/contacts/batch/create", {"inputs": [limit]}).status == 201
    assert desk.put(desk.anna, PLAIN) == 201
    default = f"/crm/v4/objects/contacts/{desk.ben}/associations/default/deals/{desk.deal}"
    assert desk.portal.call("PUT", default).status == 400
    made = desk.portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "c@acme.com"}, "associations": [link_to(desk.deal, 4)]})
    assert made.status == 400, "nor by a creation"
    assert desk.portal.get(f"{OBJECTS}/contacts/c@acme.com", "idProperty=email").status == 404


def test_the_limit_of_a_label_stays_within_that_of_the_plain_type(desk: Desk) -> None:
    label = {"category": "USER_DEFINED", "typeId": desk.label, "maxToObjectIds": 11}
    plain = {"category": "HUBSPOT_DEFINED", "typeId": 3, "maxToObjectIds": 10}
    reply = desk.portal.post(f"{LIMITS}/deals/contacts/batch/create", {"inputs": [plain, label]})
    assert (reply.status, len(reply.json()["results"])) == (207, 1)
    assert "between 1 and 10" in reply.json()["errors"][0]["message"]
    assert desk.portal.post(f"{LIMITS}/deals/contacts/batch/create", {"inputs": [{**label, "maxToObjectIds": 5}]}).status == 201
    update = desk.portal.post(f"{LIMITS}/deals/contacts/batch/update", {"inputs": [{**plain, "maxToObjectIds": 4}]})
    assert update.status == 207
    update = desk.portal.post(f"{LIMITS}/deals/contacts/batch/update", {"inputs": [{**plain, "maxToObjectIds": 7}]})
    assert update.json()["results"] == [{"category": "HUBSPOT_DEFINED", "typeId": 3, "userEnforcedMaxToObjectIds": 7}]
    for bad in ({"maxToObjectIds": 0}, {"maxToObjectIds": "many"}, {"typeId": 999}, {"category": "USER_DEFINED"}):
        assert desk.portal.post(f"{LIMITS}/deals/contacts/batch/update", {"inputs": [{**plain, **bad}]}).status in (207, 400)


# -- pages ------------------------------------------------------------------------------------------------------------


def test_the_links_of_one_record_come_in_pages_of_five_hundred(portal: Portal) -> None:
    deal = portal.add("deals", dealname="ACME")
    inputs = [{"properties": {"name": f"line {number}"}, "associations": [link_to(deal, 20)]} for number in range(501)]
    for start in range(0, 501, 100):
        assert portal.post(f"{OBJECTS}/line_items/batch/create", {"inputs": inputs[start : start + 100]}).status == 201
    read = f"{V4}/deals/line_items/batch/read"
    first = portal.post(read, {"inputs": [{"id": deal}]}).json()["results"][0]
    after = first["paging"]["next"]["after"]
    rest = portal.post(read, {"inputs": [{"id": deal, "after": after}]}).json()["results"][0]
    assert (len(first["to"]), len(rest["to"])) == (500, 1)
    assert "paging" not in rest
    one = f"/crm/v4/objects/deals/{deal}/associations/line_items"
    assert len(portal.get(one, "limit=500").json()["results"]) == 500
    assert portal.get(one, "limit=501").status == 400
    old = portal.post("/crm/v3/associations/deals/line_items/batch/read", {"inputs": [{"id": deal}]}).json()["results"][0]
    assert (len(old["to"]), old["paging"]["next"]["after"]) == (500, after)


# -- v3 ---------------------------------------------------------------------------------------------------------------


def test_an_object_is_linked_and_unlinked_on_its_v3_path(portal: Portal) -> None:
    deal, company = portal.add("deals", dealname="ACME"), portal.add("companies", name="Acme")
    links = f"{OBJECTS}/deals/{deal}/associations/companies"
    made = portal.call("PUT", f"{links}/{company}/deal_to_company")
    assert made.status == 200
    rows = [{"id": company, "type": "deal_to_company"}, {"id": company, "type": "deal_to_company_unlabeled"}]
    assert made.json()["associations"] == {"companies": {"results": rows}}
    assert made.json()["properties"]["dealname"] == "ACME"
    assert portal.get(links).json() == {"results": rows}
    assert portal.call("DELETE", f"{links}/{company}/5").status == 204, "an id will do"
    assert portal.get(links).json() == {"results": rows[1:]}
    assert portal.call("DELETE", f"{links}/{company}/deal_to_company_unlabeled").status == 204
    assert portal.get(links).json() == {"results": []}


def test_v3_paths_refuse_what_does_not_exist(portal: Portal) -> None:
    deal, company = portal.add("deals", dealname="ACME"), portal.add("companies", name="Acme")
    links = f"{OBJECTS}/deals/{deal}/associations/companies"
    assert portal.call("PUT", f"{links}/{company}/no_such_type").status == 400
    assert portal.call("PUT", f"{links}/{company}/company_to_deal").status == 400
    assert portal.call("PUT", f"{links}/999/deal_to_company").status == 400
    assert portal.call("PUT", f"{OBJECTS}/deals/999/associations/companies/{company}/deal_to_company").status == 404
    assert portal.call("PUT", f"{OBJECTS}/deals/abc/associations/companies/{company}/deal_to_company").status == 404
    assert portal.get(f"{OBJECTS}/deals/abc/associations/companies").status == 404
    assert portal.get(links).json() == {"results": []}


def test_a_v3_batch_says_which_links_it_could_not_make(portal: Portal) -> None:
    deal, company = portal.add("deals", dealname="ACME"), portal.add("companies", name="Acme")
    good = {"from": {"id": deal}, "to": {"id": company}, "type": "deal_to_company"}
    bad = [{**good, "to": {"id": "999"}}, {**good, "type": "deal_to_moon"}]
    reply = portal.post("/crm/v3/associations/deals/companies/batch/create", {"inputs": [*bad, good]})
    assert (reply.status, reply.json()["numErrors"]) == (207, 2)
    assert reply.json()["results"] == [good]
    assert reply.json()["errors"][0]["message"] == "One or more associations are invalid"
