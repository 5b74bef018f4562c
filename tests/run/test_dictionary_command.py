"""`syncproof dictionary …` as people meet it: what it prints, where it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
import yaml
from typer.testing import CliRunner

from harness.cli import app

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FULL = str(SCENARIOS / "full-cycle.dictionary.yaml")


def run(*arguments: str, environment: dict[str, str] | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["dictionary", *arguments], env=environment or {})
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def lossy(tmp_path: Path) -> str:
    data: dict[str, Any] = yaml.safe_load(Path(FULL).read_text(encoding="utf-8"))
    data["entities"][0]["fields"][0]["accept"] = []
    data["entities"][1]["lines"]["fields"][1]["erp"]["type"] = "float"
    path = tmp_path / "lossy.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return str(path)


# -- lint ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.dictionary.yaml")), ids=lambda path: path.name)
def test_the_shipped_dictionaries_fit_the_fakes(path: Path) -> None:
    assert run("lint", str(path), "--fakes", "--strict") == (0, f"{path}: nothing to find fault with\n", "")


def test_errors_end_with_one_and_warnings_only_where_they_are_wanted(lossy: str) -> None:
    code, out, _ = run("lint", lossy)

    assert code == 1
    assert "error: " in out
    assert "[decimal-to-float]" in out
    assert out.splitlines()[-1] == f"{lossy}: 1 error, 1 warning"


def test_warnings_alone_are_fine_unless_somebody_is_strict(tmp_path: Path) -> None:
    data = yaml.safe_load(Path(FULL).read_text(encoding="utf-8"))
    data["entities"][0]["fields"][0]["accept"] = []
    path = tmp_path / "warned.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    assert run("lint", str(path))[0] == 0
    assert run("lint", str(path), "--strict")[0] == 1


def test_findings_can_be_read_by_programs(lossy: str) -> None:
    code, out, _ = run("lint", lossy, "--json")

    assert code == 1
    assert {(each["rule"], each["place"], each["level"]) for each in json.loads(out)} == {
        ("text-cut", "customer/Name", "warning"),
        ("decimal-to-float", "order/Quantity", "error"),
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lint", "missing.yaml"), "missing.yaml: there is no such file"),
        (("lint", FULL, "--crm", "http://127.0.0.1:1"), "--crm needs --crm-token"),
        (("lint", FULL, "--erp", "http://127.0.0.1:1"), "--erp needs --erp-key"),
        (("lint", FULL, "--fakes", "--erp", "http://x"), "--fakes stands for both systems"),
        (("lint", FULL, "--crm", "ftp://x", "--crm-token", "t"), "the CRM at 'ftp://x' cannot be asked: expected an http"),
        (("lint", FULL, "--crm", "http://127.0.0.1:1", "--crm-token", "t"), "the CRM at http://127.0.0.1:1 cannot be asked"),
        (("lint", FULL, "--crm", "http://127.0.0.1:1", "--crm-token", "é"), "credentials of plain characters"),
        (("lint", FULL, "--crm-vendor", "salesforce"), "says nothing of the CRM 'salesforce' under 'bindings'"),
        (("show", FULL, "--format", "tabel"), "unknown format 'tabel'; did you mean 'table'?"),
        (("show", FULL, "--erp", "erpnxt"), "did you mean 'erpnext'?"),
        (("flowchart", FULL, "--process", "amendmet"), "did you mean 'amendment'?"),
        (("flowchart", FULL, "--format", "png"), "unknown format 'png'"),
        (("flowchart", FULL, "-o", "/nowhere/at/all.svg"), "cannot write /nowhere/at/all.svg"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_two(arguments: tuple[str, ...], words: str) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert words in err
    assert err.startswith("syncproof: ")
    assert err.count("\n") == 1


@respx.mock
def test_live_systems_are_asked_with_the_given_credentials_and_a_refusal_is_one_sentence() -> None:
    route = respx.get(url__startswith="https://crm.example.com/crm/v3/properties/").mock(return_value=httpx.Response(401, json={}))

    code, _, err = run("lint", FULL, "--crm", "https://crm.example.com", environment={"SYNCPROOF_CRM_TOKEN": "secret"})

    assert code == 2
    assert err == "syncproof: the CRM refused the credentials when it was asked for the fields of 'companies' (HTTP 401)\n"
    assert route.calls[0].request.headers["authorization"] == "Bearer secret"


def test_the_rules_are_listed() -> None:
    code, out, _ = run("rules")

    assert code == 0
    assert "decimal-to-float" in out
    assert "(live)" in out


# -- show and flowchart -------------------------------------------------------------------------------------------------------


def test_the_table_has_every_entity_and_field() -> None:
    code, out, _ = run("show", FULL)

    assert code == 0
    assert all(name in out for name in ("customer", "order, line", "Credit status", "CRM ⇄ ERP", "a person decides"))


@pytest.mark.parametrize(("format", "begins"), [("markdown", "| entity | field |"), ("json", "[\n  {")])
def test_the_table_has_other_formats(format: str, begins: str) -> None:
    assert run("show", FULL, "--format", format)[1].startswith(begins)


@pytest.mark.parametrize(("format", "begins"), [("mermaid", "flowchart TB\n"), ("svg", "<svg xmlns=")])
def test_a_flowchart_is_printed_or_written(format: str, begins: str, tmp_path: Path) -> None:
    file = tmp_path / "chart"

    assert run("flowchart", FULL, "--format", format)[1].startswith(begins)
    assert run("flowchart", FULL, "--format", format, "-o", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith(begins)
