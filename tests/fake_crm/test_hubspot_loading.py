"""Loading HubSpot's own exports: all of a file or nothing of it."""

from __future__ import annotations

import pytest
from hubspot_portal import OBJECTS, Portal


def test_companies_then_deals_with_their_ids_stages_and_companies(portal: Portal) -> None:
    companies = [
        {"Record ID": "501", "Company name": "Acme", "Company Domain Name": "ACME.com", "Phone Number": "1", "City": "Berlin"},
        {"Record ID": "502", "Company name": "Bolt & Co", "Company Domain Name": "", "Phone Number": "", "City": ""},
    ]
    assert portal.fake.import_export("companies", companies) == []
    deals = [
        {
            "Record ID": "501",
            "Deal Name": "Big one",
            "Deal Stage": "Closed Won",
            "Pipeline": "Sales Pipeline",
            "Amount": "1500.00",
            "Close Date": "2026-03-31 14:30",
            "Create Date": "2025-01-01 10:00",
            "Deal owner": "Anna Berg",
            "Associated Company": "Bolt & Co",
        }
    ]
    assert portal.fake.import_export("deals", deals) == []

    read = portal.get(
        f"{OBJECTS}/deals/501", "properties=dealname,dealstage,amount,closedate,hubspot_owner_id&associations=companies"
    )
    properties = read.json()["properties"]
    assert properties["dealstage"] == "closedwon"
    assert (properties["amount"], properties["closedate"]) == ("1500.00", "2026-03-31T14:30:00Z")
    assert properties["hubspot_owner_id"] == "30551208"
    assert read.json()["associations"]["companies"]["results"][0]["id"] == "502"
    assert portal.read("companies", "501")["domain"] == "acme.com"
    assert int(portal.add("deals", dealname="next")) > 501


def test_the_same_id_may_be_a_contact_a_company_and_a_deal(portal: Portal) -> None:
    """Pitfalls 48 and 49: ids are per type, and longer than 32 bits."""
    for number in ("501", "37765128953", "12877907025123456"):
        for kind in ("contacts", "companies", "deals"):
            assert portal.fake.import_export(kind, [{"Record ID": number}]) == []
            assert portal.get(f"{OBJECTS}/{kind}/{number}").json()["id"] == number


def test_products_by_the_columns_of_the_library(portal: Portal) -> None:
    rows = [{"Record ID": "7", "Name": "Anvil", "SKU": "A-1", "Price": "19.90"}, {"Name": "Bolt", "SKU": "B-2", "Price": "1"}]
    assert portal.fake.import_export("products", rows) == []
    assert portal.read("products", "7", "hs_sku", "price")["price"] == "19.90"
    assert portal.search("products").json()["total"] == 2


def test_internal_names_in_any_case_are_columns_too(portal: Portal) -> None:
    assert portal.fake.import_export("companies", [{"NAME": "Acme", "domain": "acme.com"}]) == []
    columns = portal.fake.export_columns("companies")
    assert {"Record ID", "Company name", "Company Domain Name", "Phone Number", "City", "name"} <= set(columns)
    assert {"Deal Name", "Associated Company", "Associated Company IDs"} <= set(portal.fake.export_columns("deals"))


