"""A real PostgreSQL server for tests: its own data directory, a unix socket and no port, gone with the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NEEDED = ("initdb", "pg_ctl")


def find_binaries() -> Path | None:
    """The folder that holds the server's programs, of the newest version that is installed; None where it is not."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0]), reverse=True
    )
    initdb = shutil.which("initdb")
    if initdb is not None:
        folders.append(Path(initdb).resolve().parent)
    return next((folder for folder in folders if all((folder / name).is_file() for name in NEEDED)), None)


class PostgresServer:
    """`url(database)` names a database on it; `stop` and `start` let tests take it away for a while."""

    def __init__(self, binaries: Path, root: Path) -> None:
        self._binaries, self.root, self._data = binaries, root, root / "data"

    def _run(self, name: str, *arguments: str) -> None:
        command = [*_unprivileged(), str(self._binaries / name), *arguments]
        with (self.root / f"{name}.log").open("w") as log:  # a pipe would stay open as long as the server lives
            done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False, timeout=60, cwd=self.root)
        assert done.returncode == 0, (self.root / f"{name}.log").read_text()

    def create(self) -> None:
        self._run("initdb", "-D", str(self._data), "-U", "engine", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.root}' -c fsync=off -c max_connections=40"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-s", "-l", str(self.root / "server.log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-s", "-m", "immediate", "stop")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://engine@/{database}?host={self.root}"

    def new_database(self, name: str) -> str:
        """An empty database; the answer is its URL."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)


def server_for_tests() -> Iterator[PostgresServer]:
    """The body of a fixture: a server of the tests' own, or a skip that names what is missing."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (initdb, pg_ctl)")
    with running_server(binaries) as server:
        yield server


@contextmanager
def running_server(binaries: Path) -> Iterator[PostgresServer]:
    """A server in a fresh directory; short, because a socket's path may only have about a hundred bytes."""
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    server = PostgresServer(binaries, root)
    try:
        if os.name == "posix" and os.geteuid() == 0:
            user = _user()
            os.chown(root, user.pw_uid, user.pw_gid)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _user() -> pwd.struct_passwd:
    """Whom the server runs as where the tests run as root, which it refuses."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LookupError("there is neither a user postgres nor a user nobody")


def _unprivileged() -> list[str]:
    if sys.platform == "win32" or os.geteuid() != 0:
        return []
    user = _user()
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
