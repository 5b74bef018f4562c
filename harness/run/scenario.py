"""Scenario and weather files: TOML, found by name in the folder shipped with syncproof, or given as a path.

Files are data; nothing in them is run. Every mistake is one `ScenarioError` that names file, place, what was expected and the
nearest known name.
"""

from __future__ import annotations

import difflib
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.kit.weather import Weather
from harness.run.durations import parse_duration

T = TypeVar("T")


class ScenarioError(ValueError):
    """A scenario or weather file is missing or wrong; the text is meant for the person who wrote it."""


class Workload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What simulated people do. Shares are between 0 and 1; `day` is the time within which flows begin."""

    flows: int = 40
    day: str = "9h"
    products: int = 25
    lines_max: int = 5
    returning_customer: float = 0.25
    lost: float = 0.15
    unknown_item: float = 0.05
    quantity_change: float = 0.2
    company_edit: float = 0.25
    partial_shipment: float = 0.35
    part_payment: float = 0.3
    amend: float = 0.0  # share of won deals whose lines change after the win
    add_line: float = 0.0
    remove_line: float = 0.0
    cancel: float = 0.0  # share of won deals that are lost or reopened after all
    win_again: float = 0.0  # share of those that are won a second time
    cancel_in_erp: float = 0.0  # share of orders that somebody cancels or holds in the ERP
    return_goods: float = 0.0  # share of shipped orders of which goods come back
    archive_deal: float = 0.0  # share of won deals that are archived
    restore_deal: float = 0.0  # share of those that are taken out of the bin
    company_clear: float = 0.0  # share of companies of which a field is emptied
    contact_edit: float = 0.0
    company_merge: float = 0.0  # share of companies entered twice and merged
    company_archive: float = 0.0
    company_restore: float = 0.0
    erp_edit: float = 0.0  # share of customers that are edited in the ERP
    both_edit: float = 0.0  # share of companies that both sides edit at about the same time
    undo_edit: float = 0.0  # share of edits that are taken back
    credit_hold: float = 0.0  # share of customers that finance stops for a while
    price_change: float = 0.0  # share of items whose price changes during the day
    stock_move: float = 0.0
    item_rename: float = 0.0
    new_item: float = 0.0  # new items, as a share of those the day begins with
    item_disable: float = 0.0


class LiveSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same scenario over real sockets, in real time: fewer flows, faster people. `kills`: SIGKILLs of the engine process."""

    flows: int = 10
    over: str = "10s"
    converge_within: str = "90s"
    quiet_for: str = "3s"
    kills: int = 1


class Hosting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the engine is run: how many replicas share its store, and options that it alone understands (`poll_every_s`)."""

    replicas: int = 1
    options: dict[str, Any] = {}


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One scenario file. Durations are texts such as `4h`."""

    title: str
    description: str
    flow: str
    crm: str
    erp: str
    engine: str
    dictionary: str
    weather: str
    start: datetime
    converge_within: str
    quiet_for: str
    workload: Workload = Workload()
    live: LiveSettings = LiveSettings()
    hosting: Hosting = Hosting()
    settings: dict[str, dict[str, Any]] = {}  # vendor switches by role: {"crm": {...}, "erp": {...}}


class LoadedScenario(msgspec.Struct, frozen=True):
    """A scenario with its name and everything its file refers to."""

    name: str
    path: Path
    scenario: Scenario
    weather: Weather
    dictionary_path: Path

    @property
    def converge_within(self) -> timedelta:
        return parse_duration(self.scenario.converge_within)

    @property
    def quiet_for(self) -> timedelta:
        return parse_duration(self.scenario.quiet_for)


def scenarios_dir() -> Path:
    """The folder of shipped scenarios: inside the package when installed from a wheel, beside it in a checkout."""
    inside = Path(__file__).resolve().parent.parent / "scenarios"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent.parent / "scenarios"


