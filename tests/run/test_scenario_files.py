"""Scenario and weather files: found by name, checked, and every mistake told with file, place and the nearest known name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harness.run.durations import parse_duration, show_duration
from harness.run.scenario import ScenarioError, load_scenario, load_weather, scenario_names, scenarios_dir, weather_names


@pytest.mark.parametrize("name", scenario_names())
def test_every_shipped_scenario_loads(name: str) -> None:
    loaded = load_scenario(name)
    assert loaded.name == name
    assert loaded.dictionary_path.is_file()
    assert loaded.quiet_for < loaded.converge_within


@pytest.mark.parametrize("name", weather_names())
def test_every_shipped_weather_loads_under_its_own_name(name: str) -> None:
    assert load_weather(name).name == name


def test_the_weather_of_a_scenario_can_be_overruled() -> None:
    assert load_scenario("quote-to-cash").weather.name == "office-day"
    assert load_scenario("quote-to-cash", weather="calm").weather.name == "calm"


def test_an_unknown_scenario_names_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"unknown scenario 'quote-to-csh'; did you mean 'quote-to-cash'\?"):
        load_scenario("quote-to-csh")


def test_an_unknown_weather_names_the_nearest() -> None:
    with pytest.raises(ScenarioError, match=r"unknown weather 'ofice-day'; did you mean 'office-day'\?"):
        load_scenario("quote-to-cash", weather="ofice-day")


def copy_with(folder: Path, old: str, new: str) -> str:
    """A copy of the shipped scenario with one thing changed."""
    text = (scenarios_dir() / "quote-to-cash.toml").read_text(encoding="utf-8")
    assert old in text, "the change would change nothing"
    (folder / "hubspot-erpnext.dictionary.yaml").write_bytes((scenarios_dir() / "hubspot-erpnext.dictionary.yaml").read_bytes())
    path = folder / "mine.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("flows = 40", "flows = ", r"mine\.toml: not valid TOML: .*line 15"),
        ("flows = 40", 'flows = "forty"', r"mine\.toml: Expected `int`, got `str` - at `\$\.workload\.flows`"),
        ("flows = 40", "flows = 0", r"`workload\.flows` must be at least 1"),
        ("lost = 0.15", "lost = 15", r"`workload\.lost` is a share between 0 and 1"),
        ("lost = 0.15", "losst = 0.15", r"unknown field `losst`.*did you mean 'lost'\?"),
        ('day = "9h"', 'day = "nine hours"', r"`workload\.day`: 'nine hours' is no duration; write a number and a unit"),
        ('weather = "office-day"', 'weather = "storm"', r"unknown weather 'storm'; known: calm, office-day, webhooks-lost"),
        (
            "hubspot-erpnext.dictionary.yaml",
            "hubspot-erpnex.dictionary.yaml",
            r"did you mean 'hubspot-erpnext\.dictionary\.yaml'\?",
        ),
        ("start = 2026-03-02T07:00:00Z", "start = 2026-03-02T07:00:00", r"`start` has no time zone"),
    ],
)
def test_a_mistake_in_a_scenario_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario(copy_with(tmp_path, old, new))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no scenario file .*gone\.toml"):
        load_scenario(str(tmp_path / "gone.toml"))


def test_a_chance_above_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wild.toml"
    path.write_text(
        'name = "wild"\ndescription = ""\n[[faults]]\non = "*.*"\neffect = { effect = "lose_reply" }\nprobability = 1.5\n'
    )
    with pytest.raises(ScenarioError, match=r"probability 1\.5 of lose_reply is not between 0 and 1"):
        load_weather(str(path))


@pytest.mark.parametrize(("text", "seconds"), [("250ms", 0.25), ("90s", 90), ("20m", 1200), ("4h", 14400), ("1.5d", 129600)])
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("seconds", "text"), [(3.21, "3.2 s"), (75, "1 min 15 s"), (3900, "1 h 05 min")])
def test_durations_are_shown_to_people(seconds: float, text: str) -> None:
    assert show_duration(timedelta(seconds=seconds)) == text
