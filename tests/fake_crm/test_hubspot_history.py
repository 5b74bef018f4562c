"""Property history: the values a property had, newest first, and who wrote them (facts 4.3, 13)."""

from __future__ import annotations

from typing import Any

from hubspot_portal import OBJECTS, Portal, link_to

from harness.kit.people import Company


def history(portal: Portal, kind: str, record_id: str, name: str) -> list[dict[str, Any]]:
    reply = portal.get(f"{OBJECTS}/{kind}/{record_id}", f"propertiesWithHistory={name}")
    assert reply.status == 200, reply.body
    found: list[dict[str, Any]] = reply.json()["propertiesWithHistory"][name]
    return found


def values(portal: Portal, kind: str, record_id: str, name: str) -> list[str]:
    return [each["value"] for each in history(portal, kind, record_id, name)]


def test_a_value_that_never_changed_is_as_old_as_its_record(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    portal.wait(60)
    assert history(portal, "deals", deal, "dealname") == [
        {
            "value": "one",
            "timestamp": "2026-03-02T08:00:00Z",
            "sourceType": "INTEGRATION",
            "sourceId": "1344071",
            "sourceLabel": "INTEGRATION",
        }
    ]


def test_every_change_is_an_entry_newest_first_and_clearing_is_an_empty_one(portal: Portal) -> None:
    deal = portal.add("deals", amount="1")
    for amount in ("2", "", "3"):
        portal.wait(10)
        portal.patch("deals", deal, amount=amount)
    assert [(each["value"], each["timestamp"][17:]) for each in history(portal, "deals", deal, "amount")] == [
        ("3", "30Z"),
        ("", "20Z"),
        ("2", "10Z"),
        ("1", "00Z"),
    ]


def test_an_equal_value_makes_no_entry_and_a_property_set_late_none_for_the_creation(portal: Portal) -> None:
    deal = portal.add("deals", amount="1")
    portal.patch("deals", deal, amount="1", description="late")
    assert values(portal, "deals", deal, "amount") == ["1"]
    assert values(portal, "deals", deal, "description") == ["late"]
    assert values(portal, "deals", deal, "closedate") == []


def test_an_entry_names_the_person_who_wrote_it(portal: Portal) -> None:
    desk = portal.fake.sales_desk("jo")
    company = desk.add_company(Company("Acme", "acme.com", "", "", "", "", ""))
    portal.patch("companies", company, name="Acme Inc")
    desk.edit_company(company, {"name": "Acme Ltd"})
    sources = [(each["sourceType"], each.get("updatedByUserId")) for each in history(portal, "companies", company, "name")]
    jo = sources[0][1]
    assert sources == [("CRM_UI", jo), ("INTEGRATION", None), ("CRM_UI", jo)]
    assert history(portal, "companies", company, "name")[0]["sourceId"] == f"userId:{jo}"


def test_what_follows_from_a_change_has_a_history_too(portal: Portal) -> None:
    deal = portal.add("deals", amount="100", dealstage="appointmentscheduled")
    portal.patch("deals", deal, dealstage="closedwon")
    assert values(portal, "deals", deal, "hs_is_closed_won") == ["true", "false"]
    assert values(portal, "deals", deal, "hs_closed_amount") == ["100", "0"]
    assert {each["sourceType"] for each in history(portal, "deals", deal, "hs_closed_amount")} == {"CALCULATED"}
    assert len(values(portal, "deals", deal, "hs_v2_date_entered_closedwon")) == 1


def test_properties_with_history_are_properties_as_well_and_unknown_ones_are_ignored(portal: Portal) -> None:
    deal = portal.add("deals", amount="1", dealname="one")
    query = "properties=dealname&propertiesWithHistory=amount,nonsense&propertiesWithHistory=dealstage"
    body = portal.get(f"{OBJECTS}/deals/{deal}", query).json()
    assert set(body["propertiesWithHistory"]) == {"amount", "dealstage"}
    assert set(body["properties"]) == {"amount", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id"}


def test_a_list_with_history_has_pages_of_at_most_50(portal: Portal) -> None:
    deals = [portal.add("deals", amount=str(number)) for number in range(3)]
    portal.patch("deals", deals[1], amount="7")
    rows = portal.get(f"{OBJECTS}/deals", "limit=50&propertiesWithHistory=amount").json()["results"]
    assert [[each["value"] for each in row["propertiesWithHistory"]["amount"]] for row in rows] == [["0"], ["7", "1"], ["2"]]
    assert portal.get(f"{OBJECTS}/deals", "limit=51&propertiesWithHistory=amount").status == 400
    assert portal.get(f"{OBJECTS}/deals", "limit=51").status == 200


def test_a_batch_read_shows_the_history_of_each_record(portal: Portal) -> None:
    deals = [portal.add("deals", amount=str(number)) for number in range(2)]
    portal.patch("deals", deals[0], amount="9")
    body = {"inputs": [{"id": each} for each in deals], "properties": [], "propertiesWithHistory": ["amount"]}
    rows = portal.post(f"{OBJECTS}/deals/batch/read", body).json()["results"]
    assert [[each["value"] for each in row["propertiesWithHistory"]["amount"]] for row in rows] == [["9", "0"], ["1"]]


def test_a_refused_request_leaves_no_trace(portal: Portal) -> None:
    deals = [portal.add("deals", amount="1") for _ in range(2)]
    inputs = [{"id": deal, "properties": {"amount": amount}} for deal, amount in zip(deals, ("2", "bad"), strict=True)]
    assert portal.post(f"{OBJECTS}/deals/batch/update", {"inputs": inputs}).status == 400
    assert values(portal, "deals", deals[0], "amount") == ["1"]


def test_going_back_to_a_remembered_state_forgets_later_values(portal: Portal) -> None:
    deal = portal.add("deals", amount="1")
    portal.patch("deals", deal, amount="2")
    before = portal.fake.remember()
    portal.patch("deals", deal, amount="3")
    portal.fake.put_back(before)
    portal.patch("deals", deal, amount="4")
    assert values(portal, "deals", deal, "amount") == ["4", "2", "1"]


def test_counts_have_a_history(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    rows = [{"properties": {"name": name}, "associations": [link_to(deal, 20)]} for name in ("a", "b")]
    portal.post(f"{OBJECTS}/line_items/batch/create", {"inputs": rows})
    assert values(portal, "deals", deal, "hs_num_of_associated_line_items") == ["2", "1"]
