"""Several replicas of one engine in virtual time: each a process of its own, all on one store, behind one webhook address.

Deliveries go round the replicas that are up, as a load balancer sends them; one that is down only answers when all are. With a
single replica the fleet does exactly what its only host does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from harness.kit.clock import Clock
from harness.kit.journal import Journal
from harness.kit.webhooks import DeliveryResult
from harness.sim.host import Engine, EngineDied, EngineHost
from harness.sim.loop import VirtualLoop


class EngineFleet:
    """`make(host)` builds the engine of one replica; `host.incarnation` and `host.name` tell its lives and replicas apart."""

    def __init__(
        self, loop: VirtualLoop, clock: Clock, journal: Journal, make: Callable[[EngineHost], Engine], replicas: int
    ) -> None:
        self.hosts: list[EngineHost] = []
        for number in range(1, replicas + 1):
            name = f"replica {number}" if replicas > 1 else ""
            host = EngineHost(loop, clock, journal, partial(self._make, make, number - 1), name)
            self.hosts.append(host)
        self._next = 0

    def _make(self, make: Callable[[EngineHost], Engine], position: int) -> Engine:
        return make(self.hosts[position])

    def start(self) -> None:
        """Bring all replicas up. Raises EngineDied when one cannot even be made."""
        for host in self.hosts:
            host.start()

    async def stop(self) -> None:
        for host in self.hosts:
            await host.stop()

    @property
    def restart_due(self) -> bool:
        return any(host.restart_due for host in self.hosts)

    @property
    def failure(self) -> EngineDied | None:
        return next((host.failure for host in self.hosts if host.failure is not None), None)

    def host_of(self, incarnation: int) -> EngineHost | None:
        """The replica whose present life this is, or None: it is over, or it was the world itself."""
        return next((host for host in self._up() if host.incarnation == incarnation), None)

    def pending(self) -> str | None:
        """What any replica still works on."""
        for host in self._up():
            if (pending := host.ask("pending", None)) is not None:
                return str(pending)
        return None

    def open_errors(self) -> list[tuple[str, str]]:
        """Replicas share their store, so each lists the same; an engine that does not is taken at every word."""
        found: dict[tuple[str, str], None] = {}
        for host in self._up():
            found.update(dict.fromkeys(host.ask("open_errors", [])))
        return list(found)

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: timedelta) -> DeliveryResult:
        """Hand a webhook call to the replica whose turn it is."""
        up = list(self._up()) or self.hosts
        self._next += 1
        return await up[self._next % len(up)].receive(method, path, headers, body, timeout)

    def _up(self) -> Iterator[EngineHost]:
        return (host for host in self.hosts if host.up)


def options_of(host: EngineHost, options: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's options, with the replica's name where there are several."""
    return {**options, "replica": host.name} if host.name else dict(options)
