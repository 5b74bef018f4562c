"""What one of the two triggers alone is easily blind to: a deal that is won from its first day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from after_the_win import LaterWorld

from harness.kit.people import Company
from sync_engine.polling.crm import CrmWatch

COMPANY_OF_DEAL, DEAL_OF_LINE = 5, 20  # HubSpot's association types


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LaterWorld]:
    world = LaterWorld(tmp_path, None)
    yield world
    world.close()


def test_webhooks_alone_see_a_deal_that_is_made_in_the_won_stage(world: LaterWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.started().until_quiet()

    async def sees_nothing(self: CrmWatch) -> bool:
        return False

    monkeypatch.setattr(CrmWatch, "look", sees_nothing)
    company = world.anna.add_company(Company("Acme", "acme.example", "1", "Main St 1", "Berlin", "10115", "Germany"))
    deal = world.create("deals", company, COMPANY_OF_DEAL, dealname="Won at once", dealstage="closedwon", amount="30")
    world.create("line_items", deal, DEAL_OF_LINE, hs_sku="SKU-1", quantity="3", price="10.00")
    world.until_quiet()
    assert (len(world.live_orders()), world.errors()) == (1, {})
