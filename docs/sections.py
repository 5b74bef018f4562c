"""The generated parts of the reference pages, each a function that asks the product's own registries."""

from __future__ import annotations

import inspect
import re
import sys
import tomllib
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import typer
from bugs import page
from engine_sections import engine_commands, engine_settings
from fidelity import fidelity
from tables import table
from typer.models import ArgumentInfo

from harness import cli
from harness.cli import guard
from harness.kit.control import ControlRoutes, routes
from harness.kit.fault_wire import EFFECTS, REFUSALS
from harness.kit.journal import AnyEntry, Entry
from harness.kit.weather import CrashWeather, LatencyWeather, Weather
from harness.kit.webhooks import DeliveryWeather
from harness.oracles.registry import ORACLES
from harness.run.registry import ENGINES, FAKES, find_engine, find_fake
from harness.run.scenario import (
    Hosting,
    LiveSettings,
    Scenario,
    Workload,
    load_scenario,
    load_weather,
    scenario_names,
    weather_names,
)
from sync_engine.dictionary import (
    Action,
    Binding,
    Dictionary,
    Entity,
    FieldMap,
    Lines,
    Match,
    Process,
    Related,
    Rounding,
    Side,
    Trigger,
    VendorBindings,
    VendorEntity,
)
from sync_engine.dictionary.expression_values import FUNCTIONS
from sync_engine.dictionary.lint import RULES

MEANINGS: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "meanings.toml").read_text(encoding="utf-8"))
PLAIN_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", datetime: "instant", Any: "any value"}


# -- small helpers ------------------------------------------------------------------------------------------------------------


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def show_type(hint: Any) -> str:
    """A type as people who write files call it."""
    if hint in PLAIN_TYPES:
        return PLAIN_TYPES[hint]
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inside)
    if origin in (Union, types.UnionType):
        return " or ".join(show_type(each) for each in inside if each is not type(None))
    if origin is tuple:
        return f"list of {show_type(inside[0])}"
    if origin is dict:
        return f"table of {show_type(inside[1])}"
    return str(hint.__name__)


def show_default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "*required*"
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(default, msgspec.Struct):
        return "its defaults"
    if default in ("", (), {}, None):
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def fields_of(kind: type[msgspec.Struct]) -> str:
    """The fields of a file format; each must have a meaning in meanings.toml."""
    hints, meanings = get_type_hints(kind), MEANINGS[kind.__name__]
    fields = msgspec.structs.fields(kind)
    names = [field.encode_name for field in fields]
    if sorted(names) != sorted(meanings):
        raise LookupError(f"meanings.toml: [{kind.__name__}] explains {sorted(set(names) ^ set(meanings))}, or fails to")
    rows = (
        (f"`{name}`", show_type(hints[field.name]), show_default(field), meanings[name])
        for name, field in zip(names, fields, strict=True)
    )
    return table(("field", "type", "default", "meaning"), rows)


# -- commands -----------------------------------------------------------------------------------------------------------------


def commands() -> str:
    return "\n\n".join(_command(name, callback) for name, callback in _callbacks(cli.app, ()))


