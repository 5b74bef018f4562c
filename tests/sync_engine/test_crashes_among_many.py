"""Six deals won at once, whose companies and contacts are dealt with together, and the engine killed in the midst of it."""

from __future__ import annotations

from pathlib import Path

from await_points import AFTER_A_WHILE, CountingLoop, assert_all_end_well, killing
from world import World

DEALS = 6  # more than are read one by one
TRIED = 40  # of some hundreds of await points: `test_every_await_point` has them all for one deal


class WonDeals:
    """`die_before` is the step of the event loop before which the engine dies; 0: it lives."""

    def __init__(self, state_dir: Path, die_before: int) -> None:
        self.world = World(state_dir, loop=CountingLoop)
        self.loop = killing(self.world, die_before, self._die)
        self.world.host.start()
        self.world.pass_time(90)
        self.loop.armed = True
        self.deals = [self.world.win(number) for number in range(DEALS)]
        self.world.pass_time(30)
        self.loop.armed = False
        self.world.until_quiet()

    def _die(self, _incarnation: int) -> None:
        self.world.host.kill("among many")
        self.world.host.restart_in(AFTER_A_WHILE)

    def looks_right(self) -> None:
        world = self.world
        counts = {kind: len(list(world.erp.store.all(kind))) for kind in ("Customer", "Address", "Contact", "Sales Order")}
        assert counts == dict.fromkeys(counts, DEALS)
        assert {str(world.deal(deal).get("erp_order_id")) for deal in self.deals} == set(world.orders)
        customers = {str(customer.id) for customer in world.erp.store.all("Customer")}
        assert {str(company.fields.get("erp_customer_id")) for company in world.crm.store.all("companies")} == customers
        assert world.host.ask("open_errors", None) == []


def test_a_crash_among_many_loses_none_and_repeats_none(tmp_path: Path) -> None:
    whole = WonDeals(tmp_path / "whole", 0)
    whole.looks_right()
    points = whole.loop.steps
    whole.world.close()
    assert points > 2 * TRIED
    assert_all_end_well(tmp_path, range(1, points + 1, points // TRIED), WonDeals, WonDeals.looks_right)
