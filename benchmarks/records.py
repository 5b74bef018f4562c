"""Many deals in one fake, written through its own API: memory over their JSON, lookups by id, unique key and search, pages.

python benchmarks/records.py [COUNTS...]      default: 100000; the budget speaks of 1000000, which takes some 4 GB and two minutes
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from bench import HUBSPOT_HEADERS, SEED, UNLIMITED, in_child, make_fake, print_table, verdict
from calls import START

from harness.kit.call import Call
from harness.kit.clock import ManualClock
from harness.kit.fake import Fake
from harness.kit.journal import RecentJournal

KIB_OVER_JSON, LOOKUP_MS, LOOKUPS, BATCH = 2.0, 1.0, 500, 100
DEALS = "/crm/v3/objects/deals"
KEY = {"name": "erp_order_id", "label": "ERP order", "type": "string", "fieldType": "text", "groupName": "dealinformation"}


def resident_bytes() -> int:
    """Memory of this process now. Linux only, as the budgets are."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def deal(number: int) -> dict[str, Any]:
    """What an integration writes of a deal."""
    values = {
        "dealname": f"Order of customer {number}",
        "amount": f"{number % 90_000 + 100}.50",
        "dealstage": "contractsent",
        "pipeline": "default",
        "closedate": "2026-09-30T12:00:00Z",
        "dealtype": "newbusiness",
        "description": f"Renewal number {number}, ordered by telephone",
        "hubspot_owner_id": "30551208",
        "erp_order_id": f"SO-{number:07d}",
    }
    return {"properties": values}


def fill(fake: Fake, clock: ManualClock, count: int) -> list[str]:
    """Create `count` deals in batches, one a second; their ids."""
    ids: list[str] = []
    for first in range(0, count, BATCH):
        inputs = [deal(number) for number in range(first, min(first + BATCH, count))]
        reply = fake.handle(Call("POST", f"{DEALS}/batch/create", "", HUBSPOT_HEADERS, msgspec.json.encode({"inputs": inputs})))
        assert reply.status == 201, reply.body[:500]
        ids += [row["id"] for row in reply.json()["results"]]
        clock.advance(timedelta(seconds=1))
    return ids


def json_size(fake: Fake) -> int:
    return sum(len(msgspec.json.encode(record.fields)) for record in fake.store.all("deals"))


def measure(count: int) -> dict[str, float]:
    clock = ManualClock(START)
    fake = make_fake("hubspot", clock, RecentJournal(1_000), settings=UNLIMITED)
    fake.store.keeps_changes = False
    defined = msgspec.json.encode({**KEY, "hasUniqueValue": True})
    assert fake.handle(Call("POST", "/crm/v3/properties/deals", "", HUBSPOT_HEADERS, defined)).status == 201
    gc.collect()
    before, begun = resident_bytes(), time.perf_counter()
    ids = fill(fake, clock, count)
    took = time.perf_counter() - begun
    ask(fake, [lambda: Call("POST", f"{DEALS}/search", "", HUBSPOT_HEADERS, b"{}")])  # lets the index catch up
    gc.collect()
    over = (resident_bytes() - before - json_size(fake)) / count / 1024
    chosen = Random(SEED).sample(range(count), LOOKUPS)
    return {
        "json_kib": json_size(fake) / count / 1024,
        "over_kib": over,
        "create_us": took / count * 1e6,
        "by_id_ms": ask(fake, [by_id(ids[number]) for number in chosen]),
        "by_key_ms": ask(fake, [by_key(number) for number in chosen]),
        "page_ms": ask(fake, [page(ids[number]) for number in chosen]),
        "first_search_ms": ask(fake, [search("dealname", f"order of customer {chosen[0]}")], total=1),
        "search_ms": ask(fake, [search("dealname", f"order of customer {number}") for number in chosen], total=1),
    }


def by_id(record_id: str) -> Callable[[], Call]:
    return lambda: Call("GET", f"{DEALS}/{record_id}", "", HUBSPOT_HEADERS)


def by_key(number: int) -> Callable[[], Call]:
    return lambda: Call("GET", f"{DEALS}/SO-{number:07d}", "idProperty=erp_order_id", HUBSPOT_HEADERS)


def page(after: str) -> Callable[[], Call]:
    return lambda: Call("GET", DEALS, f"limit=10&after={after}", HUBSPOT_HEADERS)


def search(name: str, value: str) -> Callable[[], Call]:
    wanted = {"propertyName": name, "operator": "EQ", "value": value}
    body = msgspec.json.encode({"filterGroups": [{"filters": [wanted]}], "properties": ["dealname"]})
    return lambda: Call("POST", f"{DEALS}/search", "", HUBSPOT_HEADERS, body)


def ask(fake: Fake, calls: list[Callable[[], Call]], total: int | None = None) -> float:
    """Median milliseconds of whole calls, each of which is answered with what was asked for."""
    times = []
    for make in calls:
        call = make()
        begun = time.perf_counter()
        reply = fake.handle(call)
        times.append((time.perf_counter() - begun) * 1000)
        assert reply.ok, reply.body
        assert total is None or reply.json()["total"] == total
    return statistics.median(times)


_MORE = ("ms a page of 10", "ms first search")


def main(counts: list[int]) -> None:
    rows = []
    for count in counts:
        found = in_child("records.py", "--one", str(count))
        slowest = max(found["by_id_ms"], found["by_key_ms"], found["search_ms"])
        rows.append(
            (
                f"{count:,}",
                f"{found['json_kib']:.2f}",
                f"{found['over_kib']:.2f}",
                verdict(found["over_kib"], KIB_OVER_JSON),
                f"{found['create_us']:.0f}",
                *(f"{found[name]:.3f}" for name in ("by_id_ms", "by_key_ms", "search_ms")),
                verdict(slowest, LOOKUP_MS),
                f"{found['page_ms']:.3f}",
                f"{found['first_search_ms']:.0f}",
            )
        )
    head = ("deals", "KiB JSON", "KiB over it", "<= 2", "us to create", "ms by id", "ms by key", "ms search", "<= 1", *_MORE)
    note = "whole calls to the HubSpot fake, journal included; the first search of a property builds its table"
    print_table("records in one fake", head, rows, note)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(count) for count in sys.argv[1:]] or [100_000])
