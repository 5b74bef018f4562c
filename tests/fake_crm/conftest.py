"""Accounts for the tests of CRM fakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hubspot_portal import Portal


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def open_portal() -> Callable[..., Portal]:
    """Opens an account with settings of its own."""
    return Portal
