"""From what a person wrote to an open database: a path, a directory, or a PostgreSQL URL."""

from __future__ import annotations

from pathlib import Path

from sync_engine.store.database import Database
from sync_engine.store.rows import StoreError
from sync_engine.store.sqlite import Sqlite

FILE_NAME = "sync_engine.sqlite3"
FILE_ENDINGS = (".sqlite3", ".sqlite", ".db")


def is_postgres(target: Path | str) -> bool:
    return isinstance(target, str) and target.startswith(("postgresql://", "postgres://"))


def resolve(target: Path | str) -> Path | str:
    """A URL as it is, a file as it is, and the store's file inside a directory."""
    if is_postgres(target):
        return target
    if isinstance(target, str) and "://" in target:
        raise StoreError(f"{target.partition('://')[0]}:// is no store; name a directory, a file, or a postgresql:// URL")
    path = Path(target)
    return path if path.is_file() or path.suffix in FILE_ENDINGS else path / FILE_NAME


def connect(target: Path | str) -> Database:
    """Open, and bring the schema up to date. Raises StoreError."""
    if not is_postgres(target):
        return Sqlite(Path(target))
    try:
        from sync_engine.store.postgres import Postgres
    except ImportError:
        raise StoreError("a PostgreSQL store needs psycopg; install the extra: pip install 'syncproof[postgres]'") from None
    return Postgres(str(target))
