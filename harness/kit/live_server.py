"""One ASGI application on a real socket, inside the event loop that is already running.

The socket is bound first, so that the base URL is known before the fake is made, and a port in use is an exception with a
sentence rather than an exit of the process. uvicorn serves; its log is off, its signal handlers are never installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from typing import Any, cast

import uvicorn

from harness.kit.server import CONNECTION, AsgiApp, CannotBind, PortInUse

GRACE_S = 0.5  # how long a stop waits for replies on their way before their connections are aborted


class LiveServer:
    """Binds on construction (raises PortInUse, CannotBind; `port` 0 takes any free one), serves from `start` to `stop`."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = bind(host, port)
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self._server: uvicorn.Server | None = None

    @property
    def base_url(self) -> str:
        """Where clients on this machine reach it; a wildcard address is reached through loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def start(self, app: AsgiApp) -> str:
        """Begin to serve `app`; returns the base URL when connections are accepted."""
        config = uvicorn.Config(
            cast("Any", app),
            http=cast("Any", _protocol_factory()),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[self._socket])
        self._server = server
        return self.base_url

    async def stop(self) -> None:
        """Stop accepting, let running replies end within GRACE_S, then abort what is left. Safe to repeat."""
        server, self._server = self._server, None
        if server is None:
            self._socket.close()
            return
        for listener in server.servers:
            listener.close()
        self._socket.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        await _wait(server.server_state.tasks, GRACE_S)
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await _wait(server.server_state.tasks, GRACE_S)
        for task in list(server.server_state.tasks):
            task.cancel()
        for listener in server.servers:
            await listener.wait_closed()

    async def __aenter__(self) -> LiveServer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortInUse or CannotBind."""
    try:
        family, _, protocol, _, address = socket.getaddrinfo(
            host or "127.0.0.1", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, OverflowError, UnicodeError) as error:
        raise CannotBind(host, port, getattr(error, "strerror", None) or str(error)) from None
    listener = socket.socket(family, socket.SOCK_STREAM, protocol)  # asyncio sends without delay only on what says it is TCP
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
        listener.setblocking(False)
    except (OSError, OverflowError) as error:
        listener.close()
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise PortInUse(host, port) from None
        raise CannotBind(host, port, getattr(error, "strerror", None) or str(error)) from None
    return listener


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fast event loop where it is installed (extra `fast`), else None for asyncio's own; for `asyncio.Runner`."""
    with contextlib.suppress(ImportError):
        import uvloop

        return cast("Callable[[], asyncio.AbstractEventLoop]", uvloop.new_event_loop)
    return None


async def _wait(tasks: set[asyncio.Task[None]], seconds: float) -> None:
    if tasks:
        await asyncio.wait(set(tasks), timeout=seconds)


class _Connection:
    """What a request handler needs of its connection: the transport, known once the connection is made."""

    __slots__ = ("protocol",)

    def __init__(self) -> None:
        self.protocol: Any = None

    @property
    def transport(self) -> asyncio.Transport | None:
        return cast("asyncio.Transport | None", self.protocol.transport)


def _protocol_factory() -> Callable[..., asyncio.Protocol]:
    """uvicorn's HTTP protocol, the fast one where it is installed, which leaves its connection in the scope's `state`."""
    base: Callable[..., Any]
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

        base = HttpToolsProtocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol

        base = H11Protocol

    def protocol(*, app_state: dict[str, Any], **others: Any) -> asyncio.Protocol:
        connection = _Connection()
        connection.protocol = base(app_state={**app_state, CONNECTION: connection}, **others)
        return cast("asyncio.Protocol", connection.protocol)

    return protocol
