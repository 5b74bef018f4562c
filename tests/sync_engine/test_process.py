"""The engine as a process of its own: configuration, its web application, its command line, its HTTP client."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tiny_vendors import DICTIONARY, World

from harness.kit.clock import ManualClock
from sync_engine.cli import main
from sync_engine.http_client import HttpxHttp
from sync_engine.operations.app import make_app
from sync_engine.operations.log import line_log, masking
from sync_engine.settings import PREFIX, SettingsError, read_settings
from sync_engine.store import Store

GOOD = {
    "crm_url": "http://127.0.0.1:1",
    "crm_token": "pat-secret",
    "erp_url": "http://127.0.0.1:2",
    "erp_key": "key",
    "erp_secret": "hush",
    "webhook_url": "http://127.0.0.1:3/w",
    "webhook_secret": "hush",
    "state_dir": "state",
    "dictionary": str(DICTIONARY),
}


def environment(**changes: str) -> dict[str, str]:
    return {PREFIX + name.upper(): text for name, text in {**GOOD, **changes}.items()}


def test_settings_come_from_the_environment_or_a_file_and_never_show_secrets(tmp_path: Path) -> None:
    read = read_settings(environment(poll_seconds="2"), None)
    settings = read.settings
    assert (settings.poll_every.total_seconds(), read.dictionary) == (2, DICTIONARY)
    assert "hush" not in repr(settings)
    assert "pat-secret" not in repr(settings)
    file = tmp_path / "engine.toml"
    file.write_text("".join(f"{name} = {json.dumps(text)}\n" for name, text in GOOD.items()))
    assert read_settings({}, file).settings.erp_url == "http://127.0.0.1:2"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crm_token": ""}, "SYNC_ENGINE_CRM_TOKEN"),
        ({"erp_url": "erp"}, "no URL"),
        ({"poll_seconds": "often"}, "positive number"),
        ({"workers": "-1"}, "whole number from 1"),
    ],
)
def test_bad_settings_are_one_clear_line(changes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings(environment(**changes), None)


def test_a_misspelt_setting_names_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "engine.toml"
    file.write_text("crm_tokn = 'x'\n")
    with pytest.raises(SettingsError, match="did you mean 'crm_token'"):
        read_settings({}, file)


def test_bad_configuration_ends_with_exit_code_2_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in GOOD:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    assert main(["run"]) == 2
    for name, text in environment(dictionary=str(tmp_path / "none.yaml")).items():
        monkeypatch.setenv(name, text)
    assert main(["run"]) == 2
    assert main(["errors", "list", "--state-dir", str(tmp_path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("sync_engine: ") for line in lines)


def test_a_port_in_use_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/w"
        for name, text in environment(webhook_url=url, state_dir=str(tmp_path)).items():
            monkeypatch.setenv(name, text)
        assert main(["run"]) == 2
    assert "cannot listen on 127.0.0.1:" in capsys.readouterr().err


def test_open_errors_are_listed_shown_and_retried(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    store = Store(tmp_path / "sync_engine.sqlite3")
    store.bury("crm deals 5", "Item X is unknown.", "Add it.", datetime(2026, 3, 2, tzinfo=UTC))
    store.close()
    at = ["--state-dir", str(tmp_path)]
    assert main(["errors", "list", *at]) == 1
    assert main(["errors", "show", "crm deals 5", *at]) == 0
    assert main(["errors", "retry", "crm deals 5", *at]) == 0
    assert main(["errors", "show", "crm deals 6", *at]) == 2
    shown = capsys.readouterr()
    assert "crm deals 5\tneeds a person\t1 attempts" in shown.out
    assert "Add it." in shown.out
    assert "open: crm deals 5" in shown.err


def test_the_web_application_takes_webhooks_and_answers_for_operators(world: World) -> None:
    world.vendors.won_deal(sku="LEGACY-7")
    engine = world.start()
    world.until_quiet()

    async def ask() -> list[Any]:
        transport = httpx.ASGITransport(app=make_app(engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8480") as client:
            calls = [client.get("/health"), client.get("/errors"), client.post("/w/crm", content=b"[]"), client.post("/other")]
            return [await call for call in calls]

    health, errors, forged, other = world.loop.run_until_complete(ask())
    assert health.json() == {"status": "ok", "pending": None}
    assert errors.json()[0]["record"] == "crm deals 501"
    assert (forged.status_code, other.status_code) == (401, 404)


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (httpx.ConnectError("x"), ConnectionRefusedError),
        (httpx.ConnectTimeout("x"), ConnectionRefusedError),
        (httpx.ReadTimeout("x"), TimeoutError),
        (httpx.ReadError("x"), ConnectionResetError),
        (httpx.RemoteProtocolError("x"), ConnectionResetError),
    ],
)
def test_httpx_s_errors_become_the_three_of_the_port(raised: Exception, seen: type[Exception]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise raised

    async def send() -> None:
        http = HttpxHttp(httpx.AsyncClient(transport=httpx.MockTransport(answer)))
        try:
            await http.send("GET", "http://crm.example/x", {}, b"", 1.0)
        finally:
            await http.close()

    with pytest.raises(seen):
        asyncio.run(send())


def test_a_log_line_is_one_line_and_hides_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    log = line_log(ManualClock(), sys.stdout, mask=masking(("pat-secret",)))
    log("retry", work="order 5", cause='said "no"\nand pat-secret')
    line_log(ManualClock(), sys.stdout, form="json", mask=masking(('quo"ted',)))("started", url='quo"ted', tries=2)
    plain, structured = capsys.readouterr().out.splitlines()
    assert plain == ('time=2026-03-02T08:00:00.000+00:00 level=warning event=retry work="order 5" cause="said \'no\' and •••"')
    assert json.loads(structured) == {
        "time": "2026-03-02T08:00:00.000+00:00",
        "level": "info",
        "event": "started",
        "url": "•••",
        "tries": 2,
    }
