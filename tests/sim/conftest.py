"""A tiny vendor for tests of the simulator: notes with a text, created and read; nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from harness.kit.call import Call, Outcome, Reply
from harness.kit.fake import Fake, FakeSetup
from harness.kit.journal import Journal
from harness.kit.routing import Route, Router
from harness.kit.seed import Seed
from harness.kit.weather import LatencyWeather
from harness.kit.webhooks import DeliveryResult, RetrySchedule, WebhookQueue
from harness.sim.loop import VirtualClock, VirtualLoop
from harness.sim.network import Network

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
URL = "https://notes.example"


class Notes(Fake):
    """POST /notes creates, GET /notes/{id} reads, every answer takes `took`."""

    took = timedelta(0)

    def __init__(self, setup: FakeSetup) -> None:
        super().__init__(setup)
        self.router = Router(
            [Route("POST", "/notes", self.create, "create_note"), Route("GET", "/notes/{id}", self.read, "read_note")]
        )
        self.webhooks = WebhookQueue(
            self.system,
            self.clock,
            setup.seed.stream("webhooks"),
            self.journal,
            retry=RetrySchedule((timedelta(minutes=1),)),
            prepare=lambda delivery: None,
            succeeded=lambda result: result == DeliveryResult(204),
        )

    def create(self, call: Call) -> Reply:
        number = str(self.store.count("notes") + 1)
        self.store.insert("notes", number, call.json())
        return Reply(201, msgspec.json.encode({"id": number}), {"content-type": "application/json"})

    def read(self, call: Call) -> Reply:
        record = self.store.get("notes", call.params["id"])
        return Reply(200, msgspec.json.encode(record.fields)) if record is not None else Reply(404, b"{}")

    def operation(self, call: Call, route: Route) -> str:
        return route.operation

    def admit(self, call: Call) -> Reply | None:
        return None

    def answer(self, call: Call, route: Route) -> Reply:
        reply: Reply = route.handler(call)
        reply.took = self.took
        return reply

    def unknown_route(self, call: Call) -> Reply:
        return Reply(404)

    def wrong_method(self, call: Call, allowed: list[str]) -> Reply:
        return Reply(405)

    def refusal(self, kind: str, call: Call) -> Reply:
        return Reply(500, outcome=Outcome.NOT_APPLIED)

    def credentials(self) -> dict[str, str]:
        return {}

    def connect_webhooks(self, url: str, secret: str) -> None:
        self.webhook_url = url


class SmallWorld:
    """A loop, a clock, a journal, one fake behind a network."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop, START)
        self.journal = Journal()
        self.fake = Notes(FakeSetup("crm", self.clock, Seed(1), self.journal, URL))
        self.network = Network(self.loop, self.clock, self.journal, Random(1), LatencyWeather(10, 10))
        self.network.attach(URL, self.fake)

    def notes(self) -> list[str]:
        return [record.fields["text"] for record in self.fake.store.all("notes")]


@pytest.fixture
def world() -> Iterator[SmallWorld]:
    small = SmallWorld()
    yield small
    small.loop.bury()
    small.loop.close()
