"""A store belongs to one pair of systems: another environment, with the same data under other ids, is refused in one sentence."""

from __future__ import annotations

from contextlib import closing

import pytest
from tiny_vendors import DICTIONARY, World

from sync_engine.cli import main
from sync_engine.store import StoreError, open_store


@pytest.mark.parametrize(
    ("field", "old"), [("erp_url", "https://erp.example"), ("crm_url", "https://crm.example"), ("crm_portal", "1")]
)
def test_a_store_of_another_environment_is_refused_and_nothing_is_called(world: World, field: str, old: str) -> None:
    world.vendors.won_deal()
    world.start(world.settings(crm_portal="1"))
    world.until_quiet()
    world.kill()
    before = len(world.vendors.calls)
    with pytest.raises(StoreError, match=f"belongs to the .* {old}, but the configuration names https://sandbox.example"):
        world.start(world.settings(**{"crm_portal": "1", field: "https://sandbox.example"}))
    assert len(world.vendors.calls) == before
    world.start(world.settings(crm_portal="1"))
    world.until_quiet()


def test_the_same_systems_at_new_addresses_are_adopted(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.start()
    world.until_quiet()
    world.kill()
    given = {"CRM_URL": "https://new.example", "CRM_TOKEN": "t", "ERP_URL": "https://erp.example", "ERP_KEY": "k"}
    given |= {"ERP_SECRET": "s", "WEBHOOK_SECRET": "secret", "WEBHOOK_URL": "https://hook.example/w"}
    given |= {"DICTIONARY": str(DICTIONARY), "STATE_DIR": str(world.state_dir)}
    for name, value in given.items():
        monkeypatch.setenv(f"SYNC_ENGINE_{name}", value)
    target = str(world.state_dir / "sync_engine.sqlite3")
    assert main(["store", "adopt", "--store", target]) == 0
    assert "belongs to https://new.example" in capsys.readouterr().out
    world.start(world.settings(crm_url="https://new.example"))
    world.pass_time(1)
    world.kill()
    with closing(open_store(world.state_dir)) as store:
        assert store.cursor("home").split()[0] == "https://new.example"
