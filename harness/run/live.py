"""The same scenario over real sockets and in real time, the engine as a process of its own that is killed on the way.

People act in this process, hours squeezed into seconds; faults, fakes, journal and oracles are those of the simulation. What
is not promised: the same order twice. Time is the machine's own, so a live finding is evidence, and its seed only a hint.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from harness.kit.clock import WallClock
from harness.kit.defaults import WEBHOOK_SECRET
from harness.kit.fake import Fake, FakeSpec
from harness.kit.journal import EngineEvent, Journal, Marker
from harness.kit.live_server import LiveServer, bind, loop_factory
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.server import asgi_app
from harness.oracles.history import History
from harness.run import hosted_engine
from harness.run.deliver import HttpPoster
from harness.run.durations import parse_duration
from harness.run.engines import EngineSpec, Surroundings
from harness.run.parts import (
    Choice,
    Ending,
    LatestChange,
    calm,
    endpoints,
    make_fake,
    make_history,
    make_people,
    set_weather,
    until_quiet,
)
from harness.run.process import EngineProcess
from harness.run.scenario import LoadedScenario
from harness.run.simulate import Progress
from harness.sim.host import EngineDied
from sync_engine.dictionary import load as load_dictionary

HOST = "127.0.0.1"
LOOK_EVERY = timedelta(milliseconds=250)
POLL_S = 2.0  # the engine's safety net, quick enough for a run of seconds
TIMEOUT_S = 3.0  # the engine's patience with a lost reply, likewise
PEOPLE_MAX_S = 120.0
DEATHS_MAX = 5


class NoHttp:
    """The HTTP port while an engine only says how it is started: the process that it then becomes has one of its own."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        raise RuntimeError(f"{method} {url}: an engine makes its calls once it runs, not while its command is asked for")


