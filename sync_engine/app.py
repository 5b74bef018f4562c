"""The engine's own small web server application (ASGI): webhooks in, health and open errors out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sync_engine.engine import Engine
from sync_engine.wire import write_json

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
BODY_MAX = 2_000_000


def make_app(engine: Engine) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """Routes: POST …/crm and …/erp (webhooks), GET /health, GET /errors (open errors as JSON: record, cause)."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, method = str(scope["path"]), str(scope["method"])
        if method == "GET" and path == "/health":
            await _answer(send, 200, {"status": "ok", "pending": engine.pending()})
        elif method == "GET" and path == "/errors":
            await _answer(send, 200, [{"record": record, "cause": cause} for record, cause in engine.open_errors()])
        else:
            body = await _body(receive)
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            status = 413 if body is None else await engine.receive(method, path, headers, body)
            await _answer(send, status, None)

    return app


async def _body(receive: Receive) -> bytes | None:
    """None when the body is larger than any webhook."""
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_MAX:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int, value: Any) -> None:
    body = b"" if value is None else write_json(value)
    headers = [(b"content-length", str(len(body)).encode())] if status != 204 else []
    if body:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
