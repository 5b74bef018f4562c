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

from harness.kit.clock import WallClock
from harness.kit.defaults import WEBHOOK_SECRET
from harness.kit.fake import Fake, FakeSpec
from harness.kit.journal import EngineEvent, Journal, Marker
from harness.kit.live_server import LiveServer, loop_factory
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.server import asgi_app
from harness.oracles.history import History
from harness.run.deliver import HttpPoster
from harness.run.durations import parse_duration
from harness.run.engines import EngineSpec, Surroundings
from harness.run.live_fleet import ProcessFleet
from harness.run.parts import (
    Choice,
    Ending,
    LatestChange,
    calm,
    endpoints,
    engine_options,
    make_fake,
    make_history,
    make_people,
    set_weather,
    until_quiet,
)
from harness.run.scenario import LoadedScenario
from harness.run.simulate import Progress
from sync_engine.dictionary import load as load_dictionary

HOST = "127.0.0.1"
LOOK_EVERY = timedelta(milliseconds=250)
POLL_S = 2.0  # the engine's safety net, quick enough for a run of seconds
TIMEOUT_S = 3.0  # the engine's patience with a lost reply, likewise
PEOPLE_MAX_S = 120.0


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
            self.fleet = self._make_fleet(Path(state), stack)
            await self._connect(stack)
            await self.fleet.start()
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
            await self.fleet.stop()
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

    def _make_fleet(self, state: Path, stack: AsyncExitStack) -> ProcessFleet:
        replicas = self.choice.replicas or self.loaded.scenario.hosting.replicas
        name = self.choice.engine or self.engine_spec.name
        fleet = ProcessFleet(self.engine_spec, name, lambda url: self._surroundings(url, state), state, HOST, replicas, self._note)
        stack.callback(fleet.kill)
        return fleet

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
            options={"poll_every_s": POLL_S, "timeout_s": TIMEOUT_S, **engine_options(self.choice, self.loaded)},
        )

    async def _connect(self, stack: AsyncExitStack) -> None:
        poster = HttpPoster()
        stack.push_async_callback(poster.close)
        for system, fake in self.fakes.items():
            fake.connect_webhooks(f"{self.fleet.webhook_url}/{system}", WEBHOOK_SECRET)
            set_weather(fake, self.loaded.weather)
            pump = asyncio.create_task(DeliveryPump(fake.webhooks, self.clock, self.fleet.behind(poster.post)).run())
            stack.callback(pump.cancel)

    # -- running --------------------------------------------------------------------------------------------------

    async def _kill_now_and_then(self) -> None:
        random = self.seed.stream("kills")
        span = self._over.total_seconds()
        times = sorted(span * random.uniform(0.25, 0.95) for _ in range(self.live.kills))
        begun = asyncio.get_running_loop().time()
        for at in times:
            await asyncio.sleep(max(0.0, begun + at - asyncio.get_running_loop().time()))
            await self.fleet.kill_one(random.randrange(64) if self.fleet.replicas > 1 else 0, random.uniform(0.2, 0.8))

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
        await self.fleet.look_after()

    async def _open_errors(self) -> list[tuple[str, str]]:
        """What the engine shows at `/errors` beside its webhook address: a JSON list of `{"record": …, "cause": …}`.

        An engine without such a list is judged by the CRM's error field alone.
        """
        lists = [shown for shown in await self.fleet.ask("/errors") if isinstance(shown, list)]
        rows = [row for shown in lists for row in shown if isinstance(row, dict)]
        return list(dict.fromkeys((str(row.get("record")), str(row.get("cause"))) for row in rows))

    async def _engine_pending(self) -> str | None:
        """What the engine says at `/health` that it still works on, where it has such a page: `{"pending": text or null}`."""
        pages = [shown.get("pending") for shown in await self.fleet.ask("/health") if isinstance(shown, dict)]
        pending = next(filter(None, pages), None)
        return f"the engine is still busy: {pending}" if pending else None

    def _note(self, event: str, detail: str = "") -> None:
        self.journal.add(EngineEvent(self.clock.now(), event, detail))
