"""For every oracle: histories it must catch, legal twins it must not, and one that never exercised it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from books import Books, in_sync

from harness.oracles.history import OpenError


@dataclass(frozen=True, slots=True)
class Canary:
    """`caught_by` must name this history with a finding whose key is `key`; None means that it must stay silent."""

    name: str
    oracle: str
    build: Callable[[], Books]
    key: str | None


CANARIES: list[Canary] = []
UNEXERCISED: dict[str, Callable[[], Books]] = {}


def catches(oracle: str, key: str) -> Callable[[Callable[[], Books]], Callable[[], Books]]:
    return _collect(oracle, key)


def allows(oracle: str) -> Callable[[Callable[[], Books]], Callable[[], Books]]:
    return _collect(oracle, None)


def _collect(oracle: str, key: str | None) -> Callable[[Callable[[], Books]], Callable[[], Books]]:
    def collect(build: Callable[[], Books]) -> Callable[[], Books]:
        CANARIES.append(Canary(build.__name__, oracle, build, key))
        return build

    return collect


def _won(refused_because: str = "") -> Books:
    books = Books()
    books.company()
    books.deal()
    books.decide(refused_because=refused_because)
    return books


# -- converged ----------------------------------------------------------------------------------------------------


@catches("converged", "converged/missing/deals 501")
def a_won_deal_never_became_an_order() -> Books:
    books = _won()
    books.notification("crm", "deal.propertyChange 501", "lost")
    return books


@catches("converged", "converged/missing/deals 501")
def the_only_order_was_cancelled() -> Books:
    books = in_sync()
    books.edit("erp", "Sales Order", "SO-1", docstatus=2, status="Cancelled")
    return books


@catches("converged", "converged/Phone/companies 9001")
def a_new_phone_number_never_arrived() -> Books:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")
    return books


@catches("converged", "converged/Shipped/deals 501")
def the_crm_does_not_know_of_the_shipment() -> Books:
    books = in_sync()
    books.edit("erp", "Sales Order", "SO-1", per_delivered=Decimal("50.5"))
    return books


@catches("converged", "converged/Lines/deals 501")
def a_line_is_missing_in_the_order() -> Books:
    books = _won()
    books.create_customer("Acme Pumps")
    books.create_order("SO-1", lines=(("PUMP", "3", "100.00"),))
    books.show("SO-1")
    return books


@catches("converged", "converged/Customer/deals 501")
def the_order_belongs_to_somebody_else() -> Books:
    books = in_sync()
    books.company("9002", "Other Ltd")
    books.create_customer("Other Ltd", "9002")
    books.write("erp", "Sales Order", "SO-1", {"customer": "Other Ltd"})
    return books


@catches("converged", "converged/draft/deals 501")
def an_order_was_left_as_a_draft() -> Books:
    books = in_sync("502", order="SO-2")
    books.deal()
    books.decide()
    books.create_order("SO-1", docstatus=0)
    books.show("SO-1")
    return books


@allows("converged")
def everything_agrees() -> Books:
    return in_sync()


@allows("converged")
def a_deal_that_the_erp_must_refuse_has_no_order() -> Books:
    return _won(refused_because="the ERP has no item LEGACY")


@allows("converged")
def the_amount_changed_after_the_order_and_is_frozen() -> Books:
    books = in_sync()
    books.edit("crm", "deals", "501", dealname="Pumps, second thoughts")
    return books


@allows("converged")
def an_engine_that_writes_no_links_is_found_by_the_name() -> Books:
    books = _won()
    books.create_customer("Acme Pumps", link=False)
    books.create_order("SO-1", link=False)
    books.write("crm", "deals", "501", {"erp_order_status": "open"})
    return books


# -- no_duplicates ------------------------------------------------------------------------------------------------


@catches("no_duplicates", "no_duplicates/order/deals 501")
def the_answer_was_lost_and_the_order_made_again() -> Books:
    books = _won()
    books.create_customer("Acme Pumps")
    books.create_order("SO-1", seen="timeout", fault="lose_reply")
    books.create_order("SO-2")
    return books


@catches("no_duplicates", "no_duplicates/order/Sales Order SO-1")
def two_orders_without_links_are_alike() -> Books:
    books = _won()
    books.create_customer("Acme Pumps", link=False)
    books.create_order("SO-1", link=False)
    books.create_order("SO-2", link=False)
    return books


@catches("no_duplicates", "no_duplicates/customer/companies 9001")
def the_erp_renamed_the_second_customer() -> Books:
    books = _won()
    books.create_customer("Acme Pumps")
    books.create_customer("Acme Pumps - 1", link=False)
    return books


@allows("no_duplicates")
def a_cancelled_order_and_its_replacement() -> Books:
    books = in_sync()
    books.edit("erp", "Sales Order", "SO-1", docstatus=2)
    books.create_order("SO-2")
    return books


@allows("no_duplicates")
def two_deals_of_the_same_goods() -> Books:
    books = in_sync()
    books.deal("502", name="Pumps 501")
    books.decide("502")
    books.create_order("SO-2", "502")
    return books


@allows("no_duplicates")
def two_companies_of_the_same_name() -> Books:
    books = in_sync()
    books.company("9002")
    books.create_customer("Acme Pumps - 1", "9002")
    return books


# -- no_lost_update -----------------------------------------------------------------------------------------------


@catches("no_lost_update", "no_lost_update/overwritten/Phone/companies 9001")
def the_engine_overwrote_what_a_person_had_typed() -> Books:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")
    books.write("crm", "companies", "9001", {"phone": "+49 30 1"})
    return books


@catches("no_lost_update", "no_lost_update/stale/Phone/companies 9001")
def the_older_value_overtook_the_newer_one() -> Books:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")
    books.write("erp", "Customer", "Acme Pumps", {"custom_phone": "+49 30 2"})
    books.write("erp", "Customer", "Acme Pumps", {"custom_phone": "+49 30 1"})
    return books


@catches("no_lost_update", "no_lost_update/stale/Invoiced/deals 501")
def the_second_invoice_was_never_shown() -> Books:
    books = in_sync()
    books.invoice("SI-2", "SO-1", "0.01", "0.01")
    return books


@allows("no_lost_update")
def a_person_replaced_a_persons_value_and_it_arrived() -> Books:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")
    books.edit("crm", "companies", "9001", phone="+49 30 3")
    books.write("erp", "Customer", "Acme Pumps", {"custom_phone": "+49 30 3"})
    return books


@allows("no_lost_update")
def the_erp_moved_its_status_because_the_engine_submitted() -> Books:
    books = in_sync()
    with books.call("erp", "PUT", "/api/resource/Sales Order/SO-1", {"docstatus": 1}) as store:
        store.update("Sales Order", "SO-1", {"status": "Completed"})
    books.show("SO-1")
    return books


# -- money_conserved ----------------------------------------------------------------------------------------------


@catches("money_conserved", "money_conserved/Value/deals 501")
def a_float_lost_a_cent() -> Books:
    books = _won()
    books.create_customer("Acme Pumps")
    books.create_order("SO-1", lines=(("PUMP", "3", "100.00"), ("HOSE", "10", "4.949")))
    books.show("SO-1")
    return books


@catches("money_conserved", "money_conserved/positions/deals 501")
def the_deal_is_not_worth_its_positions() -> Books:
    books = in_sync()
    books.edit("crm", "deals", "501", amount="349.51")
    return books


@catches("money_conserved", "money_conserved/net total/deals 501")
def the_rows_do_not_add_up() -> Books:
    books = in_sync()
    row = {"item_code": "PUMP", "qty": Decimal(3), "rate": Decimal(100), "amount": Decimal(300)}
    books.write("erp", "Sales Order", "SO-1", {"items": [row]})
    return books


@catches("money_conserved", "money_conserved/over-invoiced/deals 501")
def the_order_was_invoiced_twice() -> Books:
    books = in_sync()
    books.invoice("SI-2", "SO-1", "0.02")
    books.show("SO-1")
    return books


@catches("money_conserved", "money_conserved/Paid/deals 501")
def a_payment_is_not_shown() -> Books:
    books = in_sync()
    books.edit("erp", "Sales Invoice", "SI-SO-1", outstanding_amount=Decimal(0))
    return books


@catches("money_conserved", "money_conserved/currency Sales Invoice SI-2/deals 501")
def an_invoice_is_in_another_currency() -> Books:
    books = _won()
    books.create_customer("Acme Pumps")
    books.create_order("SO-1")
    books.invoice("SI-2", "SO-1", "10.00", currency="CHF")
    books.show("SO-1")
    return books


@allows("money_conserved")
def two_invoices_make_up_the_whole_order() -> Books:
    books = _won()
    books.create_customer("Acme Pumps")
    books.create_order("SO-1")
    books.invoice("SI-1", "SO-1", "200.00")
    books.invoice("SI-2", "SO-1", "215.91", "15.91")
    books.show("SO-1")
    return books


# -- errors_surfaced ----------------------------------------------------------------------------------------------


@catches("errors_surfaced", "errors_surfaced/silent/deals 501")
def the_erp_refused_and_nobody_was_told() -> Books:
    books = _won(refused_because="the ERP has no item LEGACY-1")
    answer = {"exc_type": "LinkValidationError", "message": "Could not find Row #1: Item Code: LEGACY-1"}
    books.refused("erp", "POST", "/api/resource/Sales Order", {"custom_crm_deal_id": "501"}, 417, answer)
    return books


@catches("errors_surfaced", "errors_surfaced/silent/companies 9001")
def a_change_was_refused_and_nobody_was_told() -> Books:
    books = in_sync()
    books.edit("crm", "companies", "9001", phone="+49 30 2")
    books.refused(
        "erp", "PUT", "/api/resource/Customer/Acme Pumps", {"custom_phone": "+49 30 2"}, 403, {"exc_type": "PermissionError"}
    )
    return books


@catches("errors_surfaced", "errors_surfaced/stale/deals 501")
def an_error_is_shown_that_is_long_over() -> Books:
    books = in_sync()
    books.write("crm", "deals", "501", {"erp_sync_error": "ERPNext is down"})
    return books


@allows("errors_surfaced")
def the_error_stands_at_the_deal() -> Books:
    books = _won(refused_because="the ERP has no item LEGACY-1")
    books.write("crm", "deals", "501", {"erp_sync_error": "ERPNext has no item LEGACY-1"})
    return books


@allows("errors_surfaced")
def the_engine_lists_the_error() -> Books:
    books = _won(refused_because="the ERP has no item LEGACY-1")
    books.open_errors.append(OpenError("crm deals 501", "no item LEGACY-1"))
    return books


@allows("errors_surfaced")
def the_company_is_what_failed_and_says_so() -> Books:
    books = _won()
    books.open_errors.append(OpenError("crm companies 9001", "a Customer Group exists with the same name"))
    return books


UNEXERCISED.update(converged=Books, no_duplicates=_won, money_conserved=_won, errors_surfaced=in_sync)


def _nobody_edited() -> Books:
    books = Books()
    books.company()
    books.create_customer("Acme Pumps")
    return books


UNEXERCISED["no_lost_update"] = _nobody_edited
