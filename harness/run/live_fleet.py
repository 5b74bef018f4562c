"""The replicas of a live engine: each a process with a port of its own, all behind one webhook address, as behind a balancer.

A single replica listens at the webhook address itself. Several share the state directory (and the store that the person named);
nobody listens at their common address, and deliveries to it go round those that are up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from harness.kit.live_server import bind
from harness.kit.webhooks import Delivery, DeliveryResult
from harness.run import hosted_engine
from harness.run.engines import EngineSpec, Surroundings
from harness.run.process import EngineProcess
from harness.sim.host import EngineDied

DEATHS_MAX = 5


class ProcessFleet:
    """`note(event, detail)` writes to the journal; `name` is how the hosting process finds the engine again."""

    def __init__(
        self,
        spec: EngineSpec,
        name: str,
        surroundings: Callable[[str], Surroundings],
        state: Path,
        host: str,
        replicas: int,
        note: Callable[[str, str], None],
    ) -> None:
        self._spec, self._note, self.replicas = spec, note, replicas
        ports = [_free_port(host) for _ in range(replicas + (replicas > 1))]
        self.webhook_url = f"http://{host}:{ports[0]}/webhooks"
        own = ports[1:] or ports
        given = surroundings(self.webhook_url)
        self._members = [
            _Member(f"replica {number}" if replicas > 1 else "", self._process(given, name, state, host, port, number, replicas))
            for number, port in enumerate(own, 1)
        ]
        self._deaths = 0
        self._turn = 0

    def _process(
        self, given: Surroundings, name: str, state: Path, host: str, port: int, number: int, replicas: int
    ) -> EngineProcess:
        if replicas > 1:
            options = {**given.options, "listen": f"{host}:{port}", "replica": f"replica {number}", "replicas": replicas}
            given = replace(given, options=options)
        command = self._spec.command(given)
        if command is not None:
            environment = dict(self._spec.environment(given))
        else:
            command, environment = hosted_engine.command(), hosted_engine.environment(name, given)
        log = state / (f"engine-{number}.log" if replicas > 1 else "engine.log")
        return EngineProcess(command, environment, log, host, port)

    # -- lives ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        for member in self._members:  # one after the other: the first makes the store that the others find
            await self._bring_up(member, "started")

    async def _bring_up(self, member: _Member, event: str) -> None:
        """Raises EngineDied with the last line the engine printed."""
        name = self._spec.name
        try:
            member.process.start()
        except OSError as error:
            raise EngineDied(f"the engine {name!r} cannot be started: {error}") from None
        if not await member.process.wait_ready():
            raise EngineDied(f"the engine {name!r} never became ready; its last words: {member.process.tail()}")
        self._note(event, member.name)

    async def kill_one(self, pick: int, away_s: float) -> None:
        """SIGKILL to one of those that run; it comes back after a while."""
        running = [member for member in self._members if member.process.running]
        if not running:
            return
        member = running[pick % len(running)]
        member.killed = True
        member.process.kill()
        self._note("crashed", ": ".join(filter(None, (member.name, "killed with SIGKILL"))))
        await asyncio.sleep(away_s)
        await self._bring_up(member, "restarted")
        member.killed = False

    async def look_after(self) -> None:
        """Start again what has died on its own, as a supervisor would. Raises EngineDied when that happens too often."""
        for member in self._members:
            if member.killed or member.process.running:
                continue
            self._deaths += 1
            self._note("died", ": ".join(filter(None, (member.name, member.process.tail()))))
            if self._deaths > DEATHS_MAX:
                name, words = self._spec.name, member.process.tail()
                raise EngineDied(f"the engine {name!r} died {self._deaths} times; its last words: {words}")
            await self._bring_up(member, "restarted")

    async def stop(self) -> None:
        for member in self._members:
            await member.process.stop()

    def kill(self) -> None:
        for member in self._members:
            member.process.kill()

    # -- traffic --------------------------------------------------------------------------------------------------

    def behind(self, post: Callable[[Delivery], Any]) -> Callable[[Delivery], Any]:
        """`post`, to the replica whose turn it is; the caller's words (and its signature) are about the common address."""
        if len(self._members) == 1:
            return post

        async def spread(delivery: Delivery) -> DeliveryResult:
            up = [member for member in self._members if member.process.running] or self._members
            self._turn += 1
            url = urlsplit(delivery.url)
            target = urlunsplit(url._replace(netloc=up[self._turn % len(up)].process.address))
            headers = {**delivery.headers, "host": url.netloc}
            result: DeliveryResult = await post(replace(delivery, url=target, headers=headers))
            return result

        return spread

    async def ask(self, path: str) -> list[Any]:
        """What each replica answers at a path beside its webhook address; those without such a page are left out."""
        found = []
        for member in self._members:
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                    answer = await client.get(f"http://{member.process.address}{path}")
                if answer.status_code == 200:
                    found.append(msgspec.json.decode(answer.content))
            except (httpx.HTTPError, msgspec.DecodeError):
                continue
        return found


class _Member:
    """One replica; `killed` while the harness itself keeps it down."""

    def __init__(self, name: str, process: EngineProcess) -> None:
        self.name, self.process, self.killed = name, process, False


def _free_port(host: str) -> int:
    reserved = bind(host, 0)
    port: int = reserved.getsockname()[1]
    reserved.close()
    return port
