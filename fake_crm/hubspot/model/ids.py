"""Record ids of one account."""

from __future__ import annotations

from random import Random

from fake_crm.hubspot.model.standard_types import STANDARD
from harness.kit.fake import FakeSetup

_RANGES = {"schemas": (1_000_000, 8_000_000)}  # where the ids of a kind start; `2-4410077` is a custom object's
_RANGE = (10_000_000_000, 40_000_000_000)


class RecordIds:
    """Ids per type: eleven digits, from a seeded start, increasing with seeded gaps."""

    def __init__(self, setup: FakeSetup) -> None:
        self._stream = setup.seed.stream
        self._streams: dict[str, Random] = {}
        self._last: dict[str, int] = {}
        for kind in (*(each.plural for each in STANDARD), "pipelines"):
            self._start(kind)

    def next(self, kind: str) -> str:
        if kind not in self._last or kind not in self._streams:
            self._start(kind)
        self._last[kind] = number = self._last[kind] + self._streams[kind].randrange(1, 40)
        return str(number)

    def last(self) -> dict[str, int]:
        """The last id of each type, for `continue_from`."""
        return dict(self._last)

    def continue_from(self, last: dict[str, int]) -> None:
        self._last = dict(last)

    def seen(self, kind: str, record_id: str) -> None:
        """Ids from a file stay below those to come."""
        if len(record_id) < 16:
            self._last[kind] = max(self._last[kind], int(record_id))

    def _start(self, kind: str) -> None:
        stream = self._streams.setdefault(kind, self._stream(f"ids/{kind}"))
        start = stream.randrange(*_RANGES.get(kind, _RANGE))
        self._last.setdefault(kind, start)
