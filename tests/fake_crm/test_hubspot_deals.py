"""What a deal shows that nobody wrote: dates of its stages, amounts, what follows from its lines; and an account's automations."""

from __future__ import annotations

import pytest
from hubspot_portal import Portal


def test_a_deal_remembers_when_it_came_into_a_stage_and_left_it(portal: Portal) -> None:
    deal = portal.add("deals", dealname="Saws", dealstage="qualifiedtobuy")
    portal.wait(60)
    portal.patch("deals", deal, dealstage="closedwon")
    names = ("hs_v2_date_entered_qualifiedtobuy", "hs_v2_date_exited_qualifiedtobuy", "hs_v2_date_entered_closedwon")
    old = ("hs_date_entered_closedwon", "hs_date_exited_closedwon")
    read = portal.read("deals", deal, *names, *old)
    assert [read[name] for name in names] == ["2026-03-02T08:00:00Z", "2026-03-02T08:01:00Z", "2026-03-02T08:01:00Z"]
    assert [read[name] for name in old] == ["2026-03-02T08:01:00Z", None]
    written = portal.patch("deals", deal, hs_v2_date_entered_closedwon="2026-01-01T00:00:00Z")
    assert written.json()["errors"][0]["code"] == "READ_ONLY_VALUE"


def test_the_time_in_a_stage_is_told_when_it_is_left(portal: Portal) -> None:
    deal, name = portal.add("deals", dealname="Saws"), "hs_time_in_appointmentscheduled"
    assert portal.read("deals", deal, name)[name] is None
    for stage in ("qualifiedtobuy", "appointmentscheduled", "closedwon"):
        portal.wait(2)
        portal.patch("deals", deal, dealstage=stage)
    assert portal.read("deals", deal, name)[name] == "4000", "both stays, in milliseconds"
    assert portal.patch("deals", deal, **{name: "1"}).json()["errors"][0]["code"] == "READ_ONLY_VALUE"


def test_a_new_stage_brings_properties_of_its_own(portal: Portal) -> None:
    assert portal.get("/crm/v3/properties/deals/hs_v2_date_entered_trial").status == 404
    stage = {"label": "Trial", "stageId": "trial", "metadata": {"probability": "0.5"}}
    assert portal.post("/crm/v3/pipelines/deals/default/stages", stage).status == 201
    row = portal.get("/crm/v3/properties/deals/hs_v2_date_entered_trial").json()
    assert (row["type"], row["hubspotDefined"]) == ("datetime", True)
    assert "Trial" in row["label"]


def test_a_deal_whose_stage_or_pipeline_is_cleared_does_not_keep_what_followed_from_it(portal: Portal) -> None:
    stages = [{"label": "Signed", "displayOrder": 0, "metadata": {"probability": "1.0"}}]
    other = portal.post("/crm/v3/pipelines/deals", {"label": "Renewals", "displayOrder": 1, "stages": stages}).json()
    deal = portal.add("deals", dealname="Saws", pipeline=other["id"])
    names = ("pipeline", "dealstage", "hs_is_closed_won", "hs_deal_stage_probability")

    portal.patch("deals", deal, dealstage="")
    read = portal.read("deals", deal, *names)
    assert [read[name] for name in names] == [other["id"], None, "false", None]
    portal.patch("deals", deal, pipeline="")
    read = portal.read("deals", deal, *names)
    assert [read[name] for name in names] == ["default", "appointmentscheduled", "false", "0.2"]
    portal.patch("deals", deal, dealstage="closedwon")
    assert portal.patch("deals", deal, pipeline="").json()["properties"]["pipeline"] == "default"
    assert portal.read("deals", deal)["dealstage"] == "closedwon", "it was there already"


def test_amounts_follow_the_stage(portal: Portal) -> None:
    deal = portal.add("deals", dealname="Saws", amount="1000", dealstage="contractsent")
    names = ("amount_in_home_currency", "hs_projected_amount", "hs_closed_amount")
    assert [portal.read("deals", deal, *names)[name] for name in names] == ["1000", "900", "0"]
    portal.patch("deals", deal, dealstage="closedwon")
    assert [portal.read("deals", deal, *names)[name] for name in names] == ["1000", "1000", "1000"]
    foreign = portal.add("deals", dealname="Saws", amount="1000", deal_currency_code="USD")
    assert portal.read("deals", foreign, *names)["amount_in_home_currency"] is None


def test_contract_values_come_from_the_lines_and_not_from_the_amount(portal: Portal) -> None:
    deal = portal.add("deals", dealname="Saws and service", amount="1")
    portal.add("line_items", [(deal, 20)], name="Saw", price="500", quantity="2")
    monthly = {"recurringbillingfrequency": "monthly", "hs_recurring_billing_period": "P24M"}
    portal.add("line_items", [(deal, 20)], name="Service", price="10", quantity="1", **monthly)
    names = ("hs_tcv", "hs_acv", "hs_arr", "hs_mrr")
    assert [portal.read("deals", deal, *names)[name] for name in names] == ["1240", "1120", "120", "10"]


