"""The record store in stories: unique values, indexes, order, transactions that leave no trace, snapshots."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.kit.clock import ManualClock
from harness.kit.records import Change, Record, RecordStore, UniqueConflict


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(clock: ManualClock) -> RecordStore:
    store = RecordStore(clock)
    store.define("person", unique={"email": lambda value: str(value).lower()}, indexes=("city",))
    return store


def ids(records: list[Record]) -> list[str]:
    return [record.id for record in records]


def test_a_taken_value_is_refused_naming_its_holder_and_nothing_is_written(store: RecordStore) -> None:
    store.insert("person", "1", {"email": "Anna@x.test"})

    with pytest.raises(UniqueConflict) as caught:
        store.insert("person", "2", {"email": "anna@X.test"})
    assert (caught.value.holder, caught.value.field, caught.value.value) == ("1", "email", "anna@X.test")
    assert store.get("person", "2") is None
    assert len(store.changes) == 1


def test_empty_values_are_never_taken(store: RecordStore) -> None:
    for number, value in enumerate((None, "", None, "")):
        store.insert("person", str(number), {"email": value})

    assert store.count("person") == 4


def test_a_person_may_keep_their_own_value_and_a_changed_one_becomes_free(store: RecordStore) -> None:
    store.insert("person", "1", {"email": "a@x.test"})
    store.update("person", "1", {"email": "A@x.test"})
    store.update("person", "1", {"email": "b@x.test"})
    store.insert("person", "2", {"email": "a@x.test"})

    assert [store.find("person", "email", value).id for value in ("B@x.test", "a@x.test")] == ["1", "2"]  # type: ignore[union-attr]


def test_a_record_in_the_bin_frees_its_value_and_may_not_come_back_to_a_taken_one(store: RecordStore) -> None:
    store.insert("person", "1", {"email": "a@x.test"})
    store.archive("person", "1")
    assert store.find("person", "email", "a@x.test") is None
    store.insert("person", "2", {"email": "a@x.test"})

    with pytest.raises(UniqueConflict):
        store.restore_record("person", "1")
    record = store.get("person", "1")
    assert record is not None
    assert record.archived
    store.delete("person", "2")
    store.restore_record("person", "1")
    assert store.find("person", "email", "a@x.test") is record
    assert record.archived_at is None


def test_declaring_a_unique_field_over_a_clash_is_refused_and_changes_nothing(store: RecordStore) -> None:
    for number in ("1", "2"):
        store.insert("person", number, {"tax": "DE1"})

    with pytest.raises(UniqueConflict):
        store.define("person", unique={"tax": None})
    assert not store.is_unique("person", "tax")
    store.archive("person", "1")
    store.define("person", unique={"tax": None})
    assert store.find("person", "tax", "DE1").id == "2"  # type: ignore[union-attr]
    store.drop_unique("person", "tax")
    store.insert("person", "3", {"tax": "DE1"})


def test_an_index_declared_later_knows_the_records_before_it(store: RecordStore) -> None:
    store.insert("person", "1", {"team": "a"})
    store.insert("person", "2", {})
    store.define("person", indexes=("team",))

    assert ids(store.where("person", "team", "a")) == ["1"]
    assert ids(store.where("person", "team", None)) == ["2"]


def test_an_index_answers_in_the_order_of_creation_whatever_moved(store: RecordStore) -> None:
    for number in ("1", "2", "3"):
        store.insert("person", number, {"city": "Bonn"})
    store.update("person", "1", {"city": "Köln"})
    store.update("person", "1", {"city": "Bonn"})

    assert ids(store.where("person", "city", "Bonn")) == ["1", "2", "3"]


def test_only_a_real_change_makes_a_version(store: RecordStore, clock: ManualClock) -> None:
    record = store.insert("person", "1", {"city": "Bonn", "age": 3})
    clock.advance(timedelta(seconds=1))
    store.update("person", "1", {"city": "Bonn"})
    assert (record.version, record.updated_at, len(store.changes)) == (1, record.created_at, 1)

    store.update("person", "1", {"city": "Köln", "age": 3, "new": None}, by="anna")
    change = store.changes[-1]
    assert (change.version, change.old, change.new, change.by) == (
        2,
        {"city": "Bonn", "new": None},
        {"city": "Köln", "new": None},
        "anna",
    )
    assert record.updated_at == clock.now()


def test_a_write_that_does_not_touch_keeps_the_modification_time_and_the_place(store: RecordStore, clock: ManualClock) -> None:
    record = store.insert("person", "1", {})
    store.insert("person", "2", {})
    before = record.updated_at
    clock.advance(timedelta(seconds=1))
    store.update("person", "1", {"score": 5}, touch=False)

    assert (record.updated_at, record.version) == (before, 2)
    assert store.changes[-1].at == clock.now()
    assert ids(store.recent("person", before)) == ["1", "2"]


def test_recent_lists_the_latest_writes_last(store: RecordStore, clock: ManualClock) -> None:
    for number in ("1", "2", "3"):
        store.insert("person", number, {})
        clock.advance(timedelta(seconds=1))
    store.touch("person", "1")
    store.delete("person", "3")

    assert ids(store.recent("person", clock.now() - timedelta(seconds=2))) == ["2", "1"]
    assert ids(store.recent("person", clock.now())) == ["1"]
    assert store.recent("nothing", clock.now()) == []


def test_a_change_carries_who_and_which_request(store: RecordStore) -> None:
    store.request, store.actor = 42, "engine"
    store.insert("person", "1", {})

    assert (store.changes[-1].request, store.changes[-1].by) == (42, "engine")


def test_a_store_that_keeps_no_changes_still_tells_its_listeners(store: RecordStore) -> None:
    heard: list[Change] = []
    store.on_commit(heard.extend)
    store.keeps_changes = False
    store.insert("person", "1", {})

    assert (store.changes, [change.action for change in heard]) == ([], ["created"])


def test_writing_to_what_does_not_exist_is_an_error(store: RecordStore) -> None:
    store.insert("person", "1", {})
    with pytest.raises(ValueError, match="person 1 exists already"):
        store.insert("person", "1", {})
    for write in (store.archive, store.restore_record, store.delete, store.touch):
        with pytest.raises(KeyError):
            write("person", "9")
    with pytest.raises(KeyError):
        store.update("person", "9", {"a": 1})
    with pytest.raises(KeyError):
        store.where("person", "email", "not indexed")
    with pytest.raises(KeyError):
        store.find("person", "city", "not unique")


# -- transactions -------------------------------------------------------------------------------------------------------------


class Boom(Exception):
    """What goes wrong in the middle."""


def picture(store: RecordStore, clock: ManualClock) -> object:
    """Everything that can be read from the store."""
    long_ago = clock.now() - timedelta(days=1)
    return (
        [(r.id, dict(r.fields), r.version, r.updated_at, r.archived, r.archived_at) for r in store.all("person")],
        {city: ids(store.where("person", "city", city)) for city in ("Bonn", "Köln", None)},
        {
            mail: found.id if (found := store.find("person", "email", mail)) else None
            for mail in ("a@x.test", "b@x.test", "c@x.test")
        },
        ids(store.recent("person", long_ago)),
        list(store.changes),
    )


def people(store: RecordStore, clock: ManualClock) -> None:
    store.insert("person", "1", {"email": "a@x.test", "city": "Bonn"})
    clock.advance(timedelta(seconds=1))
    store.insert("person", "2", {"email": "b@x.test", "city": "Bonn"})
    clock.advance(timedelta(seconds=1))
    store.insert("person", "3", {"city": "Köln"})
    store.touch("person", "1")


def test_a_transaction_that_breaks_leaves_no_trace(store: RecordStore, clock: ManualClock) -> None:
    people(store, clock)
    before = picture(store, clock)
    heard: list[list[Change]] = []
    store.on_commit(heard.append)

    with pytest.raises(Boom), store.transaction():  # noqa: PT012
        store.delete("person", "1")
        store.update("person", "2", {"email": "a@x.test", "city": "Köln"})
        store.insert("person", "1", {"email": "b@x.test"})
        store.archive("person", "3")
        store.insert("person", "4", {"email": "c@x.test", "city": "Bonn"})
        store.update("person", "4", {"city": None})
        store.touch("person", "2")
        store.restore_record("person", "3")
        store.delete("person", "4")
        raise Boom

    assert picture(store, clock) == before
    assert heard == []
    store.insert("person", "5", {"email": "c@x.test"})


def test_a_swap_of_unique_values_can_be_undone(store: RecordStore, clock: ManualClock) -> None:
    people(store, clock)
    before = picture(store, clock)

    with pytest.raises(Boom), store.transaction():  # noqa: PT012
        store.update("person", "1", {"email": ""})
        store.update("person", "2", {"email": "a@x.test"})
        store.update("person", "1", {"email": "b@x.test"})
        assert store.find("person", "email", "b@x.test").id == "1"  # type: ignore[union-attr]
        raise Boom

    assert picture(store, clock) == before


def test_a_conflict_in_the_middle_undoes_what_came_before(store: RecordStore, clock: ManualClock) -> None:
    people(store, clock)
    before = picture(store, clock)

    with pytest.raises(UniqueConflict), store.transaction():  # noqa: PT012
        store.insert("person", "7", {"email": "c@x.test"})
        store.insert("person", "8", {"email": "a@x.test"})

    assert picture(store, clock) == before


def test_listeners_hear_a_transaction_once_after_it_is_over(store: RecordStore) -> None:
    heard: list[list[str]] = []
    store.on_commit(lambda changes: heard.append([f"{change.action} {change.id}" for change in changes]))
    with store.transaction():
        store.insert("person", "1", {})
        with store.transaction():
            store.update("person", "1", {"city": "Bonn"})
        store.delete("person", "1")
        store.insert("person", "2", {})
        assert heard == []

    assert heard == [["created 1", "updated 1", "deleted 1", "created 2"]]
    assert [change.sequence for change in store.changes] == sorted(change.sequence for change in store.changes)
    with store.transaction():
        pass
    assert len(heard) == 1, "nothing happened, so nobody hears"


def test_a_listener_that_writes_is_heard_after_what_it_reacts_to(store: RecordStore) -> None:
    heard: list[str] = []

    def count(changes: list[Change]) -> None:
        heard.extend(f"{change.kind} {change.action}" for change in changes)
        if changes[0].kind == "person":
            store.insert("log", str(len(heard)), {})

    store.on_commit(count)
    store.insert("person", "1", {})

    assert heard == ["person created", "log created"]


def test_the_order_of_writing_inside_a_transaction_is_the_order_of_its_writes(store: RecordStore, clock: ManualClock) -> None:
    people(store, clock)
    clock.advance(timedelta(seconds=1))
    with store.transaction():
        store.touch("person", "3")
        store.touch("person", "2")
        store.delete("person", "1")

    assert ids(store.recent("person", clock.now() - timedelta(days=1))) == ["3", "2"]


# -- snapshots ----------------------------------------------------------------------------------------------------------------


def test_a_snapshot_is_not_touched_by_later_writes_and_can_be_restored_twice(store: RecordStore, clock: ManualClock) -> None:
    people(store, clock)
    store.archive("person", "3")
    kept, before = store.snapshot(), picture(store, clock)
    for _ in range(2):
        store.update("person", "1", {"city": "Köln", "email": "z@x.test"})
        store.delete("person", "2")
        store.restore_record("person", "3")
        store.insert("person", "9", {"email": "b@x.test"})
        store.insert("order", "1", {})
        store.restore(kept)

        assert picture(store, clock)[:4] == before[:4]  # type: ignore[index]
        assert store.count("order") == 0
    store.insert("person", "4", {"city": "Bonn"})
    assert ids(store.where("person", "city", "Bonn")) == ["1", "2", "4"]


def test_a_transaction_knows_what_its_records_were_when_it_began(store: RecordStore) -> None:
    store.insert("person", "1", {"city": "Bonn", "name": "Anna"})
    with store.transaction():
        assert store.before("person", "1") == {"city": "Bonn", "name": "Anna"}
        store.update("person", "1", {"city": "Kiel"})
        store.update("person", "1", {"city": "Ulm", "age": 7})
        store.insert("person", "2", {"city": "Jena"})
        store.update("person", "2", {"city": "Gera"})
        assert store.before("person", "1") == {"city": "Bonn", "name": "Anna", "age": None}
        assert store.before("person", "2") is None, "it is the transaction's own"
    assert store.before("person", "1") == {"city": "Ulm", "name": "Anna", "age": 7}
    assert store.before("person", "3") is None
