"""Sits on `Fake.handle` while tests run, so that no HubSpot fake, wherever it was made, answers unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from harness.kit.call import Call, Reply
from harness.kit.fake import Fake
from harness.kit.faults import AnyEffect, ProxyPage, TruncatedJson
from vendor_contract.documents import FOLDER, Documents
from vendor_contract.judge import Judge

DIALECT = "fake_crm.hubspot.dialect"  # by name: tests that never call a CRM need not import one
NOT_MODELLED = b'"category":"NOT_MODELLED"'  # our own 501
DESTROYED = (ProxyPage, TruncatedJson)  # faults after which a body is not the vendor's answer any more


class Watch:
    """Judges answers and keeps the verdicts until a test asks for them. Off (`judge` is None) where there are no documents."""

    def __init__(self, judge: Callable[[], Judge | None]) -> None:
        self._make, self._made = judge, False
        self._judge: Judge | None = None
        self._wrong: dict[str, None] = {}

    @property
    def judge(self) -> Judge | None:
        if not self._made:
            self._judge, self._made = self._make(), True
        return self._judge

    def look(self, call: Call, reply: Reply) -> None:
        if self.judge is None or reply.disruption is not None or NOT_MODELLED in reply.body:
            return
        verdict = self.judge.verdict(call, reply)
        if verdict is not None:
            self.note(verdict)

    def note(self, verdict: str) -> None:
        self._wrong[verdict] = None

    def take(self) -> list[str]:
        """What has been wrong since the last time, each line once."""
        wrong, self._wrong = list(self._wrong), {}
        return wrong

    @contextmanager
    def aside(self, judge: Judge) -> Iterator[Watch]:
        """For tests that answer wrongly on purpose: another judge, and what it finds is theirs, not the suite's."""
        before = (self._wrong, self._judge, self._made)
        self._wrong, self._judge, self._made = {}, judge, True
        try:
            yield self
        finally:
            self._wrong, self._judge, self._made = before


def _judge() -> Judge | None:
    return Judge(Documents.load(FOLDER)) if FOLDER.is_dir() else None


WATCH = Watch(_judge)


@cache
def _is_hubspot(kind: type) -> bool:
    return any(each.__module__ == DIALECT for each in kind.__mro__)


def install() -> None:
    """From now on every answer of every HubSpot fake of this process is looked at."""
    handle, disturbed = Fake.handle, Fake._disturbed

    def watched(self: Fake, call: Call) -> Reply:
        reply = handle(self, call)
        if _is_hubspot(type(self)) and not self.__dict__.pop("_destroyed", False):
            WATCH.look(call, reply)
        return reply

    def noted(self: Fake, call: Call, route: Any, effect: AnyEffect) -> tuple[Reply, str]:
        self.__dict__["_destroyed"] = isinstance(effect, DESTROYED)
        return disturbed(self, call, route, effect)

    Fake.handle, Fake._disturbed = watched, noted  # type: ignore[method-assign]