@pytest.mark.parametrize("follows", [True, False])
def test_the_amount_follows_the_lines_only_where_the_account_wants_it(follows: bool) -> None:
    portal = Portal(deal_amount_from_lines=follows)
    deal = portal.add("deals", dealname="Saws", amount="1")
    line = portal.add("line_items", [(deal, 20)], name="Saw", price="25", quantity="2")
    portal.patch("line_items", line, quantity="3")
    assert portal.read("deals", deal, "amount")["amount"] == ("75" if follows else "1")


def test_a_won_deal_makes_customers_where_the_account_wants_it() -> None:
    portal = Portal(deals_raise_lifecycle=True)
    company, contact = (
        portal.add("companies", name="Acme"),
        portal.add("contacts", email="jo@acme.com", lifecyclestage="evangelist"),
    )
    deal = portal.add("deals", [(company, 341), (contact, 3)], dealname="Saws")
    assert portal.read("companies", company, "lifecyclestage")["lifecyclestage"] == "opportunity"
    portal.patch("deals", deal, dealstage="closedwon")
    assert portal.read("companies", company, "lifecyclestage")["lifecyclestage"] == "customer"
    assert portal.read("contacts", contact, "lifecyclestage")["lifecyclestage"] == "evangelist"  # never a step back


def test_a_deal_takes_over_the_company_of_its_contact_where_the_account_wants_it() -> None:
    portal = Portal(deals_inherit_company=True)
    company = portal.add("companies", name="Acme")
    contact = portal.add("contacts", [(company, 279)], email="jo@acme.com")
    deal = portal.add("deals", [(contact, 3)], dealname="Saws")
    linked = portal.get(f"/crm/v4/objects/deals/{deal}/associations/companies").json()["results"]
    assert [str(each["toObjectId"]) for each in linked] == [company]


def test_a_contact_finds_or_makes_the_company_of_its_address_where_the_account_wants_it() -> None:
    portal = Portal(companies_from_domains=True)
    acme = portal.add("companies", name="Acme", domain="acme.com")

    def companies_of(email: str) -> list[str]:
        contact = portal.add("contacts", email=email)
        rows = portal.get(f"/crm/v4/objects/contacts/{contact}/associations/companies").json()["results"]
        return [str(row["toObjectId"]) for row in rows]

    assert companies_of("jo@acme.com") == [acme]
    (made,) = companies_of("al@globex.com")
    assert portal.read("companies", made, "domain")["domain"] == "globex.com"
    assert companies_of("bo@globex.com") == [made]
    assert companies_of("someone@gmail.com") == []
    assert Portal().fake.store.count("companies") == 0


def test_owners_are_dated_and_listed(portal: Portal) -> None:
    deal = portal.add("deals", dealname="Saws")
    assert portal.read("deals", deal, "hubspot_owner_assigneddate")["hubspot_owner_assigneddate"] is None
    portal.wait(5)
    portal.patch("deals", deal, hubspot_owner_id="30551208")
    assert portal.read("deals", deal, "hubspot_owner_assigneddate")["hubspot_owner_assigneddate"] == "2026-03-02T08:00:05Z"
    lists = ("hs_all_owner_ids", "hs_user_ids_of_all_owners")
    read = portal.read("deals", deal, *lists)
    assert [read[name] for name in lists] == ["30551208", "8120457"]
    portal.patch("deals", deal, hubspot_owner_id="")
    assert [portal.read("deals", deal, *lists)[name] for name in lists] == [None, None]


def test_documented_needs_are_enforced_where_the_account_wants_it() -> None:
    portal = Portal(strict_required=True, first_stage_when_missing=False, strip_domains=True)
    refused = portal.post("/crm/v3/objects/deals", {"properties": {"amount": "5"}})
    assert refused.json()["context"] == {"properties": ["dealname", "dealstage"]}
    company = portal.add("companies", name="Acme", domain="https://WWW.Acme.com/about")
    assert portal.read("companies", company, "domain")["domain"] == "acme.com"
    assert portal.add("companies", domain="globex.com")
    assert portal.post("/crm/v3/objects/companies", {"properties": {"city": "Ulm"}}).json()["context"] == {
        "properties": ["name", "domain"]
    }
    assert portal.add("contacts", lastname="Berg")
    assert portal.post("/crm/v3/objects/contacts", {"properties": {"city": "Ulm"}}).json()["context"] == {
        "properties": ["email", "firstname", "lastname"]
    }
    stageless = Portal(first_stage_when_missing=False)
    assert stageless.read("deals", stageless.add("deals", dealname="x"), "dealstage")["dealstage"] is None
