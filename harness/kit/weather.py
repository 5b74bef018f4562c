"""The faults and limits of a run, as data: what the network, the vendors and the engine's machine do to an integration."""

from __future__ import annotations

from random import Random

import msgspec

from harness.kit.faults import FaultRate
from harness.kit.webhooks import DeliveryWeather


class LatencyWeather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way between client and fake, in milliseconds: the least, and the mean of a long-tailed draw."""

    ms_min: float = 8.0
    ms_mean: float = 25.0

    def draw(self, random: Random) -> float:
        """Seconds that one call or answer takes on its way."""
        tail = self.ms_mean - self.ms_min
        return (self.ms_min + (random.expovariate(1.0 / tail) if tail > 0 else 0.0)) / 1000.0


class CrashWeather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The engine is killed abruptly around one of its own calls, with chance `per_call`, at most `times_max` times; it comes
    back after a draw between the two `restart_s` bounds. `times_min` crashes happen even if chance is against them."""

    per_call: float = 0.0
    times_min: int = 0
    times_max: int = 0
    restart_s_min: float = 5.0
    restart_s_max: float = 120.0


class Weather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named profile. Rates are chances per call of a program; people never meet them."""

    name: str
    description: str
    faults: tuple[FaultRate, ...] = ()
    webhooks: DeliveryWeather = DeliveryWeather()
    latency: LatencyWeather = LatencyWeather()
    crash: CrashWeather = CrashWeather()
