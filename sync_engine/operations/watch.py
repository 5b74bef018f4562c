"""The HTTP port, watched: counts calls, traces them, remembers what a vendor said last, and notices when a vendor does not work.

A vendor that never answered since the start is reported at its first failure; one that did, after several failures in a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sync_engine.operations.conditions import Conditions
from sync_engine.operations.correlation import CURRENT
from sync_engine.operations.metrics import Metrics
from sync_engine.operations.tracing import Tracer
from sync_engine.ports import Http
from sync_engine.wire import plain

IN_A_ROW = 5
SAID_MAX = 300
NAMES = {"crm": "the CRM", "erp": "the ERP"}
HEADER = "X-Correlation-Id"  # both vendors ignore what they do not know; a proxy's log in front of an ERP of one's own shows it
Reply = tuple[int, Mapping[str, str], bytes]


class WatchedHttp:
    """Answers and raises exactly what `http` does. `bases`: system → base URL."""

    def __init__(self, http: Http, bases: Mapping[str, str], conditions: Conditions, metrics: Metrics, tracer: Tracer) -> None:
        self._http, self._conditions, self._metrics, self._tracer = http, conditions, metrics, tracer
        self._bases = {system: url.rstrip("/") for system, url in bases.items()}
        self._failed = dict.fromkeys(bases, IN_A_ROW - 1)  # nothing is known yet: the first failure counts for all

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Reply:
        system = next((name for name, base in self._bases.items() if url.startswith(base)), "other")
        change = CURRENT.get()
        if change is not None:
            headers = {**headers, HEADER: change.correlation}
        with self._tracer.span(f"{system} {method}", system=system, path=urlsplit(url).path) as span:
            try:
                reply = await self._http.send(method, url, headers, body, timeout_s)
            except OSError as error:  # refused, reset and timed out are all of this kind
                self._metrics.called(system, type(error).__name__)
                span.note(outcome=type(error).__name__)
                self._keep(f"{method} {urlsplit(url).path}: {error or type(error).__name__}")
                self._judge(system, None, str(error) or type(error).__name__)
                raise
            self._metrics.called(system, str(reply[0]))
            span.note(outcome=str(reply[0]))
        if reply[0] >= 300:
            said = plain(reply[2][:4_000].decode("utf-8", "replace"), length_max=SAID_MAX)
            self._keep(f"{method} {urlsplit(url).path}: HTTP {reply[0]} {said}".rstrip())
        self._judge(system, reply[0], f"HTTP {reply[0]}")
        return reply

    def _keep(self, text: str) -> None:
        change = CURRENT.get()
        if change is not None:
            change.last_call = text

    def _judge(self, system: str, status: int | None, cause: str) -> None:
        if system not in self._failed:
            return
        if status is not None and status != 401 and status < 500:
            self._failed[system] = 0
            self._conditions.clear(system)
            return
        self._failed[system] += 1
        if self._failed[system] < IN_A_ROW:
            return
        if status == 401:
            hint = f"Correct the credentials in the table [{system}] of the configuration and start the engine again."
            self._conditions.set(system, f"{NAMES[system]} refuses our credentials ({cause})", hint)
        else:
            text = "cannot be reached" if status is None else "does not work"
            hint = "The engine goes on by itself as soon as it answers again."
            self._conditions.set(system, f"{NAMES[system]} {text} ({cause})", hint)