def scenario_names() -> list[str]:
    return sorted(path.stem for path in scenarios_dir().glob("*.toml"))


def weather_names() -> list[str]:
    return sorted(path.stem for path in (scenarios_dir() / "weather").glob("*.toml"))


def load_scenario(name: str, *, weather: str | None = None) -> LoadedScenario:
    """Load by name or by path (anything with a `/` or ending in `.toml`). Raises ScenarioError."""
    is_path = name.endswith(".toml") or "/" in name
    path = Path(name) if is_path else scenarios_dir() / f"{name}.toml"
    if not path.is_file():
        if is_path:
            raise ScenarioError(f"there is no scenario file {name}")
        raise ScenarioError(f"unknown scenario {name!r}{nearest(name, scenario_names())}; `syncproof scenarios` lists them all")
    scenario = _read(path, Scenario)
    _check_numbers(path, scenario)
    dictionary_path = path.parent / scenario.dictionary
    if not dictionary_path.is_file():
        known = sorted(file.name for file in path.parent.glob("*.dictionary.yaml"))
        raise ScenarioError(
            f"{path}: `dictionary` names {scenario.dictionary!r}, which does not exist{nearest(scenario.dictionary, known)}"
        )
    return LoadedScenario(path.stem, path, scenario, load_weather(weather or scenario.weather, path), dictionary_path)


def load_weather(name: str, asked_by: Path | None = None) -> Weather:
    """A weather profile by name, or by path. Raises ScenarioError."""
    path = Path(name) if name.endswith(".toml") else scenarios_dir() / "weather" / f"{name}.toml"
    if not path.is_file():
        where = f"{asked_by}: " if asked_by is not None else ""
        raise ScenarioError(f"{where}unknown weather {name!r}{nearest(name, weather_names())}")
    weather = _read(path, Weather)
    for rate in weather.faults:
        if not 0 <= rate.probability <= 1:
            raise ScenarioError(f"{path}: probability {rate.probability} of {rate.effect.text()} is not between 0 and 1")
    return weather


def _read(path: Path, kind: type[T]) -> T:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}") from None
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{path}: {error}{_hint(str(error))}") from None


def _check_numbers(path: Path, scenario: Scenario) -> None:
    for place, text in (
        ("converge_within", scenario.converge_within),
        ("quiet_for", scenario.quiet_for),
        ("workload.day", scenario.workload.day),
        ("live.over", scenario.live.over),
        ("live.converge_within", scenario.live.converge_within),
        ("live.quiet_for", scenario.live.quiet_for),
    ):
        try:
            duration = parse_duration(text)
        except ValueError as error:
            raise ScenarioError(f"{path}: `{place}`: {error}") from None
        if not duration:
            raise ScenarioError(f"{path}: `{place}` must be longer than {text}")
    if scenario.start.tzinfo is None:
        raise ScenarioError(f"{path}: `start` has no time zone; write for example 2026-03-02T07:00:00Z")
    if scenario.hosting.replicas < 1:
        raise ScenarioError(f"{path}: `hosting.replicas` must be at least 1, not {scenario.hosting.replicas}")
    for name, value in msgspec.structs.asdict(scenario.workload).items():
        if isinstance(value, int) and value < 1:
            raise ScenarioError(f"{path}: `workload.{name}` must be at least 1, not {value}")
        if isinstance(value, float) and not 0 <= value <= 1:
            raise ScenarioError(f"{path}: `workload.{name}` is a share between 0 and 1, not {value:g}")


def nearest(name: str, known: list[str]) -> str:
    """`; did you mean 'x'?`, or the list of what there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known) or 'none'}"


def _hint(message: str) -> str:
    if "unknown field" not in message:
        return ""
    name = message.split("`")[1]
    known = {field for kind in (Scenario, Workload, LiveSettings, Hosting, Weather) for field in kind.__struct_fields__}
    return nearest(name, sorted(known))
