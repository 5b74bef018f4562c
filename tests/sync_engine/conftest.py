from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from postgres_server import PostgresServer, server_for_tests
from stores import Backend
from tiny_vendors import World

NUMBERS = count(1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    yield from server_for_tests()


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """An empty store of either kind, which can be opened several times."""
    if request.param == "sqlite":
        made = Backend(tmp_path / "sync_engine.sqlite3")
    else:
        made = Backend(request.getfixturevalue("postgres").new_database(f"test_{next(NUMBERS)}"))
    yield made
    made.close()
