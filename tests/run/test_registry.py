"""Fakes and engines by name, and the one clear sentence for each way it can go wrong."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
import tiny_fake

from harness.run import registry
from harness.run.registry import CannotLoad, UnknownName, find_engine, find_fake


def install(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Make these names the installed entry points of every group."""
    found = {name.replace("_", "-"): value for name, value in values.items()}
    monkeypatch.setattr(
        registry, "entry_points", lambda group: EntryPoints(EntryPoint(name, value, group) for name, value in found.items())
    )


def test_a_fake_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, tiny="tiny_fake:SPEC")

    assert find_fake("tiny") is tiny_fake.SPEC


def test_the_bundled_names_are_installed() -> None:
    assert {"hubspot", "erpnext"} <= set(registry.fake_names())
    assert {"middleware", "point-to-point"} <= set(registry.engine_names())


def test_an_unknown_name_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(UnknownName, match=r"unknown fake 'hubsport'; did you mean 'hubspot'\? known: erpnext, hubspot"):
        find_fake("hubsport")
    with pytest.raises(UnknownName, match=r"unknown engine 'xyz'; known: middleware, point-to-point"):
        find_engine("xyz")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("no_such_package.fake:SPEC", "importing no_such_package.fake failed: ModuleNotFoundError"),
        ("tiny_fake:SPECK", "tiny_fake has no attribute 'SPECK'; did you mean 'SPEC'?"),
        ("tiny_fake", "'tiny_fake' is not of the form package.module:attribute"),
        ("tiny_fake:TOKEN", "expected a FakeSpec, found builtins.str"),
    ],
)
def test_a_fake_that_cannot_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch, value: str, told: str) -> None:
    install(monkeypatch, mine=value)

    with pytest.raises(CannotLoad) as caught:
        find_fake("mine")
    assert str(caught.value).startswith("cannot load the fake 'mine': ")
    assert told in str(caught.value)


def test_an_engine_may_be_named_by_its_place_in_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = "name = description = 'mine'\ndef create(s): ...\ndef command(s): ...\ndef environment(s): ..."
    (tmp_path / "my_engine_by_path.py").write_text("class SPEC:\n    " + engine.replace("\n", "\n    ") + "\n")
    monkeypatch.setattr("sys.path", ["/nowhere"])
    monkeypatch.chdir(tmp_path)

    assert find_engine("my_engine_by_path:SPEC").name == "mine"


def test_what_fails_while_it_is_imported_is_one_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_engine_by_path.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(CannotLoad, match="importing broken_engine_by_path failed: ZeroDivisionError: division by zero"):
        find_engine("broken_engine_by_path:SPEC")


def test_an_engine_without_its_parts_names_the_missing_ones() -> None:
    with pytest.raises(
        CannotLoad, match=r"builtins.str is no EngineSpec: it has no name, description, create, command, environment"
    ):
        find_engine("tiny_fake:TOKEN")
