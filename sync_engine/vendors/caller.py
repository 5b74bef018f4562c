"""What both vendor clients share: admission, sending, short retries of what may safely be repeated, and reading the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from sync_engine.governor import Gate
from sync_engine.outcomes import Throttled, Transient, Unknown, VendorError
from sync_engine.ports import Clock, Http
from sync_engine.retry import IN_CALL
from sync_engine.wire import NotJson, read_json

TRIES_MAX = 3  # within one call; longer waiting belongs to the work queue, where it is visible
PATIENCE = timedelta(seconds=15)  # a wait longer than this goes back to the work queue


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply as it came: lower-case header names, the body decoded (None when it is not JSON)."""

    status: int
    headers: Mapping[str, str]
    json: Any
    raw: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


Classify = Callable[[Answer, bool], VendorError]


class Caller:
    """Sends calls of one vendor. `classify(answer, safe)` names the error of a reply that is no success."""

    def __init__(
        self,
        system: str,
        base_url: str,
        headers: Mapping[str, str],
        http: Http,
        clock: Clock,
        random: Random,
        classify: Classify,
        timeout_s: float,
    ) -> None:
        self.system, self._base, self._headers = system, base_url.rstrip("/"), dict(headers)
        self._http, self._clock, self._random, self._classify = http, clock, random, classify
        self._timeout_s = timeout_s
        self.calls = 0

    async def call(self, gate: Gate, method: str, path: str, body: bytes = b"", *, safe: bool, needs: str = "") -> Answer:
        """Send one call. `safe`: repeating it changes nothing more (reads, absolute writes). `needs`: the part that every good
        reply has; without it nothing may be concluded, not even that there is nothing.

        Raises VendorError. Definite refusals for lack of quota are waited out and repeated whatever `safe` says.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(gate, method, path, body, safe, needs)
            except Throttled as error:
                wait = IN_CALL.wait(attempt, self._random, error.retry_after)
                if attempt >= TRIES_MAX or wait > PATIENCE:
                    raise
            except (Transient, Unknown) as error:
                retry_after = error.retry_after if isinstance(error, Transient) else None
                wait = IN_CALL.wait(attempt, self._random, retry_after)
                if not safe or attempt >= TRIES_MAX or wait > PATIENCE:
                    raise
            await self._clock.sleep(wait)

    async def _once(self, gate: Gate, method: str, path: str, body: bytes, safe: bool, needs: str) -> Answer:
        place = await gate.admit()
        self.calls += 1
        lowered: dict[str, str] | None = None
        status = 0
        try:
            status, headers, raw = await self._http.send(method, self._base + path, self._headers, body, self._timeout_s)
            lowered = {name.lower(): value for name, value in headers.items()}
        except ConnectionRefusedError as error:
            raise Transient(self.system, f"{self._name()} cannot be reached: {error}") from None
        except TimeoutError:
            raise self._lost(f"{self._name()} did not answer within {self._timeout_s:g} s", safe) from None
        except (ConnectionResetError, OSError) as error:
            raise self._lost(f"the connection to {self._name()} broke: {error}", safe) from None
        finally:
            gate.finish(place, lowered, status)
        return self._read(status, lowered, raw, safe, needs)

    def _read(self, status: int, headers: Mapping[str, str], raw: bytes, safe: bool, needs: str) -> Answer:
        try:
            json = read_json(raw) if raw else None
        except NotJson:
            json = None
        answer = Answer(status, headers, json, raw)
        if answer.ok:
            whole = needs in json if needs and isinstance(json, dict) else not needs
            if not whole or (raw and json is None) or (status != 204 and not isinstance(json, dict)):
                raise self._lost(f"{self._name()} sent a damaged reply (HTTP {status})", safe)
            return answer
        raise self._classify(answer, safe)

    def _lost(self, text: str, safe: bool) -> VendorError:
        return Transient(self.system, text) if safe else Unknown(self.system, text)

    def _name(self) -> str:
        return "the CRM" if self.system == "crm" else "the ERP"
