"""Pipelines and stages of every type that has them: replaced, removed, brought back, and who did it (facts 10.2)."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import OBJECTS, Portal

PIPELINES = "/crm/v3/pipelines"
DEALS = f"{PIPELINES}/deals"


def deal_stage(label: str, order: int = 0, probability: str = "0.5", **more: Any) -> dict[str, Any]:
    return {"label": label, "displayOrder": order, "metadata": {"probability": probability}, **more}


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def renewals(portal: Portal) -> Portal:
    body = {
        "label": "Renewals",
        "displayOrder": 1,
        "pipelineId": "renewals",
        "stages": [deal_stage("Due", 0, "0.4", stageId="due"), deal_stage("Renewed", 1, "1.0", stageId="renewed")],
    }
    assert portal.post(DEALS, body).status == 201
    return portal


def test_a_put_replaces_a_pipeline_and_stages_named_by_id_keep_theirs(renewals: Portal) -> None:
    body = {
        "label": "Extensions",
        "displayOrder": 2,
        "stages": [deal_stage("Asked", 1, "0.6"), deal_stage("Waiting", 0, stageId="due")],
    }
    before = renewals.get(f"{DEALS}/renewals").json()
    renewals.wait(5)

    row = renewals.call("PUT", f"{DEALS}/renewals", body).json()

    assert (row["id"], row["label"], row["createdAt"]) == ("renewals", "Extensions", before["createdAt"])
    assert [(each["label"], each["metadata"]["probability"]) for each in row["stages"]] == [("Waiting", "0.5"), ("Asked", "0.6")]
    assert row["stages"][0]["id"] == "due"
    assert row["stages"][0]["createdAt"] == before["stages"][0]["createdAt"]
    assert row["stages"][1]["id"].isdigit()
    assert renewals.get(f"{DEALS}/renewals/stages/renewed").status == 404
    assert renewals.get(f"{DEALS}/renewals").json() == row


def test_a_put_replaces_a_stage(renewals: Portal) -> None:
    row = renewals.call("PUT", f"{DEALS}/renewals/stages/due", deal_stage("Overdue", 5, "0.2")).json()
    assert (row["id"], row["label"], row["displayOrder"]) == ("due", "Overdue", 5)
    assert [each["id"] for each in renewals.get(f"{DEALS}/renewals/stages").json()["results"]] == ["renewed", "due"], "by order"
    assert renewals.call("PUT", f"{DEALS}/renewals/stages/due", {"label": "Overdue"}).status == 400, "a deal's needs a probability"
    assert renewals.call("PUT", f"{DEALS}/renewals/stages/none", deal_stage("X")).status == 404


def test_stages_in_use_are_named_with_the_records_that_stand_in_them(renewals: Portal) -> None:
    deal = renewals.add("deals", dealname="ACME", pipeline="renewals", dealstage="due")
    for method, path, body in (
        ("DELETE", f"{DEALS}/renewals", None),
        ("DELETE", f"{DEALS}/renewals/stages/due", None),
        ("PUT", f"{DEALS}/renewals", {"label": "Renewals", "displayOrder": 1, "stages": []}),
    ):
        for flag in ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete"):
            reply = renewals.call(method, path, body, query=f"{flag}=true")
            error = reply.json()
            assert reply.status == 400
            assert error["message"] == f"Stage IDs: [due] are being referenced by object IDs: [{deal}]"
            assert error["context"] == {"stageIds": ["[due]"], "objectIds": [f"[{deal}]"]}
            assert (error["category"], error["subCategory"]) == ("VALIDATION_ERROR", "PipelineError.STAGE_ID_IN_USE")
    assert renewals.call("DELETE", f"{DEALS}/renewals/stages/renewed", query="validateReferencesBeforeDelete=true").status == 204


def test_without_the_flag_a_delete_strands_the_records_and_since_2026_09_the_flag_is_the_default(renewals: Portal) -> None:
    deal = renewals.add("deals", dealname="ACME", pipeline="renewals", dealstage="due")
    dated = "/crm/pipelines/2026-09/deals/renewals"
    assert renewals.call("DELETE", dated).status == 400
    assert renewals.call("DELETE", "/crm/pipelines/2026-03/deals/renewals").status == 204
    assert renewals.read("deals", deal, "dealstage")["dealstage"] == "due"
    assert renewals.patch("deals", deal, dealname="still there").status == 200
    assert renewals.patch("deals", deal, dealstage="renewed").status == 400


def test_an_archived_pipeline_comes_back_by_patch(renewals: Portal) -> None:
    assert renewals.call("PATCH", f"{DEALS}/renewals", {"archived": False}).status == 400, "only an archived one"
    assert renewals.call("DELETE", f"{DEALS}/renewals").status == 204
    assert renewals.get(f"{DEALS}/renewals").status == 404
    assert renewals.post(DEALS, {"label": "R", "pipelineId": "renewals", "displayOrder": 1, "stages": []}).status == 400
    back = renewals.call("PATCH", f"{DEALS}/renewals", {"archived": False})
    assert (back.status, back.json()["archived"], len(back.json()["stages"])) == (200, False, 2)
    assert renewals.get(f"{DEALS}/renewals").status == 200


def test_the_last_pipeline_stays_and_without_the_default_one_new_deals_go_to_the_first(renewals: Portal) -> None:
    assert renewals.call("DELETE", f"{DEALS}/default").status == 204
    deal = renewals.add("deals", dealname="ACME")
    assert renewals.read("deals", deal, "pipeline", "dealstage")["dealstage"] == "due"
    assert renewals.call("DELETE", f"{DEALS}/renewals").status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"label": "Sales Pipeline"},
        {"label": ""},
        {"pipelineId": "Upper"},
        {"pipelineId": "default"},
        {"displayOrder": 10**12},
        {"displayOrder": "first"},
        {"stages": [deal_stage("Same"), deal_stage("Same")]},
        {"stages": [deal_stage("One", stageId="same"), deal_stage("Two", stageId="same")]},
        {"stages": [deal_stage("One", stageId="closedwon")]},
        {"stages": [deal_stage("One", stageId="ClosedOne")]},
        {"stages": [deal_stage("One", probability="0.55")]},
        {"stages": [{"label": "One", "displayOrder": 0, "metadata": {}}]},
        {"stages": [deal_stage(f"Stage {number}", number) for number in range(101)]},
    ],
)
def test_a_pipeline_that_makes_no_sense_is_refused(portal: Portal, change: dict[str, Any]) -> None:
    body = {"label": "Renewals", "displayOrder": 1, "stages": [deal_stage("Due")]}
    assert portal.post(DEALS, {**body, **change}).status == 400
    assert len(portal.get(DEALS).json()["results"]) == 1


def test_a_stage_is_added_only_under_a_label_and_id_of_its_own(renewals: Portal) -> None:
    stages = f"{DEALS}/renewals/stages"
    assert renewals.post(stages, deal_stage("Due")).status == 400
    assert renewals.post(stages, deal_stage("Won", stageId="closedwon")).status == 400, "another pipeline has it"
    assert renewals.call("PATCH", f"{stages}/due", {"label": "Renewed"}).status == 400
    assert renewals.call("PATCH", f"{stages}/due", {"displayOrder": 2**40}).status == 400
    assert renewals.post(stages, deal_stage("Asked", 7)).status == 201


def test_the_audit_tells_every_change_the_newest_first(renewals: Portal) -> None:
    assert renewals.get(f"{DEALS}/default/audit").json()["results"] == [], "nobody changed it"
    renewals.wait(60)
    renewals.call("PATCH", f"{DEALS}/renewals", {"label": "Extensions"})
    renewals.call("PATCH", f"{DEALS}/renewals/stages/due", {"label": "Overdue"})
    renewals.call("DELETE", f"{DEALS}/renewals/stages/renewed")

    rows = renewals.get(f"{DEALS}/renewals/audit").json()["results"]
    assert [(row["action"], row["identifier"], row["portalId"]) for row in rows] == [
        ("UPDATE", "renewals", 48211907),
        ("CREATE", "renewals", 48211907),
    ]
    assert (rows[0]["rawObject"]["label"], rows[1]["rawObject"]["label"]) == ("Extensions", "Renewals")
    assert rows[0]["timestamp"] > rows[1]["timestamp"]
    due = renewals.get(f"{DEALS}/renewals/stages/due/audit").json()["results"]
    assert [(row["action"], row["rawObject"]["label"]) for row in due] == [("UPDATE", "Overdue"), ("CREATE", "Due")]
    gone = renewals.get(f"{DEALS}/renewals/stages/renewed/audit").json()["results"]
    assert [row["action"] for row in gone] == ["DELETE", "CREATE"]
    renewals.call("DELETE", f"{DEALS}/renewals")
    assert renewals.get(f"{DEALS}/renewals/audit").json()["results"][0]["action"] == "DELETE"
    assert renewals.get(f"{DEALS}/never/audit").status == 404


def test_tickets_and_orders_have_pipelines_of_their_own_kind(portal: Portal) -> None:
    state = {"label": "Waiting", "displayOrder": 0, "metadata": {"ticketState": "CLOSED"}}
    made = portal.post(f"{PIPELINES}/tickets", {"label": "Returns", "displayOrder": 1, "stages": [state]}).json()
    stage = made["stages"][0]
    assert stage["metadata"] == {"isClosed": "true", "ticketState": "CLOSED"}
    ticket = portal.add("tickets", subject="Broken", hs_pipeline=made["id"], hs_pipeline_stage=stage["id"])
    reply = portal.call("DELETE", f"{PIPELINES}/tickets/{made['id']}", query="validateReferencesBeforeDelete=true")
    assert ticket in reply.json()["message"]
    assert portal.post(f"{OBJECTS}/tickets", {"properties": {"subject": "X", "hs_pipeline_stage": stage["id"]}}).status == 400
    many = [{"label": str(number), "displayOrder": number, "metadata": {"state": "OPEN"}} for number in range(31)]
    body = {"label": "Long", "displayOrder": 1, "stages": many}
    assert portal.post(f"{PIPELINES}/orders", body).status == 400, "thirty stages, not more"
    assert portal.post(f"{PIPELINES}/orders", {**body, "stages": many[:30]}).status == 201
    assert portal.get(f"{PIPELINES}/contacts").status == 400
