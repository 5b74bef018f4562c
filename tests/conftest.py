"""Settings for all tests: Hypothesis never judges by the clock of a busy machine, and its examples are the same every time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("syncproof", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("syncproof")
