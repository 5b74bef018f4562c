"""The simulated network behind any httpx client: `httpx.AsyncClient(transport=SimTransport(network, "engine"))`.

The client's own four timeouts hold, in virtual time: connect, read, write (sending takes no time here, so it never fires) and
pool. The pool has the size httpx would give it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from urllib.parse import unquote

import httpx

from harness.kit.call import Call, Reply
from harness.sim.network import CutOff, Network, Timeouts

POOL_SIZE = 100  # httpx's own default for max_connections


class SimTransport(httpx.AsyncBaseTransport):
    """Raises httpx's own ConnectError, ConnectTimeout, ReadTimeout, ReadError, RemoteProtocolError and PoolTimeout."""

    def __init__(self, network: Network, caller: str, *, pool_size: int = POOL_SIZE) -> None:
        self._network, self._caller = network, caller
        self._free = pool_size
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: dict[str, int] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        limits = request.extensions.get("timeout", {})
        await self._enter(limits.get("pool"), request)
        try:
            reply = await self._send(request, body, limits)
        finally:
            self._leave()
        headers = [*reply.headers.items(), *(("set-cookie", cookie) for cookie in reply.cookies)]
        return httpx.Response(reply.status, headers=headers, content=reply.body, request=request)

    async def _send(self, request: httpx.Request, body: bytes, limits: dict[str, float | None]) -> Reply:
        netloc = request.url.netloc.decode("ascii")
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(request.method, unquote(path), query, headers, body, self._caller, host=netloc)
        idle = self._idle.get(netloc, 0)
        if idle:
            self._idle[netloc] = idle - 1
        try:
            fake = self._network.fake_at(netloc)
            timeouts = Timeouts(limits.get("connect"), limits.get("read"))
            reply = await self._network.exchange(fake, call, timeouts, connect=not idle)
        except CutOff as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from error
        except ConnectionRefusedError as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
        except TimeoutError as error:
            kind = httpx.ConnectTimeout if str(error) == "connect" else httpx.ReadTimeout
            raise kind(f"{error} timed out", request=request) from error
        self._idle[netloc] = self._idle.get(netloc, 0) + 1
        return reply

    async def _enter(self, patience: float | None, request: httpx.Request) -> None:
        if self._free > 0:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await asyncio.wait_for(place, patience)
        except TimeoutError as error:
            raise httpx.PoolTimeout("no free connection in the pool", request=request) from error

    def _leave(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
