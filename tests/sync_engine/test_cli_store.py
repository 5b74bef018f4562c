"""`syncproof-engine store`: what a person types before and after a disaster."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_server import PostgresServer
from stores import Backend, Desk

from sync_engine.cli import main
from sync_engine.store import StoreUnavailable, open_store


def engine(*words: str | Path) -> int:
    return main([str(word) for word in words])


def filled(directory: Path) -> Path:
    store = open_store(directory)
    store.link("order", "5", "SO-5", {"a": "b"})
    store.close()
    return directory


def test_backup_and_restore(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, file = filled(tmp_path / "old"), tmp_path / "backup.jsonl"
    assert engine("store", "backup", file, "--store", old) == 0
    assert "1 rows are in" in capsys.readouterr().out
    assert engine("store", "restore", file, "--store", tmp_path / "new") == 0
    assert engine("store", "restore", file, "--store", tmp_path / "new") == 2
    assert "--force" in capsys.readouterr().err
    assert engine("store", "restore", file, "--store", tmp_path / "new", "--force") == 0
    store = open_store(tmp_path / "new")
    link = store.linked("order", "5")
    store.close()
    assert link is not None
    assert (link.erp_id, link.shadow) == ("SO-5", None)


def test_to_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.new_database("cli")
    assert engine("store", "migrate", url, "--store", filled(tmp_path / "old")) == 0
    store = open_store(url)
    link = store.linked("order", "5")
    store.close()
    assert link is not None
    assert link.shadow == {"a": "b"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "x"), "--store"),
        (("backup", "x", "--store", "nowhere"), "no such store"),
        (("restore", "missing.jsonl", "--store", "."), "cannot be read"),
        (("restore", "x", "--store", "old/sync_engine.sqlite3/state"), "cannot be used as the engine's store: Not a directory"),
        (("migrate", "./old", "--store", "old"), "the other store is the store itself"),
        (("migrate", "mysql://a:geheim@b/c", "--store", "old"), "postgresql"),
    ],
)
def test_mistakes_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SYNC_ENGINE_CONFIG", raising=False)
    filled(tmp_path / "old")
    assert engine("store", *words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert "geheim" not in error


@pytest.mark.parametrize("shared", [False, True])
def test_a_store_on_which_an_engine_runs_is_not_replaced(
    backend: Backend, tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: bool
) -> None:
    old, file, place = filled(tmp_path / "old"), tmp_path / "backup.jsonl", str(backend.target)
    assert engine("store", "backup", file, "--store", old) == 0
    running = backend.open()
    Desk(running, shared=shared)
    commands = (
        ("restore", file, "--store", place),
        ("migrate", place, "--store", old),
        ("migrate", tmp_path / "new", "--store", place),
    )
    for words in commands:
        assert engine("store", *words, "--force") == 2
        said = capsys.readouterr().err
        assert "an engine is running on this store; stop it first" in said
        assert said.count("\n") == 1
    assert engine("store", "backup", tmp_path / "more.jsonl", "--store", place) == 0
    running.close()
    assert engine("store", "restore", file, "--store", place, "--force") == 0


def test_an_engine_waits_while_its_store_is_replaced(backend: Backend) -> None:
    tool, store = backend.open(), backend.open()
    with tool.alone(), pytest.raises(StoreUnavailable, match="being replaced"):
        Desk(store)
    Desk(store)
