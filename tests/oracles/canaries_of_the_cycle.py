"""Canaries of what the whole cycle adds: changes after the win, fields that flow both ways, items, credit notes, echoes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from books import FULL_CYCLE, Books, Line
from canaries import UNEXERCISED, allows, catches

from harness.oracles.history import OpenError

MORE_PUMPS: tuple[Line, ...] = (("PUMP", "5", "100.00"), ("HOSE", "10", "4.95"))
FIRST, SECOND = "Ring twice", "Gate 7"


def full() -> Books:
    """One deal in sync, by the dictionary of the whole cycle, just ordered."""
    books = Books(FULL_CYCLE)
    books.company()
    books.deal()
    books.decide()
    books.create_customer("Acme Pumps")
    books.create_order("SO-1")
    books.show("SO-1")
    return books


def both(field: str = "note") -> tuple[str, str]:
    return {"note": ("account_note", "custom_account_note"), "hint": ("delivery_hint", "custom_delivery_hint")}[field]


def in_crm(books: Books, value: str, field: str = "note") -> None:
    books.edit("crm", "companies", "9001", **{both(field)[0]: value})


def in_erp(books: Books, value: str, field: str = "note") -> None:
    books.edit("erp", "Customer", "Acme Pumps", **{both(field)[1]: value})


def carry(books: Books, system: str, value: str, field: str = "note") -> None:
    if system == "crm":
        books.write("crm", "companies", "9001", {both(field)[0]: value})
    else:
        books.write("erp", "Customer", "Acme Pumps", {both(field)[1]: value})


# -- after the win ------------------------------------------------------------------------------------------------


def left(after_shipping: bool = False) -> Books:
    books = full()
    if after_shipping:
        books.ship("SO-1", "50", "To Deliver and Bill")
        books.show("SO-1")
    books.leave()
    return books


@catches("converged", "converged/still ordered/deals 501")
def a_lost_deal_keeps_its_order() -> Books:
    return left()


@allows("converged")
def a_lost_deal_whose_order_was_cancelled() -> Books:
    books = left()
    books.write("erp", "Sales Order", "SO-1", {"docstatus": 2, "status": "Cancelled"})
    return books


@allows("converged")
def a_lost_deal_that_was_shipped_before() -> Books:
    return left(after_shipping=True)


@catches("errors_surfaced", "errors_surfaced/order goes on/deals 501")
def nobody_hears_that_a_lost_deal_was_shipped() -> Books:
    return left(after_shipping=True)


@allows("errors_surfaced")
def somebody_hears_that_a_lost_deal_was_shipped() -> Books:
    books = left(after_shipping=True)
    books.write("crm", "deals", "501", {"erp_sync_error": "SO-1 was shipped in part, so it goes on"})
    return books


@catches("errors_surfaced", "errors_surfaced/order goes on/deals 501")
def nobody_hears_that_the_order_of_a_binned_deal_goes_on() -> Books:
    books = full()
    books.bin()
    return books


@allows("errors_surfaced")
def somebody_hears_that_the_order_of_a_binned_deal_goes_on() -> Books:
    books = full()
    books.bin()
    books.open_errors.append(OpenError("crm deals 501", "archived, but SO-1 goes on"))
    return books


@catches("converged", "converged/Lines/deals 501")
def an_amendment_never_reached_the_order() -> Books:
    books = full()
    books.amend(MORE_PUMPS)
    return books


def _too_late() -> Books:
    books = full()
    books.ship("SO-1", "50", "To Deliver and Bill")
    books.show("SO-1")
    books.amend(MORE_PUMPS)
    return books


@allows("converged")
def an_amendment_that_came_after_the_shipment() -> Books:
    return _too_late()


@allows("money_conserved")
def the_order_of_an_amendment_too_late_keeps_its_value() -> Books:
    return _too_late()


@catches("errors_surfaced", "errors_surfaced/silent/deals 501")
def nobody_hears_of_an_amendment_that_came_too_late() -> Books:
    return _too_late()


@allows("converged")
def an_amendment_that_went_into_the_bin_until_after_the_shipment() -> Books:
    books = full()
    books.amend(MORE_PUMPS)
    books.bin()
    books.clock_on(minutes=180)
    books.ship("SO-1", "50", "To Deliver and Bill")
    books.show("SO-1")
    books.unbin()
    return books


@allows("converged")
def a_person_cancelled_the_order_and_the_deal_shows_it() -> Books:
    books = full()
    books.edit("erp", "Sales Order", "SO-1", docstatus=2, status="Cancelled")
    books.write("crm", "deals", "501", {"erp_order_status": "cancelled"})
    return books


@allows("converged")
def a_person_cancelled_an_amended_order_and_the_deal_shows_it() -> Books:
    books = full()
    books.write("erp", "Sales Order", "SO-1", {"docstatus": 2, "status": "Cancelled"})
    order = books.erp.get("Sales Order", "SO-1")
    assert order is not None
    with books.call("erp", "POST", "/api/resource/Sales Order") as store:
        amended = {"docstatus": 1, "status": "To Deliver and Bill", "amended_from": "SO-1", "custom_crm_deal_id": ""}
        store.insert("Sales Order", "SO-1-1", {**order.fields, **amended})
    books.edit("erp", "Sales Order", "SO-1-1", docstatus=2, status="Cancelled")
    books.write("crm", "deals", "501", {"erp_order_id": "SO-1-1", "erp_order_status": "cancelled"})
    return books


# -- credit notes -------------------------------------------------------------------------------------------------


def credited() -> Books:
    books = full()
    books.ship("SO-1")
    books.invoice("SI-1", "SO-1", "415.91")
    with books.person("erp", "Sales Invoice SI-2", "credited a pump", "frida") as store:
        rows = [{"sales_order": "SO-1", "item_code": "PUMP"}]
        amounts = {"grand_total": Decimal("-119.00"), "outstanding_amount": Decimal(0)}
        store.insert("Sales Invoice", "SI-2", {"docstatus": 1, "currency": "EUR", "is_return": 1, "items": rows, **amounts})
    books.show("SO-1")
    return books


@catches("money_conserved", "money_conserved/Credited/deals 501")
def the_crm_does_not_know_of_the_credit_note() -> Books:
    return credited()


@allows("money_conserved")
def the_crm_shows_the_credit_note() -> Books:
    books = credited()
    books.write("crm", "deals", "501", {"erp_credited_amount": "-119.00"})
    return books


@catches("converged", "converged/Credit status/companies 9001")
def the_crm_does_not_know_that_the_customer_is_stopped() -> Books:
    books = full()
    books.edit("erp", "Customer", "Acme Pumps", is_frozen=1)
    return books


# -- both ways ----------------------------------------------------------------------------------------------------


@catches("no_lost_update", "no_lost_update/two-way/Account note/companies 9001")
def an_edit_in_the_crm_was_overwritten_without_asking() -> Books:
    books = full()
    in_crm(books, FIRST)
    in_erp(books, SECOND)
    carry(books, "erp", "")
    carry(books, "crm", "")
    return books


@catches("no_lost_update", "no_lost_update/two-way/Delivery note text/companies 9001")
def the_older_of_two_edits_won() -> Books:
    books = full()
    in_erp(books, FIRST, "hint")
    books.clock_on(10)
    in_crm(books, SECOND, "hint")
    carry(books, "crm", FIRST, "hint")
    return books


@allows("no_lost_update")
def the_newer_of_two_edits_won() -> Books:
    books = full()
    in_erp(books, FIRST, "hint")
    books.clock_on(10)
    in_crm(books, SECOND, "hint")
    carry(books, "erp", SECOND, "hint")
    return books


@allows("no_lost_update")
def two_edits_that_followed_each_other() -> Books:
    books = full()
    in_crm(books, FIRST)
    carry(books, "erp", FIRST)
    in_erp(books, SECOND)
    carry(books, "crm", SECOND)
    return books


@catches("converged", "converged/Account note/companies 9001")
def an_edit_in_the_erp_never_came_over() -> Books:
    books = full()
    in_erp(books, FIRST)
    return books


@catches("errors_surfaced", "errors_surfaced/silent/companies 9001")
def two_notes_stand_and_nobody_is_asked() -> Books:
    books = full()
    in_crm(books, FIRST)
    in_erp(books, SECOND)
    return books


def _asked() -> Books:
    books = full()
    in_crm(books, FIRST)
    in_erp(books, SECOND)
    books.write("crm", "companies", "9001", {"erp_sync_error": "Account note differs: which is right?"})
    return books


@allows("errors_surfaced")
def somebody_is_asked_which_note_is_right() -> Books:
    return _asked()


@allows("converged")
def two_notes_stand_until_somebody_decides() -> Books:
    return _asked()


# -- items --------------------------------------------------------------------------------------------------------


def with_item(**product: Any) -> Books:
    books = full()
    with books.person("erp", "Item PUMP", "added an item") as store:
        store.insert("Item", "PUMP", {"item_code": "PUMP", "item_name": "Pump", "is_sales_item": 1, "disabled": 0})
        price = {"item_code": "PUMP", "price_list": "Standard Selling", "price_list_rate": Decimal("100.00")}
        store.insert("Item Price", "IP-1", price)
        store.insert("Item Price", "IP-2", {**price, "price_list": "Standard Buying", "price_list_rate": Decimal(60)})
        store.insert("Bin", "BIN-1", {"item_code": "PUMP", "actual_qty": Decimal(7)})
    if product:
        add_product(books, "701", **product)
    return books


def add_product(books: Books, number: str, **fields: Any) -> None:
    shown = {"hs_sku": "PUMP", "name": "Pump", "price": "100", "erp_stock": "7", "erp_item_code": "PUMP"}
    shown |= {"erp_discontinued": "no", **fields}
    with books.call("crm", "POST", "/crm/v3/objects/products", shown) as store:
        store.insert("products", number, shown)


@catches("converged", "converged/missing/Item PUMP")
def an_item_never_became_a_product() -> Books:
    return with_item()


@catches("converged", "converged/List price/products 701")
def a_price_never_came_back() -> Books:
    return with_item(price="99")


@catches("converged", "converged/In stock/products 701")
def the_stock_never_came_back() -> Books:
    return with_item(erp_stock="8")


@allows("converged")
def an_item_is_the_product_of_its_sku() -> Books:
    return with_item(erp_item_code="")


@catches("no_duplicates", "no_duplicates/item/Item PUMP")
def an_item_became_two_products() -> Books:
    books = with_item(name="Pump")
    add_product(books, "702")
    return books


@catches("no_duplicates", "no_duplicates/item/Item PUMP")
def the_second_product_of_an_item_carries_no_link() -> Books:
    books = with_item(name="Pump")
    add_product(books, "702", erp_item_code="")
    return books


@allows("no_duplicates")
def an_item_became_one_product() -> Books:
    return with_item(name="Pump")


# -- echoes -------------------------------------------------------------------------------------------------------


def _writes(times: int) -> Books:
    books = full()
    for _ in range(times):
        books.write("crm", "companies", "9001", {"erp_customer_id": "Acme Pumps"})
    return books


@catches("no_echo", "no_echo/customer/companies 9001")
def the_engine_answers_itself() -> Books:
    return _writes(60)


@allows("no_echo")
def the_engine_writes_a_few_times() -> Books:
    return _writes(3)


UNEXERCISED["no_echo"] = Books
