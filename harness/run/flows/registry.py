"""The flows by name: which parts of business a scenario plays. How much of each, its workload says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from harness.run.flows.after_win import AfterTheWin
from harness.run.flows.both_sides import BothSides
from harness.run.flows.companies import Companies
from harness.run.flows.fulfilment import Fulfilment
from harness.run.flows.master_data import MasterData
from harness.run.flows.office import Office
from harness.run.flows.selling import Selling


class Part(Protocol):
    """Some people and what they do all day."""

    def prepare(self) -> None:
        """What exists before the day begins, and whom to listen to."""
        ...

    def begin(self) -> None: ...


FLOWS: Final[dict[str, tuple[Callable[[Office], Part], ...]]] = {
    "quote-to-cash": (Fulfilment, Selling),
    "change-after-win": (Fulfilment, AfterTheWin, Selling),
    "master-data-back": (Fulfilment, MasterData, Selling),
    "two-sided-edits": (Fulfilment, BothSides, Selling),
    "customer-onboarding": (Fulfilment, Companies, Selling),
}


class People(Office):
    """Everybody of one run, with what they do."""

    def __init__(self, parts: tuple[Callable[[Office], Part], ...], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._parts = [part(self) for part in parts]

    def prepare(self) -> None:
        for part in self._parts:
            part.prepare()

    def begin(self) -> None:
        for part in self._parts:
            part.begin()
