"""Many sales orders in one fake, written through its own API: memory over their JSON, lookups, pages, counts.

python benchmarks/erp_records.py [COUNTS...]      default: 200000, the figure of the budget; it takes some two minutes and 2 GB

An order has one line, its own external id (a unique custom field) and a customer with nine others. Pages are of 20 rows, asked for
as integrations do: what changed since a time, sorted by `modified` or not sorted at all.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import msgspec
from bench import ERPNEXT_HEADERS, SEED, in_child, make_fake, percentile, print_table, verdict
from calls import START

from fake_erp.erpnext.dialect import ErpNextFake
from harness.kit.call import Call
from harness.kit.clock import ManualClock
from harness.kit.journal import RecentJournal

KIB_OVER_JSON, LOOKUP_MS, LOOKUPS, BATCH, ORDERS_PER_CUSTOMER = 2.0, 1.0, 300, 100, 10
EXTERNAL_ID = {"dt": "Sales Order", "label": "External ID", "fieldname": "custom_external_id", "fieldtype": "Data", "unique": 1}
ORDERS = "/api/resource/Sales Order"
# Prices are not to be learnt from orders: that would measure the table of prices too.
SETTINGS = {"auto_insert_price_list_rate_if_missing": False}
LABELS = {
    "name_ms": "by name",
    "key_ms": "by unique key",
    "customer_ms": "of a customer",
    "since_ms": "modified >, sorted",
    "latest_ms": "modified >, latest first",
    "unsorted_ms": "modified >, unsorted",
    "first_ms": "first page",
    "open_ms": "by status, sorted",
    "count_ms": "count",
}


def resident_bytes() -> int:
    """Memory of this process now. Linux only, as the budgets are."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def post(fake: ErpNextFake, path: str, document: dict[str, Any]) -> dict[str, Any]:
    reply = fake.handle(Call("POST", path, "", ERPNEXT_HEADERS, msgspec.json.encode(document)))
    assert reply.status == 200, reply.body[:500]
    return dict(reply.json()["data"])


def fill(fake: ErpNextFake, clock: ManualClock, count: int) -> tuple[list[str], list[str]]:
    """Create `count` orders, a hundred a minute; their names, and a time just before each batch."""
    names, stamps = [], []
    for number in range(count):
        if number % BATCH == 0:
            stamps.append(fake.site.time.stamp())
            clock.advance(timedelta(minutes=1))
        line = {"item_code": "SKU-1", "qty": number % 90 + 1, "rate": number % 900 + 0.5, "warehouse": "Stores - ACM"}
        order = {"customer": f"C{number // ORDERS_PER_CUSTOMER:06d}", "delivery_date": "2030-01-01", "items": [line]}
        names.append(post(fake, ORDERS, {**order, "custom_external_id": f"EXT-{number:07d}"})["name"])
    return names, stamps


def prepare(fake: ErpNextFake, count: int) -> None:
    post(fake, "/api/resource/Item", {"item_code": "SKU-1", "item_group": "Products", "stock_uom": "Nos"})
    post(fake, "/api/resource/Custom Field", EXTERNAL_ID)
    for number in range(-(-count // ORDERS_PER_CUSTOMER)):
        post(fake, "/api/resource/Customer", {"customer_name": f"C{number:06d}"})


def json_size(fake: ErpNextFake) -> int:
    return sum(len(msgspec.json.encode(record.fields, enc_hook=str)) for record in fake.store.all("Sales Order"))


def measure(count: int) -> dict[str, float]:
    clock = ManualClock(START)
    fake = make_fake("erpnext", clock, RecentJournal(100), settings=SETTINGS)
    fake.store.keeps_changes = False
    assert isinstance(fake, ErpNextFake)
    prepare(fake, count)
    gc.collect()
    before, begun = resident_bytes(), time.perf_counter()
    names, stamps = fill(fake, clock, count)
    took = time.perf_counter() - begun
    ask(fake, [lists(filters=[["modified", ">", stamps[-1]]]), lists()])  # the orders of the table are built when first asked for
    gc.collect()
    size = json_size(fake)
    over = (resident_bytes() - before - size) / count / 1024
    random = Random(SEED)
    chosen = [random.randrange(count) for _ in range(LOOKUPS)]
    times = {
        "json_kib": size / count / 1024,
        "over_kib": over,
        "create_us": took / count * 1e6,
    }
    return {**times, **{label: ask(fake, calls) for label, calls in questions(names, stamps, chosen).items()}}


def questions(names: list[str], stamps: list[str], chosen: list[int]) -> dict[str, list[Call]]:
    """The calls of each measure. Times are drawn over the whole life of the table, but unsorted only from the last batches."""
    columns = ["name", "modified", "status"]
    since = [["modified", ">", stamps[number % len(stamps)]] for number in chosen]
    late = [["modified", ">", stamps[-1 - number % 2]] for number in chosen]
    customers = [f"C{number // ORDERS_PER_CUSTOMER:06d}" for number in chosen]
    count = Call("GET", "/api/method/frappe.client.get_count", "doctype=Sales%20Order", ERPNEXT_HEADERS)
    return {
        "name_ms": [Call("GET", f"{ORDERS}/{names[number]}", "", ERPNEXT_HEADERS) for number in chosen],
        "key_ms": [lists(filters={"custom_external_id": f"EXT-{number:07d}"}, fields=columns) for number in chosen],
        "customer_ms": [lists(filters={"customer": customer}, fields=columns) for customer in customers],
        "since_ms": [lists(filters=[each], fields=columns, order_by="modified asc") for each in since],
        "latest_ms": [lists(filters=[each], fields=columns, order_by="modified desc") for each in since],
        "unsorted_ms": [lists(filters=[each], fields=columns) for each in late],
        "first_ms": [lists(fields=columns) for _ in chosen],
        "open_ms": [lists(filters={"status": "Draft"}, fields=columns, order_by="modified desc") for _ in chosen],
        "count_ms": [count for _ in chosen],
    }


def lists(**query: Any) -> Call:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
    return Call("GET", ORDERS, urlencode(texts), ERPNEXT_HEADERS)


def ask(fake: ErpNextFake, calls: list[Call]) -> float:
    """Median milliseconds of whole calls, each of which is answered with something."""
    times = []
    for call in calls:
        begun = time.perf_counter()
        reply = fake.handle(call)
        times.append((time.perf_counter() - begun) * 1000)
        assert reply.ok, reply.body
        assert reply.json().get("data", True), call
    return percentile(times, 0.5)


def main(counts: list[int]) -> None:
    for count in counts:
        found = in_child("erp_records.py", "--one", str(count))
        rows = [("KiB a record over its JSON", f"{found['over_kib']:.2f}", verdict(found["over_kib"], KIB_OVER_JSON))]
        rows += [(f"ms {label}", f"{found[name]:.3f}", verdict(found[name], LOOKUP_MS)) for name, label in LABELS.items()]
        note = f"{found['json_kib']:.2f} KiB of JSON and {found['create_us']:.0f} us to create one; whole calls, journal included"
        print_table(f"{count:,} sales orders in one fake", ("", "median", "<= 2 KiB, <= 1 ms"), rows, note)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(count) for count in sys.argv[1:]] or [200_000])
