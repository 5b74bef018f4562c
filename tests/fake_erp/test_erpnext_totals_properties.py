"""Totals of any document: lines, taxes and discounts add up exactly, in any currency, by any rounding method."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from erpnext_golden import VAT, golden_site, sent
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.kit.call import Reply

METHODS = ["Banker's Rounding", "Banker's Rounding (legacy)", "Commercial Rounding"]
SITES = [golden_site(rounding_method=method, round_row_wise_tax=each) for method in METHODS for each in (False, True)]
STARTS = [site.fake.remember() for site in SITES]
COINS = {"EUR": Decimal("0.01"), "USD": Decimal("0.01"), "CHF": Decimal("0.05"), "GBP": Decimal(1), "JPY": Decimal(1)}
HALF = Decimal("0.005")
FIVE = Decimal("0.05")


def amounts(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


lines = st.builds(
    lambda qty, rate, item: {"item_code": item, "qty": float(qty), "rate": float(rate)},
    amounts("0.001", "200", 3), amounts("0", "900", 3), st.sampled_from("ABC"),
)  # fmt: skip
KINDS = ["On Net Total", "Actual", "On Item Quantity", "On Previous Row Amount", "On Previous Row Total"]


@st.composite
def tax_tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to four tax rows of all kinds; either all that may be included in the rate are, or none."""
    inclusive, rows = draw(st.booleans()), []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(KINDS if number else KINDS[:3]))
        if inclusive and kind == "Actual":
            kind = "On Net Total"
        row = {"charge_type": kind, "account_head": VAT, "description": kind, "included_in_print_rate": int(inclusive)}
        row["tax_amount" if kind == "Actual" else "rate"] = float(draw(amounts("0", "25", 2)))
        if kind.startswith("On Previous"):
            row["row_id"] = str(draw(st.integers(1, number)))
        if kind == "On Item Quantity":
            row["rate"] = float(draw(amounts("0", "0.5", 2)))
        rows.append(row)
    return rows


headers = st.fixed_dictionaries(
    {"apply_discount_on": st.sampled_from(["Grand Total", "Net Total"]), "currency": st.sampled_from(sorted(COINS))},
    optional={
        "additional_discount_percentage": amounts("0", "100", 2).map(float),
        "discount_amount": amounts("-20", "50", 2).map(float),
        "disable_rounded_total": st.booleans().map(int),
    },
)
documents = st.tuples(
    st.integers(0, len(SITES) - 1), st.lists(lines, min_size=1, max_size=6), tax_tables(), headers, amounts("0.01", "3", 6)
)


def save(which: int, rows: list[dict[str, Any]], taxes: list[dict[str, Any]], header: dict[str, Any], rate: Decimal) -> Reply:
    SITES[which].fake.put_back(STARTS[which])
    return sent(SITES[which], rows, taxes, **{**header, "conversion_rate": float(rate)})


def figures(reply: Reply) -> dict[str, Any]:
    """The document with every number as an exact decimal."""

    def exact(value: Any) -> Any:
        if isinstance(value, list):
            return [exact(row) for row in value]
        if isinstance(value, dict):
            return {key: exact(each) for key, each in value.items()}
        return Decimal(repr(value)) if isinstance(value, (int, float)) else value

    return dict(exact(reply.json()["data"]))


def sums_up(doc: dict[str, Any]) -> None:
    for prefix in ("", "base_"):
        assert doc[f"{prefix}total"] == sum(row[f"{prefix}amount"] for row in doc["items"])
        assert doc[f"{prefix}net_total"] == sum(row[f"{prefix}net_amount"] for row in doc["items"])
    assert doc["total_qty"] == sum(row["qty"] for row in doc["items"])
    running = doc["net_total"]
    for tax in doc["taxes"]:
        running += tax["tax_amount_after_discount_amount"]
        assert tax["total"] == running
    adjustment = doc["grand_total"] - running
    assert doc["total_taxes_and_charges"] == doc["grand_total"] - doc["net_total"] - (adjustment if doc["taxes"] else 0)
    if any(tax["included_in_print_rate"] for tax in doc["taxes"]):
        assert abs(adjustment) <= FIVE
    elif not doc["discount_amount"] or doc["apply_discount_on"] == "Net Total":
        assert adjustment == 0


def is_rounded(doc: dict[str, Any]) -> None:
    coin = COINS[doc["currency"]]
    if doc["disable_rounded_total"]:
        assert (doc["rounded_total"], doc["rounding_adjustment"]) == (0, 0)
    else:
        assert doc["rounded_total"] % coin == 0
        assert doc["rounding_adjustment"] == doc["rounded_total"] - doc["grand_total"]
        assert abs(doc["rounding_adjustment"]) <= coin / 2
    owed = doc["rounded_total"] or doc["grand_total"]
    assert sum(row["payment_amount"] for row in doc["payment_schedule"]) == owed


def is_based(doc: dict[str, Any]) -> None:
    """In company currency, every figure for itself is the nearest cent."""
    names = ("rate", "amount", "net_rate", "net_amount")
    pairs = [(row[name], row[f"base_{name}"]) for row in doc["items"] for name in names]
    pairs += [(tax[name], tax[f"base_{name}"]) for tax in doc["taxes"] for name in ("tax_amount", "total")]
    names = (
        "rounded_total",
        "total_taxes_and_charges",
        "discount_amount",
        *(["grand_total"] if doc["total_taxes_and_charges"] else []),
    )
    pairs += [(doc[name], doc[f"base_{name}"]) for name in names]
    assert all(abs(own * doc["conversion_rate"] - base) <= HALF for own, base in pairs)


@given(documents)
def test_any_document_adds_up(document: tuple[Any, ...]) -> None:
    reply = save(*document)
    assume(reply.status == 200)
    doc = figures(reply)
    sums_up(doc)
    is_rounded(doc)
    is_based(doc)


@given(documents)
def test_a_discount_splits_exactly(document: tuple[Any, ...]) -> None:
    which, rows, taxes, header, rate = document
    none = {"additional_discount_percentage": 0, "discount_amount": 0}
    before = figures(save(which, rows, taxes, {**header, **none}, rate))
    reply = save(*document)
    assume(reply.status == 200)
    after = figures(reply)
    discount = after["discount_amount"]
    assume(discount)
    assert sum(row["distributed_discount_amount"] for row in after["items"]) == before["net_total"] - after["net_total"]
    fixed_only = before["net_total"] == 0
    included = any(tax["included_in_print_rate"] for tax in after["taxes"])
    if fixed_only:
        assert after["grand_total"] == before["grand_total"]
    elif header["apply_discount_on"] == "Net Total" or not after["taxes"]:
        assert after["net_total"] == before["net_total"] - discount
    elif not included:
        assert after["grand_total"] == before["grand_total"] - discount


@given(documents)
def test_saving_again_changes_no_amount(document: tuple[Any, ...]) -> None:
    reply = save(*document)
    assume(reply.status == 200)
    site = SITES[document[0]]
    first = reply.json()["data"]
    again = site.put("Sales Order", first["name"]).json()["data"]
    assert {**again, "modified": ""} == {
        **first,
        "modified": "",
        **{table: again[table] for table in ("items", "taxes", "payment_schedule")},
    }
    for table in ("items", "taxes", "payment_schedule"):
        assert [{**row, "modified": ""} for row in again[table]] == [{**row, "modified": ""} for row in first[table]]
