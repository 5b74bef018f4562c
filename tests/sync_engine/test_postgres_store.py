"""What only PostgreSQL can do to an engine: claims at the very same moment, a lost connection, a server that refuses."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from stores import NOW
from tiny_vendors import World

from sync_engine.store import Store, StoreError, StoreUnavailable, open_store
from sync_engine.store.schema import MIGRATIONS

SOON = NOW + timedelta(minutes=1)


def cut(store: Store) -> None:
    """The server ends the session, as a restart or a network does."""
    number = store._db.execute("SELECT pg_backend_pid()").fetchone()[0]
    other = open_store(store._db._url)  # type: ignore[attr-defined]
    other._db.execute("SELECT pg_terminate_backend(?)", (number,))
    other.close()


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.new_database("alone")


def test_claims_at_the_same_moment_never_get_the_same_item(url: str) -> None:
    store = open_store(url)
    with store.transaction():
        for number in range(200):
            store.put_work("order", "order", f"{number:03}", NOW, NOW)

    def claim_all(owner: str) -> list[str]:
        mine, taken, claims = open_store(url), list[str](), 0
        while rows := mine.claim_work(owner, claims := claims + 1, NOW, SOON, limit=3):
            taken += [row.record for row in rows]
        mine.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        lists = list(pool.map(claim_all, ["a", "b", "c", "d"]))
    assert sorted(record for taken in lists for record in taken) == [f"{number:03}" for number in range(200)]
    store.close()


def test_replicas_that_start_together_migrate_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(open_store, [url] * 4))
    assert stores[0]._db.execute("SELECT version FROM schema_version").fetchall() == [(len(MIGRATIONS),)]
    for store in stores:
        store.close()


def test_a_lost_connection_is_told_once_and_then_made_again(url: str) -> None:
    store = open_store(url)
    store.set_cursor("deals", "1")
    cut(store)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        store.cursor("deals")
    assert store.cursor("deals") == "1"
    store.close()


def test_a_connection_lost_inside_a_transaction_undoes_it_and_nothing_of_it_is_written_outside(url: str) -> None:
    store = open_store(url)

    def lose_half_way() -> None:
        with store.transaction():
            store.set_cursor("deals", "1")
            cut(store)
            with pytest.raises(StoreUnavailable):
                store.set_cursor("companies", "2")
            store.set_cursor("orders", "3")

    with pytest.raises(StoreUnavailable, match="in the middle of a transaction"):
        lose_half_way()
    assert [store.cursor(name) for name in ("deals", "companies", "orders")] == ["", "", ""]
    with store.transaction():
        store.set_cursor("deals", "4")
    assert store.cursor("deals") == "4"
    store.close()


def test_a_transaction_waits_for_another_ones_end(url: str) -> None:
    """Read, then write: what makes counting safe among replicas."""

    def count(_: int) -> None:
        store = open_store(url)
        for _number in range(25):
            with store.transaction():
                store.set_cursor("n", str(int(store.cursor("n") or 0) + 1))
        store.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    store = open_store(url)
    assert store.cursor("n") == "100"
    store.close()


def test_refusals_are_one_sentence_without_the_password(postgres: PostgresServer, url: str) -> None:
    missing = postgres.url("missing").replace("engine@", "engine:geheim@")
    passing, lasting = (StoreUnavailable, "check the server"), (StoreError, "no address of a PostgreSQL store")
    for target, (kind, said) in {
        missing: passing,
        "postgresql://engine:geheim@127.0.0.1:1/db": passing,
        "postgresql://engine:geheim@127.0.0.1/db?nonsense=1": lasting,
    }.items():
        with pytest.raises(StoreError, match=said) as caught:
            open_store(target)
        assert caught.type is kind
        assert "geheim" not in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="name a directory"):
        open_store("mysql://engine:geheim@127.0.0.1/db")


def test_a_newer_schema_is_refused_with_what_to_do(url: str) -> None:
    store = open_store(url)
    store._db.execute("UPDATE schema_version SET version = 99")
    store.close()
    with pytest.raises(StoreError, match="update the engine"):
        open_store(url)


def test_texts_with_nul_are_kept_without_it(url: str) -> None:
    store = open_store(url)
    assert store.keep_event("k", "erp", NOW, 'a"\0"b')
    assert store.dump("inbox")[0][3] == 'a"\ufffd"b'
    store.close()


def test_the_engine_works_on_it_and_waits_out_an_outage(postgres: PostgresServer, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.vendors.won_deal()
    world.start(world.settings(store=postgres.new_database("world")))
    world.until_quiet()
    postgres.stop()
    try:
        world.vendors.won_deal("502", company="702", contact="302")
        world.pass_time(700)
        assert world.engine is not None
        assert re.search("cannot be reached|does not answer", world.engine.pending() or "")
        assert world.engine.open_errors()[0][0] == "store"
        assert world.loop.run_until_complete(world.engine.receive("POST", "/w/erp", signed(b"{}"), b"{}")) == 503
    finally:
        postgres.start()
    world.pass_time(700)
    world.until_quiet()
    assert sorted(doc["custom_crm_deal_id"] for doc in world.vendors.erp["Sales Order"].values()) == ["501", "502"]
    assert world.engine.open_errors() == []
    world.close()


def signed(body: bytes) -> dict[str, str]:
    from sync_engine.signatures import frappe

    return {"X-Frappe-Webhook-Signature": frappe("secret", body)}
