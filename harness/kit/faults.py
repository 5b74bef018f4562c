"""What goes wrong, as data: it can be printed, stored in a scenario, replayed and shrunk.

A `Fault` meets one call, once. A `FaultRate` meets calls by chance; each time it does, it is journalled as the `Fault` that
would do the same again. Faults meet only programs (the engine, a client): simulated people use the vendor's own screens.
Codes in brackets are the primitives F1 to F27 of the bug catalogue this harness was built from.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from random import Random

import msgspec

from harness.kit.clock import Clock
from harness.kit.journal import FaultFired, Journal


class Effect(
    msgspec.Struct,
    frozen=True,
    tag_field="effect",
    tag=lambda name: "".join("_" + c.lower() if c.isupper() else c for c in name).strip("_"),
):
    """What a fault does to one call."""

    def text(self) -> str:
        parts = [f"{name}={getattr(self, name)}" for name in self.__struct_fields__]
        return f"{self.__struct_config__.tag}({', '.join(parts)})" if parts else str(self.__struct_config__.tag)


class Refuse(Effect, frozen=True):
    """[F2, F8, F14, F25] The vendor's own refusal before the write, as the kinds say. A vendor that knows no such refusal
    answers with its server_error."""

    kind: str = "server_error"


class LoseReply(Effect, frozen=True):
    """[F1] The write is applied and no answer ever comes."""


class LateReply(Effect, frozen=True):
    """[F1] The write is applied and the answer comes `by_ms` milliseconds late, perhaps after the client gave up."""

    by_ms: int = 30_000

    @property
    def delay(self) -> timedelta:
        return timedelta(milliseconds=self.by_ms)


class RefuseConnection(Effect, frozen=True):
    """[F25] Nobody listens: the client cannot connect and nothing is applied."""


class ResetConnection(Effect, frozen=True):
    """[F1, F2] The connection dies without an answer, before (`applied=False`) or after the write."""

    applied: bool = True


class CutBody(Effect, frozen=True):
    """[F1, F22] The write is applied and the connection dies in the middle of the answer's body."""


class TruncatedJson(Effect, frozen=True):
    """[F22] The write is applied and the answer is complete HTTP around half a JSON document."""


class ProxyPage(Effect, frozen=True):
    """[F1, F2, F22] A proxy's HTML page (502 to 504, 520 to 524) instead of the answer, before or after the write."""

    status: int = 502
    applied: bool = False


class LoseEvents(Effect, frozen=True):
    """[F10] The write is applied and what it should tell by webhook is lost, as where a queue is down after the commit. Some
    vendors answer with an error then."""


AnyEffect = Refuse | LoseReply | LateReply | RefuseConnection | ResetConnection | CutBody | TruncatedJson | ProxyPage | LoseEvents


class Fault(msgspec.Struct, frozen=True):
    """One thing that goes wrong, once: the `nth` call (from 1) of the operations `on` (`crm.create_deal`, `erp.*`) meets `effect`.

    With `record`, only calls that name that record id in their path count; with `after`/`until`, only calls in that time.
    """

    on: str
    effect: AnyEffect
    nth: int = 1
    record: str | None = None
    after: datetime | None = None
    until: datetime | None = None


class FaultRate(msgspec.Struct, frozen=True):
    """Calls of the operations `on` meet `effect` with this probability (0 to 1) each."""

    on: str
    effect: AnyEffect
    probability: float


class FaultBook:
    """Decides for each call of one fake which fault it meets. `active` is switched off when a run goes quiet."""

    def __init__(self, system: str, clock: Clock, random: Random, journal: Journal) -> None:
        self._system, self._clock, self._random, self._journal = system, clock, random, journal
        self._pending: list[tuple[Fault, list[int]]] = []
        self._rates: list[FaultRate] = []
        self._rates_of: dict[str, list[FaultRate]] = {}  # by name of a call: which rates speak of it
        self._calls: dict[str, int] = {}
        self.active = True

    def inject(self, fault: Fault) -> None:
        self._pending.append((fault, [0]))

    def set_rates(self, rates: list[FaultRate]) -> None:
        self._rates = [rate for rate in rates if _names_system(rate.on, self._system)]
        self._rates_of.clear()

    def clear(self) -> None:
        """Forget faults and rates: heals everything. Safe to repeat."""
        self._pending.clear()
        self._rates.clear()
        self._rates_of.clear()

    @property
    def not_yet_fired(self) -> list[Fault]:
        return [fault for fault, _ in self._pending]

    @property
    def rates(self) -> list[FaultRate]:
        return list(self._rates)

    def meet(self, operation: str, number: int, record: str | None = None) -> AnyEffect | None:
        """The effect this call meets, or None. Counts the call; a scripted fault wins over chance and is used up."""
        name = f"{self._system}.{operation}"
        nth = self._calls[name] = self._calls.get(name, 0) + 1
        if not self._pending and not self._rates:
            return None
        now = self._clock.now()
        effect = self._scripted(name, record, now)
        if effect is None and self.active:
            effect = self._by_chance(name)
        if effect is not None:
            self._journal.add(FaultFired(now, effect.text(), name, nth, number=number))
        return effect

    def _scripted(self, name: str, record: str | None, now: datetime) -> AnyEffect | None:
        """The first pending fault whose turn it is. Every pending fault counts this call; two due on the same call take turns."""
        hit: int | None = None
        for position, (fault, count) in enumerate(self._pending):
            if not _matches(fault, name, record, now):
                continue
            count[0] += 1
            if hit is None and count[0] >= fault.nth:
                hit = position
        return self._pending.pop(hit)[0].effect if hit is not None else None

    def _by_chance(self, name: str) -> AnyEffect | None:
        rates = self._rates_of.get(name)
        if rates is None:
            rates = self._rates_of[name] = [rate for rate in self._rates if fnmatchcase(name, rate.on)]
        hit: AnyEffect | None = None
        for rate in rates:
            if self._random.random() < rate.probability and hit is None:
                hit = rate.effect
        return hit


def _matches(fault: Fault, name: str, record: str | None, now: datetime) -> bool:
    if fault.record is not None and fault.record != record:
        return False
    if (fault.after is not None and now < fault.after) or (fault.until is not None and now >= fault.until):
        return False
    return fnmatchcase(name, fault.on)


def _names_system(pattern: str, system: str) -> bool:
    return fnmatchcase(system, pattern.split(".", 1)[0])
