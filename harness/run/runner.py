"""From what a person asked for to a judged run. Every name is looked up here, and every bad one is one clear error."""

from __future__ import annotations

from dataclasses import dataclass

from harness.kit.fake import FakeSpec
from harness.oracles.finding import Judgement, Verdict
from harness.oracles.history import History
from harness.oracles.registry import judge_all
from harness.run.engines import EngineSpec
from harness.run.live import LiveRun
from harness.run.parts import Choice
from harness.run.registry import find_engine, find_fake
from harness.run.scenario import LoadedScenario, ScenarioError, load_scenario
from harness.run.simulate import Progress, Simulation


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run and what the oracles made of it."""

    history: History
    judgements: list[Judgement]

    @property
    def verdict(self) -> Verdict:
        """Violated if any promise is; unknown if none was exercised; else held."""
        verdicts = {judgement.verdict for judgement in self.judgements}
        if Verdict.VIOLATED in verdicts:
            return Verdict.VIOLATED
        return Verdict.HELD if Verdict.HELD in verdicts else Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a choice names, found."""

    loaded: LoadedScenario
    crm: FakeSpec
    erp: FakeSpec
    engine: EngineSpec


def find_parts(choice: Choice) -> Parts:
    """Raises ScenarioError, UnknownName, CannotLoad."""
    loaded = load_scenario(choice.scenario, weather=choice.weather)
    scenario = loaded.scenario
    crm = _fake_for("crm", choice.crm or scenario.crm)
    erp = _fake_for("erp", choice.erp or scenario.erp)
    return Parts(loaded, crm, erp, find_engine(choice.engine or scenario.engine))


def _fake_for(system: str, vendor: str) -> FakeSpec:
    spec = find_fake(vendor)
    if spec.system != system:
        raise ScenarioError(
            f"{vendor!r} is {'an ERP' if spec.system == 'erp' else 'a CRM'}; it cannot play the {system.upper()} (--{system})"
        )
    return spec


def run_scenario(choice: Choice, *, live: bool = False, progress: Progress | None = None) -> Run:
    """Run and judge. Raises what `find_parts` raises, DictionaryError, EngineDied, PortInUse; anything else is our own error."""
    parts = find_parts(choice)
    kind = LiveRun if live else Simulation
    history = kind(choice, parts.loaded, parts.crm, parts.erp, parts.engine, progress or Progress()).run()
    return Run(history, judge_all(history))
