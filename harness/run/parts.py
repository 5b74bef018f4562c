"""What a simulated and a live run have in common: fakes made by name, people made for a scenario, and the history at the end."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

import msgspec

from harness.kit.clock import Clock
from harness.kit.fake import Fake, FakeSetup, FakeSpec
from harness.kit.journal import Changed, Journal
from harness.kit.records import Record
from harness.kit.seed import Seed
from harness.kit.weather import Weather
from harness.kit.webhooks import DeliveryWeather
from harness.oracles.history import FlowCase, History, OpenError
from harness.run.engines import Endpoint
from harness.run.flows.registry import FLOWS, People
from harness.run.scenario import LoadedScenario, ScenarioError, nearest
from sync_engine.dictionary import Dictionary

_SECRET = re.compile(r"(?<=://)[^/@]*@")  # who is let in, in an address


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person who starts a run chose; None means: as the scenario says."""

    scenario: str
    seed: int = 1
    crm: str | None = None
    erp: str | None = None
    engine: str | None = None
    weather: str | None = None
    flows: int | None = None
    replicas: int | None = None
    store: str | None = None  # where the engine keeps its state, a PostgreSQL address; its own state directory if None

    def replay(self, *, live: bool) -> str:
        """The command that shows this run again."""
        words = ["syncproof run", self.scenario, f"--seed {self.seed}"]
        words += [
            f"--{name} {value}"
            for name in ("crm", "erp", "engine", "weather", "flows", "replicas")
            if (value := getattr(self, name)) is not None
        ]
        words += [f"--store {_SECRET.sub('', self.store)}"] if self.store is not None else []
        return " ".join(words + (["--live"] if live else []))


def make_fake(spec: FakeSpec, clock: Clock, seed: Seed, journal: Journal, base_url: str, settings: Mapping[str, Any]) -> Fake:
    return spec.create(FakeSetup(spec.system, clock, seed.derived(spec.system), journal, base_url, settings))


def endpoints(specs: Mapping[str, FakeSpec], fakes: Mapping[str, Fake]) -> dict[str, Endpoint]:
    """Both systems as the engine is told of them, by `crm` and `erp`."""
    return {system: Endpoint(specs[system].vendor, fake.base_url, fake.credentials()) for system, fake in fakes.items()}


def engine_options(choice: Choice, loaded: LoadedScenario) -> dict[str, Any]:
    """What the engine alone understands: the scenario's options, and the store that the person chose."""
    store = {"store": choice.store} if choice.store is not None else {}
    return {**loaded.scenario.hosting.options, **store}


def set_weather(fake: Fake, weather: Weather) -> None:
    fake.faults.set_rates(list(weather.faults))
    fake.webhooks.weather = weather.webhooks


def calm(fake: Fake) -> None:
    """The second half of a run: no new faults, so that what is broken now stays broken for the oracles."""
    fake.faults.active = False
    fake.webhooks.weather = DeliveryWeather()


def make_people(
    loaded: LoadedScenario,
    dictionary: Dictionary,
    fakes: Mapping[str, Fake],
    clock: Clock,
    journal: Journal,
    seed: Seed,
    *,
    flows: int,
    day: timedelta,
    pace: float = 1.0,
) -> People:
    """Raises ScenarioError when the scenario names a flow that does not exist."""
    parts = FLOWS.get(loaded.scenario.flow)
    if parts is None:
        raise ScenarioError(f"{loaded.path}: unknown flow {loaded.scenario.flow!r}{nearest(loaded.scenario.flow, sorted(FLOWS))}")
    workload = msgspec.structs.replace(loaded.scenario.workload, flows=flows)
    crm, erp = fakes["crm"].sales_desk, fakes["erp"].erp_desk
    return People(parts, crm, erp, clock, journal, seed.derived("people"), workload, day, dictionary, pace=pace)


class LatestChange:
    """When a record last changed, by a journal that only grows: every look reads just what is new since the one before."""

    def __init__(self, journal: Journal, started_at: datetime) -> None:
        self._journal, self._at = journal, started_at
        self._seen = len(journal.entries)

    def at(self) -> datetime:
        """The instant of the latest change, or of the start where nothing has changed since."""
        entries = self._journal.entries
        for position in range(len(entries) - 1, self._seen - 1, -1):
            if isinstance(entries[position], Changed):
                self._at = entries[position].at
                break
        self._seen = len(entries)
        return self._at


async def until_quiet(
    look: Callable[[], Awaitable[str | None]], clock: Clock, last_act: Callable[[], datetime], within: timedelta, every: timedelta
) -> str:
    """Wait until `look` names nothing that is still pending. Returns what it names when `within` is over since faults ended and
    since people's last act, or an empty text."""
    since = clock.now()
    while (reason := await look()) is not None:
        if clock.now() - max(since, last_act()) > within:
            return reason
        await clock.sleep(every)
    return ""


@dataclass(frozen=True, slots=True)
class Ending:
    """When and how a run ended."""

    started_at: datetime
    faults_off_at: datetime
    ended_at: datetime
    converge_within: timedelta
    still_pending: str
    open_errors: Sequence[tuple[str, str]]
    flows: Sequence[FlowCase]


def make_history(
    choice: Choice,
    loaded: LoadedScenario,
    dictionary: Dictionary,
    engine: str,
    mode: Literal["simulation", "live"],
    fakes: Mapping[str, tuple[FakeSpec, Fake]],
    journal: Journal,
    ending: Ending,
) -> History:
    notes = {"weather": loaded.weather.name, "scenario_title": loaded.scenario.title}
    for system, (spec, fake) in fakes.items():
        notes[f"{system}_title"] = spec.title
        notes[f"{system}_limit"] = fake.describe_limit()
    return History(
        scenario=loaded.name,
        seed=choice.seed,
        engine=engine,
        mode=mode,
        dictionary=dictionary,
        entries=journal.entries,
        records={system: final_records(fake) for system, (_, fake) in fakes.items()},
        flows=ending.flows,
        open_errors=[OpenError(record, cause) for record, cause in ending.open_errors],
        started_at=ending.started_at,
        faults_off_at=ending.faults_off_at,
        ended_at=ending.ended_at,
        converge_within=ending.converge_within,
        still_pending=ending.still_pending,
        replay=choice.replay(live=mode == "live"),
        notes=notes,
    )


def final_records(fake: Fake) -> dict[str, dict[str, Record]]:
    return {kind: {record.id: record for record in fake.store.all(kind)} for kind in fake.store.kinds()}


def restart_wait(weather: Weather, random: Random) -> timedelta:
    return timedelta(seconds=random.uniform(weather.crash.restart_s_min, weather.crash.restart_s_max))
