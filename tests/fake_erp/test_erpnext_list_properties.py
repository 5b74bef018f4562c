"""Lists for any rows and any questions: they agree with plain Python, pages agree with the whole, and no text is ever run.

The model below says in a few lines what the database does; the fake gets there through indexes, orders and early stops.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from erpnext_site import ErpSite
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.kit.call import Reply

TEXTS = ["", "a", "A", "á", "ab", "b ", "B", "a%b", "_", "Ωa"]
DAYS = ["2026-01-31", "2026-02-01", "2026-03-02", "2027-12-31"]
FOLDED = str.maketrans("áω", "aω")


def make_site() -> ErpSite:
    """Orders in every state of some columns; some made in one instant, some in the hour that the clocks repeat."""
    site = ErpSite(auto_insert_price_list_rate_if_missing=False)
    for name in ("Beta", "beta two"):
        site.add("Customer", customer_name=name, customer_group="Individual")
    site.clock.advance(datetime(2026, 10, 24, 23, 15, tzinfo=UTC) - site.clock.now())
    for number in range(24):
        text, day = TEXTS[number % 10], DAYS[number % 5 % 4]
        item = {"item_code": "SKU-1", "qty": number % 4 + 1, "rate": 1, "warehouse": "Stores - ACM"}
        order = {"customer": ["ACME", "Beta"][number % 2], "items": [item] * (number % 3 + 1), "delivery_date": "2028-01-01"}
        extra = {"tax_id": text, "po_date": day} if number % 3 else {}
        reply = site.send("POST", "/api/resource/Sales Order", {**order, **extra, "docstatus": int(number % 5 == 0)})
        assert reply.status == 200, reply.body
        if number % 4 == 3:
            site.wait(1777)
    return site


SITE = make_site()
ORDERS = [record.fields for record in SITE.fake.store.all("Sales Order")]
STAMPS = sorted({order["modified"] for order in ORDERS})
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "tax_id": st.sampled_from([*TEXTS, None]),
    "customer": st.sampled_from(["acme", "ACME ", "beta", "Beta two", "nobody", ""]),
    "status": st.sampled_from(["Draft", "draft", "To Deliver and Bill", "nope"]),
    "total_qty": st.sampled_from([0, 1, 2.0, "3", 4, None, "x"]),
    "docstatus": st.integers(0, 2),
    "po_date": st.sampled_from([*DAYS, None]),
    "modified": st.sampled_from([*STAMPS, "2026-10-25", "2026-10-25 02:30:00"]),
    "name": st.sampled_from([f"sal-ord-2026-{number:05}" for number in range(1, 26)]),
}


@st.composite
def conditions(draw: st.DrawFn) -> list[Any]:
    name = draw(st.sampled_from(list(VALUES)))
    word = draw(st.sampled_from(["=", "!=", "<", ">", "<=", ">=", "in", "not in", "like", "not like", "is", "between"]))
    one = VALUES[name]
    match word:
        case "in" | "not in":
            return [name, word, draw(st.lists(one, max_size=3))]
        case "between":
            return [
                name,
                word,
                sorted(draw(st.lists(one.filter(lambda value: value is not None), min_size=2, max_size=2)), key=str),
            ]
        case "like" | "not like":
            return [name, word, draw(st.text("ab%_ -5", max_size=4))]
        case "is":
            return [name, word, draw(st.sampled_from(["set", "not set"]))]
    return [name, word, draw(one)]


def key(name: str, value: Any) -> Any:
    """What the database compares."""
    if name in ("total_qty", "docstatus"):
        try:
            return float(value or 0)
        except ValueError:
            return 0.0
    if name == "po_date":
        return value or "0001-01-01"
    if name == "modified":
        return datetime.fromisoformat(value or "0001-01-01").isoformat(" ", "microseconds")
    return str(value or "").rstrip().lower().translate(FOLDED)


def holds(row: dict[str, Any], condition: list[Any]) -> bool:
    name, word, wanted = condition
    found = row[name]
    if word == "is":
        return (found in (None, "")) is (wanted == "not set")
    if word.endswith("like"):
        text = str(found if found is not None else "").lower().translate(FOLDED)
        return alike(text, wanted.lower()) is (word == "like")
    if word.endswith("in"):
        return (key(name, found) in [key(name, each) for each in wanted or [""]]) is (word == "in")
    left = key(name, found)
    if word == "between":
        low, high = (key(name, each) for each in wanted)
        return bool(low <= left <= (high.replace("00:00:00.000000", "23:59:59.999999") if name == "modified" else high))
    right = key(name, wanted)
    return bool({"=": left == right, "!=": left != right, "<": left < right, ">": left > right}.get(word, False)) or bool(
        {"<=": left <= right, ">=": left >= right}.get(word, False)
    )


def alike(text: str, pattern: str) -> bool:
    """LIKE by its definition: slow, and certain."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(alike(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and alike(text[1:], pattern[1:])


def expected(asked: list[Any], either: list[Any]) -> list[dict[str, Any]]:
    rows = [order for order in ORDERS if all(holds(order, condition) for condition in asked)]
    return [order for order in rows if not either or any(holds(order, condition) for condition in either)]


ORDERINGS = ["", "name desc", "modified asc", "modified desc", "modified desc, name asc", "total_qty desc, name", "tax_id, name"]


