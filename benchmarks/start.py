"""From the command line to the first answer: `syncproof serve` with one vendor, from process start to the first 200.

python benchmarks/start.py [TIMES]      default: 7
"""

from __future__ import annotations

import http.client
import signal
import socket
import statistics
import subprocess
import sys
import time

from bench import ERPNEXT_HEADERS, HUBSPOT_HEADERS, print_table, verdict

BUDGET_MS, GIVE_UP_S = 400.0, 20.0
ASKED = {
    "hubspot": ("--crm", "--port-crm", "/crm/v3/objects/deals", HUBSPOT_HEADERS),
    "erpnext": ("--erp", "--port-erp", "/api/resource/Customer", ERPNEXT_HEADERS),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_answer_ms(vendor: str) -> float:
    role, port_option, path, headers = ASKED[vendor]
    port = free_port()
    command = [sys.executable, "-m", "harness.cli", "serve", role, vendor, port_option, str(port)]
    begun = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not answers(port, path, headers):
            if time.perf_counter() - begun > GIVE_UP_S or server.poll() is not None:
                raise SystemExit(f"{vendor} did not answer within {GIVE_UP_S} s")
            time.sleep(0.002)
        return (time.perf_counter() - begun) * 1000
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def answers(port: int, path: str, headers: dict[str, str]) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def main(times: int) -> None:
    rows = []
    for vendor in ASKED:
        first_answer_ms(vendor)  # files read from disk once
        median = statistics.median(first_answer_ms(vendor) for _ in range(times))
        rows.append((vendor, f"{median:.0f}", f"<= {BUDGET_MS:.0f} {verdict(median, BUDGET_MS)}"))
    print_table(f"live fake, start to first answer, median of {times}", ("vendor", "ms", "budget"), rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
