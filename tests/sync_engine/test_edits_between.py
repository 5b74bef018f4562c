"""A person writes between the engine's read and its write, and the engine dies, or hears no answer: no edit is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from await_points import AFTER_A_WHILE, AT_ONCE, CountingLoop, assert_all_end_well, killing
from both_sides import FULL_CYCLE, Both

from harness.kit.faults import Fault, LoseReply


class SavesBetween:
    """The engine brings a note of the ERP to the CRM, sales write one of their own between its read and its write, and it dies."""

    def __init__(self, state_dir: Path, die_before: int, back_after: timedelta) -> None:
        self.world, self.back_after = Both(state_dir, dictionary=FULL_CYCLE, loop=CountingLoop), back_after
        self.world.begin()
        self.loop = killing(self.world, die_before, self._die)
        self.world.network.on_call = self._sales_save_too
        self.world.bert.edit_customer(self.world.customer_id, {"custom_account_note": "warehouse says"})

    def _sales_save_too(self, phase: str, call: Any) -> bool:
        if call.caller == "engine" and call.method == "PATCH" and b"warehouse says" in call.body:
            self.world.network.on_call = lambda phase, call: False
            self.world.anna.edit_company(self.world.company_id, {"account_note": "sales says"})
            self.loop.armed = True
        return False

    def _die(self, _incarnation: int) -> None:
        self.world.host.kill("at an await point")
        self.world.host.restart_in(self.back_after)

    def ends(self) -> None:
        """Count until both edits are a question for a person, and see that both are still there."""
        world = self.world
        for _ in range(900):
            if (self.loop.steps and not self.loop.armed) or (world.host.up and world.errors()):
                break
            world.pass_time(1)
        self.loop.armed = False
        world.until_quiet()
        notes = (world.company()["account_note"], world.customer()["custom_account_note"])
        assert (notes, len(world.errors())) == (("sales says", "warehouse says"), 1)


@pytest.mark.parametrize("back_after", [AFTER_A_WHILE, AT_ONCE], ids=["back after a while", "back at once"])
def test_a_crash_behind_a_write_never_loses_what_a_person_wrote_just_before_it(tmp_path: Path, back_after: timedelta) -> None:
    (tmp_path / "whole").mkdir()
    whole = SavesBetween(tmp_path / "whole", 0, back_after)
    whole.ends()
    points = whole.loop.steps
    whole.world.close()
    assert points > 8, "this no longer counts what it should"

    def tell(state_dir: Path, point: int) -> SavesBetween:
        return SavesBetween(state_dir, point, back_after)

    assert_all_end_well(tmp_path, range(1, points + 1), tell, SavesBetween.ends)


def test_a_lost_answer_to_the_write_does_not_lose_it_either(tmp_path: Path) -> None:
    story = SavesBetween(tmp_path, 0, AFTER_A_WHILE)
    story.world.crm.faults.inject(Fault("crm.*update*compan*", LoseReply()))
    story.ends()
    assert story.world.crm.faults.not_yet_fired == [], "the story never happened, so this test proved nothing"
    story.world.close()
