"""`syncproof contract show`: one document on standard output, or one clear sentence and exit code 2."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import tiny_fake
import yaml

from harness.run import contracts
from harness.run.contracts import contract_text
from harness.run.registry import UnknownName


def syncproof(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness.cli", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_document_is_printed_and_nothing_else() -> None:
    done = syncproof("contract", "show", "hubspot")

    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["openapi"] == "3.1.0"
    assert "/crm/v3/objects/{type}" in document["paths"]


def test_a_version_chooses_the_shape_of_the_paths() -> None:
    document = json.loads(contract_text("hubspot", "2026-03", "json"))

    assert "/crm/objects/2026-03/{type}" in document["paths"]
    assert "/crm/v3/objects/{type}" not in document["paths"]
    assert "/crm/v3/objects/{type}" in document["paths"]["/crm/objects/2026-03/{type}"]["get"]["x-also-at"]


def test_yaml_says_the_same_as_json_without_references_of_its_own() -> None:
    text = contract_text("hubspot", "2026-03", "yaml")

    assert yaml.safe_load(text) == json.loads(contract_text("hubspot", "2026-03", "json"))
    assert "&id" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hubspto"], "unknown fake 'hubspto'; did you mean 'hubspot'?"),
        (["hubspot", "--version", "2026-04"], "unknown version of hubspot's paths '2026-04'; did you mean '2026-0"),
        (["hubspot", "--format", "yml"], "unknown format 'yml'; did you mean 'yaml'?"),
    ],
)
def test_what_is_unknown_is_answered_with_the_nearest_known_name(arguments: list[str], sentence: str) -> None:
    done = syncproof("contract", "show", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_fake_without_a_contract_says_which_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hubspot = contracts.find_fake("hubspot")
    monkeypatch.setattr(contracts, "fake_names", lambda: ["hubspot", "tiny"])
    monkeypatch.setattr(contracts, "find_fake", lambda name: tiny_fake.SPEC if name == "tiny" else hubspot)

    with pytest.raises(UnknownName, match="unknown contract 'tiny'; known: hubspot"):
        contract_text("tiny", None, "json")


def test_serving_a_fake_does_not_load_its_contract() -> None:
    code = "import sys, fake_crm.hubspot; print([name for name in sys.modules if 'contract' in name or 'openapi' in name])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"