class LiveRun:
    """One live world. Use it once: `history = LiveRun(...).run()`."""

    def __init__(
        self, choice: Choice, loaded: LoadedScenario, crm: FakeSpec, erp: FakeSpec, engine: EngineSpec, progress: Progress
    ) -> None:
        self.choice, self.loaded, self.progress, self.engine_spec = choice, loaded, progress, engine
        self.dictionary = load_dictionary(loaded.dictionary_path)
        self.live = live = loaded.scenario.live
        self._over, self._converge_within, self._quiet_for = map(parse_duration, (live.over, live.converge_within, live.quiet_for))
        self.specs = {"crm": crm, "erp": erp}
        self.seed = Seed(choice.seed)
        self.clock = WallClock()
        self.journal = Journal()
        self.fakes: dict[str, Fake] = {}
        self._killing = False
        self._deaths = 0

    def run(self) -> History:
        """Raises EngineDied, PortInUse, and whatever breaks inside the harness itself."""
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            try:
                ending = runner.run(self._live_through())
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None  # SIGTERM: the engine's process was ended on the way out
        fakes = {system: (self.specs[system], fake) for system, fake in self.fakes.items()}
        return make_history(self.choice, self.loaded, self.dictionary, self.engine_spec.name, "live", fakes, self.journal, ending)

    async def _live_through(self) -> Ending:
        me = asyncio.current_task()
        if me is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
        self.started_at = self.clock.now()
        self._latest_change = LatestChange(self.journal, self.started_at)
        async with AsyncExitStack() as stack:
            state = stack.enter_context(tempfile.TemporaryDirectory(prefix="syncproof-", ignore_cleanup_errors=True))
            await self._serve_fakes(stack)
            self._make_people()
            self.process = self._make_process(Path(state), stack)
            await self._connect(stack)
            await self._bring_up("started")
            self.people.begin()
            killer = asyncio.create_task(self._kill_now_and_then(), name="killer")
            stack.callback(killer.cancel)  # runs before the engine's last kill: no engine is started after that
            await self._until_people_rest()
            await killer
            faults_off_at = self._turn_calm()
            within = self._converge_within
            still_pending = await until_quiet(self._look, self.clock, lambda: self.people.last_act, within, LOOK_EVERY)
            self.journal.add(Marker(self.clock.now(), "end", still_pending))
            errors = await self._open_errors()
            ending = Ending(self.started_at, faults_off_at, self.clock.now(), within, still_pending, errors, self.people.known())
            await self.process.stop()
        return ending

    # -- setting up -----------------------------------------------------------------------------------------------

    async def _serve_fakes(self, stack: AsyncExitStack) -> None:
        for system, spec in self.specs.items():
            server = await stack.enter_async_context(LiveServer(HOST, 0))
            settings = self.loaded.scenario.settings.get(system, {})
            self.fakes[system] = fake = make_fake(spec, self.clock, self.seed, self.journal, server.base_url, settings)
            await server.start(asgi_app(fake))

    def _make_people(self) -> None:
        day = parse_duration(self.loaded.scenario.workload.day)
        pace = self._over / day
        flows = self.choice.flows or self.live.flows
        self.people = make_people(
            self.loaded, self.dictionary, self.fakes, self.clock, self.journal, self.seed, flows=flows, day=day, pace=pace
        )
        self.people.prepare()

    def _make_process(self, state: Path, stack: AsyncExitStack) -> EngineProcess:
        reserved = bind(HOST, 0)
        port = reserved.getsockname()[1]
        reserved.close()
        surroundings = self._surroundings(f"http://{HOST}:{port}/webhooks", state)
        own = self.engine_spec.command(surroundings)
        if own is not None:
            command, environment = own, dict(self.engine_spec.environment(surroundings))
        else:
            command, environment = (
                hosted_engine.command(),
                hosted_engine.environment(self.choice.engine or self.engine_spec.name, surroundings),
            )
        self.webhook_url = surroundings.webhook_url
        process = EngineProcess(command, environment, state / "engine.log", HOST, port)
        stack.callback(process.kill)
        return process

    def _surroundings(self, webhook_url: str, state: Path) -> Surroundings:
        known = endpoints(self.specs, self.fakes)
        return Surroundings(
            crm=known["crm"],
            erp=known["erp"],
            webhook_url=webhook_url,
            webhook_secret=WEBHOOK_SECRET,
            state_dir=state,
            dictionary=self.loaded.dictionary_path,
            clock=self.clock,
            random=Random(self.choice.seed),
            http=NoHttp(),
            transport=None,
            options={"poll_every_s": POLL_S, "timeout_s": TIMEOUT_S},
        )

    async def _connect(self, stack: AsyncExitStack) -> None:
        poster = HttpPoster()
        stack.push_async_callback(poster.close)
        for system, fake in self.fakes.items():
            fake.connect_webhooks(f"{self.webhook_url}/{system}", WEBHOOK_SECRET)
            set_weather(fake, self.loaded.weather)
            pump = asyncio.create_task(DeliveryPump(fake.webhooks, self.clock, poster.post).run())
            stack.callback(pump.cancel)

    async def _bring_up(self, event: str) -> None:
        """Raises EngineDied with the last line the engine printed."""
        try:
            self.process.start()
        except OSError as error:
            raise EngineDied(f"the engine {self.engine_spec.name!r} cannot be started: {error}") from None
        if not await self.process.wait_ready():
            raise EngineDied(f"the engine {self.engine_spec.name!r} never became ready; its last words: {self.process.tail()}")
        self._note(event)

    # -- running --------------------------------------------------------------------------------------------------

    async def _kill_now_and_then(self) -> None:
        random = self.seed.stream("kills")
        span = self._over.total_seconds()
        times = sorted(span * random.uniform(0.25, 0.95) for _ in range(self.live.kills))
        begun = asyncio.get_running_loop().time()
        for at in times:
            await asyncio.sleep(max(0.0, begun + at - asyncio.get_running_loop().time()))
            if not self.process.running:
                continue
            self._killing = True
            self.process.kill()
            self._note("crashed", "killed with SIGKILL")
            await asyncio.sleep(random.uniform(0.2, 0.8))
            await self._bring_up("restarted")
            self._killing = False

    async def _until_people_rest(self) -> None:
        loop = asyncio.get_running_loop()
        begun, span = loop.time(), self._over.total_seconds() * 2
        while (busy := self.people.describe_pending()) is not None and loop.time() - begun < PEOPLE_MAX_S:
            await self._check()
            self.progress.at(self.clock.now(), min(0.9, (loop.time() - begun) / span), busy)
            await self.clock.sleep(LOOK_EVERY)

    def _turn_calm(self) -> datetime:
        for fake in self.fakes.values():
            calm(fake)
        self.journal.add(Marker(self.clock.now(), "faults_off"))
        return self.clock.now()

    async def _look(self) -> str | None:
        """What is still pending while the world has to become quiet."""
        await self._check()
        reason = self._pending() or await self._engine_pending()
        if reason is not None:
            self.progress.at(self.clock.now(), 0.97, reason)
        return reason

    def _pending(self) -> str | None:
        """A vendor's retry that is minutes away is not waited for: the engine's own polling has to make up for it."""
        if (busy := self.people.describe_pending()) is not None:
            return busy
        for fake in self.fakes.values():
            due = fake.webhooks.next_due()
            if due is not None and due - self.clock.now() < self._quiet_for:
                return fake.describe_pending()
        if self.clock.now() - self._latest_change.at() < self._quiet_for:
            return "records changed a moment ago"
        return None

    async def _check(self) -> None:
        """Stop when the harness itself is broken; start the engine again when it died on its own, as a supervisor would."""
        if self.people.failures:
            raise self.people.failures[0]
        if self._killing or self.process.running:
            return
        self._deaths += 1
        self._note("died", self.process.tail())
        if self._deaths > DEATHS_MAX:
            raise EngineDied(
                f"the engine {self.engine_spec.name!r} died {self._deaths} times; its last words: {self.process.tail()}"
            )
        await self._bring_up("restarted")

    async def _open_errors(self) -> list[tuple[str, str]]:
        """What the engine shows at `/errors` beside its webhook address: a JSON list of `{"record": …, "cause": …}`.

        An engine without such a list is judged by the CRM's error field alone.
        """
        shown = await self._ask("/errors")
        rows = shown if isinstance(shown, list) else []
        return [(str(row.get("record")), str(row.get("cause"))) for row in rows if isinstance(row, dict)]

    async def _engine_pending(self) -> str | None:
        """What the engine says at `/health` that it still works on, where it has such a page: `{"pending": text or null}`."""
        shown = await self._ask("/health")
        pending = shown.get("pending") if isinstance(shown, dict) else None
        return f"the engine is still busy: {pending}" if pending else None

    async def _ask(self, path: str) -> Any:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"http://{urlsplit(self.webhook_url).netloc}{path}")
            return msgspec.json.decode(answer.content) if answer.status_code == 200 else None
        except (httpx.HTTPError, msgspec.DecodeError):
            return None

    def _note(self, event: str, detail: str = "") -> None:
        self.journal.add(EngineEvent(self.clock.now(), event, detail))
