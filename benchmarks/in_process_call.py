"""What one call costs inside a simulation: the fake alone, through the network model, and through an httpx client.

python benchmarks/in_process_call.py [BATCHES]      default: 60 batches of 100 calls; the median batch counts
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random

import httpx
from bench import SEED, print_table, verdict
from calls import START, Prepared, prepare

from harness.kit.call import Call
from harness.kit.clock import ManualClock
from harness.kit.journal import RecentJournal
from harness.kit.weather import LatencyWeather
from harness.sim.loop import VirtualClock, VirtualLoop
from harness.sim.network import Network, SimHttp
from harness.sim.transport import SimTransport

BATCH = 100
BUDGET_US = {"read": 60.0, "write": 120.0}


def alone(vendor: str, kind: str, batches: int) -> float:
    """Median microseconds of `Fake.handle`."""
    ready = prepare(vendor, ManualClock(START))
    make = ready.read if kind == "read" else ready.write
    times = []
    for _ in range(batches):
        calls = [make() for _ in range(BATCH)]
        begun = time.perf_counter()
        for call in calls:
            ready.fake.handle(call)
        times.append((time.perf_counter() - begun) / BATCH * 1e6)
    return statistics.median(times)


def through(vendor: str, kind: str, batches: int, client: str) -> float:
    """Median microseconds of a call through the network model, with the plain port or with httpx."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_through(loop, vendor, kind, batches, client))
    finally:
        loop.close()


async def _through(loop: VirtualLoop, vendor: str, kind: str, batches: int, client: str) -> float:
    clock, journal = VirtualClock(loop, START), RecentJournal(10_000)
    ready = prepare(vendor, clock, journal)
    network = Network(loop, clock, journal, Random(SEED), LatencyWeather())
    network.attach(ready.fake.base_url, ready.fake)
    send = _port(network, ready) if client == "port" else _httpx(network, ready)
    make = ready.read if kind == "read" else ready.write
    times = []
    for _ in range(batches):
        calls = [make() for _ in range(BATCH)]
        begun = time.perf_counter()
        for call in calls:
            await send(call)
        times.append((time.perf_counter() - begun) / BATCH * 1e6)
    return statistics.median(times)


def _port(network: Network, ready: Prepared) -> Callable[[Call], Awaitable[object]]:
    http = SimHttp(network, "engine")

    async def send(call: Call) -> None:
        url = ready.fake.base_url + call.path + (f"?{call.query}" if call.query else "")
        status, _, _ = await http.send(call.method, url, call.headers, call.body, 10.0)
        assert status == 200, status

    return send


def _httpx(network: Network, ready: Prepared) -> Callable[[Call], Awaitable[object]]:
    client = httpx.AsyncClient(base_url=ready.fake.base_url, headers=ready.headers, transport=SimTransport(network, "engine"))

    async def send(call: Call) -> None:
        response = await client.request(call.method, call.path + (f"?{call.query}" if call.query else ""), content=call.body)
        assert response.status_code == 200, response.text

    return send


def main(batches: int) -> None:
    rows = []
    for vendor in ("hubspot", "erpnext"):
        for kind, budget in BUDGET_US.items():
            port = through(vendor, kind, batches, "port")
            rows.append(
                (
                    f"{vendor} {kind}",
                    f"{alone(vendor, kind, batches):.0f}",
                    f"{port:.0f}",
                    f"<= {budget:.0f} {verdict(port, budget)}",
                    f"{through(vendor, kind, batches, 'httpx'):.0f}",
                )
            )
    head = ("one call, median us", "Fake.handle", "with network model", "budget", "with httpx client too")
    print_table("in-process call to a fake", head, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