@pytest.mark.parametrize(
    ("kind", "row", "column", "reason"),
    [
        ("companies", {"Record ID": "abc"}, "Record ID", "a whole number"),
        ("companies", {"Record ID": "1", "name": "B"}, "Record ID", "company 1 exists already"),
        ("deals", {"Amount": "1,234.50"}, "Amount", "'1,234.50' is not a number; write it without thousands separators"),
        (
            "deals",
            {"Deal Stage": "Closed Wonn"},
            "Deal Stage",
            "'Closed Wonn' is not a stage of Sales Pipeline; did you mean Closed Won?",
        ),
        ("deals", {"Deal Stage": "Zzz"}, "Deal Stage", "known: Appointment Scheduled, Qualified To Buy, "),
        ("deals", {"Pipeline": "Sale Pipelin", "Deal Stage": "Any"}, "Pipeline", "did you mean Sales Pipeline?"),
        ("deals", {"Associated Contact": "Nobody"}, "Associated Contact", "no contact 'Nobody' is loaded"),
        ("deals", {"Close Date": "31.12.2026"}, "Close Date", "31.12.2026 was not a valid long."),
        ("deals", {"Associated Company": "Nobody"}, "Associated Company", "no company 'Nobody' is loaded"),
        ("deals", {"Associated Company": "Twins"}, "Associated Company", "2 companies are named 'Twins'"),
        ("products", {"SKU": "A-1"}, "name", "Some required properties were not set."),
        ("contacts", {"Email": "jo@acme.com"}, "Email", "Contact already exists."),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_nothing_is_loaded(
    portal: Portal, kind: str, row: dict[str, str], column: str, reason: str
) -> None:
    portal.fake.import_export("companies", [{"Record ID": "1", "name": "Twins"}, {"name": "Twins"}])
    portal.add("contacts", email="jo@acme.com")
    good = {"companies": {"name": "A"}, "deals": {"dealname": "A"}, "products": {"name": "A"}, "contacts": {"firstname": "A"}}
    before = portal.fake.store.count(kind)

    problems = portal.fake.import_export(kind, [good[kind], row])

    assert [(position, told) for position, told, _ in problems] == [(1, column)]
    assert reason in problems[0][2]
    assert portal.fake.store.count(kind) == before


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"Compny name": "B"}, "Compny name", "did you mean Company name?"),
        ({"name": "B", "Company name": "B"}, "Company name", "means name, and so does 'name'"),
    ],
)
def test_a_bad_column_is_a_problem_of_the_header_and_told_once(
    portal: Portal, row: dict[str, str], column: str, reason: str
) -> None:
    problems = portal.fake.import_export("companies", [row, row])

    assert [(position, told) for position, told, _ in problems] == [(-1, column)]
    assert reason in problems[0][2]
    assert portal.fake.store.count("companies") == 0


def test_an_ordinary_export_of_deals_with_all_its_columns(portal: Portal) -> None:
    assert portal.fake.import_export("companies", [{"Record ID": "501", "Company name": "Acme"}, {"Record ID": "502"}]) == []
    assert portal.fake.import_export("contacts", [{"Record ID": "601", "First Name": "Jo", "Associated Company": "Acme"}]) == []
    row = {
        "Record ID": "901",
        "Deal Name": "Saws",
        "Deal Stage": "Contract Sent (Sales Pipeline)",
        "Pipeline": "sales pipeline",
        "Amount": "1234.50",
        "Create Date": "2025-01-01 10:00",
        "Last Modified Date": "2025-01-02 10:00",
        "Last Activity Date": "2025-01-03 10:00",
        "Number of Sales Activities": "4",
        "Number of Associated Contacts": "2",
        "Associated Company": "Acme;Gone Ltd",
        "Associated Company IDs": "501;502;77777",
        "Associated Company (Primary)": "Bolt",
        "Associated Company IDs (Primary)": "502",
        "Associated Contact": "Jo (jo@acme.com)",
        "Associated Contact IDs": "601",
        "Associated Deal": "Another",
        "Associated Deal IDs": "902",
        "Associated Ticket IDs": "5",
    }
    assert portal.fake.import_export("deals", [row]) == []

    companies = portal.get("/crm/v4/objects/deals/901/associations/companies").json()["results"]
    labels = {str(each["toObjectId"]): {kind["label"] for kind in each["associationTypes"]} for each in companies}
    assert labels == {"501": {None}, "502": {None, "Primary"}}, "77777 is passed over: it was not exported"
    contacts = portal.get("/crm/v4/objects/deals/901/associations/contacts").json()["results"]
    assert [each["toObjectId"] for each in contacts] in ([601], ["601"])
    assert portal.read("deals", "901", "dealstage")["dealstage"] == "contractsent"


