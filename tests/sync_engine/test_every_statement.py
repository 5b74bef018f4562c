"""The process dies between any two statements of a whole flow: what was committed stands, and the next incarnation finishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny_vendors import World

STRIDE = 5  # of some 200 statements; each test takes every fifth
ENOUGH_S = 60.0  # until the flow is over; nothing outside the engine asks the store meanwhile


class Died(BaseException):
    """Not to be caught by anything that classifies errors."""


class Mortal:
    """A database whose process dies before its nth statement."""

    def __init__(self, database: Any, world: World, nth: int) -> None:
        self._database, self._world, self._left = database, world, nth
        self.skip_locked = database.skip_locked

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._database.close()
            self._world.loop.call_soon(self._world.kill)
        if self._left <= 0:
            raise Died

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        self._step()
        return self._database.execute(sql, values)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._step()
        self._database.execute_many(sql, rows)

    def begin(self) -> None:
        self._step()
        self._database.begin()

    def commit(self) -> None:
        self._step()
        self._database.commit()

    def rollback(self) -> None:
        self._database.rollback()

    def claim(self, *, alone: bool) -> bool:
        return bool(self._database.claim(alone=alone))

    def close(self) -> None:
        self._database.close()


def statements_of_a_flow(tmp_path: Path) -> int:
    world = World(tmp_path / "count")
    world.vendors.won_deal()
    engine = world.start()
    mortal = Mortal(engine.c.store._db, world, 10**9)
    engine.c.store._db = mortal
    world.pass_time(ENOUGH_S)
    world.close()
    return 10**9 - mortal._left


@pytest.mark.parametrize("offset", range(1, STRIDE + 1))
def test_killed_before_any_statement_and_started_again_it_ends_with_one_of_everything(tmp_path: Path, offset: int) -> None:
    last = statements_of_a_flow(tmp_path)
    assert last > 100
    for nth in range(offset, last, STRIDE):
        world = World(tmp_path / str(nth))
        world.vendors.won_deal()
        engine = world.start()
        engine.c.store._db = Mortal(engine.c.store._db, world, nth)
        world.pass_time(ENOUGH_S)
        assert world.engine is None
        world.start()
        world.until_quiet()
        made = {kind: len(world.vendors.erp[kind]) for kind in ("Customer", "Address", "Contact", "Sales Order")}
        assert made == dict.fromkeys(made, 1), f"before statement {nth}"
        deal = world.vendors.crm["deals"]["501"]
        assert (deal["erp_order_id"], deal["erp_order_status"]) == ("Sales Order-1", "open"), f"before statement {nth}"
        world.close()
