"""The smallest vendor there can be, for tests of what all fakes share: things with a unique e-mail, a token, a rate limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from harness.kit.call import BadJson, Call, Outcome, Reply
from harness.kit.clock import Clock, ManualClock
from harness.kit.fake import Fake, FakeSetup, FakeSpec
from harness.kit.journal import Journal
from harness.kit.limits import RollingWindow
from harness.kit.records import Record, UniqueConflict
from harness.kit.routing import Route, Router
from harness.kit.seed import Seed
from harness.kit.webhooks import Delivery, RetrySchedule, WebhookQueue

TOKEN = "tiny-token"
COLUMNS = {
    "companies": ("Record ID", "Company name", "Amount"),
    "contacts": ("Record ID", "Email"),
    "deals": ("Record ID", "Deal Name", "Amount", "Deal Stage"),
    "products": ("Record ID", "Name", "SKU", "Unit price"),
}


class TinyFake(Fake):
    def __init__(self, setup: FakeSetup) -> None:
        super().__init__(setup)
        self.store.define("things", unique={"email": str.lower}, indexes=("colour",))
        self.router = Router(self._routes())
        self.webhooks = WebhookQueue(
            setup.system,
            setup.clock,
            setup.seed.stream("webhooks"),
            setup.journal,
            retry=RetrySchedule((timedelta(minutes=1), timedelta(minutes=5))),
            prepare=prepare,
            succeeded=lambda result: result.status is not None and 200 <= result.status < 300,
        )
        self.meter = RollingWindow("burst", 1000, timedelta(seconds=10)).meter()
        self.next_id = 1
        self.hook = ""

    def _routes(self) -> list[Route]:
        return [
            Route("GET", "/things", self.list_things, "list_things"),
            Route("POST", "/things", self.create, "create_thing"),
            Route("GET", "/things/{id}", self.read, "read_thing"),
            Route("PATCH", "/things/{id}", self.change, "change_thing"),
            Route("DELETE", "/things/{id}", self.remove, "remove_thing"),
            Route("HEAD", "/things/{id}", self.read, "read_thing"),
            Route("OPTIONS", "/things", self.options, "options"),
            Route("GET", "/files/{name:path}", self.echo, "read_file"),
            Route("GET", "/broken", self.broken, "broken"),
        ]

    # -- handlers -------------------------------------------------------------------------------------------------

    def list_things(self, call: Call) -> Reply:
        return answer(200, [shown(thing) for thing in self.store.all("things")])

    def create(self, call: Call) -> Reply:
        number, self.next_id = self.next_id, self.next_id + 1
        thing = self.store.insert("things", str(number), call.json())
        hook = thing.get("hook", self.hook)  # a webhook of its own, for tests over a socket
        if hook:
            self.webhooks.put(hook, f"thing.created {number}", [shown(thing)], self.clock.now())
        return answer(201, shown(thing))

    def read(self, call: Call) -> Reply:
        thing = self.store.get("things", call.params["id"])
        return answer(200, shown(thing)) if thing is not None else answer(404, {"message": "no such thing"})

    def change(self, call: Call) -> Reply:
        return answer(200, shown(self.store.update("things", call.params["id"], call.json())))

    def remove(self, call: Call) -> Reply:
        self.store.delete("things", call.params["id"])
        return Reply(204)

    def options(self, call: Call) -> Reply:
        return Reply(200, b"", {"allow": "GET, POST"})

    def echo(self, call: Call) -> Reply:
        return answer(200, {"name": call.params["name"], "query": call.query_pairs(), "headers": call.headers})

    def broken(self, call: Call) -> Reply:
        raise RuntimeError("the tiny fake broke")

    # -- what a vendor says ---------------------------------------------------------------------------------------

    def operation(self, call: Call, route: Route) -> str:
        return route.operation

    def admit(self, call: Call) -> Reply | None:
        if self.meter.admit(self.clock.now()) is not None:
            return answer(429, {"message": "slow down"})
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return answer(401, {"message": "who are you"})
        call.principal = "app"
        return None

    def answer(self, call: Call, route: Route) -> Reply:
        try:
            reply: Reply = route.handler(call)
        except UniqueConflict as conflict:
            return answer(409, {"message": f"held by {conflict.holder}"})
        except KeyError:
            return answer(404, {"message": "no such thing"})
        except BadJson as error:
            return answer(400, {"message": error.reason})
        return reply

    def unknown_route(self, call: Call) -> Reply:
        return answer(404, {"message": f"no route {call.path}"})

    def wrong_method(self, call: Call, allowed: list[str]) -> Reply:
        return answer(405, {"message": ", ".join(allowed)})

    def refusal(self, kind: str, call: Call) -> Reply:
        return answer({"throttled": 429, "locked": 423, "conflict": 409, "maintenance": 503}.get(kind, 500), {"message": kind})

    def credentials(self) -> dict[str, str]:
        return {"token": TOKEN}

    def curl_examples(self) -> list[str]:
        return [f"curl -H 'Authorization: Bearer {TOKEN}' {self.base_url}/things"]

    def connect_webhooks(self, url: str, secret: str) -> None:
        self.hook = url

    def redact(self, body: str, call: Call) -> str:
        return body.replace("secret", "***")

    def dialect_state(self) -> Any:
        return self.next_id

    def restore_dialect_state(self, state: Any) -> None:
        self.next_id = state

    # -- exports --------------------------------------------------------------------------------------------------

    def export_columns(self, kind: str) -> Sequence[str]:
        return COLUMNS[kind]

    def import_export(self, kind: str, rows: list[dict[str, str]]) -> list[tuple[int, str, str]]:
        problems = [(at, "Amount", "not an amount") for at, row in enumerate(rows) if not is_amount(row.get("Amount", ""))]
        problems += [(at, name, "unknown column") for at, row in enumerate(rows) for name in row if name not in COLUMNS[kind]]
        for row in rows if not problems else []:
            self.store.insert(kind, row["Record ID"], dict(row))
        return problems


def is_amount(text: str) -> bool:
    return not text or text.replace(".", "", 1).isdecimal()


def prepare(delivery: Delivery) -> None:
    delivery.body = msgspec.json.encode(delivery.events)
    delivery.headers = {"x-signature": "forged" if delivery.forged else "good"}


def shown(thing: Record) -> dict[str, Any]:
    return {"id": thing.id, **thing.fields}


def answer(status: int, value: Any) -> Reply:
    outcome = Outcome.APPLIED if status < 400 else Outcome.NOT_APPLIED
    return Reply(status, msgspec.json.encode(value), {"content-type": "application/json"}, outcome)


def make(clock: Clock | None = None, base_url: str = "http://tiny.test", system: str = "crm") -> TinyFake:
    return TinyFake(FakeSetup(system, clock or ManualClock(), Seed(1), Journal(), base_url))


def call(method: str, path: str, value: Any = None, *, token: str = TOKEN, **others: Any) -> Call:
    """A call as the integration makes it."""
    body = b"" if value is None else msgspec.json.encode(value)
    return Call(method, path, headers={"authorization": f"Bearer {token}"}, body=body, **others)


SPEC = FakeSpec("tiny", "crm", "Tiny CRM", TinyFake, "https://tiny.test")
ERP_SPEC = FakeSpec("tiny-erp", "erp", "Tiny ERP", TinyFake, "https://tiny-erp.test")
