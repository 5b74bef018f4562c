"""Webhook deliveries of a live fake over real HTTP.

httpx is imported with the first delivery: it costs a server a fifth of its start, and most servers never deliver anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.kit.webhooks import Delivery, DeliveryResult

if TYPE_CHECKING:
    from httpx import AsyncClient

BODY_KEPT = 1_000  # characters of an answer


class HttpPoster:
    """`post` for a `DeliveryPump`. Proxies of the environment are ignored: the engine is local."""

    def __init__(self) -> None:
        self._client: AsyncClient | None = None

    async def post(self, delivery: Delivery) -> DeliveryResult:
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False)
        timeout = delivery.timeout.total_seconds()
        try:
            response = await self._client.request(
                delivery.method,
                delivery.url,
                content=delivery.body,
                headers=delivery.headers,
                timeout=timeout,
                follow_redirects=delivery.follows_redirects,
            )
        except httpx.TimeoutException:
            return DeliveryResult(None, "timeout")
        except (httpx.ConnectError, httpx.InvalidURL, httpx.UnsupportedProtocol):
            return DeliveryResult(None, "refused")
        except httpx.HTTPError:
            return DeliveryResult(None, "reset")
        return DeliveryResult(response.status_code, body=response.text[:BODY_KEPT])

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
