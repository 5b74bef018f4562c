"""What an engine under test is given, and what the harness may ask of it.

An engine is anything; an *in-process* engine is a Python object made by a spec found under the entry-point group
`syncproof.engines`. All protocols here are structural: an engine imports nothing of the harness to fit them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # a served fake comes by here, and importing httpx is a fifth of its start
    import httpx


class EngineClock(Protocol):
    def now(self) -> datetime: ...

    async def sleep(self, duration: timedelta) -> None: ...


class EngineHttp(Protocol):
    """A plain HTTP port for engines that do not want httpx.

    Raises the built-in TimeoutError, ConnectionRefusedError and ConnectionResetError.
    """

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One vendor system as the engine sees it. `credentials` has the vendor's own keys (`token`; `api_key`, `api_secret`)."""

    vendor: str
    base_url: str
    credentials: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything an engine gets. In live mode `http`, `transport`, `clock` and `random` are the real ones. `options` are the
    scenario's, and of several replicas each is told its name as `replica`; live it then listens at `listen` (host:port) and not at
    the webhook address, which all share. `store` is where the person wants the state to be, else `state_dir`.

    Both fakes call `webhook_url` + `/crm` and `/erp`; deliveries are signed with `webhook_secret` in the vendor's way.
    """

    crm: Endpoint
    erp: Endpoint
    webhook_url: str
    webhook_secret: str
    state_dir: Path
    dictionary: Path
    clock: EngineClock
    random: Random
    http: EngineHttp
    transport: httpx.AsyncBaseTransport | None
    options: Mapping[str, Any] = field(default_factory=dict)


class InProcessEngine(Protocol):
    """What `EngineSpec.create` returns.

    `run` works until it is cancelled or the process "dies". `receive` answers a webhook call with a status; it is called only while
    `run` is running. Optional, found by name: `pending() -> str | None` (what it still works on, for quiet detection),
    `open_errors() -> list[tuple[str, str]]` (record such as `crm deals 123`, cause), `kill() -> None` (drop open file handles
    without committing: the moment the process is killed).
    """

    async def run(self) -> None: ...

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int: ...


class EngineSpec(Protocol):
    """An engine by name. `command` gives the argument list that starts it as a process of its own for live mode, or None where
    it cannot; it reads its settings from the environment variables of `environment` (and serves `webhook_url`)."""

    name: str
    description: str

    def create(self, surroundings: Surroundings) -> InProcessEngine: ...

    def command(self, surroundings: Surroundings) -> list[str] | None: ...

    def environment(self, surroundings: Surroundings) -> Mapping[str, str]: ...
