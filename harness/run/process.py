"""The engine under test as a process of its own: started, watched, killed with SIGKILL, started again, its output kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 5.0
TAIL_BYTES = 2000


class EngineProcess:
    """One command line. Output of all its lives goes to one log file, so that an early death can be explained."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path, host: str, port: int) -> None:
        self._command, self._environment, self._log = list(command), dict(environment), log
        self._host, self._port = host, port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens: `127.0.0.1:40123`."""
        return f"{self._host}:{self._port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Raises OSError when the command cannot be run at all."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def wait_ready(self) -> bool:
        """True once it accepts connections on its webhook port; False when it ended or took longer than READY_WITHIN_S."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_WITHIN_S
        while loop.time() < deadline and self.running:
            try:
                _, writer = await asyncio.open_connection(self._host, self._port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return True
        return False

    def kill(self) -> None:
        """SIGKILL to it and to every child it started; it gets no chance to clean up."""
        if self._process is None or self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when that is not enough."""
        if self.running and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            loop = asyncio.get_running_loop()
            deadline = loop.time() + STOP_WITHIN_S
            while self.running and loop.time() < deadline:
                await asyncio.sleep(0.02)
        self.kill()

    def tail(self) -> str:
        """The last of what it printed."""
        with contextlib.suppress(OSError):
            text = self._log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
            return text.splitlines()[-1] if text else "it printed nothing"
        return "it printed nothing"
