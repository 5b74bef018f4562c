"""Backup, restore, and the way from one database to the other. An old backup loses nothing and duplicates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_server import PostgresServer
from stores import NOW, Backend
from tiny_vendors import World

from sync_engine.store import Store, StoreError, open_store
from sync_engine.store.backup import back_up, copy_sqlite, migrate, restore
from sync_engine.store.schema import TABLES


def fill(store: Store) -> None:
    store.keep_event("k", "crm", NOW, '{"a":"ü\\u0000"}')
    store.put_work("order", "order", "5", NOW, NOW)
    store.intend("order", "6", NOW)
    store.link("order", "4", "SO-4", {"a": "b"})
    store.add_member("invoices", "SO-4", "INV-1")
    store.set_cursor("deals", "17")
    store.ask_again("crm deals 9")
    store.see("deals", [("4", "v1")], NOW)
    store.bury("crm deals 3", "cause", "hint", NOW)


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {table: [row for row in store.dump(table) if row[0] != "incarnation"] for table in TABLES}


def test_what_is_restored_is_what_was_backed_up_and_everything_is_looked_at_again(backend: Backend, tmp_path: Path) -> None:
    store = backend.open()
    fill(store)
    before, path = everything(store), tmp_path / "backup.jsonl"
    assert back_up(store, path) == 9
    store.clear()
    assert restore(store, path) == 9
    after = everything(store)
    for table in ("inbox", "work", "intents", "members", "dead_letters"):
        assert after[table] == before[table]
    assert after["cursors"] == [("again crm deals 9", "")], "what people asked for stays, positions are forgotten"
    assert after["seen"] == []
    link = store.linked("order", "4")
    assert link is not None
    assert (link.erp_id, link.shadow) == ("SO-4", None), "what was agreed on may have changed since"


def test_a_store_in_use_is_not_overwritten_by_accident(backend: Backend, tmp_path: Path) -> None:
    store, path = backend.open(), tmp_path / "backup.jsonl"
    fill(store)
    back_up(store, path)
    store.link("order", "7", "SO-7", None)
    with pytest.raises(StoreError, match="--force"):
        restore(store, path)
    assert store.linked("order", "7") is not None
    restore(store, path, force=True)
    assert store.linked("order", "7") is None


@pytest.mark.parametrize("damage", ["cut off", "a row is missing", "another file", "a newer engine's", "an unknown table"])
def test_what_is_no_complete_backup_changes_nothing(backend: Backend, tmp_path: Path, damage: str) -> None:
    store, path = backend.open(), tmp_path / "backup.jsonl"
    fill(store)
    back_up(store, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    damaged = {
        "cut off": [*lines[:4], lines[4][:20]],
        "a row is missing": [*lines[:4], *lines[5:]],
        "another file": ["hello"],
        "a newer engine's": ['{"format": "sync engine store", "schema": 99}', *lines[1:]],
        "an unknown table": [lines[0], '{"table": "users", "row": {}}', *lines[1:]],
    }[damage]
    path.write_text("\n".join(damaged), encoding="utf-8")
    before = everything(store)
    with pytest.raises(StoreError, match=r"backup\.jsonl"):
        restore(store, path, force=True)
    assert everything(store) == before


def test_names_of_incarnations_are_never_used_again(backend: Backend, tmp_path: Path) -> None:
    store, path = backend.open(), tmp_path / "backup.jsonl"
    store.new_owner()
    back_up(store, path)
    used = {store.new_owner() for _ in range(3)}
    restore(store, path, force=True)
    assert store.new_owner() not in used


def test_from_sqlite_to_postgresql_and_back(postgres: PostgresServer, tmp_path: Path) -> None:
    source, target, back = open_store(tmp_path), open_store(postgres.new_database("moved")), open_store(tmp_path / "back")
    fill(source)
    assert migrate(source, target) == 9
    assert everything(target) == everything(source), "positions come along: nothing happened meanwhile"
    migrate(target, back)
    assert everything(back) == everything(source)
    for store in (source, target, back):
        store.close()


def test_a_copy_of_the_file_is_complete_while_the_engine_writes(tmp_path: Path) -> None:
    store = open_store(tmp_path / "s.sqlite3")
    fill(store)
    with store.transaction():
        store.set_cursor("deals", "18")
        copy_sqlite(tmp_path / "s.sqlite3", tmp_path / "copy.sqlite3")
    copy = open_store(tmp_path / "copy.sqlite3")
    assert copy.cursor("deals") == "17", "what was not committed is not in it"
    copy.close()
    store.close()
    with pytest.raises(StoreError, match="no such store"):
        copy_sqlite(tmp_path / "none.sqlite3", tmp_path / "x")


def test_an_engine_on_an_old_backup_loses_nothing_and_duplicates_nothing(world: World, tmp_path: Path) -> None:
    world.vendors.won_deal()
    engine = world.start()
    world.until_quiet()
    back_up(engine.c.store, tmp_path / "old.jsonl")
    world.vendors.won_deal("502", company="702", contact="302")
    world.vendors.edit("companies", "702", name="Bolt")
    world.pass_time(310)
    world.until_quiet()
    world.vendors.won_deal("503", company="701", contact="303")  # won, but not noticed before the disaster
    first = world.vendors.crm["deals"]["501"]["erp_order_id"]
    world.vendors.change("Sales Order", first, status="To Bill", per_delivered=100)
    world.kill()

    store = open_store(tmp_path)
    restore(store, tmp_path / "old.jsonl", force=True)
    store.close()
    engine = world.start()
    world.until_quiet()

    orders = world.vendors.erp["Sales Order"]
    assert sorted(doc["custom_crm_deal_id"] for doc in orders.values()) == ["501", "502", "503"]
    counts = {kind: len(world.vendors.erp[kind]) for kind in ("Customer", "Address", "Contact")}
    assert counts["Contact"] == 3
    assert {doc["custom_crm_company_id"] for doc in world.vendors.erp["Customer"].values()} == {"701", "702"}
    assert world.vendors.crm["deals"]["501"]["erp_order_status"] == "to bill"
    assert all(deal["erp_order_id"] in orders for deal in world.vendors.crm["deals"].values())
    assert engine.open_errors() == []
