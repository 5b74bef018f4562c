"""Companies, contacts, deals, products and line items: shapes, values, what follows by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hubspot_portal import OBJECTS, Portal
from hypothesis import given
from hypothesis import strategies as st

OpenPortal = Callable[..., Portal]


def test_a_new_company_is_answered_with_its_address_and_what_the_account_filled_in(portal: Portal) -> None:
    reply = portal.post(f"{OBJECTS}/companies", {"properties": {"name": "Acme", "domain": "ACME.com"}})

    body = reply.json()
    assert reply.status == 201
    assert reply.headers["location"] == f"https://api.hubapi.com/crm/v3/objects/companies/{body['id']}"
    assert body["createdAt"] == body["updatedAt"] == "2026-03-02T08:00:00Z"
    assert body["archived"] is False
    assert body["url"].endswith(f"/record/0-2/{body['id']}")
    assert body["properties"]["domain"] == "acme.com"
    assert body["properties"]["hs_object_id"] == body["id"]
    assert body["properties"]["hs_object_source"] == "INTEGRATION"
    assert "associations" not in body


def test_ids_are_eleven_digits_and_grow_with_gaps(portal: Portal) -> None:
    ids = [portal.add("deals", dealname=str(number)) for number in range(20)]
    assert all(len(each) == 11 for each in ids)
    assert ids == sorted(ids)
    assert int(ids[-1]) - int(ids[0]) > 19


def test_all_three_path_shapes_and_all_names_of_a_type_meet_the_same_record(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    for base in (OBJECTS, "/crm/objects/v3", "/crm/objects/2026-03", "/crm/objects/2026-09"):
        for name in ("deals", "deal", "0-3", "DEAL", "Deals"):
            assert portal.get(f"{base}/{name}/{deal}").json()["id"] == deal
    assert portal.get(f"{OBJECTS}/deals/{deal}/").status == 200


def test_a_read_returns_the_default_properties_and_nothing_else(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one", description="hidden unless asked")
    assert list(portal.read("deals", deal)) == [
        "amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline",
    ]  # fmt: skip


def test_asked_properties_come_as_null_when_unset_and_unknown_ones_are_ignored(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    query = "properties=amount%2Cnonsense&properties=description&archived=False&sort=x"
    properties = portal.get(f"{OBJECTS}/deals/{deal}", query).json()["properties"]
    assert properties == {
        "amount": None,
        "createdate": "2026-03-02T08:00:00Z",
        "description": None,
        "hs_lastmodifieddate": "2026-03-02T08:00:00Z",
        "hs_object_id": deal,
    }


def test_a_patch_answers_what_was_sent_and_what_followed_not_the_whole_record(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one", amount="5")
    portal.wait(1.5)
    body = portal.patch("deals", deal, dealstage="closedwon").json()
    assert body["updatedAt"] == "2026-03-02T08:00:01.500Z"
    assert body["properties"]["hs_is_closed_won"] == "true"
    assert "amount" not in body["properties"]


def test_writing_the_same_value_changes_nothing(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one", amount="5")
    portal.wait(10)
    before = portal.fake.store.get("deals", deal)
    assert before is not None
    version = before.version
    assert portal.patch("deals", deal, amount="5").status == 200
    after = portal.fake.store.get("deals", deal)
    assert after is not None
    assert after.version == version
    assert portal.read("deals", deal)["hs_lastmodifieddate"] == "2026-03-02T08:00:00Z"


def test_an_archived_record_is_gone_unless_asked_for(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    kept = portal.add("deals", dealname="two")
    portal.wait(1)
    assert portal.call("DELETE", f"{OBJECTS}/deals/{deal}").status == 204
    assert portal.call("DELETE", f"{OBJECTS}/deals/{deal}").status == 204, "deleting twice is the same"
    assert portal.get(f"{OBJECTS}/deals/{deal}").status == 404
    assert portal.patch("deals", deal, amount="1").status == 404
    archived = portal.get(f"{OBJECTS}/deals/{deal}", "archived=true").json()
    assert archived["archived"] is True
    assert archived["archivedAt"] == "2026-03-02T08:00:01Z"
    assert portal.get(f"{OBJECTS}/deals/{kept}", "archived=true").status == 404
    assert [each["id"] for each in portal.get(f"{OBJECTS}/deals", "archived=true").json()["results"]] == [deal]


# -- values -----------------------------------------------------------------------------------------------------------


def test_values_are_text_on_every_read(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one", amount=12.5, closedate=1790769600000, description=True)
    read = portal.read("deals", deal, "amount", "closedate", "description")
    assert (read["amount"], read["closedate"], read["description"]) == ("12.5", "2026-09-30T12:00:00Z", "true")


def test_a_number_stays_as_it_was_written_unless_the_account_makes_it_canonical(open_portal: OpenPortal) -> None:
    for canonical, expected in ((False, "1500.00"), (True, "1500")):
        portal = open_portal(canonical_numbers=canonical)
        assert portal.read("deals", portal.add("deals", amount="1500.00"))["amount"] == expected


@pytest.mark.parametrize("cleared", ["", None])
def test_an_empty_text_or_null_clears_a_value(portal: Portal, cleared: str | None) -> None:
    deal = portal.add("deals", dealname="one", amount="5")
    assert portal.patch("deals", deal, amount=cleared).json()["properties"]["amount"] is None
    assert portal.read("deals", deal)["amount"] is None


def test_null_is_refused_where_the_account_is_switched_so(open_portal: OpenPortal) -> None:
    portal = open_portal(null_clears=False)
    assert portal.patch("deals", portal.add("deals", amount="5"), amount=None).status == 400


def test_an_e_mail_is_trimmed_and_lower_cased_and_found_in_any_case(portal: Portal) -> None:
    contact = portal.add("contacts", email=" Jo@Acme.COM ")
    assert portal.read("contacts", contact)["email"] == "jo@acme.com"
    assert portal.get(f"{OBJECTS}/contacts/JO@acme.com", "idProperty=email").json()["id"] == contact


def test_a_step_back_in_the_life_cycle_succeeds_and_changes_nothing(portal: Portal) -> None:
    """Pitfall 28."""
    company = portal.add("companies", name="Acme", lifecyclestage="customer")
    assert portal.patch("companies", company, lifecyclestage="lead").status == 200
    assert portal.read("companies", company, "lifecyclestage")["lifecyclestage"] == "customer"
    portal.patch("companies", company, lifecyclestage="")
    portal.patch("companies", company, lifecyclestage="lead")
    assert portal.read("companies", company, "lifecyclestage")["lifecyclestage"] == "lead"


def test_a_leading_semicolon_appends_to_a_multiple_choice(portal: Portal) -> None:
    options = [{"label": each.upper(), "value": each} for each in "abc"]
    portal.define("deals", "tags", type="enumeration", fieldType="checkbox", options=options)
    deal = portal.add("deals", tags="a;b")
    portal.patch("deals", deal, tags=";c")
    assert portal.read("deals", deal, "tags")["tags"] == "a;b;c"
    portal.patch("deals", deal, tags="c")
    assert portal.read("deals", deal, "tags")["tags"] == "c"


@given(text=st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_any_text_comes_back_as_it_was_sent(text: str) -> None:
    """Invariant: a string property returns exactly what was written; the empty text is null."""
    portal = Portal()
    deal = portal.add("deals", dealname="one", description=text)
    assert portal.read("deals", deal, "description")["description"] == (text or None)


# -- what follows by itself -------------------------------------------------------------------------------------------


def test_a_deal_starts_in_the_first_stage_of_the_default_pipeline(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    read = portal.read("deals", deal, "pipeline", "dealstage", "hs_deal_stage_probability", "hs_is_closed", "deal_currency_code")
    assert read["pipeline"] == "default"
    assert read["dealstage"] == "appointmentscheduled"
    assert read["hs_deal_stage_probability"] == "0.2"
    assert read["hs_is_closed"] == "false"
    assert read["deal_currency_code"] == "EUR"


def test_moving_into_won_or_lost_sets_the_close_date(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one", closedate="2026-12-31")
    portal.wait(60)
    portal.patch("deals", deal, dealstage="closedwon")
    assert portal.read("deals", deal)["closedate"] == "2026-03-02T08:01:00Z"
    portal.wait(60)
    portal.patch("deals", deal, dealstage="closedlost")
    assert portal.read("deals", deal)["closedate"] == "2026-03-02T08:02:00Z"


def test_a_close_date_in_the_same_request_wins(portal: Portal) -> None:
    deal = portal.add("deals", dealname="one")
    portal.patch("deals", deal, dealstage="closedwon", closedate="2026-04-01")
    assert portal.read("deals", deal)["closedate"] == "2026-04-01T00:00:00Z"


def test_a_line_item_copies_its_product_at_that_moment(portal: Portal) -> None:
    """Pitfall 45: a later price of the product leaves the line alone."""
    product = portal.add("products", name="Anvil", price="19.90", hs_sku="A-1")
    line = portal.add("line_items", hs_product_id=product, quantity="3")
    portal.patch("products", product, price="25")
    read = portal.read("line_items", line, "name", "price", "hs_sku", "amount", "quantity")
    assert (read["name"], read["price"], read["hs_sku"], read["amount"]) == ("Anvil", "19.90", "A-1", "59.7")


def test_a_line_items_amount_follows_quantity_price_and_discount(portal: Portal) -> None:
    line = portal.add("line_items", name="Bolt", price="10")
    assert portal.read("line_items", line)["amount"] == "10"
    portal.patch("line_items", line, quantity="4", amount="999")
    assert portal.read("line_items", line)["amount"] == "40"
    portal.patch("line_items", line, hs_discount_percentage="25")
    assert portal.read("line_items", line)["amount"] == "30"


def test_counting_an_association_moves_the_modification_time_and_nothing_one_asked_for(portal: Portal) -> None:
    """Pitfall 34."""
    deal = portal.add("deals", dealname="one")
    portal.wait(5)
    portal.add("line_items", [(deal, 20)], name="Bolt", price="1")
    read = portal.read("deals", deal, "hs_num_of_associated_line_items")
    assert read["hs_lastmodifieddate"] == "2026-03-02T08:00:05Z"
    assert read["hs_num_of_associated_line_items"] == "1"


def test_two_companies_may_have_the_same_domain(portal: Portal) -> None:
    """Pitfall 2."""
    assert portal.add("companies", domain="acme.com") != portal.add("companies", domain="acme.com")


# -- lists ------------------------------------------------------------------------------------------------------------


def test_a_list_is_paged_by_the_next_id_and_ends_without_paging(portal: Portal) -> None:
    """Pitfall 41."""
    ids = [portal.add("deals", dealname=str(number)) for number in range(5)]
    first = portal.get(f"{OBJECTS}/deals", "limit=3&properties=dealname").json()
    assert [each["id"] for each in first["results"]] == ids[:3]
    after = first["paging"]["next"]["after"]
    assert after == ids[3]
    assert first["paging"]["next"]["link"] == (
        f"https://api.hubapi.com/crm/v3/objects/deals?limit=3&after={after}&properties=dealname"
    )
    last = portal.get(f"{OBJECTS}/deals", f"limit=3&after={after}").json()
    assert [each["id"] for each in last["results"]] == ids[3:]
    assert "paging" not in last


def test_a_record_created_during_a_walk_appears_at_its_end(portal: Portal) -> None:
    for number in range(3):
        portal.add("deals", dealname=str(number))
    after = portal.get(f"{OBJECTS}/deals", "limit=2").json()["paging"]["next"]["after"]
    late = portal.add("deals", dealname="late")
    assert late in [each["id"] for each in portal.get(f"{OBJECTS}/deals", f"limit=2&after={after}").json()["results"]]


def test_the_account_remembers_and_returns(portal: Portal) -> None:
    portal.define("deals", "erp_id", unique=True)
    deal = portal.add("deals", dealname="one", erp_id="SO-1")
    state = portal.fake.remember()
    portal.call("DELETE", "/crm/v3/properties/deals/erp_id")
    portal.patch("deals", deal, dealname="changed")
    extra = portal.add("deals", dealname="two")

    portal.fake.put_back(state)

    assert portal.read("deals", deal)["dealname"] == "one"
    assert portal.get(f"{OBJECTS}/deals/{extra}").status == 404
    assert [each["id"] for each in portal.get(f"{OBJECTS}/deals").json()["results"]] == [deal]
    assert portal.search("deals").json()["total"] == 1
    assert portal.post(f"{OBJECTS}/deals", {"properties": {"erp_id": "SO-1"}}).status == 400
    assert portal.add("deals", dealname="two") > deal
