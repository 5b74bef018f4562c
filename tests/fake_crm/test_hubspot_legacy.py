"""The v1 and v2 routes: other shapes and other texts over the same records and the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot_portal import Portal

from harness.kit.journal import Decided

DEAL = "/deals/v1/deal"
COMPANY = "/companies/v2/companies"
CONTACT = "/contacts/v1/contact"
EVERYONE = "/contacts/v1/lists/all/contacts/all"


def pairs(key: str = "name", **values: Any) -> dict[str, Any]:
    """A body of v1 and v2: a list of names and values."""
    return {"properties": [{key: name, "value": value} for name, value in values.items()]}


def test_a_deal_of_v1_and_of_v3_are_one_deal() -> None:
    portal = Portal()
    acme, anna = portal.add("companies", name="Acme"), portal.add("contacts", email="anna@acme.com")
    body = pairs(dealname="Renewal", closedate=1790769600000, amount="1500.00")
    body["associations"] = {"associatedCompanyIds": [int(acme)], "associatedVids": [int(anna)]}
    made = portal.post(DEAL, body)
    assert made.status == 200
    deal = made.json()
    assert deal["associations"] == {"associatedVids": [int(anna)], "associatedCompanyIds": [int(acme)], "associatedDealIds": []}
    assert deal["properties"]["closedate"]["value"] == "1790769600000"
    assert deal["properties"]["amount"]["value"] == "1500.00"
    assert deal["properties"]["createdate"]["value"] == str(deal["properties"]["createdate"]["timestamp"])
    record_id = str(deal["dealId"])
    assert portal.read("deals", record_id, "closedate")["closedate"] == "2026-09-30T12:00:00Z"
    assert portal.patch("deals", record_id, dealname="Renewal 2027").status == 200
    again = portal.get(f"{DEAL}/{record_id}").json()
    assert again["properties"]["dealname"]["value"] == "Renewal 2027"
    assert again["properties"]["dealname"]["versions"][0]["name"] == "dealname"


def test_moving_a_deal_by_put_follows_the_rules_of_v3() -> None:
    portal = Portal()
    deal = portal.add("deals", dealname="Renewal")
    won = portal.call("PUT", f"{DEAL}/{deal}", pairs(dealstage="closedwon"))
    assert won.status == 200
    assert won.json()["properties"]["hs_is_closed_won"]["value"] == "true"
    assert portal.read("deals", deal, "closedate")["closedate"] is not None
    assert portal.call("PUT", f"{DEAL}/{deal}", pairs()).status == 200  # nothing to do is no mistake here
    assert portal.call("DELETE", f"{DEAL}/{deal}").status == 204
    for method in ("GET", "PUT", "DELETE"):
        gone = portal.call(method, f"{DEAL}/{deal}", pairs(dealname="x"))
        assert (gone.status, gone.json()["message"]) == (404, "resource not found")
    assert portal.get(f"/crm/v3/objects/deals/{deal}").status == 404


def test_an_unknown_associated_id_does_not_stop_a_v1_deal() -> None:
    portal = Portal()
    acme = portal.add("companies", name="Acme")
    made = portal.post(DEAL, {**pairs(dealname="x"), "associations": {"associatedCompanyIds": [acme, 5], "associatedVids": []}})
    assert made.status == 200
    assert [failure["objectId"] for failure in made.json()["associationCreateFailures"]] == ["5"]
    assert made.json()["associations"]["associatedCompanyIds"] == [int(acme)]


def test_bad_values_are_told_as_validation_results_and_nothing_is_written() -> None:
    portal = Portal()
    deal = portal.add("deals", dealname="Renewal")
    for reply in (
        portal.post(DEAL, pairs(dealname="x", dealstage="nowhere", po_ref="1")),
        portal.call("PUT", f"{DEAL}/{deal}", pairs(dealname="x", dealstage="nowhere", po_ref="1")),
    ):
        body = reply.json()
        assert (reply.status, body["status"], body["message"]) == (400, "error", "Property values were not valid")
        assert {row["name"]: row["error"] for row in body["validationResults"]} == {
            "dealstage": "INVALID_OPTION",
            "po_ref": "PROPERTY_DOESNT_EXIST",
        }
        assert set(body["validationResults"][0]) == {"isValid", "message", "error", "name"}
        assert body["correlationId"]
        assert "errors" not in body
    assert portal.read("deals", deal, "dealname")["dealname"] == "Renewal"
    assert len(portal.get("/crm/v3/objects/deals").json()["results"]) == 1


def test_a_walk_over_deals_shows_what_was_asked() -> None:
    portal = Portal()
    acme = portal.add("companies", name="Acme")
    deals = [portal.add("deals", [(acme, 341)], dealname=f"d{number}", amount="5") for number in range(5)]
    first = portal.get(f"{DEAL}/paged", "limit=2&count=100&properties=dealname&unheard=of").json()
    assert [row["dealId"] for row in first["deals"]] == [int(deal) for deal in deals[:2]]
    assert first["hasMore"] is True
    assert first["offset"] == int(deals[1])
    assert set(first["deals"][0]["properties"]) == {"dealname"}
    assert first["deals"][0]["associations"]["associatedCompanyIds"] == []  # not asked
    query = f"limit=3&offset={first['offset']}&includeAssociations=true&properties=dealname,amount"
    last = portal.get(f"{DEAL}/paged", query).json()
    assert last["hasMore"] is False
    assert len(last["deals"]) == 3
    assert last["deals"][0]["associations"]["associatedCompanyIds"] == [int(acme)]
    assert set(last["deals"][0]["properties"]) == {"dealname", "amount"}
    everything = portal.get(f"{DEAL}/paged", "includeAllProperties=true&allPropertiesFetchMode=latest_version").json()["deals"][0]
    assert {"dealname", "dealstage", "pipeline", "createdate", "hs_lastmodifieddate"} <= set(everything["properties"])
    assert all(len(value["versions"]) == 1 for value in everything["properties"].values())


def test_a_company_of_v2() -> None:
    portal = Portal()
    made = portal.post(COMPANY, pairs(name="Acme", domain="ACME.com"))
    assert made.status == 200
    company = made.json()["companyId"]
    changed = portal.call("PUT", f"{COMPANY}/{company}", pairs(name="Acme SE"))
    assert changed.json()["properties"]["name"]["value"] == "Acme SE"
    assert portal.get(f"{COMPANY}/{company}").json()["properties"]["domain"]["value"] == "acme.com"
    assert portal.call("DELETE", f"{COMPANY}/{company}").json() == {"companyId": company, "deleted": True}
    assert portal.get(f"{COMPANY}/{company}").status == 404


def test_a_walk_over_companies_uses_has_more() -> None:
    portal = Portal()
    ids = [int(portal.add("companies", name=f"c{number}")) for number in range(3)]
    first = portal.get(f"{COMPANY}/paged", "limit=2&count=100&properties=name").json()
    assert (first["has-more"], first["offset"]) == (True, ids[1])
    last = portal.get(f"{COMPANY}/paged", f"limit=2&offset={ids[1]}").json()
    assert [row["companyId"] for row in last["companies"]] == [ids[2]]
    assert (last["has-more"], last["offset"]) == (False, 0)


def test_companies_of_a_domain_are_found_without_lag() -> None:
    portal = Portal()
    twins = [int(portal.add("companies", name=name, domain="acme.com")) for name in ("Acme", "Acme again")]
    portal.add("companies", name="Other", domain="other.com")
    path = "/companies/v2/domains/acme.com/companies"
    found = portal.post(
        path, {"limit": 1, "requestOptions": {"properties": ["name"]}, "offset": {"isPrimary": True, "companyId": 0}}
    )
    assert [row["companyId"] for row in found.json()["results"]] == twins[:1]
    assert set(found.json()["results"][0]["properties"]) == {"name"}
    assert found.json()["hasMore"] is True
    following = portal.post(path, {"offset": found.json()["offset"]}).json()
    assert [row["companyId"] for row in following["results"]] == twins[1:]
    assert following["hasMore"] is False
    assert set(following["results"][0]["properties"]) == {"domain", "createdate", "name", "hs_lastmodifieddate"}
    assert portal.post("/companies/v2/domains/nowhere.com/companies", {"requestOptions": {}}).json()["results"] == []


@pytest.mark.parametrize(("path", "kind"), [(f"{DEAL}/recent", "deals"), (f"{COMPANY}/recent", "companies")])
def test_recent_ones_come_latest_first(path: str, kind: str) -> None:
    portal = Portal()
    name = "dealname" if kind == "deals" else "name"
    ids = []
    for number in range(3):
        ids.append(int(portal.add(kind, **{name: f"r{number}"})))
        portal.wait(60)
    since = int(portal.clock.now().timestamp() * 1000)
    assert portal.patch(kind, str(ids[0]), **{name: "touched"}).status == 200
    key = "dealId" if kind == "deals" else "companyId"
    created = portal.get(f"{path}/created", "count=2").json()
    assert [row[key] for row in created["results"]] == ids[:0:-1]
    assert (created["hasMore"], created["offset"], created["total"]) == (True, 2, 3)
    rest = portal.get(f"{path}/created", "count=2&offset=2").json()
    assert [row[key] for row in rest["results"]] == [ids[0]]
    assert rest["hasMore"] is False
    modified = portal.get(f"{path}/modified", f"since={since}&limit=250&count=100").json()
    assert [row[key] for row in modified["results"]] == [ids[0]]
    assert modified["results"][0]["properties"][name]["value"] == "touched"


def test_definitions_pipelines_and_tax_rates() -> None:
    portal = Portal()
    portal.define("deals", "erp_order_id")
    for path in ("/properties/v1/deals/properties", "/properties/v2/deals/properties"):
        rows = {row["name"]: row for row in portal.get(path).json()}
        assert rows["dealname"]["hubspotDefined"] is True
        assert rows["dealname"]["createdAt"] is None
        assert rows["erp_order_id"]["hubspotDefined"] is None
        assert isinstance(rows["erp_order_id"]["createdAt"], int)
    assert portal.get("/properties/v1/deals/properties/named/dealtype").json()["options"][0]["value"] == "newbusiness"
    assert portal.get("/properties/v1/deals/properties/named/none").status == 404
    assert portal.get("/properties/v1/widgets/properties").status == 400
    assert "domain" in {row["name"] for row in portal.get("/companies/v2/properties").json()}
    pipelines = portal.get("/deals/v1/pipelines").json()
    assert pipelines[0]["pipelineId"] == "default"
    won = {stage["stageId"] for stage in pipelines[0]["stages"] if stage["closedWon"]}
    assert won == {"closedwon"}
    assert portal.get("/deals/v1/pipelines/default").json() == pipelines[0]
    assert portal.get("/deals/v1/pipelines/none").status == 404
    generic = portal.get("/crm-pipelines/v1/pipelines/deals").json()["results"]
    assert generic[0]["stages"][0]["stageId"] == "appointmentscheduled"
    rates = portal.get("/tax-rates/v1/tax-rates", "limit=2").json()
    assert rates["results"][0]["percentageRate"] == 19.0
    rest = portal.get("/tax-rates/v1/tax-rates", f"limit=2&after={rates['paging']['next']['after']}").json()
    assert len(rest["results"]) == 1
    assert "paging" not in rest


def test_scopes_are_those_of_the_v3_routes() -> None:
    portal = Portal(scopes=("crm.objects.deals.read", "crm.objects.companies.read"))
    for path in (f"{DEAL}/paged", f"{COMPANY}/recent/modified", "/deals/v1/pipelines", "/companies/v2/properties"):
        assert portal.get(path).status == 200, path
    assert portal.post("/companies/v2/domains/acme.com/companies", {}).status == 200
    for method, path, needed in (
        ("POST", DEAL, "crm.objects.deals.write"),
        ("DELETE", f"{COMPANY}/1", "crm.objects.companies.write"),
        ("GET", EVERYONE, "crm.objects.contacts.read"),
        ("POST", f"{CONTACT}/createOrUpdate/email/a@acme.com", "crm.objects.contacts.write"),
    ):
        refused = portal.call(method, path, pairs())
        assert refused.status == 403, path
        assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == [needed]


def test_operations_have_names_of_their_own() -> None:
    portal = Portal()
    portal.get(f"{DEAL}/paged")
    portal.post(COMPANY, pairs(name="Acme"))
    names = [entry.operation for entry in portal.journal.of(Decided)]
    assert names == ["list_deals_v1", "create_company_v2"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", DEAL, b"{"),
        ("POST", DEAL, []),
        ("POST", DEAL, {}),
        ("POST", DEAL, {"properties": {"dealname": "v3 form"}}),
        ("POST", DEAL, {"properties": [{"value": "no name"}]}),
        ("POST", DEAL, {"properties": [{"name": "dealname", "value": {"a": 1}}]}),
        ("POST", DEAL, {"properties": [], "associations": [1]}),
        ("POST", DEAL, {"properties": [], "associations": {"associatedVids": 5}}),
        ("POST", DEAL, {"properties": [], "associations": {"associatedVids": [1.5]}}),
        ("POST", "/companies/v2/domains/acme.com/companies", {"limit": "x"}),
        ("POST", "/companies/v2/domains/acme.com/companies", {"offset": {"companyId": "x"}}),
        ("POST", "/companies/v2/domains/acme.com/companies", {"requestOptions": {"properties": 5}}),
        ("GET", f"{DEAL}/paged?offset=x", None),
        ("GET", f"{DEAL}/paged?limit=-1", None),
        ("GET", f"{EVERYONE}?vidOffset=99999999999999999999", None),
        ("GET", f"{COMPANY}/recent/created?since=yesterday", None),
    ],
)
def test_nonsense_is_refused_with_400(method: str, path: str, body: Any) -> None:
    portal = Portal()
    plain, _, query = path.partition("?")
    reply = portal.call(method, plain, body, query)
    assert reply.status == 400, reply.body
    assert reply.json()["status"] == "error"
    assert reply.json()["message"]
    assert portal.get("/crm/v3/objects/deals").json()["results"] == []


def test_what_is_not_modelled_names_itself() -> None:
    portal = Portal()
    for path in ("/contacts/v1/lists", "/owners/v2/owners", "/engagements/v1/engagements/paged", "/deals/v1/deal/1/extra"):
        assert portal.get(path).status == 501, path


def test_versions_are_the_history_of_a_property() -> None:
    portal = Portal()
    deal = portal.add("deals", dealname="first", amount="5")
    vid = portal.add("contacts", email="anna@acme.com", firstname="Anna")
    created = int(portal.clock.now().timestamp() * 1000)
    portal.wait(60)
    assert portal.patch("deals", deal, dealname="second", amount="").status == 200
    assert portal.patch("contacts", vid, firstname="Anna Maria").status == 200
    latest = portal.get(f"{DEAL}/{deal}").json()["properties"]
    assert [each["value"] for each in latest["dealname"]["versions"]] == ["second"]
    assert latest["dealname"]["timestamp"] == created + 60_000
    assert latest["amount"]["value"] == ""  # cleared, not absent
    whole = portal.get(f"{DEAL}/{deal}", "includePropertyVersions=true").json()["properties"]
    assert [(each["value"], each["timestamp"]) for each in whole["dealname"]["versions"]] == [
        ("second", created + 60_000),
        ("first", created),
    ]
    assert [each["value"] for each in whole["amount"]["versions"]] == ["", "5"]
    named = portal.get(f"{DEAL}/paged", "properties=amount&propertiesWithHistory=dealname").json()["deals"][0]["properties"]
    assert (len(named["amount"]["versions"]), len(named["dealname"]["versions"])) == (1, 2)
    profile = portal.get(f"{CONTACT}/vid/{vid}/profile").json()["properties"]["firstname"]
    assert [each["value"] for each in profile["versions"]] == ["Anna Maria", "Anna"]
    assert profile["versions"][1]["source-type"] == "INTEGRATION"
