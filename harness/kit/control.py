"""The control routes of a live fake, under `/_harness/` on its own port: time, faults, journal, webhooks, reset, snapshots.

All are safe to repeat. They are for the test that drives the fake, never for the integration under test, and so they never
appear in the journal and meet no fault. A web page must not be able to drive them: the Host header has to name this machine
(else a page could reach it through a name it controls), a foreign Origin is refused, and a fake that listens on more than
loopback wants a token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from harness.kit.addresses import WILDCARDS, BadRequest, checked_address, host_name, is_loopback
from harness.kit.call import BadJson, Call, Outcome, Reply
from harness.kit.clock import epoch_ms, iso_ms
from harness.kit.defaults import WEBHOOK_SECRET
from harness.kit.fake import Fake, FakeState
from harness.kit.fault_wire import BadFault, read_faults, write_faults
from harness.kit.faults import Fault, FaultRate
from harness.kit.journal import Marker, to_lines
from harness.kit.routing import MethodNotAllowed, Route, Router

PREFIX = "/_harness"
JOURNAL_LINES_MAX, JOURNAL_LINES_DEFAULT = 10_000, 1_000
SNAPSHOTS_MAX = 100
GIVEN_UP_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may use the control routes of a server bound to `host`. `token` is required wherever `host` is not loopback."""

    host: str = "127.0.0.1"
    token: str = ""

    def __post_init__(self) -> None:
        if not self.token and not is_loopback(self.host):
            raise ValueError(f"control routes on {self.host or 'every address'} need a token: others can reach them there")

    def refusal(self, call: Call) -> Reply | None:
        """The reason to refuse this call, or None."""
        host = host_name(call.host)
        if not is_loopback(host) and host != self.host.lower() and self.host not in WILDCARDS:
            return _error(
                403, f"the Host header names {call.host!r}; control routes answer to localhost and {self.host or 'localhost'} only"
            )
        origin = call.headers.get("origin")
        if origin is not None and origin.lower() != f"http://{call.host}".lower():
            return _error(
                403, f"the Origin {origin!r} is not this server: web pages of other sites may not drive the control routes"
            )
        if self.token and not hmac.compare_digest(call.headers.get("authorization", "").encode(), f"Bearer {self.token}".encode()):
            return _error(
                401, "send the control token printed at start as `Authorization: Bearer <token>`", {"www-authenticate": "Bearer"}
            )
        return None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A state to come back to, and the webhook address and secret that were connected in it."""

    state: FakeState
    hook: tuple[str, str] | None


class ControlRoutes:
    """Answers control calls for one fake; what `asgi_app` takes as `control`. `title` is the vendor's name as people read it."""

    def __init__(self, fake: Fake, guard: Guard | None = None, title: str = "") -> None:
        self._fake, self._guard, self._title = fake, guard or Guard(), title or fake.system
        self._hook: tuple[str, str] | None = None
        self._start = self._keep()
        self._snapshots: dict[str, _Kept] = {}
        self._snapshots_taken = 0
        self._router = Router(routes(self))

    def wants(self, path: str) -> bool:
        return path == PREFIX or path.startswith(f"{PREFIX}/")

    def handle(self, call: Call) -> Reply:
        """Answer one control call."""
        refused = self._guard.refusal(call)
        if refused is not None:
            return refused
        try:
            hit = self._router.match("GET" if call.method == "HEAD" else call.method, call.path)
        except MethodNotAllowed as error:
            return _error(
                405, f"{call.path} takes {', '.join(error.allowed)}, not {call.method}", {"allow": ", ".join(error.allowed)}
            )
        if hit is None:
            return _error(404, f"no control route {call.path}; GET {PREFIX}/ lists them")
        handler: Callable[[Call], Reply] = hit[0].handler
        try:
            return handler(call)
        except BadRequest as error:
            return _error(400, str(error))

    def begin_here(self) -> None:
        """Make the present state the one that `reset` goes back to (after data was loaded)."""
        self._start = self._keep()

    def connect(self, url: str, secret: str) -> None:
        """Send webhooks to `url` from now on, signed with `secret`; what is connected already is left as it is."""
        if self._hook != (url, secret):
            self._fake.connect_webhooks(url, secret)
            self._hook = (url, secret)

    def _keep(self) -> _Kept:
        return _Kept(self._fake.remember(), self._hook)

    def _put_back(self, kept: _Kept) -> None:
        """Back to a state, where a vendor may keep subscriptions among its records: the present address is connected again."""
        self._fake.put_back(kept.state)
        hook, self._hook = self._hook, kept.hook
        if hook is not None:
            self.connect(*hook)

    # -- the routes -----------------------------------------------------------------------------------------------

    def index(self, call: Call) -> Reply:
        """What is here."""
        listed = {f"{route.method} {route.template}": (route.handler.__doc__ or "").split("\n")[0] for route in self._router.routes}
        return _json({"fake": self._title, "system": self._fake.system, "base_url": self._fake.base_url, "routes": listed})

    def clock(self, call: Call) -> Reply:
        """The fake's time."""
        now = self._fake.clock.now()
        return _json({"now": iso_ms(now), "epoch_ms": epoch_ms(now)})

    def add_faults(self, call: Call) -> Reply:
        """Inject a JSON list of faults; one that waits already is not added twice."""
        try:
            faults = read_faults(_body(call), self._fake.system)
        except BadFault as error:
            raise BadRequest(str(error)) from None
        book = self._fake.faults
        for fault in faults:
            if isinstance(fault, Fault) and fault not in book.not_yet_fired:
                book.inject(fault)
            elif isinstance(fault, FaultRate) and fault not in book.rates:
                book.set_rates([*book.rates, fault])
        return self.list_faults(call)

    def list_faults(self, call: Call) -> Reply:
        """Faults that have not fired yet, and rates."""
        book = self._fake.faults
        return _json({"waiting": write_faults(book.not_yet_fired), "rates": write_faults(book.rates)})

    def heal(self, call: Call) -> Reply:
        """Forget all faults and rates."""
        self._fake.faults.clear()
        return self.list_faults(call)

    def journal(self, call: Call) -> Reply:
        """Journal entries as JSON lines: `?after=N` skips the first N, `?limit=M`; the header `harness-next` is the next N."""
        query = call.query_dict()
        after = _whole(query, "after", 0, 0, 2**53)
        limit = _whole(query, "limit", JOURNAL_LINES_DEFAULT, 1, JOURNAL_LINES_MAX)
        entries = self._fake.journal.slice(after, limit)
        first = max(after, self._fake.journal.forgotten)
        headers = {
            "content-type": "application/x-ndjson",
            "harness-next": str(first + len(entries) if entries else max(after, first)),
        }
        return Reply(200, to_lines(entries), headers)

    def reset(self, call: Call) -> Reply:
        """Back to the records at the start, limits full, no faults, no waiting webhooks; journal and webhook address are kept."""
        self._put_back(self._start)
        self._fake.faults.clear()
        self._fake.journal.add(Marker(self._fake.clock.now(), "reset", self._fake.system))
        return _json({"reset": True})

    def list_webhooks(self, call: Call) -> Reply:
        """What the webhook address gets: how many deliveries wait, are on their way, were given up, and the latest of those."""
        queue, due = self._fake.webhooks, self._fake.webhooks.next_due()
        lost = [
            {"delivery": each.id, "attempts": each.attempt, "subject": each.subject, "url": each.url} for each in queue.given_up
        ]
        return _json(
            {
                "url": self._hook[0] if self._hook is not None else None,
                "waiting": queue.pending - queue.in_flight,
                "next_due": iso_ms(due) if due is not None else None,
                "in_flight": queue.in_flight,
                "given_up": queue.given_up_count,
                "latest_given_up": lost[-GIVEN_UP_SHOWN:],
            }
        )

    def webhooks(self, call: Call) -> Reply:
        """Send webhooks to {"url": …} from now on, signed with {"secret": …} or the default secret."""
        wanted = _body(call)
        if not isinstance(wanted, dict) or not {"url"} <= wanted.keys() <= {"url", "secret"}:
            raise BadRequest('expected {"url": "http://…", "secret": "…"}; the secret may be left out')
        url, secret = checked_address(wanted["url"]), wanted.get("secret", WEBHOOK_SECRET)
        if not isinstance(secret, str) or not secret:
            raise BadRequest(f"`secret` is a text that is not empty, got {secret!r}")
        self.connect(url, secret)
        return _json({"url": url, "secret": secret})

    def snapshot(self, call: Call) -> Reply:
        """Keep the records as they are now; answers their id."""
        self._snapshots_taken += 1
        name = f"snapshot-{self._snapshots_taken}"
        self._snapshots[name] = self._keep()
        if len(self._snapshots) > SNAPSHOTS_MAX:
            del self._snapshots[next(iter(self._snapshots))]
        return _json({"id": name})

    def restore(self, call: Call) -> Reply:
        """Put the records back as in {"id": …} of a snapshot; waiting webhooks and spent limits are forgotten."""
        wanted = _body(call)
        name = wanted.get("id") if isinstance(wanted, dict) else None
        state = self._snapshots.get(name) if isinstance(name, str) else None
        if state is None:
            raise BadRequest(f'expected {{"id": …}} of a snapshot, got {name!r}; known: {", ".join(self._snapshots) or "none yet"}')
        self._put_back(state)
        self._fake.journal.add(Marker(self._fake.clock.now(), "restored", f"{self._fake.system} {name}"))
        return _json({"restored": name})


