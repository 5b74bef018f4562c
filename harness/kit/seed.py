"""Where chance comes from: one seed, one named stream per concern, so that a new draw in one never shifts another."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Seed:
    """The number that, with the scenario, decides everything in a run."""

    value: int

    def stream(self, concern: str) -> Random:
        """A generator of its own for `concern`. A str seeds the same in every process; hash(str) would not."""
        return Random(f"{self.value}/{concern}")

    def derived(self, concern: str) -> Seed:
        """A seed of its own for a part of the world that has streams of its own, such as one fake."""
        return Seed(self.stream(f"seed/{concern}").getrandbits(63))
