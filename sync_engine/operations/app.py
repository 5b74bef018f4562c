"""The engine's own small web server application (ASGI): webhooks in; health, metrics and open errors out.

What shows records answers only to a Host that cannot be a web page's trick (an address, localhost, the configured name); what
changes something wants the control token as well.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from sync_engine.context import Settings
from sync_engine.engine import Engine
from sync_engine.operations.measures import measures
from sync_engine.operations.metrics import CONTENT_TYPE
from sync_engine.operations.operators import UnknownError
from sync_engine.store import StoreUnavailable
from sync_engine.wire import NotJson, read_json, write_json

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
BODY_MAX = 2_000_000
RESULTS = {204: "accepted", 401: "bad signature", 400: "not understood", 413: "too large", 503: "not kept"}
OPERATORS = ("/errors", "/errors/retry", "/errors/skip", "/health", "/ready", "/metrics")


def make_app(engine: Engine) -> App:
    """Routes: POST …/crm and …/erp (webhooks), GET /health, /ready, /metrics, /errors, POST /errors/retry and /errors/skip."""
    routes = _Routes(engine)

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, method = str(scope["path"]), str(scope["method"])
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        if path in OPERATORS:
            status, value = routes.operate(method, path, headers, body or b"")
        else:
            status, value = 413 if body is None else await engine.receive(method, path, headers, body), None
            engine.c.metrics.delivered(path.rpartition("/")[2] if status != 404 else "unknown", RESULTS.get(status, str(status)))
        await _answer(send, status, value)

    return app


def make_waiting_app(settings: Settings, reason: Callable[[], str]) -> App:
    """What answers while there is no engine yet, because its store does not answer: not ready, and nothing is taken."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await _body(receive)
        pages: Mapping[str, tuple[int, Any]] = {
            "/health": (200, {"status": "ok", "pending": reason()}),
            "/ready": (503, {"ready": False, "waiting": reason()}),
            "/errors": (200, [{"record": "store", "cause": reason()}]),
        }
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"), "")
        status, value = pages.get(str(scope["path"]), (503, None))
        await _answer(send, *((status, value) if value is None or is_safe_host(settings, host) else (421, None)))

    return app


class _Routes:
    """What operators and their tools ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._settings = engine, engine.c.settings

    def operate(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        if not is_safe_host(self._settings, headers.get("host", "")):
            return 421, {"error": "this name is not the engine's; use its address, or the name in webhooks.url"}
        try:
            if path in ("/errors/retry", "/errors/skip"):
                return self._change(method, path, headers, body)
            return self._show(path) if method in ("GET", "HEAD") else (405, {"error": "only GET"})
        except StoreUnavailable as error:
            return 503, {"error": self._engine.c.mask(str(error))}

    def _show(self, path: str) -> tuple[int, Any]:
        engine = self._engine
        if path == "/metrics":
            return 200, measures(engine)
        if path == "/errors":
            return 200, [{"record": record, "cause": cause} for record, cause in engine.open_errors()]
        waiting = engine.waiting()
        if path == "/ready":
            return 503 if waiting else 200, {"ready": waiting is None, "waiting": waiting}
        return 200, {"status": "ok", "pending": engine.pending()}

    def _change(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        token = self._settings.control_token
        if not token:
            return 403, {"error": "set engine.control_token to allow this"}
        if not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            return 401, {"error": "the control token is missing or wrong"}
        if method != "POST":
            return 405, {"error": "only POST"}
        try:
            asked = read_json(body)
        except NotJson:
            asked = None
        if not isinstance(asked, dict) or not isinstance(asked.get("record"), str):
            return 400, {"error": 'expected JSON such as {"record": "crm deals 123"}'}
        return self._carry_out(path, asked)

    def _carry_out(self, path: str, asked: Mapping[str, Any]) -> tuple[int, Any]:
        try:
            if path == "/errors/retry":
                self._engine.operators.retry(asked["record"])
            else:
                reason, who = str(asked.get("reason") or ""), str(asked.get("by") or "")
                if not reason or not who:
                    return 400, {"error": "skipping needs a reason and who decided it: reason, by"}
                self._engine.operators.skip(asked["record"], reason, who, self._engine.c.clock.now())
        except UnknownError as error:
            return 404, {"error": str(error)}
        self._engine.look_for_requests()
        return 200, {"record": asked["record"]}


def is_safe_host(settings: Settings, host: str) -> bool:
    """A page that had its own name point here (DNS rebinding) would send that name; an address cannot be had that way."""
    name = urlsplit(f"//{host}").hostname or ""
    known = {"localhost", urlsplit(settings.webhook_url).hostname, urlsplit(f"//{settings.listen}").hostname}
    if name in known:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


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
    body = b"" if value is None else value.encode() if isinstance(value, str) else write_json(value)
    headers = [(b"content-length", str(len(body)).encode())] if status != 204 else []
    if body:
        headers.append((b"content-type", CONTENT_TYPE.encode() if isinstance(value, str) else b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
