"""Three-way merge: what people on two sides edit, what the engine writes, and what it leaves to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync_engine.dictionary import FieldMap, Side
from sync_engine.processes.merge import OVERWRITES_MAX, SKEW, merge, news
from sync_engine.processes.shadow import OVERWRITES_WITHIN, as_written

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def one(name: str, owner: Any = "crm", **more: Any) -> FieldMap:
    return FieldMap(name, owner, Side(f"c_{name}"), Side(f"e_{name}"), **more)


NAME = one("name", transform="trim")
NOTE = one("note", both_ways=True, conflict="ask")
HINT = one("hint", "erp", both_ways=True, conflict="newest")
STATUS = one("status", "erp", transform="map", values={"0": "good", "1": "on hold"})


def test_the_first_look_fills_what_is_empty_and_writes_nothing_that_agrees() -> None:
    merged = merge([NAME, NOTE], None, {"name": (" Acme ", "Acme"), "note": ("", "call first")}, NOW)
    assert (merged.crm, merged.erp) == ({"c_note": "call first"}, {})
    assert merged.agreed == {"e_name": "Acme", "e_note": "call first"}


def test_a_foreign_edit_of_a_one_way_field_is_overwritten_once() -> None:
    agreed = {"e_name": "Acme"}
    merged = merge([NAME], agreed, {"name": ("Acme", "Acme GmbH")}, NOW)
    assert merged.erp == {"e_name": "Acme"}
    assert merge([NAME], merged.agreed, {"name": ("Acme", "Acme")}, NOW).erp == {}


def test_a_program_that_writes_against_us_is_shown_to_a_person_instead_of_an_endless_exchange() -> None:
    agreed, writes = {"e_name": "Acme"}, 0
    for minute in range(20):
        merged = merge([NAME], agreed, {"name": ("Acme", "ACME")}, NOW + timedelta(minutes=minute))
        agreed, writes = merged.agreed, writes + len(merged.erp)
    assert writes == OVERWRITES_MAX
    assert merged.fought == [NAME]
    later = merge([NAME], agreed, {"name": ("Acme", "ACME")}, NOW + OVERWRITES_WITHIN + timedelta(minutes=21))
    assert later.erp == {"e_name": "Acme"}, "and it is tried again later"


def test_what_the_target_made_of_our_value_is_nobodys_edit() -> None:
    merged = merge([NOTE], {"e_note": ""}, {"note": ("+49 30 1", "")}, NOW)
    as_written(merged.agreed, NOTE, "erp", "+49301")
    again = merge([NOTE], merged.agreed, {"note": ("+49 30 1", "+49301")}, NOW)
    assert (again.crm, again.erp, again.clashes) == ({}, {}, [])
    edited = merge([NOTE], merged.agreed, {"note": ("+49 30 1", "+49302")}, NOW)
    assert edited.crm == {"c_note": "+49302"}


def test_a_cleared_value_is_a_change_like_any_other_and_a_missing_one_is_none() -> None:
    agreed = {"e_name": "Acme", "e_note": "x"}
    assert merge([NAME, NOTE], agreed, {"name": ("", "Acme"), "note": ("x", "")}, NOW).erp == {"e_name": ""}
    assert merge([NAME, NOTE], agreed, {"name": ("", "Acme"), "note": ("x", "")}, NOW).crm == {"c_note": ""}
    untouched = merge([NAME, NOTE], agreed, {}, NOW)
    assert (untouched.crm, untouched.erp, untouched.agreed) == ({}, {}, agreed)


def test_empty_keep_leaves_the_targets_value_alone() -> None:
    keeping = one("phone", empty="keep")
    assert merge([keeping], {"e_phone": "1"}, {"phone": ("", "1")}, NOW).erp == {}


def test_two_edits_are_shown_to_a_person_and_the_next_edit_decides() -> None:
    clash = merge([NOTE], {"e_note": "x"}, {"note": ("ours", "theirs")}, NOW)
    assert (clash.crm, clash.erp) == ({}, {})
    assert [(each.crm, each.erp) for each in clash.clashes] == [("ours", "theirs")]
    still = merge([NOTE], clash.agreed, {"note": ("ours", "theirs")}, NOW)
    assert len(still.clashes) == 1
    assert not news([NOTE], clash.agreed, "erp", {"e_note": "theirs"}), "nothing new to look at"
    decided = merge([NOTE], clash.agreed, {"note": ("ours", "both")}, NOW)
    assert (decided.crm, decided.clashes) == ({"c_note": "both"}, [])
    agreeing = merge([NOTE], clash.agreed, {"note": ("theirs", "theirs")}, NOW)
    assert (agreeing.crm, agreeing.erp, agreeing.agreed) == ({}, {}, {"e_note": "theirs"})


def test_the_same_text_with_a_blank_before_it_on_both_sides_is_agreed() -> None:
    note = one("note", both_ways=True, conflict="ask", transform="trim")
    merged = merge([note], {"e_note": "first"}, {"note": (" agreed", " agreed")}, NOW)
    assert (merged.clashes, merged.crm, merged.erp) == ([], {}, {})
    again = merge([note], merged.agreed, {"note": (" agreed", " agreed")}, NOW)
    assert (again.clashes, again.crm, again.erp) == ([], {}, {})


@pytest.mark.parametrize(
    ("erp_later_by", "winner"),
    [(SKEW, "theirs"), (SKEW + timedelta(seconds=1), "theirs"), (-SKEW, "theirs"), (-SKEW - timedelta(seconds=1), "ours")],
)
def test_the_newest_edit_wins_unless_two_clocks_could_have_lied(erp_later_by: timedelta, winner: str) -> None:
    """The ERP owns the field: within the skew it wins."""
    sides = {"hint": ("ours", "theirs")}
    unsure = merge([HINT], {"crm.c_hint": "x"}, sides, NOW)
    assert unsure.unsure == [HINT]
    merged = merge([HINT], {"crm.c_hint": "x"}, sides, NOW, {"hint": (NOW, NOW + erp_later_by)})
    assert merged.crm == ({"c_hint": "theirs"} if winner == "theirs" else {})
    assert merged.erp == ({"e_hint": "ours"} if winner == "ours" else {})


def test_an_edit_whose_time_nobody_knows_does_not_win_against_the_owner() -> None:
    merged = merge([HINT], {"crm.c_hint": "x"}, {"hint": ("ours", "theirs")}, NOW, {"hint": (NOW, None)})
    assert merged.crm == {"c_hint": "theirs"}


def test_a_mapped_value_is_compared_in_the_targets_words() -> None:
    assert merge([STATUS], {"crm.c_status": "good"}, {"status": ("good", 0)}, NOW).crm == {}
    assert merge([STATUS], {"crm.c_status": "good"}, {"status": ("good", 1)}, NOW).crm == {"c_status": "on hold"}


def test_an_unreadable_value_stops_its_field_only() -> None:
    price = FieldMap("price", "erp", Side("c_price", "decimal"), Side("e_price", "decimal"))
    merged = merge([price, NAME], {"crm.c_price": "1"}, {"price": ("1", "dear"), "name": ("A", "B")}, NOW)
    assert [each.name for each, _ in merged.unreadable] == ["price"]
    assert merged.erp == {"e_name": "A"}
    assert merged.agreed["crm.c_price"] == "1"


# -- people and crashes -----------------------------------------------------------------------------------------------

FIELDS = (
    one("a"),
    one("b", "erp"),
    one("c", both_ways=True, conflict="owner"),
    one("d", "erp", both_ways=True, conflict="newest"),
    one("e", both_ways=True, conflict="ask"),
    one("f", "erp", both_ways=True, conflict="ask", transform="trim"),
)


@dataclass
class Sides:
    """Both systems and the engine's shadow. The engine dies before its `dies_at`th write or commit."""

    crm: dict[str, str] = field(default_factory=dict)
    erp: dict[str, str] = field(default_factory=dict)
    agreed: dict[str, str] | None = None
    edited: dict[str, dict[str, datetime]] = field(default_factory=dict)
    clashes: set[str] = field(default_factory=set)
    writes: int = 0

    def engine(self, now: datetime, dies_at: int = 99) -> None:
        pairs = {each.name: (self.crm.get(each.crm.field, ""), self.erp.get(each.erp.field, "")) for each in FIELDS}
        ages = {each.name: tuple(self.edited.get(each.name, {}).get(side) for side in ("crm", "erp")) for each in FIELDS}
        merged = merge(FIELDS, self.agreed, pairs, now, ages)  # type: ignore[arg-type]
        for step in self._steps(merged):
            if dies_at == 0:
                return
            dies_at -= 1
            step()

    def _steps(self, merged: Any) -> Iterator[Any]:
        if merged.intents:
            yield lambda: setattr(self, "agreed", {**(self.agreed or {}), **merged.intents})
        for side in ("erp", "crm"):
            if merged.write(side):
                yield lambda side=side: self._write(side, merged.write(side))
        yield lambda: self._commit(merged)

    def _write(self, side: str, values: dict[str, str]) -> None:
        getattr(self, side).update(values)
        self.writes += 1

    def _commit(self, merged: Any) -> None:
        self.agreed, self.clashes = merged.agreed, {clash.field.name for clash in merged.clashes}
        for name in [each.name for each in FIELDS if each.name not in self.clashes]:
            self.edited.pop(name, None)


