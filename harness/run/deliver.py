"""Webhook deliveries of a live fake over real HTTP."""

from __future__ import annotations

import httpx

from harness.kit.webhooks import Delivery, DeliveryResult

BODY_KEPT = 1_000  # characters of an answer


class HttpPoster:
    """`post` for a `DeliveryPump`. Proxies of the environment are ignored: the engine is local."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(trust_env=False)

    async def post(self, delivery: Delivery) -> DeliveryResult:
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
        await self._client.aclose()
