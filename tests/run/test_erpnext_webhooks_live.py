"""ERPNext's webhooks over a real connection: the bytes that were signed, no content type, redirects followed, answers logged."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

import pytest
from erpnext_site import ErpSite, data_of

from fake_erp.erpnext.events.payload import sign
from harness.run.deliver import HttpPoster


class Arrived(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(BaseHTTPRequestHandler):
    """Takes everything; `/old` sends on to `/new`, `/broken` answers 500."""

    arrived: list[Arrived]

    def take(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.arrived.append(Arrived(self.command, self.path, headers, body))
        self.send_response({"/old": 302, "/broken": 500}.get(self.path, 200))
        if self.path == "/old":
            self.send_header("Location", "/new")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    do_GET = do_POST = do_PUT = take

    def log_message(self, *args: object) -> None:
        """Tests say nothing."""


@contextmanager
def receiver() -> Iterator[tuple[str, list[Arrived]]]:
    arrived: list[Arrived] = []
    with HTTPServer(("127.0.0.1", 0), type("Hook", (Receiver,), {"arrived": arrived})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", arrived
        finally:
            server.shutdown()
            thread.join()


def deliver(site: ErpSite) -> None:
    """Send what is due within ten seconds, once."""
    site.wait(10)
    queue = site.fake.webhooks

    async def send() -> None:
        poster = HttpPoster()
        for delivery in queue.take_due():
            queue.settle(delivery, await poster.post(delivery))
        await poster.close()

    asyncio.run(send())


def subscribed(url: str, **values: Any) -> tuple[ErpSite, str]:
    site = ErpSite()
    row = {"name": "hook", "webhook_doctype": "Sales Order", "webhook_docevent": "on_submit", "request_url": url}
    data = [{"fieldname": "name", "key": "name"}]
    data_of(site.post("Webhook", **{**row, "webhook_data": data, "enable_security": 1, "webhook_secret": "s3cret", **values}))
    return site, site.submitted_order()


def log_of(site: ErpSite) -> dict[str, Any]:
    (log,) = site.rows("Webhook Request Log", fields=["response", "error", "url"])
    return log


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_receiver_gets_the_bytes_that_were_signed_and_no_content_type(method: str) -> None:
    with receiver() as (address, arrived):
        site, name = subscribed(f"{address}/hook?tenant=7", request_method=method)
        deliver(site)
    ((verb, path, headers, body),) = arrived
    assert (verb, path, body) == (method, "/hook?tenant=7", f'{{"name": "{name}"}}'.encode())
    assert headers["x-frappe-webhook-signature"] == sign("s3cret", body)
    assert (headers["user-agent"], "content-type" in headers) == ("python-requests/2.32.3", False)
    assert (log_of(site)["response"], log_of(site)["error"]) == ("hello", None)


def test_a_redirect_is_followed_and_makes_a_get_of_a_post() -> None:
    with receiver() as (address, arrived):
        site, _ = subscribed(f"{address}/old")
        deliver(site)
    assert [(each.method, each.path) for each in arrived] == [("POST", "/old"), ("GET", "/new")]
    assert site.fake.webhooks.pending == 0


def test_a_failure_is_logged_with_the_answer_and_tried_again() -> None:
    with receiver() as (address, _):
        site, _ = subscribed(f"{address}/broken")
        deliver(site)
    assert log_of(site)["response"] == "hello"
    assert log_of(site)["error"].endswith(f"500 Server Error: Internal Server Error for url: {address}/broken\n")
    assert site.fake.webhooks.pending == 1


def test_nobody_listens() -> None:
    with receiver() as (address, _):
        pass
    site, _ = subscribed(f"{address}/gone")
    deliver(site)
    assert (log_of(site)["response"], "Connection refused" in log_of(site)["error"]) == (None, True)
