"""Which CRM records are known to be in the recycle bin: only what was known to be there can be noticed to have left it."""

from __future__ import annotations

from collections.abc import Iterable

from sync_engine.store import Store


def binned(store: Store, kind: str) -> set[str]:
    return set(filter(None, store.cursor(f"bin {kind}").split(" ")))


def set_binned(store: Store, kind: str, ids: Iterable[str]) -> None:
    """Inside the caller's transaction."""
    store.set_cursor(f"bin {kind}", " ".join(sorted(ids)))


def note_binned(store: Store, kind: str, id: str) -> None:
    """One more, inside the caller's transaction: between two looks into the bin a record may go in and come out again."""
    set_binned(store, kind, binned(store, kind) | {id})
