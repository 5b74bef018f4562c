"""The switches of what nobody knows for certain: each way of each, by what an integration would see."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hubspot_portal import OBJECTS, Portal, where

import fake_crm.hubspot
from fake_crm.hubspot.settings import Settings

OpenPortal = Callable[..., Portal]


@pytest.mark.parametrize(("switch", "moved"), [(False, "2026-03-02T08:00:00Z"), (True, "2026-03-02T08:00:07Z")])
def test_an_equal_value_moves_the_modification_time_or_not(open_portal: OpenPortal, switch: bool, moved: str) -> None:
    portal = open_portal(same_value_is_a_change=switch)
    deal = portal.add("deals", amount="5")
    portal.wait(7)
    portal.patch("deals", deal, amount="5")
    assert portal.read("deals", deal)["hs_lastmodifieddate"] == moved


@pytest.mark.parametrize(("switch", "date"), [(False, None), (True, "2026-03-02T08:00:00Z")])
def test_winning_sets_the_close_date_or_not(open_portal: OpenPortal, switch: bool, date: str | None) -> None:
    portal = open_portal(closedate_on_close=switch)
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, dealstage="closedwon")
    assert portal.read("deals", deal)["closedate"] == date


@pytest.mark.parametrize(("switch", "status"), [(False, 201), (True, 400)])
def test_a_stage_of_another_pipeline_is_accepted_or_not(open_portal: OpenPortal, switch: bool, status: int) -> None:
    portal = open_portal(stage_must_fit_pipeline=switch)
    portal.post("/crm/v3/pipelines/deals", {"label": "Renewals", "pipelineId": "renewals", "displayOrder": 1, "stages": []})
    body = {"properties": {"pipeline": "renewals", "dealstage": "closedwon"}}
    assert portal.post(f"{OBJECTS}/deals", body).status == status


@pytest.mark.parametrize(("switch", "count"), [(False, None), (True, "1")])
def test_associations_are_counted_or_not(open_portal: OpenPortal, switch: bool, count: str | None) -> None:
    portal = open_portal(count_associations=switch)
    deal = portal.add("deals", dealname="one")
    portal.add("line_items", [(deal, 20)], name="Bolt")
    read = portal.read("deals", deal, "hs_num_of_associated_line_items")
    assert read["hs_num_of_associated_line_items"] == count


@pytest.mark.parametrize(("status", "amount"), [(207, "5"), (404, None)])
def test_an_update_of_a_missing_id_spoils_its_batch_or_not(open_portal: OpenPortal, status: int, amount: str | None) -> None:
    portal = open_portal(missing_update_status=status)
    deal = portal.add("deals", dealname="one")
    rows = [{"id": each, "properties": {"amount": "5"}} for each in (deal, "999")]
    assert portal.post(f"{OBJECTS}/deals/batch/update", {"inputs": rows}).status == status
    assert portal.read("deals", deal)["amount"] == amount


def test_an_administrator_may_require_more_of_every_creation(open_portal: OpenPortal) -> None:
    """Pitfall 47."""
    portal = open_portal(required_properties={"deals": ["dealname", "hs_next_step"]})
    reply = portal.post(f"{OBJECTS}/deals", {"properties": {"dealname": "one"}})
    assert reply.status == 400
    assert reply.json()["message"] == "Error creating DEAL. Some required properties were not set."
    assert reply.json()["context"] == {"properties": ["hs_next_step"]}
    assert portal.add("deals", dealname="one", hs_next_step="call")


def test_which_top_level_domains_nobody_knows(open_portal: OpenPortal) -> None:
    portal = open_portal(unknown_tlds=["example"])
    assert portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "a@acme.example"}}).status == 400
    assert portal.post(f"{OBJECTS}/contacts", {"properties": {"email": "a@acme.badtld"}}).status == 201


@pytest.mark.parametrize(("switch", "count"), [(False, 1), (True, 2)])
def test_negations_find_records_without_a_value_or_not(open_portal: OpenPortal, switch: bool, count: int) -> None:
    portal = open_portal(neq_matches_missing=switch, index_lag_s=0)
    for amount in ("1", "2", ""):
        portal.add("deals", amount=amount)
    for condition in (where("amount", "NEQ", "1"), where("amount", "NOT_IN", values=["1"])):
        assert portal.search("deals", condition).json()["total"] == count


def test_reads_may_lag_behind_what_was_written(open_portal: OpenPortal) -> None:
    portal = open_portal(read_lag_s=10)
    deal = portal.add("deals", dealname="one", amount="1")
    assert portal.get(f"{OBJECTS}/deals/{deal}").status == 404
    assert portal.get(f"{OBJECTS}/deals").json()["results"] == []
    portal.wait(10)
    line = portal.add("line_items", [(deal, 20)], name="Bolt")
    assert portal.patch("deals", deal, amount="2", description="late").json()["properties"]["amount"] == "2"
    assert "associations" not in portal.get(f"{OBJECTS}/deals/{deal}", "associations=line_items").json()
    assert portal.get(f"/crm/v4/objects/deals/{deal}/associations/line_items").json()["results"] == []
    read = portal.read("deals", deal, "amount", "description")
    assert (read["amount"], read["description"], read["hs_lastmodifieddate"]) == ("1", None, "2026-03-02T08:00:00Z")
    body = {"inputs": [{"id": deal}], "propertiesWithHistory": ["amount"]}
    row = portal.post(f"{OBJECTS}/deals/batch/read", body).json()["results"][0]
    assert (row["properties"]["amount"], len(row["propertiesWithHistory"]["amount"])) == ("1", 1)
    portal.wait(10)
    portal.call("DELETE", f"{OBJECTS}/deals/{deal}")
    assert portal.read("deals", deal, "amount")["amount"] == "2"
    assert portal.get(f"{OBJECTS}/deals", "archived=true").json()["results"] == []
    portal.wait(10)
    assert portal.get(f"{OBJECTS}/deals/{deal}").status == 404
    assert portal.get(f"{OBJECTS}/line_items/{line}").status == 200


def test_every_setting_is_in_the_readme() -> None:
    text = (Path(fake_crm.hubspot.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in Settings.__dataclass_fields__ if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("index_lag_s", -1, "index_lag_s"),
        ("index_lag_s_max", 1, "index_lag_s_max is 1.0, less than the least, 5.0"),
        ("webhook_latency_s_min", 9, "webhook_latency_s_max is 5.0, less than the least, 9.0"),
        ("webhook_retry_jitter", 2, "webhook_retry_jitter"),
        ("all_missing_status", 500, "all_missing_status"),
        ("access_token_s", -5, "access_token_s"),
        ("time_zone", "Mars/Olympus", "time_zone is 'Mars/Olympus'"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_before_anything_runs(name: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Settings.read({name: value})
