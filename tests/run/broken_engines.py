"""Engines broken on purpose, each in one way: the canaries of full runs. Named as `broken_engines:NAME` in the tests."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness.strategies.point_to_point import PointToPoint


class Broken:
    """A spec around an engine class."""

    def __init__(self, name: str, kind: type[PointToPoint]) -> None:
        self.name, self.description, self._kind = name, kind.__doc__ or "", kind

    def create(self, surroundings: Any) -> PointToPoint:
        return self._kind(surroundings)

    def command(self, surroundings: Any) -> None:
        return None

    def environment(self, surroundings: Any) -> Mapping[str, str]:
        return {}


class Deaf(PointToPoint):
    """Accepts every webhook and does nothing: nothing ever arrives."""

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        return 200


class OrdersTwice(PointToPoint):
    """Sends every order twice, as a retry after a lost answer would."""

    async def _order(self, deal_id: str) -> None:
        await super()._order(deal_id)
        await super()._order(deal_id)


class RoundsPrices(PointToPoint):
    """Sends unit prices without their cents."""

    async def _call(self, client: Any, method: str, path: str, body: Any = None) -> Any:
        if path == "/api/resource/Sales Order":
            for row in body["items"]:
                row["rate"] = float(round(row["rate"]))
        return await super()._call(client, method, path, body)


class WritesBack(PointToPoint):
    """Copies the ERP's phone over the CRM's when somebody changes it in the CRM: the person's edit is gone."""

    async def _update_customer(self, company_id: str, field: str, value: str | None) -> None:
        for customer in await self._find("Customer", [["custom_crm_company_id", "=", company_id]], ["name", field]):
            if field == "custom_phone" and customer[field] != value:
                body = {"properties": {"phone": customer[field]}}
                await self._call(self._crm, "PATCH", f"/crm/v3/objects/companies/{company_id}", body)


class DiesAtStart(PointToPoint):
    """Its configuration is incomplete."""

    async def run(self) -> None:
        raise RuntimeError("no API key configured")


DEAF = Broken("deaf", Deaf)
ORDERS_TWICE = Broken("orders-twice", OrdersTwice)
ROUNDS_PRICES = Broken("rounds-prices", RoundsPrices)
WRITES_BACK = Broken("writes-back", WritesBack)
DIES_AT_START = Broken("dies-at-start", DiesAtStart)
NOT_AN_ENGINE = object()


class LeavesAtStart(PointToPoint):
    """Ends its process instead of running, with a code that looks like success."""

    async def run(self) -> None:
        sys.exit(0)


class LeavesLater(PointToPoint):
    """Ends its process an hour into the day."""

    async def run(self) -> None:
        await self._install()
        await self._clock.sleep(timedelta(hours=1))
        sys.exit(0)


class LeavesOverWebhooks(PointToPoint):
    """Ends its process whenever a webhook comes."""

    async def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
        sys.exit(0)


class LeavesInTheBackground(PointToPoint):
    """A task of its own ends the process."""

    async def run(self) -> None:
        self._task = asyncio.create_task(self._leave())
        await super().run()

    async def _leave(self) -> None:
        await self._clock.sleep(timedelta(hours=1))
        sys.exit(0)


class LeavesWhileMade(PointToPoint):
    """Ends its process while it is made."""

    def __init__(self, surroundings: Any) -> None:
        sys.exit(0)


LEAVES_AT_START = Broken("leaves-at-start", LeavesAtStart)
LEAVES_LATER = Broken("leaves-later", LeavesLater)
LEAVES_OVER_WEBHOOKS = Broken("leaves-over-webhooks", LeavesOverWebhooks)
LEAVES_IN_THE_BACKGROUND = Broken("leaves-in-the-background", LeavesInTheBackground)
LEAVES_WHILE_MADE = Broken("leaves-while-made", LeavesWhileMade)


class TellsItsProcess(PointToPoint):
    """Works, and writes its process id to the file that TELLTALE names."""

    async def run(self) -> None:
        Path(os.environ["TELLTALE"]).write_text(str(os.getpid()))
        await super().run()


TELLS_ITS_PROCESS = Broken("tells-its-process", TellsItsProcess)
