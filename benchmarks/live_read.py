"""One live fake, one worker: reads of one record a second, against the same server answering a constant; waits of 16 connections.

    python benchmarks/live_read.py [SECONDS]      default: 4 for each server, twice, in turns

The client is as cheap as it can be in Python: raw sockets, one request prepared once. It runs in a process of its own, so both
have a core on a machine with two.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from bench import percentile, print_table, verdict

from harness.kit.live_server import loop_factory

CONNECTIONS, ROUNDS, WARM_UP_S = 16, 2, 0.5
SHARE, P99_MS = 0.70, 10.0


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, request: bytes, until: float, waits: list[float]) -> None:
        self._request, self._until, self._waits = request, until, waits
        self._size = 0  # of a whole answer; all are alike
        self._got = 0
        self._asked_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._ask()

    def _ask(self) -> None:
        self._got, self._asked_at = 0, time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._size:
            head, _, _ = data.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), data[:300]
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self._size = len(head) + 4 + int(length.split(b":")[1])
        self._got += len(data)
        if self._got < self._size:
            return
        now = time.perf_counter()
        self._waits.append(now - self._asked_at)
        if now < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


@contextmanager
def server(what: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, str(Path(__file__).parent / "live_server_child.py"), what]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(timeout=20)


async def load(target: dict[str, Any], seconds: float) -> list[float]:
    """Every wait in seconds, in the order the answers came."""
    lines = [f"GET {target['path']} HTTP/1.1", *(f"{name}: {value}" for name, value in target["headers"].items())]
    request = "\r\n".join([*lines, "", ""]).encode()
    waits: list[float] = []
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: Client(request, until, waits), "127.0.0.1", target["port"]))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.done for client in clients))
    return waits


def run(what: str, seconds: float) -> tuple[float, float, float]:
    """Requests a second, median and 99th percentile of the waits in milliseconds."""
    with server(what) as target, asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(load(target, WARM_UP_S))
        waits = runner.run(load(target, seconds))
    return len(waits) / seconds, statistics.median(waits) * 1000, percentile(waits, 0.99) * 1000


def main(seconds: float) -> None:
    found: dict[str, list[tuple[float, float, float]]] = {"constant": [], "fake": []}
    for _ in range(ROUNDS):  # in turns, so that a busy neighbour meets both
        for what, runs in found.items():
            runs.append(run(what, seconds))
    best = {what: max(runs) for what, runs in found.items()}
    share, p99 = best["fake"][0] / best["constant"][0], best["fake"][2]
    rows = [(what, f"{rate:,.0f}", f"{median:.2f}", f"{tail:.2f}") for what, (rate, median, tail) in best.items()]
    note = (
        f"the fake reaches {share:.0%} of the constant (>= {SHARE:.0%}: {verdict(share, SHARE, at_most=False)}); "
        f"p99 {p99:.1f} ms (<= {P99_MS:.0f}: {verdict(p99, P99_MS)})"
    )
    print_table(
        f"live read, {CONNECTIONS} connections, better of {ROUNDS} runs", ("server", "reads/s", "median ms", "p99 ms"), rows, note
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0)
