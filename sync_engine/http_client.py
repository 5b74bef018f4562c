"""The HTTP port over httpx, for the engine as a process of its own."""

from __future__ import annotations

from collections.abc import Mapping

import httpx


class HttpxHttp:
    """Keeps connections alive. Maps httpx's errors to the three that `ports.Http` promises; never follows redirects: an ERP's
    301 to a URL without trailing slash would turn a POST into a GET."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient(follow_redirects=False)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            reply = await self._client.request(method, url, headers=dict(headers), content=body or None, timeout=timeout_s)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ConnectionRefusedError(f"cannot connect to {_host(url)}: {error}") from error
        except httpx.TimeoutException as error:
            raise TimeoutError(f"no answer from {_host(url)} within {timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise ConnectionResetError(f"the connection to {_host(url)} broke: {type(error).__name__}") from error
        return reply.status_code, reply.headers, reply.content

    async def close(self) -> None:
        await self._client.aclose()


def _host(url: str) -> str:
    return httpx.URL(url).host
