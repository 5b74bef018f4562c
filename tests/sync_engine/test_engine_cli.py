"""The engine's command line against the fakes over sockets; `run` in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from background_server import served
from engine_child import running, until, write_config
from tiny_vendors import DICTIONARY

from fake_crm.hubspot import SPEC as HUBSPOT
from fake_erp.erpnext import SPEC as ERPNEXT
from harness.kit.fake import Fake
from sync_engine.cli import main
from sync_engine.cli.init import template
from sync_engine.settings_keys import KEYS, PREFIX
from sync_engine.store import open_store


@dataclass
class Site:
    """Both fakes, and a configuration file for them."""

    crm: Fake
    erp: Fake
    folder: Path

    def configure(self, **changes: str) -> Path:
        """`engine.toml` with secrets in a file that only its owner reads. `changes`: by flat name."""
        token, key = self.crm.credentials()["token"], self.erp.credentials()
        values = {
            "crm_url": self.crm.base_url,
            "crm_token": token,
            "erp_url": self.erp.base_url,
            "erp_key": key["api_key"],
            "erp_secret": key["api_secret"],
            "webhook_url": "http://127.0.0.1:8480/hooks",
            "listen": "127.0.0.1:0",
            "webhook_secret": "webhooks-are-signed",
            "state_dir": "state",
            "dictionary": str(DICTIONARY),
            **changes,
        }
        return write_config(self.folder, values)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def fakes() -> Iterator[tuple[Fake, Fake]]:
    with served(HUBSPOT, {"index_lag_s": 0.0}) as crm, served(ERPNEXT, {}) as erp:
        yield crm, erp


@pytest.fixture
def site(fakes: tuple[Fake, Fake], tmp_path: Path) -> Site:
    return Site(*fakes, tmp_path)


# -- init and check -----------------------------------------------------------------------------------------------------------


def test_init_writes_a_file_that_names_every_setting_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "engine.toml"
    assert main(["init", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    tomllib.loads(text)
    assert all(re.search(rf"^(# )?{key.name}(_env)? = ", text, re.MULTILINE) for key in KEYS)
    file.write_text("mine")
    assert main(["init", str(file)]) == 2
    assert file.read_text() == "mine"
    assert "never overwrites" in capsys.readouterr().err


def test_the_file_of_init_is_complete_once_the_variables_are_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync_engine.settings import read_settings

    file = tmp_path / "engine.toml"
    file.write_text(template())
    secrets = {key.variable: "secret" for key in KEYS if key.kind == "secret" and key.default is None}
    assert read_settings(secrets, file).settings.state_dir == tmp_path / "state"


def test_check_asks_both_vendors_and_changes_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    file = site.configure()
    assert main(["check", "--config", str(file)]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert all(line.startswith("ok    ") for line in lines)
    assert any(line.startswith("ok    crm deals: ") for line in lines)
    assert any(line.startswith("ok    erp Sales Order: ") for line in lines)
    assert not (site.folder / "state").exists()
    assert shown.err == ""


def test_check_says_which_credentials_are_wrong(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(site.configure(erp_secret="not-this-one"))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("BAD   erp Sales Order: ") for line in lines)
    assert any(line.startswith("ok    crm deals: ") for line in lines)
    assert "not-this-one" not in "".join(lines)


def test_check_with_a_bad_dictionary_or_configuration_ends_with_2_and_one_sentence(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(site.configure(dictionary="none.yaml"))]) == 2
    assert main(["check", "--config", str(site.folder / "other.toml")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


# -- run ----------------------------------------------------------------------------------------------------------------------


def test_it_runs_alone_makes_its_fields_tells_how_it_is_and_stops_when_asked(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    file = site.configure()
    with running(file) as (child, base):
        until(child, "ready")
        assert httpx.get(f"{base}/ready").json() == {"ready": True, "waiting": None}
        assert httpx.get(f"{base}/metrics").text.endswith("# EOF\n")
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, "imported:\n"), err
    assert "event=stopped" in err
    assert main(["status", "--config", str(site.configure(listen=base.removeprefix("http://")))]) == 1
    assert "not running" in capsys.readouterr().out


def test_status_asks_the_running_engine(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with running(site.configure()) as (child, base):
        until(child, "ready")
        assert main(["status", "--config", str(site.configure(listen=base.removeprefix("http://")))]) == 0
    assert "ready: yes" in capsys.readouterr().out


def test_a_vendor_that_is_down_at_the_start_is_waited_for(site: Site) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with running(site.configure(erp_url=url)) as (child, base):
            until(child, "waiting")
            ready = httpx.get(f"{base}/ready")
            assert (ready.status_code, httpx.get(f"{base}/health").status_code) == (503, 200)
            assert "the ERP cannot be reached" in ready.json()["waiting"]
            errors = httpx.get(f"{base}/errors").json()
            assert [each["record"] for each in errors] == ["system erp"]
            child.send_signal(signal.SIGTERM)
            child.communicate(timeout=30)
    assert child.returncode == 0


# -- errors -------------------------------------------------------------------------------------------------------------------


def bury(site: Site, record: str, cause: str = "Item X is unknown.") -> None:
    store = open_store(site.folder / "state")
    store.bury(record, cause, "", datetime(2026, 3, 2, tzinfo=UTC), classification="permanent", work="order order 5")
    store.close()


def test_errors_are_shown_with_their_screen_and_skipped_with_a_reason(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    file, at = site.configure(crm_portal="4711"), ["--config", str(site.folder / "engine.toml")]
    bury(site, "crm deals 5")
    assert main(["errors", "list", *at]) == 1
    assert main(["errors", "show", "crm", "deals", "5", "--json", *at]) == 0
    listed, shown = capsys.readouterr().out.splitlines()
    assert listed.startswith("crm deals 5\tpermanent\t")
    assert json.loads(shown)["screen"] == "https://app.hubspot.com/contacts/4711/record/0-3/5"
    assert main(["errors", "skip", "crm deals 5", *at]) == 2
    assert main(["errors", "skip", "crm deals 5", "--reason", "a test", "--by", "Kim", *at]) == 0
    assert main(["errors", "list", "--config", str(file)]) == 0
    shown_again = capsys.readouterr()
    assert "say why with --reason" in shown_again.err
    assert "no open errors" in shown_again.out


def test_edit_writes_the_corrected_value_and_has_the_record_tried_again(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--config", str(site.configure())]
    headers = {"Authorization": f"Bearer {site.crm.credentials()['token']}"}
    objects = f"{site.crm.base_url}/crm/v3/objects/deals"
    id = httpx.post(objects, headers=headers, json={"properties": {"dealname": "Wrogn"}}).json()["id"]
    bury(site, f"crm deals {id}")
    assert main(["errors", "edit", f"crm deals {id}", *at]) == 0
    assert main(["errors", "edit", f"crm deals {id}", "--set", "dealname", *at]) == 2
    assert main(["errors", "edit", f"crm deals {id}", "--set", "amount=lots", *at]) == 1
    assert main(["errors", "edit", f"crm deals {id}", "--set", "dealname=Right", *at]) == 0
    shown = capsys.readouterr().out
    assert "not written: " in shown
    assert "written: dealname" in shown
    assert httpx.get(f"{objects}/{id}", headers=headers).json()["properties"]["dealname"] == "Right"
    store = open_store(site.folder / "state")
    assert store.take_requests() == [f"crm deals {id}"]
    store.close()


def test_the_harness_hands_its_engine_command_through(capsys: pytest.CaptureFixture[str]) -> None:
    from typer.testing import CliRunner

    from harness.cli import app

    result = CliRunner().invoke(app, ["engine", "errors", "list", "--state-dir", "/nowhere"])
    assert result.exit_code == 2
    assert "there is no such store" in result.output