def sort(rows: list[dict[str, Any]], order_by: str) -> list[dict[str, Any]]:
    rows = sorted(rows, key=lambda row: str(row["name"]))
    for clause in reversed([part.split() for part in order_by.split(",") if part]):
        name = clause[0]
        rows = sorted(rows, key=lambda row, n=name: (row[n] is not None, key(n, row[n])), reverse=clause[-1] == "desc")  # type: ignore[misc]
    return rows


@given(
    asked=st.lists(conditions(), max_size=3),
    either=st.lists(conditions(), max_size=2),
    order_by=st.sampled_from(ORDERINGS),
    start=st.integers(0, 12),
    limit=st.integers(0, 12),
)
@settings(max_examples=400, deadline=None)
def test_a_page_of_a_list_is_what_plain_python_finds(
    asked: list[Any], either: list[Any], order_by: str, start: int, limit: int
) -> None:
    query = {"filters": asked, "or_filters": either, "order_by": order_by}
    rows = SITE.rows("Sales Order", **query, limit_page_length=str(limit), limit_start=str(start))
    whole = [row["name"] for row in sort(expected(asked, either), order_by)]
    assert [row["name"] for row in rows] == (whole[start : start + limit] if limit else whole)
    counted = SITE.call("frappe.client.get_count", doctype="Sales Order", filters=asked).json()["message"]
    assert counted == len(expected(asked, []))


@given(asked=st.lists(conditions(), max_size=2), least=st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_joined_rows_and_groups_add_up(asked: list[Any], least: int) -> None:
    filters = [["Sales Order", *condition] for condition in asked] + [["Sales Order Item", "qty", ">=", least]]
    orders = expected(asked, [])
    lines = [(order["name"], row) for order in orders for row in order["items"] if row["qty"] >= least]
    rows = SITE.rows("Sales Order", filters=filters, fields=["name", "items.idx as line"], limit="0")
    assert [(row["name"], row["line"]) for row in rows] == [(name, row["idx"]) for name, row in lines]
    grouped = SITE.rows(
        "Sales Order", filters=filters, fields=["customer", "count(name) as n", "sum(items.qty) as q"], group_by="customer"
    )
    assert sum(row["n"] for row in grouped) == len(lines)
    assert sum(row["q"] for row in grouped) == sum(row["qty"] for _, row in lines)
    assert [row["customer"] for row in grouped] == sorted({order["customer"] for order in orders if order["name"] in dict(lines)})


# -- whatever is asked ------------------------------------------------------------------------------------------------------

PIECES = [
    "name",
    "`tabUser`",
    "select",
    "from",
    "union",
    "sleep(9)",
    "(",
    ")",
    "--",
    "/*",
    ";",
    "@@version",
    "'",
    '"',
    "`",
    ".",
    " as ",
]
PIECES += [
    ",",
    " or 1=1",
    "*",
    "count(",
    "distinct ",
    "desc",
    "like",
    "=",
    "%",
    "\\",
    "\x00",
    "items.qty",
    "tabSales Order",
    "password",
    "é",
]
attacks = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map(" ".join) | st.lists(
    st.sampled_from(PIECES), max_size=6
).map("".join)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | attacks
    | st.sampled_from(["name", "in", "between", "Sales Order Item"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(attacks | st.sampled_from(["name", "COUNT", "as"]), inner, max_size=2)
    ),
    max_leaves=8,
)
questions = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("fields", "filters", "or_filters"), anything | attacks),
        **dict.fromkeys(
            ("order_by", "group_by", "limit", "limit_start", "limit_page_length", "as_dict", "parent", "expand"), attacks
        ),
    },
)
DOCTYPES = ["Sales Order", "Customer Group", "User", "Webhook", "DocType", "DocField", "Sales Order Item", "Nope"]
HOOK = {"webhook_doctype": "Customer", "webhook_docevent": "on_update", "request_url": "https://x.example", "name": "Hook"}


@pytest.fixture(scope="module", params=[15, 16])
def guarded(request: pytest.FixtureRequest) -> ErpSite:
    site = ErpSite(version=request.param)
    site.add("Webhook", **HOOK, enable_security=1, webhook_secret="hush-hush")
    site.draft_order()
    return site


@given(doctype=st.sampled_from(DOCTYPES), question=questions)
@settings(max_examples=400, deadline=None)
def test_whatever_looks_like_sql_is_answered_and_tells_nothing(guarded: ErpSite, doctype: str, question: dict[str, Any]) -> None:
    before = guarded.fake.store.changes[-1]
    reply = guarded.send("GET", f"/api/resource/{doctype}", **question)
    check(reply)
    as_json = {name: json.dumps(value) if name.endswith(("s", "d")) else value for name, value in question.items()}
    check(guarded.call("frappe.client.get_list", doctype=doctype, **as_json))
    check(guarded.call("frappe.client.get_count", doctype=doctype, filters=question.get("filters")))
    assert guarded.fake.store.changes[-1] is before


def check(reply: Reply) -> None:
    """Refusals have the vendor's kinds; a 500 is one that the vendor's own code or database would answer."""
    assert reply.status in (200, 403, 404, 417, 500), reply.body
    assert b"hush-hush" not in reply.body
    if reply.status == 500:
        kinds = {"JSONDecodeError", "OperationalError", "ProgrammingError", "TypeError", "AttributeError", "IndexError", "KeyError"}
        assert reply.json()["exc_type"] in kinds, reply.body
