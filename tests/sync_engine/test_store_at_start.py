"""A PostgreSQL store that is not there when the engine starts: it waits and says so, as a process that ended would be started by
its supervisor again and again."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import httpx
import pytest
from engine_child import running, until, write_config
from postgres_server import PostgresServer
from tiny_vendors import DICTIONARY

from sync_engine.cli import main

CONFIG = {
    "crm_url": "http://127.0.0.1:1",
    "crm_token": "a-token",
    "erp_url": "http://127.0.0.1:1",
    "erp_key": "a-key",
    "erp_secret": "a-secret",
    "webhook_url": "http://127.0.0.1:8480/hooks",
    "listen": "127.0.0.1:0",
    "webhook_secret": "webhooks-are-signed",
    "state_dir": "state",
    "dictionary": str(DICTIONARY),
}


def config(folder: Path, store: str) -> Path:
    return write_config(folder, {**CONFIG, "store": store})


def ask(base: str, path: str, **more: str) -> httpx.Response:
    return httpx.get(f"{base}{path}", trust_env=False, headers=more)


def test_it_is_waited_for_and_told_of(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.new_database("late")
    with contextlib.ExitStack() as life:
        postgres.stop()
        with contextlib.ExitStack() as outage:
            outage.callback(postgres.start)
            child, base = life.enter_context(running(config(tmp_path, url)))
            until(child, "waiting")
            ready = ask(base, "/ready")
            assert (ready.status_code, ready.json()["ready"]) == (503, False)
            assert "the store cannot be reached" in ready.json()["waiting"]
            assert ask(base, "/health").json()["status"] == "ok"
            assert ask(base, "/errors").json()[0]["record"] == "store"
            assert ask(base, "/errors", Host="evil.example").status_code == 421
            assert httpx.post(f"{base}/hooks/crm", trust_env=False, content=b"[]").status_code == 503
        until(child, "back")
        assert "the CRM cannot be reached" in until(child, "waiting"), "it works now, as far as it can"
        assert "store" not in ask(base, "/ready").json()["waiting"]
        child.send_signal(signal.SIGTERM)
        until(child, "stopped")
        assert child.wait(timeout=30) == 0


def test_an_engine_that_waits_can_be_stopped_and_shows_no_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with running(config(tmp_path, "postgresql://engine:geheim@127.0.0.1:1/none")) as (child, base):
        assert "geheim" not in until(child, "waiting")
        assert "geheim" not in ask(base, "/ready").text
        child.send_signal(signal.SIGTERM)
        until(child, "stopped")
        assert child.wait(timeout=30) == 0


def test_an_address_that_can_never_work_ends_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    assert main(["run", "--config", str(config(tmp_path, "postgresql://engine:geheim@127.0.0.1/db?nonsense=1"))]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("sync_engine: ")
    assert "is no address of a PostgreSQL store" in said
    assert "geheim" not in said