class PeopleAndCrashes(RuleBasedStateMachine):
    """Invariant: whatever people edit and wherever the engine dies, two more looks make the sides equal by the declared rules, the
    third writes nothing, and no edit disappears that the rules do not let disappear."""

    @initialize()
    def begin(self) -> None:
        self.sides, self.now = Sides(), NOW
        self.sides.engine(self.now)

    @rule(side=st.sampled_from(["crm", "erp"]), which=st.sampled_from(FIELDS), value=st.sampled_from(["", "x", "y", "z", " z "]))
    def edit(self, side: Any, which: FieldMap, value: str) -> None:
        self.now += timedelta(minutes=5)
        place = getattr(self.sides, side)
        if place.get(which.side(side).field, "") != value:
            place[which.side(side).field] = value
            self.sides.edited.setdefault(which.name, {})[side] = self.now

    @rule(dies_at=st.integers(0, 4))
    def look(self, dies_at: int) -> None:
        self.now += timedelta(minutes=61)
        self.sides.engine(self.now, dies_at)

    @invariant()
    def converges(self) -> None:
        sides = getattr(self, "sides", None)
        if sides is None:
            return
        trial = Sides(dict(sides.crm), dict(sides.erp), dict(sides.agreed or {}), {k: dict(v) for k, v in sides.edited.items()})
        before = {each.name: (trial.crm.get(each.crm.field, ""), trial.erp.get(each.erp.field, "")) for each in FIELDS}
        edited = {name: dict(times) for name, times in trial.edited.items()}
        trial.engine(self.now)
        trial.engine(self.now)
        writes = trial.writes
        trial.engine(self.now)
        assert trial.writes == writes <= 2
        for each in FIELDS:
            pair = trial.crm.get(each.crm.field, "").strip(), trial.erp.get(each.erp.field, "").strip()
            if each.name in trial.clashes:
                assert pair == tuple(value.strip() for value in before[each.name])
                continue
            if each.transform == "trim":
                assert pair[0] == pair[1]
            else:
                assert trial.crm.get(each.crm.field, "") == trial.erp.get(each.erp.field, "")
            self._nothing_lost(each, before[each.name], pair, edited.get(each.name, {}))

    def _nothing_lost(self, each: FieldMap, before: tuple[str, str], after: tuple[str, str], edited: dict[str, datetime]) -> None:
        crm, erp = (value.strip() for value in before)
        if not each.both_ways:
            assert after[0] == (crm if each.owner == "crm" else erp)
        elif len(edited) == 1 and each.name not in self.sides.clashes:
            assert after[0] == (crm if "crm" in edited else erp), (each.name, before, after, edited)


TestPeopleAndCrashes = PeopleAndCrashes.TestCase
TestPeopleAndCrashes.settings = settings(max_examples=120, stateful_step_count=14, deadline=None)