def routes(control: ControlRoutes) -> list[Route]:
    return [
        Route("GET", f"{PREFIX}/", control.index, "index"),
        Route("GET", f"{PREFIX}/clock", control.clock, "clock"),
        Route("GET", f"{PREFIX}/faults", control.list_faults, "list_faults"),
        Route("POST", f"{PREFIX}/faults", control.add_faults, "add_faults"),
        Route("DELETE", f"{PREFIX}/faults", control.heal, "heal"),
        Route("GET", f"{PREFIX}/journal", control.journal, "journal"),
        Route("GET", f"{PREFIX}/webhooks", control.list_webhooks, "list_webhooks"),
        Route("POST", f"{PREFIX}/webhooks", control.webhooks, "webhooks"),
        Route("POST", f"{PREFIX}/reset", control.reset, "reset"),
        Route("POST", f"{PREFIX}/snapshot", control.snapshot, "snapshot"),
        Route("POST", f"{PREFIX}/restore", control.restore, "restore"),
    ]


def _body(call: Call) -> Any:
    try:
        return call.json()
    except BadJson as error:
        raise BadRequest(f"the body is not JSON: {error.reason}") from None


def _whole(query: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or not least <= int(text[:20]) <= most:
        raise BadRequest(f"`{name}` is a whole number from {least} to {most}, got {text!r}")
    return int(text)


def _json(value: Any) -> Reply:
    return Reply(200, msgspec.json.encode(value), {"content-type": "application/json"})


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    body = msgspec.json.encode({"error": message})
    return Reply(status, body, {"content-type": "application/json", **(headers or {})}, Outcome.NOT_APPLIED)
