"""Known bugs in which a run is green and its data wrong: a refusal, a damaged reply or a missing relation is never nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from test_vendor_clients import HTML, Script, run
from tiny_vendors import World

from sync_engine.outcomes import Transient, Unknown, VendorError

READS: dict[str, Callable[[Script], Coroutine[Any, Any, Any]]] = {
    "search": lambda script: script.crm.search_modified("deals", 1, ["amount"], None),
    "record": lambda script: script.crm.read("deals", "5", ["amount"]),
    "page": lambda script: script.crm.page("deals", ["amount"]),
    "archived": lambda script: script.crm.archived_page("deals"),
    "batch": lambda script: script.crm.read_many("deals", ["5", "6"], ["amount"]),
    "associations": lambda script: script.crm.associations_many("deals", ["5"], "line_items"),
    "list": lambda script: script.erp.list("Sales Order", ["name"], []),
    "long list": lambda script: script.erp.list_in("Sales Order", ["name"], "name", ["SO-1"]),
    "document": lambda script: script.erp.read("Sales Order", "SO-1"),
}
BAD = {
    "a page of a proxy": (200, {}, HTML),
    "half a document": (200, {}, b'{"results": [{"id"'),
    "another type": (200, {"content-type": "text/plain"}, b"OK"),
    "no content": (204, {}, b""),
    "an error's body": (200, {}, {"status": "error", "message": "internal error"}),
    "a list": (200, {}, []),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("what", READS)
def test_a_success_with_the_wrong_body_is_no_empty_result(what: str, bad: str) -> None:
    with pytest.raises(VendorError) as caught:
        run(READS[what](Script(BAD[bad])))
    assert type(caught.value) is Transient


@pytest.mark.parametrize("bad", BAD)
def test_a_create_answered_with_the_wrong_body_may_have_happened(bad: str) -> None:
    for create in (
        lambda script: script.crm.create("companies", {"name": "Acme"}),
        lambda script: script.erp.create("Customer", {"customer_name": "Acme"}),
    ):
        with pytest.raises(VendorError) as caught:
            run(create(Script(BAD[bad])))
        assert type(caught.value) is Unknown


def test_an_account_that_sends_pages_of_a_proxy_for_hours_changes_nothing_and_is_told(world: World) -> None:
    world.vendors.won_deal()
    engine = world.start()
    world.until_quiet()
    before = [call for call in world.vendors.calls if call[0] != "GET" and "/search" not in call[1]]
    cursor = engine.c.store.cursor("deals")
    world.vendors.mishap = lambda method, path, nth: "html"
    world.pass_time(2 * 3600)
    assert [call for call in world.vendors.calls if call[0] != "GET" and "/search" not in call[1]] == before
    assert engine.c.store.cursor("deals") == cursor
    assert engine.open_errors() != []


def unreadable(world: World, kind: str, id: str, status: str) -> None:
    """A record that a batch leaves out, and that its own path refuses."""
    answer = world.vendors._answer

    def without(host: str, method: str, path: str, query: Any, body: Any) -> Any:
        if path.endswith(f"/{kind}/batch/read"):
            body = {**body, "inputs": [row for row in body["inputs"] if row["id"] != id]}
        return answer(host, method, path, query, body)

    world.vendors._answer = without  # type: ignore[method-assign]
    world.vendors.mishap = lambda method, path, nth: status if path.endswith(f"/{kind}/{id}") else None


@pytest.mark.parametrize("status", ["403", "423"])
@pytest.mark.parametrize(("kind", "id"), [("deals", "503"), ("companies", "703"), ("line_items", "9503")])
@pytest.mark.parametrize("count", [4, 8])
def test_a_record_that_cannot_be_read_is_told_and_all_others_arrive(
    world: World, kind: str, id: str, status: str, count: int
) -> None:
    deals = [str(501 + at) for at in range(count)]
    for at, deal in enumerate(deals):
        world.vendors.won_deal(deal, company=str(701 + at), contact=str(301 + at))
    unreadable(world, kind, id, status)
    engine = world.start()
    world.pass_time(3600)
    made = {order["custom_crm_deal_id"] for order in world.vendors.erp["Sales Order"].values()}
    assert made == {*deals} - {"503"}
    assert [record for record, _ in engine.open_errors()] == ["crm deals 503"]
    world.vendors.mishap = lambda method, path, nth: None
    engine.c.store.ask_again("crm deals 503")
    world.pass_time(1300)
    world.until_quiet()
    assert len(world.vendors.erp["Sales Order"]) == count
    assert engine.open_errors() == []


def test_a_deal_without_a_company_is_told_once_and_never_an_order_of_nobody(world: World) -> None:
    world.vendors.won_deal("501")
    world.vendors.won_deal("502", company="702", contact="302")
    world.vendors.links["deals", "501"]["companies"] = []
    engine = world.start()
    world.until_quiet()
    ((record, cause),) = engine.open_errors()
    assert record == "crm deals 501"
    assert "no company" in cause
    assert [order["custom_crm_deal_id"] for order in world.vendors.erp["Sales Order"].values()] == ["502"]
    looks = world.vendors.sent("GET", "/objects/deals/501")
    world.pass_time(6 * 3600)
    assert world.vendors.sent("GET", "/objects/deals/501") - looks <= 2, "what nobody corrected is not looked at for ever"
    assert len(engine.open_errors()) == 1


def test_a_batch_that_is_refused_as_a_whole_is_told_for_each_of_its_records(world: World) -> None:
    deals = [str(501 + at) for at in range(8)]
    for at, deal in enumerate(deals):
        world.vendors.won_deal(deal, company=str(701 + at), contact=str(301 + at))
    world.vendors.mishap = lambda method, path, nth: "403" if path.endswith("/deals/batch/read") else None
    engine = world.start()
    world.pass_time(1800)
    told = {record.removeprefix("crm deals ") for record, _ in engine.open_errors()}
    made = {order["custom_crm_deal_id"] for order in world.vendors.erp.get("Sales Order", {}).values()}
    assert told | made == set(deals)
