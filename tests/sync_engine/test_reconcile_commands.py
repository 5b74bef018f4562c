"""`reconcile` and `backfill` on the command line, against both fakes over sockets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from background_server import served
from tiny_vendors import DICTIONARY

from fake_crm.hubspot import SPEC as HUBSPOT
from fake_erp.erpnext import SPEC as ERPNEXT
from harness.kit.fake import Fake
from harness.kit.people import Company, Contact, Deal, Line, Product
from sync_engine.cli import main
from sync_engine.settings_keys import PREFIX
from sync_engine.store import open_store


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def fakes() -> Iterator[tuple[Fake, Fake]]:
    with served(HUBSPOT, {"index_lag_s": 0.0}) as crm, served(ERPNEXT, {}) as erp:
        anna, bert = crm.sales_desk("anna"), erp.erp_desk("bert")
        bert.add_item(Product("SKU-1", "Widget", Decimal("10.00")), Decimal(1000))
        company = anna.add_company(Company("Acme", "acme.example", "1", "Main St 1", "Berlin", "10115", "Germany"))
        contact = anna.add_contact(Contact("Jane", "Doe", "jane@acme.example"), company)
        line = Line("SKU-1", "Widget", Decimal(3), Decimal("10.00"))
        anna.move_deal(anna.open_deal(Deal("Big one", company, contact, (line,), date(2026, 3, 20))), "won")
        doc = {"customer_type": "Company", "customer_group": "Commercial", "territory": "All Territories"}
        erp.store.insert("Customer", "Acme GmbH", {**doc, "name": "Acme GmbH", "customer_name": "Acme", "website": "acme.example"})
        yield crm, erp


@pytest.fixture
def config(fakes: tuple[Fake, Fake], tmp_path: Path) -> Path:
    crm, erp = fakes
    document = yaml.safe_load(DICTIONARY.read_text(encoding="utf-8"))
    document["entities"][0]["match"] = [{"fields": ["Website"]}]
    (tmp_path / "dictionary.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    key = erp.credentials()
    values = {
        "crm_url": crm.base_url,
        "crm_token": crm.credentials()["token"],
        "erp_url": erp.base_url,
        "erp_key": key["api_key"],
        "erp_secret": key["api_secret"],
        "webhook_url": "http://127.0.0.1:8480/hooks",
        "webhook_secret": "webhooks-are-signed",
        "state_dir": str(tmp_path / "state"),
        "dictionary": str(tmp_path / "dictionary.yaml"),
        "settle_seconds": "0.01",
    }
    file = tmp_path / "engine.toml"
    file.write_text("".join(f"{name} = {json.dumps(text)}\n" for name, text in values.items()), encoding="utf-8")
    file.chmod(0o600)
    return file


def test_a_dry_run_prints_the_plan_and_leaves_the_store_without_work(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backfill", "--config", str(config), "--dry-run", "--json", str(tmp_path / "plan.json")]) == 0
    said = capsys.readouterr()
    assert "= Acme GmbH  Website" in said.out
    assert "create     order" in said.out
    assert "would take about 10 CRM and 9 ERP calls" in said.out
    assert "decide customer" in said.err
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert (plan["dry"], [row["choice"] for row in plan["rows"]]) == (True, ["match", "create"])
    store = open_store(tmp_path / "state")
    assert store.all_work() == []
    store.close()


def test_a_backfill_leaves_links_and_work_for_the_engine(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", "--config", str(config), "--room", "0", "--limit", "1"]) == 1
    assert "not finished: the next run goes on here" in capsys.readouterr().out
    assert main(["backfill", "--config", str(config), "--room", "0"]) == 0
    store = open_store(tmp_path / "state")
    assert sorted((row.process, row.entity) for row in store.all_work()) == [("order", "order"), ("relink", "customer")]
    link = store.linked_erp("customer", "Acme GmbH")
    assert link is not None
    store.close()


def test_a_won_deal_without_an_order_is_exit_code_1_and_a_row_of_the_table(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reconcile", "--config", str(config), "--json", str(tmp_path / "drift.json")]) == 1
    said = capsys.readouterr()
    assert "missing" in said.out
    assert "compared 1 customer, 1 order; 1 differ; 0 on their way" in said.out
    assert json.loads((tmp_path / "drift.json").read_text())["counts"] == {"order missing": 1}
    assert main(["reconcile", "--config", str(config), "--entity", "customer"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reconcile", "--sample", "2"], "--sample: 2 is no share"),
        (["reconcile", "--since", "monday"], "'monday' is no date"),
        (["reconcile", "--record", "crm", "tickets", "1"], "'crm tickets 1' is no record of the dictionary"),
        (["backfill", "--entity", "custmer"], "did you mean 'customer'"),
        (["reconcile", "--repair", "--yes-more-than", "-3"], "--yes-more-than: -3 is negative"),
        (["backfill", "--limit", "-1"], "--limit: -1 is negative"),
        (["backfill", "--dry-run", "--json", "none/plan.json"], "--json: none/plan.json cannot be written: No such file"),
        (["reconcile", "--json", "none/drift.json"], "--json: none/drift.json cannot be written: No such file"),
    ],
)
def test_what_cannot_be_meant_is_one_line(config: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert main([*words, "--config", str(config)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("setting", "named"), [("crm_token", "crm.token"), ("erp_secret", "erp.key and erp.secret")])
@pytest.mark.parametrize("command", ["reconcile", "backfill"])
def test_a_wrong_key_is_to_be_corrected(
    config: Path, capsys: pytest.CaptureFixture[str], command: str, setting: str, named: str
) -> None:
    text = config.read_text().splitlines()
    config.write_text("\n".join(f'{setting} = "wrong"' if line.startswith(setting) else line for line in text))
    assert main([command, "--config", str(config)]) == 1
    assert f"correct {named}, then run it again" in capsys.readouterr().err


def test_a_vendor_that_is_down_leaves_a_run_that_can_go_on(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = config.read_text().splitlines()
    config.write_text("\n".join('erp_url = "http://127.0.0.1:9"' if line.startswith("erp_url") else line for line in text))
    assert main(["reconcile", "--config", str(config)]) == 1
    assert "the ERP cannot be reached" in capsys.readouterr().err