def test_companies_that_name_deals_which_come_later_are_linked_from_the_deals(portal: Portal) -> None:
    company = {"Record ID": "501", "Company name": "Acme", "Associated Deal": "Saws", "Associated Contact IDs": "601"}
    assert portal.fake.import_export("companies", [company]) == []
    assert portal.fake.import_export("deals", [{"Deal Name": "Saws", "Associated Company IDs": "501"}]) == []

    assert len(portal.get("/crm/v4/objects/companies/501/associations/deals").json()["results"]) == 1


def test_contacts_are_found_by_name_where_only_one_has_it(portal: Portal) -> None:
    portal.fake.import_export(
        "contacts", [{"First Name": "Jo", "Last Name": "Day", "Email": "jo@acme.com"}, {"Email": "al@acme.com"}]
    )

    assert portal.fake.import_export("deals", [{"Record ID": "9", "Associated Contact": "jo day; AL@acme.com"}]) == []
    assert len(portal.get("/crm/v4/objects/deals/9/associations/contacts").json()["results"]) == 2
    assert portal.fake.import_export("deals", [{"Record ID": "10", "Associated Contact": "Jo Day (jo@acme.com)"}]) == []
    assert len(portal.get("/crm/v4/objects/deals/10/associations/contacts").json()["results"]) == 1


def test_owners_nobody_knows_become_owners_of_the_account(portal: Portal) -> None:
    texts = ["Jane Doe", "jane doe", "kim.lee@acme.com", "Zoë", "123", "Anna Berg", "maria.santos@syncproof.example"]
    rows = [{"Record ID": str(at), "Deal Name": text, "Deal owner": text} for at, text in enumerate(texts, 1)]
    assert portal.fake.import_export("deals", rows) == []

    ids = [portal.read("deals", str(at), "hubspot_owner_id")["hubspot_owner_id"] for at in range(1, 8)]
    assert ids[0] == ids[1]
    assert (ids[4], ids[5], ids[6]) == ("123", "30551208", "30551210")
    jane, kim, zoe = (portal.get(f"/crm/v3/owners/{ids[at]}").json() for at in (0, 2, 3))
    assert (jane["firstName"], jane["lastName"], jane["email"]) == ("Jane", "Doe", "jane.doe@syncproof.example")
    assert (kim["firstName"], kim["lastName"], kim["email"]) == ("Kim", "Lee", "kim.lee@acme.com")
    assert (zoe["firstName"], zoe["lastName"]) == ("Zoë", "")
    owners = portal.get("/crm/v3/owners").json()["results"]
    assert len({owner["id"] for owner in owners}) == len({owner["userId"] for owner in owners}) == 7
    assert portal.get("/crm/v3/owners", "email=kim.lee@acme.com").json()["results"] == [kim]
    assert portal.patch("deals", "6", hubspot_owner_id=jane["id"]).status == 200


def test_owners_of_a_file_that_is_refused_are_not_kept(portal: Portal) -> None:
    assert portal.fake.import_export("deals", [{"Deal owner": "Jane Doe"}, {"Amount": "x"}]) != []

    assert len(portal.get("/crm/v3/owners").json()["results"]) == 3


def test_what_is_loaded_is_searchable_at_once_and_so_is_what_waited(portal: Portal) -> None:
    waiting = portal.add("deals", dealname="by the API")
    assert portal.search("deals").json()["total"] == 0

    portal.fake.import_export("deals", [{"Record ID": "9", "Deal Name": "from a file"}])
    assert {each["id"] for each in portal.search("deals").json()["results"]} == {waiting, "9"}
    portal.add("deals", dealname="by the API again")
    assert portal.search("deals").json()["total"] == 2, "the lag is back"


def test_every_bad_row_is_told(portal: Portal) -> None:
    rows = [{"Amount": "x", "Deal Name": "a"}, {"Amount": "5"}, {"Record ID": "-1", "Amount": "y", "Deal Stage": "Nope"}]
    told = [(position, column) for position, column, _ in portal.fake.import_export("deals", rows)]
    assert told == [(0, "Amount"), (2, "Record ID"), (2, "Amount"), (2, "Deal Stage")]


def test_a_kind_nobody_loads(portal: Portal) -> None:
    with pytest.raises(LookupError, match="cannot load 'tickets'"):
        portal.fake.import_export("tickets", [])
