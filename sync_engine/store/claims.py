"""Who uses a store's file, as locks of the operating system on a file beside it: they end with the process that holds them, however
it ends, so no clock has to say whether it lives. Windows has no locks that several share: there nothing is claimed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


class FileClaim:
    """One holder's claim on the store at `path`; the empty file `<name>.lock` stays behind, as whoever removed it could not know
    that nobody was just about to lock it."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.lock")
        self._file: IO[bytes] | None = None

    def take(self, *, alone: bool) -> bool:
        """Share the store with others, or have it `alone`; False while others' claims forbid that. Raises OSError."""
        if sys.platform == "win32":
            return True
        if self._file is None:
            self._file = self._path.open("ab")
        try:
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
