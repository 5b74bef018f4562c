"""Settings for all tests: Hypothesis never judges by the clock of a busy machine, and its examples are the same every time.

Every answer that a HubSpot fake gives during a test is held against the vendor's own documents, and every answer of an ERPNext
fake against the contract that we publish; a wrong one fails that test.
"""

from __future__ import annotations

from collections.abc import Generator

import erpnext_watch
import pytest
from hypothesis import settings
from vendor_contract.watch import WATCH, install

settings.register_profile("syncproof", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("syncproof")
install()
erpnext_watch.install()


def _fail_for_wrong_answers(item: pytest.Item) -> None:
    for wrong, whose in ((WATCH.take(), "the vendor's documents"), (erpnext_watch.WATCH.take(), "our contract of ERPNext")):
        if wrong:
            shown = [*wrong[:20], *([f"... and {len(wrong) - 20} more"] if len(wrong) > 20 else [])]
            pytest.fail(f"answers that differ from {whose}:\n" + "\n".join(shown), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    _fail_for_wrong_answers(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """What answered only while the test was cleaned up, or before a test failed for reasons of its own, is named here."""
    result = yield
    _fail_for_wrong_answers(item)
    return result
