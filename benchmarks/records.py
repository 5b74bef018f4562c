"""Many records in one fake: memory over their JSON, and lookups by id, by unique key and through the search index.

python benchmarks/records.py [COUNTS...]      default: 100000; the budget speaks of 1000000, which wants some 3 GB
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
from bench import HUBSPOT_HEADERS, SEED, UNLIMITED, in_child, make_fake, print_table, verdict
from calls import START

from harness.kit.call import Call
from harness.kit.clock import ManualClock
from harness.kit.fake import Fake
from harness.kit.journal import RecentJournal

KIB_OVER_JSON, LOOKUP_MS, LOOKUPS = 2.0, 1.0, 500


def resident_bytes() -> int:
    """Memory of this process now. Linux only, as the budgets are."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def contact(number: int) -> bytes:
    """A contact as JSON; parsed again when it is stored, so that no two records share a text."""
    at = "2026-03-02T07:00:00.000Z"
    fields = {
        "hs_object_id": str(number), "email": f"anna.{number}@mail.example", "firstname": "Anna", "lastname": f"Example {number}",
        "phone": f"+49 30 {number:08d}", "company": f"Company {number % 5000}", "jobtitle": "Head of purchasing", "city": "Berlin",
        "zip": f"{10000 + number % 8000}", "country": "Germany", "lifecyclestage": "lead", "createdate": at, "lastmodifieddate": at,
        "hs_lastmodifieddate": at,
    }  # fmt: skip
    return msgspec.json.encode(fields)


def fill(fake: Fake, count: int) -> int:
    """Store `count` contacts; returns the bytes of their JSON."""
    size = 0
    for number in range(1, count + 1):
        raw = contact(number)
        size += len(raw)
        fake.store.insert("contacts", str(number), msgspec.json.decode(raw))
    return size


def measure(count: int) -> dict[str, float]:
    fake = make_fake("hubspot", ManualClock(START), RecentJournal(1_000), settings=UNLIMITED)
    fake.store.keeps_changes = False
    gc.collect()
    before, begun = resident_bytes(), time.perf_counter()
    json_bytes = fill(fake, count)
    took = time.perf_counter() - begun
    gc.collect()
    over = (resident_bytes() - before - json_bytes) / count / 1024
    ids = Random(SEED).sample(range(1, count + 1), LOOKUPS)
    return {
        "json_kib": json_bytes / count / 1024,
        "over_kib": over,
        "insert_us": took / count * 1e6,
        "by_id_ms": asked(fake, [by_id(number) for number in ids]),
        "by_key_ms": asked(fake, [by_email(number) for number in ids]),
        "first_search_ms": asked(fake, [search(ids[0])]),
        "search_ms": asked(fake, [search(number) for number in ids]),
    }


def by_id(number: int) -> Callable[[], Call]:
    return lambda: Call("GET", f"/crm/v3/objects/contacts/{number}", "", HUBSPOT_HEADERS)


def by_email(number: int) -> Callable[[], Call]:
    return lambda: Call("GET", f"/crm/v3/objects/contacts/anna.{number}@mail.example", "idProperty=email", HUBSPOT_HEADERS)


def search(number: int) -> Callable[[], Call]:
    wanted = {"propertyName": "phone", "operator": "EQ", "value": f"+49 30 {number:08d}"}
    body = msgspec.json.encode({"filterGroups": [{"filters": [wanted]}], "properties": ["email"]})
    return lambda: Call("POST", "/crm/v3/objects/contacts/search", "", HUBSPOT_HEADERS, body)


def asked(fake: Fake, calls: list[Callable[[], Call]]) -> float:
    """Median milliseconds of whole calls, each of which finds its record."""
    times = []
    for make in calls:
        call = make()
        begun = time.perf_counter()
        reply = fake.handle(call)
        times.append((time.perf_counter() - begun) * 1000)
        assert reply.ok, reply.body
        assert reply.json().get("total", 1) == 1
    return statistics.median(times)


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
                f"{found['insert_us']:.0f}",
                f"{found['by_id_ms']:.3f}",
                f"{found['by_key_ms']:.3f}",
                f"{found['search_ms']:.3f}",
                verdict(slowest, LOOKUP_MS),
                f"{found['first_search_ms']:.0f}",
            )
        )
    head = (
        "contacts",
        "KiB JSON",
        "KiB over it",
        "<= 2",
        "us to insert",
        "ms by id",
        "ms by e-mail",
        "ms search",
        "<= 1",
        "ms first search",
    )
    note = "whole calls to the HubSpot fake, journal included; the first search of a property builds its table"
    print_table("records in one fake", head, rows, note)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(count) for count in sys.argv[1:]] or [100_000])
