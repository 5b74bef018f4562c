"""The configuration file: tables, secrets from elsewhere, and one clear sentence for every mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sync_engine.settings import Configuration, SettingsError, read_settings
from sync_engine.settings_keys import KEYS, TABLES

GOOD = """
[crm]
url = "https://api.hubapi.com"
token = "pat-secret"
[erp]
url = "https://erp.example"
key = "key"
secret = "hush"
[webhooks]
url = "https://hooks.example/w"
listen = "127.0.0.1:8480"
secret = "signed"
[engine]
dictionary = "d.yaml"
state_dir = "state"
poll_seconds = 2.5
workers = 3
"""


def read(tmp_path: Path, text: str, environment: dict[str, str] | None = None, *, mode: int = 0o600) -> Configuration:
    file = tmp_path / "engine.toml"
    file.write_text(text)
    file.chmod(mode)
    return read_settings(environment or {}, file)


def test_every_key_is_in_a_known_table_and_has_a_name_of_its_own() -> None:
    assert {key.table for key in KEYS} == set(TABLES)
    for names in ([key.place for key in KEYS], [key.flat for key in KEYS]):
        assert len(names) == len(set(names))


def test_tables_are_read_and_paths_are_beside_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    settings = found.settings
    assert (settings.crm_url, settings.workers, settings.poll_every.total_seconds()) == ("https://api.hubapi.com", 3, 2.5)
    assert (found.dictionary, settings.state_dir) == (tmp_path / "d.yaml", tmp_path / "state")
    assert found.warnings == ()


def test_the_environment_wins_and_its_paths_are_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD, {"SYNC_ENGINE_WORKERS": "9", "SYNC_ENGINE_STATE_DIR": "elsewhere"})
    assert (found.settings.workers, found.settings.state_dir) == (9, Path("elsewhere"))


def test_a_secret_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("pat-from-a-file\n")
    secret.chmod(0o600)
    text = GOOD.replace('token = "pat-secret"', 'token_file = "token"').replace('secret = "hush"', 'secret_env = "ERP_SECRET"')
    settings = read(tmp_path, text, {"ERP_SECRET": "from a variable"}).settings
    assert (settings.crm_token, settings.erp_secret) == ("pat-from-a-file", "from a variable")
    again = read(tmp_path, GOOD, {"SYNC_ENGINE_CRM_TOKEN_FILE": str(secret)}).settings
    assert again.crm_token == "pat-from-a-file"


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_a_secret_that_everybody_can_read_is_worth_one_warning(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD, mode=0o644)
    assert len(found.warnings) == 1
    assert "chmod 600" in found.warnings[0]
    assert "pat-secret" not in found.warnings[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("workers = 3", "wokers = 3", r"unknown setting 'engine.wokers'; did you mean 'engine.workers'\?"),
        ("[engine]", "[emgine]", r"unknown setting 'emgine'; did you mean 'engine'\?"),
        ("workers = 3", "workers = 0", r"engine.workers: '0' is not a whole number from 1 to 1000"),
        ("workers = 3", "workers = 2.5", r"engine.workers: '2.5' is not a whole number"),
        ("workers = 3", "workers = true", r"engine.workers: expected a whole number from 1 to 1000, found bool"),
        ("poll_seconds = 2.5", 'poll_seconds = "often"', r"engine.poll_seconds: 'often' is not a positive number of seconds"),
        ('url = "https://erp.example"', 'url = "erp"', r"erp.url: 'erp' is no URL; expected something like"),
        ('url = "https://erp.example"', 'url = "https://a:b@erp.example"', r"erp.url: an address must not hold a user or password"),
        ("[engine]", '[engine]\nlog_format = "xml"', r"engine.log_format: 'xml': expected 'logfmt' or 'json'"),
        ('token = "pat-secret"', 'token_env = "NOT_SET"', r"crm.token_env: the environment variable NOT_SET is not set"),
        ("[telemetry]", '[telemetry]\nendpoint = "nonsense"', r"telemetry.endpoint: 'nonsense' is no URL; expected something like"),
        ('token = "pat-secret"', 'token_file = "none"', r"crm.token_file: .*none cannot be read: No such file"),
        ('token = "pat-secret"', 'token = "pat-secret"\ntoken_file = "x"', r"crm.token_file: .*"),
        ('token = "pat-secret"', "", r"missing settings: crm.token \(SYNC_ENGINE_CRM_TOKEN\)"),
        ("[engine]", "[engine", r"not valid TOML"),
        ("[telemetry]", "telemetry = 3", r"telemetry: expected a table, \[telemetry\], found int"),
        ('token = "pat-secret"', 'token = "pat-secret\u00e4"', r"crm.token: holds a line break or a special letter"),
        ('secret = "hush"', 'secret = "hu\\nsh"', r"erp.secret: holds a line break or a special letter"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_place_and_what_was_expected(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read(tmp_path, f"[telemetry]\n{GOOD}".replace(old, new, 1))
    text = str(caught.value)
    assert text.startswith(str(tmp_path / "engine.toml"))
    assert "\n" not in text
    assert "pat-secret" not in text


def test_all_variables_that_are_not_set_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('token = "pat-secret"', 'token_env = "CRM_TOKEN"').replace('secret = "hush"', 'secret_env = "ERP_SECRET"')
    said = r"crm.token_env: the environment variable CRM_TOKEN is not set; erp.secret_env: the environment variable ERP_SECRET is"
    with pytest.raises(SettingsError, match=said):
        read(tmp_path, text)
    assert read(tmp_path, text, {"CRM_TOKEN": "pat", "ERP_SECRET": "hush"}).settings.erp_secret == "hush"


def test_an_endpoint_of_traces_is_an_address_or_left_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SYNC_ENGINE_TRACES_ENDPOINT: 'nonsense' is no URL"):
        read(tmp_path, GOOD, {"SYNC_ENGINE_TRACES_ENDPOINT": "nonsense"})
    assert read(tmp_path, GOOD).settings.traces_endpoint == ""


def test_a_misspelt_variable_is_worth_a_warning_that_does_not_repeat_it(tmp_path: Path) -> None:
    variables = {"SYNC_ENGINE_CONFIG": "engine.toml", "SYNC_ENGINE_CRM_TOKEN_FILE": "", "SYNC_ENGINE_CRM_TOKN": "pat-other"}
    assert read(tmp_path, GOOD, variables).warnings == (
        "nothing reads the environment variable SYNC_ENGINE_CRM_TOKN; did you mean SYNC_ENGINE_CRM_TOKEN?",
    )


def test_flat_names_are_accepted_as_well(tmp_path: Path) -> None:
    text = GOOD.replace("[engine]", "").replace("[crm]\n", 'crm_portal = "7"\n[crm]\n')
    file = tmp_path / "engine.toml"
    flat = 'dictionary = "d.yaml"\nstate_dir = "state"\nworkers = 3\n'
    file.write_text(flat + text.replace('dictionary = "d.yaml"\nstate_dir = "state"\npoll_seconds = 2.5\nworkers = 3\n', ""))
    settings = read_settings({}, file).settings
    assert (settings.crm_portal, settings.workers) == ("7", 3)
