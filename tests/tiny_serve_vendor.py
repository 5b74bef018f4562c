"""A vendor whose fake refuses its settings."""

from __future__ import annotations

from harness.kit.fake import Fake, FakeSetup, FakeSpec


def create(setup: FakeSetup) -> Fake:
    raise ValueError(f"tier is {setup.settings.get('tier')!r}; known: gold")


SPEC = FakeSpec("picky", "crm", "Picky CRM", create, "https://picky.test")