def _callbacks(app: typer.Typer, words: tuple[str, ...]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Commands of an app and of the groups in it, under all their words."""
    for one in app.registered_commands:
        if one.callback:
            yield " ".join([*words, one.name or str(one.callback.__name__)]), one.callback
    for group in app.registered_groups:
        if group.typer_instance:
            yield from _callbacks(group.typer_instance, (*words, str(group.typer_instance.info.name)))


def _command(name: str, callback: Callable[..., Any]) -> str:
    found = parameters(callback)
    arguments = [one for one in found if not one.flag]
    options = [one for one in found if one.flag]
    usage = " ".join(["syncproof", name, *(one.name for one in arguments), *(["[OPTIONS]"] if options else [])])
    text = re.sub(r"Example: (.+)", r"```sh\n\1\n```", inspect.cleandoc(callback.__doc__ or ""))
    parts = [f"## `syncproof {name}`", text, f"    {usage}"]
    if arguments:
        parts.append(table(("argument", "meaning"), ((f"`{one.name}`", one.help) for one in arguments)))
    if options:
        parts.append(
            table(("option", "default", "meaning"), ((f"`{one.flag}{one.value}`", one.default, one.help) for one in options))
        )
    return "\n\n".join(parts)


@dataclass(frozen=True)
class Parameter:
    """One argument (`flag` empty) or option of a command."""

    name: str
    flag: str
    value: str
    default: str
    help: str


def parameters(callback: Callable[..., Any]) -> list[Parameter]:
    """Read from the function's own annotations, which are what typer reads."""
    hints = get_type_hints(callback, include_extras=True)
    found = []
    for name, parameter in inspect.signature(callback).parameters.items():
        hint, info = get_args(hints[name])
        if isinstance(info, ArgumentInfo):
            found.append(Parameter(name.upper(), "", "", "", one_line(info.help)))
            continue
        flag = next(iter(info.param_decls or ()), "--" + name.replace("_", "-"))
        bare = next(each for each in (get_args(hint) or (hint,)) if each is not type(None))
        value = "" if bare is bool else {int: " INTEGER", str: " TEXT"}.get(bare, " PATH")
        default = "" if parameter.default in (None, False) else f"`{parameter.default}`"
        found.append(Parameter(name, flag, value, default, one_line(info.help)))
    return found


def exit_codes() -> str:
    meanings = MEANINGS["exit_codes"]
    codes = {name.removeprefix("EXIT_").lower(): value for name, value in vars(guard).items() if name.startswith("EXIT_")}
    rows = [(f"`{code}`", meanings[name]) for name, code in sorted(codes.items(), key=lambda pair: pair[1])]
    return table(("code", "meaning"), [*rows, ("`130`", meanings["interrupted"])])


# -- what a run is made of ----------------------------------------------------------------------------------------------------


def scenarios() -> str:
    rows = []
    for name in scenario_names():
        loaded = load_scenario(name).scenario
        rows.append((f"`{name}`", loaded.description, f"`{loaded.weather}`", str(loaded.workload.flows)))
    return table(("scenario", "what happens", "weather", "flows"), rows)


def weather_profiles() -> str:
    return "\n\n".join(_profile(load_weather(name)) for name in weather_names())


def _profile(weather: Weather) -> str:
    rows = [(f"`{rate.on}`", f"`{rate.effect.text()}`", f"{rate.probability:g}") for rate in weather.faults]
    hooks = [(name, getattr(weather.webhooks, name)) for name in weather.webhooks.__struct_fields__]
    settings = [*hooks, *((f"crash.{name}", getattr(weather.crash, name)) for name in weather.crash.__struct_fields__)]
    said = ", ".join(f"{name} {value:g}" for name, value in settings if value != 0)
    latency = f"one way takes {weather.latency.ms_min:g} ms at least, {weather.latency.ms_mean:g} ms on average"
    parts = [f"### `{weather.name}`", weather.description, f"Latency: {latency}."]
    if rows:
        parts += [table(("calls", "effect", "chance of each"), rows), f"Webhooks and crashes: {said}."]
    return "\n\n".join(parts)


def effects() -> str:
    rows = []
    for name, effect in EFFECTS.items():
        settings = ", ".join(f"`{field.name} = {show_default(field).strip('`')}`" for field in msgspec.structs.fields(effect))
        rows.append((f"`{name}`", settings, one_line(effect.__doc__)))
    return table(("effect", "settings and defaults", "what the caller meets"), rows) + f"\n\nRefusals: {_listed(REFUSALS)}."


def oracles() -> str:
    parts = []
    for oracle in ORACLES.values():
        module = inspect.cleandoc(sys.modules[oracle.judge.__module__].__doc__ or "")
        exercised = one_line(oracle.exercised.__doc__)
        parts.append(
            f"## {oracle.name}\n\n**{oracle.promise}**\n\n{module}" + (f"\n\nExercised when: {exercised}" if exercised else "")
        )
    return "\n\n".join(parts)


def journal_entries() -> str:
    rows = []
    for kind in get_args(AnyEntry):
        own = [name for name in kind.__struct_fields__ if name not in Entry.__struct_fields__]
        rows.append((f"`{kind.__struct_config__.tag}`", _listed(own), one_line(kind.__doc__)))
    return table(("entry", "fields, after `at`", "what happened"), rows)


def control_routes() -> str:
    rows = [(f"`{one.method} {one.template}`", one_line(one.handler.__doc__)) for one in routes(_no_control())]
    return table(("route", "what it does"), rows)


def _no_control() -> ControlRoutes:
    """Only for its methods' names and docstrings: there is no fake behind it."""
    return ControlRoutes.__new__(ControlRoutes)


def fakes() -> str:
    found = [find_fake(name) for name in _ours(FAKES)]
    rows = [(f"`{spec.vendor}`", spec.title, spec.system.upper(), f"`{spec.default_host}`") for spec in found]
    return table(("name", "vendor", "plays", "its host in a simulation"), rows)


def engines() -> str:
    return table(("name", "what it is"), ((f"`{name}`", find_engine(name).description) for name in _ours(ENGINES)))


def lint_rules() -> str:
    rows = ((f"`{rule.id}`", rule.level + (", live" if rule.live else ""), rule.finds, rule.remedy) for rule in RULES.values())
    return table(("rule", "level", "finds that", "what to do"), rows)


def expression_functions() -> str:
    return ", ".join(f"`{function.usage}`" for function in FUNCTIONS.values())


def _ours(group: str) -> list[str]:
    """Names of this distribution only, not of whatever else is installed beside it."""
    return sorted(entry.name for entry in distribution("syncproof").entry_points if entry.group == group)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


FILE_FORMATS = (
    Scenario, Workload, LiveSettings, Hosting, Weather, LatencyWeather, CrashWeather, DeliveryWeather,
    Dictionary, Entity, Binding, FieldMap, Side, Rounding, Lines, Related, Match,
    Process, Trigger, Action, VendorBindings, VendorEntity,
)  # fmt: skip

SECTIONS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "exit-codes": exit_codes,
    "scenarios": scenarios,
    "weather-profiles": weather_profiles,
    "effects": effects,
    "oracles": oracles,
    "journal-entries": journal_entries,
    "control-routes": control_routes,
    "fakes": fakes,
    "engines": engines,
    "lint-rules": lint_rules,
    "expression-functions": expression_functions,
    "engine-commands": engine_commands,
    "engine-settings": engine_settings,
    **{f"fields-{kind.__name__.lower()}": partial(fields_of, kind) for kind in FILE_FORMATS},
    "bugs": page,
    **{f"fidelity-{name}": partial(fidelity, name) for name in _ours(FAKES)},
}
