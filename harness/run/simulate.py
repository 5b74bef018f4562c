"""One scenario and one seed in virtual time: the whole day in one process, from one event loop.

First half: people work and the weather is on. Second half: the weather is calm and the world has to become quiet.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from harness.kit.call import Call
from harness.kit.clock import iso_ms
from harness.kit.defaults import WEBHOOK_SECRET
from harness.kit.fake import FakeSpec
from harness.kit.journal import Journal, Marker
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.oracles.history import History
from harness.run.durations import parse_duration
from harness.run.engines import EngineSpec, InProcessEngine, Surroundings
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
    restart_wait,
    set_weather,
    until_quiet,
)
from harness.run.scenario import LoadedScenario
from harness.sim.fleet import EngineFleet, options_of
from harness.sim.host import EngineDied, EngineHost, WebhookCarrier
from harness.sim.loop import VirtualClock, VirtualLoop
from harness.sim.network import Network, SimHttp
from harness.sim.transport import SimTransport
from sync_engine.dictionary import load as load_dictionary

ENGINE_URL = "http://engine.example/webhooks"
LOOK_EVERY = timedelta(seconds=30)
DAY_MAX = timedelta(days=14)


class Progress:
    """Told now and then how far the run is; the command line draws it. Does nothing by itself."""

    def at(self, now: datetime, share: float, doing: str) -> None:
        """`share` is between 0 and 1."""


class Simulation:
    """One world. Use it once: `history = Simulation(...).run()`."""

    def __init__(
        self, choice: Choice, loaded: LoadedScenario, crm: FakeSpec, erp: FakeSpec, engine: EngineSpec, progress: Progress
    ) -> None:
        self.choice, self.loaded, self.progress = choice, loaded, progress
        self.dictionary = load_dictionary(loaded.dictionary_path)
        self.engine_spec = engine
        self.loop = VirtualLoop()
        self.seed = Seed(choice.seed)
        self.journal = Journal()
        self.started_at = loaded.scenario.start
        self.clock = VirtualClock(self.loop, self.started_at)
        settings = loaded.scenario.settings
        self.specs = {"crm": crm, "erp": erp}
        self.fakes = {
            system: make_fake(spec, self.clock, self.seed, self.journal, spec.default_host, settings.get(system, {}))
            for system, spec in self.specs.items()
        }
        self.network = Network(self.loop, self.clock, self.journal, self.seed.stream("network"), loaded.weather.latency)
        self.network.on_call = self._maybe_crash
        self._crash_random = self.seed.stream("crashes")
        self._crashes = 0
        self._crash_armed = False
        self._faults_on = True
        self.flows = choice.flows or loaded.scenario.workload.flows
        self.day = parse_duration(loaded.scenario.workload.day)
        self._state = tempfile.TemporaryDirectory(prefix="syncproof-", ignore_cleanup_errors=True)
        replicas = choice.replicas or loaded.scenario.hosting.replicas
        self.fleet = EngineFleet(self.loop, self.clock, self.journal, self._make_engine, replicas)
        self._latest_change = LatestChange(self.journal, self.started_at)

    def run(self) -> History:
        """Raises EngineDied when the engine never comes up, and whatever breaks inside the harness itself."""
        asyncio.set_event_loop(self.loop)
        try:
            with _quiet_collector():
                ending = self.loop.run_until_complete(self._live_through())
        except SystemExit as leaving:
            raise EngineDied(f"a background task of the engine called sys.exit({leaving.code!r})") from None
        finally:
            self._close()
        fakes = {system: (self.specs[system], fake) for system, fake in self.fakes.items()}
        return make_history(
            self.choice, self.loaded, self.dictionary, self.engine_spec.name, "simulation", fakes, self.journal, ending
        )

    # -- the run --------------------------------------------------------------------------------------------------

    async def _live_through(self) -> Ending:
        self.people = make_people(
            self.loaded, self.dictionary, self.fakes, self.clock, self.journal, self.seed, flows=self.flows, day=self.day
        )
        self.people.prepare()
        for system, fake in self.fakes.items():
            self.network.attach(self.specs[system].default_host, fake)
            fake.connect_webhooks(f"{ENGINE_URL}/{system}", WEBHOOK_SECRET)
            set_weather(fake, self.loaded.weather)
        carrier = WebhookCarrier(self.fleet, self.network.latency, self.seed.stream("webhook network"))
        pumps = [
            asyncio.create_task(DeliveryPump(fake.webhooks, self.clock, carrier.post).run(), name=f"{system} webhooks")
            for system, fake in self.fakes.items()
        ]
        self._arm_crashes()
        self._mark("faults_on", self.loaded.weather.name)
        self.fleet.start()
        self.people.begin()
        await self._until_people_rest()
        faults_off_at = self._turn_calm()
        within = self.loaded.converge_within
        still_pending = await until_quiet(self._look, self.clock, lambda: self.people.last_act, within, LOOK_EVERY)
        self._mark("end", still_pending)
        ending = Ending(
            self.started_at,
            faults_off_at,
            self.clock.now(),
            within,
            still_pending,
            self.fleet.open_errors(),
            self.people.known(),
        )
        await self.fleet.stop()
        for pump in pumps:
            pump.cancel()
        return ending

    async def _until_people_rest(self) -> None:
        """People's day, and as long after it as orders still appear."""
        horizon = self.day + timedelta(hours=12)
        while (busy := self.people.describe_pending()) is not None and self.clock.now() - self.started_at < DAY_MAX:
            self._check()
            elapsed = self.clock.now() - self.started_at
            self.progress.at(self.clock.now(), min(0.95, elapsed / horizon), busy)
            await self.clock.sleep(LOOK_EVERY * 4)

    def _turn_calm(self) -> datetime:
        self._faults_on = False
        for fake in self.fakes.values():
            calm(fake)
        self._mark("faults_off")
        return self.clock.now()

    async def _look(self) -> str | None:
        """What is still pending while the world has to become quiet."""
        self._check()
        reason = self.pending()
        if reason is not None:
            self.progress.at(self.clock.now(), 0.97, reason)
        return reason

    def pending(self) -> str | None:
        """What still keeps the world busy, or None when it is quiet."""
        if self.fleet.restart_due:
            return "the engine is down and will be restarted"
        for reason in (
            self.people.describe_pending(),
            *(fake.describe_pending() for fake in self.fakes.values()),
            self.fleet.pending(),
        ):
            if reason is not None:
                return str(reason)
        quiet_since = self._latest_change.at()
        if self.clock.now() - quiet_since < self.loaded.quiet_for:
            return f"the last change was only at {iso_ms(quiet_since)}"
        return None

    def _check(self) -> None:
        """Stop at once when the harness itself is broken or the engine never came up."""
        if self.fleet.failure is not None:
            raise self.fleet.failure
        if self.people.failures:
            raise self.people.failures[0]

    # -- the engine -----------------------------------------------------------------------------------------------

    def _make_engine(self, host: EngineHost) -> InProcessEngine:
        known = endpoints(self.specs, self.fakes)
        surroundings = Surroundings(
            crm=known["crm"],
            erp=known["erp"],
            webhook_url=ENGINE_URL,
            webhook_secret=WEBHOOK_SECRET,
            state_dir=Path(self._state.name),
            dictionary=self.loaded.dictionary_path,
            clock=self.clock,
            random=self.seed.stream(f"engine/{host.incarnation}"),
            http=SimHttp(self.network, "engine"),
            transport=SimTransport(self.network, "engine"),
            options=options_of(host, engine_options(self.choice, self.loaded)),
        )
        return self.engine_spec.create(surroundings)

    def _arm_crashes(self) -> None:
        """Promised crashes happen at the engine's next call after a drawn time, whatever chance says."""
        for _ in range(self.loaded.weather.crash.times_min):
            at = self.day.total_seconds() * self._crash_random.uniform(0.1, 0.9)
            self.loop.call_later(at, self._arm)

    def _arm(self) -> None:
        self._crash_armed = True

    def _maybe_crash(self, phase: str, call: Call) -> bool:
        crash, host = self.loaded.weather.crash, self.fleet.host_of(self.network.calling)
        if not self._faults_on or host is None or self._crashes >= max(crash.times_max, crash.times_min) or call.caller != "engine":
            return False
        armed = self._crash_armed and self._crash_random.random() < 0.5
        if not armed and not (crash.per_call and self._crash_random.random() < crash.per_call / 2):
            return False
        self._crash_armed = False
        self._crashes += 1
        when = "before sending" if phase == "before" else "after the other side had applied"
        host.kill(f"{when} {call.method} {call.path}")
        host.restart_in(restart_wait(self.loaded.weather, self._crash_random))
        return True

    # -- inside ---------------------------------------------------------------------------------------------------

    def _mark(self, name: str, detail: str = "") -> None:
        self.journal.add(Marker(self.clock.now(), name, detail))

    def _close(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.bury()
        self.loop.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        self.loop.close()
        self._state.cleanup()


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """A growing journal makes every garbage collection slower; it holds no cycles, so collections may be rare."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
