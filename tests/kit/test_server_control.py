"""The control routes: what a test may do to a live fake, and what a web page may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import tiny_fake
from hypothesis import given
from hypothesis.strategies import binary, booleans, dictionaries, floats, integers, lists, none, recursive, sampled_from, text
from tiny_fake import TinyFake

from harness.kit.addresses import is_loopback
from harness.kit.call import Call, Reply
from harness.kit.control import ControlRoutes, Guard
from harness.kit.defaults import WEBHOOK_SECRET
from harness.kit.faults import Fault, LoseReply
from harness.kit.journal import RecentJournal
from harness.kit.webhooks import DeliveryResult

LOSE = {"on": "crm.create_thing", "effect": "lose_reply"}


class Desk:
    """A tiny fake with its control routes, and short ways to call both."""

    def __init__(self, guard: Guard | None = None) -> None:
        self.fake: TinyFake = tiny_fake.make()
        self.control = ControlRoutes(self.fake, guard)

    def ask(
        self, method: str, path: str, value: Any = None, *, query: str = "", host: str = "localhost:8401", **headers: str
    ) -> Reply:
        body = value if isinstance(value, bytes) else b"" if value is None else msgspec.json.encode(value)
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.control.handle(Call(method, f"/_harness{path}", query, named, body, host=host))

    def create(self, email: str) -> Reply:
        return self.fake.handle(tiny_fake.call("POST", "/things", {"email": email}))

    def emails(self) -> list[str]:
        return [thing.get("email") for thing in self.fake.store.all("things")]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_index_tells_what_is_here(desk: Desk) -> None:
    index = desk.ask("GET", "/").json()

    assert index["system"] == "crm"
    assert index["routes"]["POST /_harness/reset"].startswith("Back to the records at the start")
    assert all(index["routes"].values()), "every route says what it does"
    assert desk.ask("GET", "").json() == index


def test_webhooks_go_to_the_address_that_was_named_and_keep_going_there_after_a_reset(desk: Desk) -> None:
    answer = desk.ask("POST", "/webhooks", {"url": "http://localhost:5000/hook", "secret": "s3cret"})
    assert answer.json() == {"url": "http://localhost:5000/hook", "secret": "s3cret"}
    desk.ask("POST", "/reset")

    desk.create("a@x.test")
    (delivery,) = desk.fake.webhooks.take_due()
    assert delivery.url == "http://localhost:5000/hook"


def test_an_address_is_connected_once_however_often_it_is_named_and_again_where_the_records_forgot_it(desk: Desk) -> None:
    connected: list[tuple[str, str]] = []
    desk.fake.connect_webhooks = lambda url, secret: connected.append((url, secret))  # type: ignore[method-assign]
    one, other = {"url": "http://localhost:1/a"}, {"url": "http://localhost:1/b", "secret": "x"}

    before = desk.ask("POST", "/snapshot").json()
    for wanted in (one, one, other):
        assert desk.ask("POST", "/webhooks", wanted).status == 200
    assert connected == [("http://localhost:1/a", WEBHOOK_SECRET), ("http://localhost:1/b", "x")]

    after = desk.ask("POST", "/snapshot").json()
    desk.ask("POST", "/restore", after)
    assert len(connected) == 2, "that state had the address already"
    desk.ask("POST", "/restore", before)
    assert connected[2:] == [("http://localhost:1/b", "x")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "the body is not JSON"),
        ([], "expected {"),
        ({}, "expected {"),
        ({"url": "http://x", "sekret": "y"}, "expected {"),
        ({"url": 5}, "is an http or https URL such as"),
        ({"url": ""}, "is an http or https URL such as"),
        ({"url": "localhost:5000"}, "'localhost:5000' is no webhook address"),
        ({"url": "ftp://x"}, "'ftp://x' is no webhook address"),
        ({"url": "http://"}, "is no webhook address"),
        ({"url": "http://x:99999"}, "is no webhook address"),
        ({"url": "http://[::1"}, "is no webhook address"),
        ({"url": "http://x/a b"}, "is no webhook address"),
        ({"url": "http://x", "secret": ""}, "`secret` is a text that is not empty"),
        ({"url": "http://x", "secret": 5}, "`secret` is a text that is not empty"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(desk: Desk, body: object, told: str) -> None:
    answer = desk.ask("POST", "/webhooks", body)

    assert (answer.status, desk.fake.hook) == (400, "")
    assert told in answer.json()["error"]


def test_a_reset_and_a_restored_snapshot_fill_the_rate_limits_again(desk: Desk) -> None:
    filled: list[str] = []
    desk.fake.refill_limits = lambda: filled.append("full")  # type: ignore[method-assign]
    kept = desk.ask("POST", "/snapshot").json()
    assert filled == []
    desk.ask("POST", "/reset")
    desk.ask("POST", "/restore", kept)
    assert filled == ["full", "full"]


def test_the_clock_is_the_fakes_own(desk: Desk) -> None:
    assert desk.ask("GET", "/clock").json() == {"now": "2026-03-02T08:00:00.000Z", "epoch_ms": 1_772_438_400_000}


def test_an_injected_fault_is_listed_fires_once_and_is_gone(desk: Desk) -> None:
    assert desk.ask("POST", "/faults", [LOSE]).json()["waiting"] == [
        {"on": "crm.create_thing", "effect": {"effect": "lose_reply"}, "nth": 1}
    ]

    assert desk.create("a@x.test").disruption == "lose"
    assert desk.ask("GET", "/faults").json() == {"waiting": [], "rates": []}


def test_injecting_again_after_a_lost_answer_adds_nothing_and_healing_twice_is_fine(desk: Desk) -> None:
    rate = {"on": "crm.*", "effect": {"effect": "proxy_page", "status": 503}, "probability": 0.5}
    for _ in range(2):
        listed = desk.ask("POST", "/faults", [LOSE, rate]).json()
    assert (len(listed["waiting"]), len(listed["rates"])) == (1, 1)
    assert desk.ask("POST", "/faults", listed["waiting"] + listed["rates"]).json() == listed, "what is listed can be sent again"

    for _ in range(2):
        assert desk.ask("DELETE", "/faults").json() == {"waiting": [], "rates": []}
    assert desk.create("a@x.test").status == 201


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ({}, "expected a JSON list of faults, such as"),
        ([3], "fault 1: expected an object with `on` and `effect`, got a number"),
        ([LOSE, {"on": "crm.*"}], "fault 2: `effect` is missing"),
        ([{"effect": "lose_reply"}], "`on` is missing"),
        ([{**LOSE, "effect": "loose_reply"}], "'loose_reply' is not an effect; did you mean 'lose_reply'? known: refuse, "),
        ([{**LOSE, "effect": 7}], "`effect` is a name, or an object"),
        ([{**LOSE, "effect": {"effect": "late_reply", "by_s": 3}}], "'by_s' is not a setting of late_reply; did you mean 'by_ms'?"),
        ([{**LOSE, "effect": {"effect": "late_reply", "by_ms": "3"}}], "Expected `int`, got `str`"),
        ([{**LOSE, "effect": {"effect": "late_reply", "by_ms": -1}}], "0 or more milliseconds"),
        ([{**LOSE, "effect": {"effect": "refuse", "kind": "lock"}}], "did you mean 'locked'?"),
        ([{**LOSE, "effect": {"effect": "proxy_page", "status": 200}}], "500 to 599, got 200"),
        ([{**LOSE, "nht": 2}], "'nht' is not a field of a fault; did you mean 'nth'?"),
        ([{**LOSE, "nth": 0}], "`nth` counts calls from 1, got 0"),
        ([{**LOSE, "nth": "second"}], "Expected `int`, got `str` at `nth`"),
        ([{**LOSE, "after": "2026-03-02T08:00:00"}], "`after` needs a UTC offset"),
        ([{**LOSE, "on": "erp.create_thing"}], "never meets this fake: its operations begin with `crm.`"),
        ([{**LOSE, "probability": 1.5}], "`probability` is 0 to 1, got 1.5"),
        (b"{not json", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
    ],
)
def test_a_bad_fault_is_refused_in_words_and_none_of_the_list_counts(desk: Desk, faults: Any, told: str) -> None:
    reply = desk.ask("POST", "/faults", faults)

    assert reply.status == 400
    assert told in reply.json()["error"]
    assert desk.fake.faults.not_yet_fired == []


def test_the_journal_is_read_in_pages_of_json_lines(desk: Desk) -> None:
    for number in range(3):
        desk.create(f"{number}@x.test")
    whole = desk.fake.journal.to_bytes()

    pages, after = b"", "0"
    while (page := desk.ask("GET", "/journal", query=f"after={after}&limit=5")).body:
        pages, after = pages + page.body, page.headers["harness-next"]
    assert pages == whole
    assert after == str(len(desk.fake.journal.entries))
    assert b"tiny-token" not in whole, "credentials are never journalled"


def test_a_journal_that_forgets_still_pages_on(desk: Desk) -> None:
    journal = RecentJournal(entries_max=4)
    desk.fake.journal = journal
    for _ in range(4):
        desk.ask("POST", "/reset")
    assert journal.forgotten == 0
    for _ in range(5):
        desk.ask("POST", "/reset")

    page = desk.ask("GET", "/journal", query="after=1")
    assert (journal.forgotten, len(page.body.splitlines()), page.headers["harness-next"]) == (4, 5, "9")
    assert desk.ask("GET", "/journal", query="after=100").headers["harness-next"] == "100"


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=10001", "after=%D9%A3", "after=" + "9" * 400])
def test_a_page_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    reply = desk.ask("GET", "/journal", query=query)

    assert (reply.status, "is a whole number from" in reply.json()["error"]) == (400, True)


def test_reset_goes_back_to_the_start_twice_over(desk: Desk) -> None:
    desk.create("a@x.test")
    desk.fake.hook = "http://engine.test/hook"
    desk.create("b@x.test")
    desk.ask("POST", "/faults", [LOSE])

    for _ in range(2):
        assert desk.ask("POST", "/reset").status == 200
        assert (desk.emails(), desk.fake.webhooks.pending, desk.fake.faults.not_yet_fired) == ([], 0, [])
    assert desk.create("a@x.test").json()["id"] == "1", "ids begin again, as at the start"
    assert "reset" in desk.fake.journal.to_bytes().decode()


def test_a_snapshot_can_be_returned_to_as_often_as_wanted(desk: Desk) -> None:
    desk.create("a@x.test")
    kept = desk.ask("POST", "/snapshot").json()["id"]
    for _ in range(2):
        desk.create("b@x.test")
        assert desk.ask("POST", "/restore", {"id": kept}).json() == {"restored": kept}
        assert desk.emails() == ["a@x.test"]


@pytest.mark.parametrize("value", [{"id": "snapshot-9"}, {}, [], {"id": ["snapshot-1"]}])
def test_an_unknown_snapshot_is_named(desk: Desk, value: Any) -> None:
    desk.ask("POST", "/snapshot")
    reply = desk.ask("POST", "/restore", value)

    assert reply.status == 400
    assert "known: snapshot-1" in reply.json()["error"]


def test_begin_here_makes_loaded_data_the_start(desk: Desk) -> None:
    desk.create("mine@x.test")
    desk.control.begin_here()
    desk.create("later@x.test")
    desk.ask("POST", "/reset")

    assert desk.emails() == ["mine@x.test"]


def test_unknown_routes_and_methods_say_what_there_is(desk: Desk) -> None:
    assert "GET /_harness/ lists them" in desk.ask("GET", "/fault").json()["error"]
    wrong = desk.ask("GET", "/reset")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert not desk.control.wants("/_harnessed")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8401", "127.0.0.1.evil.example", "", "10.0.0.1", "localhost.evil.example"]
)
def test_a_name_that_is_not_this_machines_is_refused(desk: Desk, host: str) -> None:
    """A page could make its own name point here (DNS rebinding): the Host header gives it away."""
    assert desk.ask("POST", "/reset", host=host).status == 403


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1:8401", "[::1]:8401", "::1", "crm.localhost:8401", "127.8.8.8"]
)
def test_names_of_this_machine_are_let_in(desk: Desk, host: str) -> None:
    assert desk.ask("POST", "/reset", host=host).status == 200


def test_a_page_of_another_origin_is_refused_and_our_own_is_let_in(desk: Desk) -> None:
    assert desk.ask("POST", "/reset", origin="http://evil.example").status == 403
    assert desk.ask("POST", "/reset", origin="null").status == 403
    assert desk.ask("POST", "/reset", origin="http://localhost:9999").status == 403, "another program on this machine"
    assert desk.ask("POST", "/reset", origin="http://localhost:8401").status == 200


def test_beyond_loopback_there_has_to_be_a_token() -> None:
    with pytest.raises(ValueError, match="need a token"):
        Guard("0.0.0.0")

    desk = Desk(Guard("0.0.0.0", "t0ken"))
    assert desk.ask("POST", "/reset", host="box.lan:8401").status == 401
    assert desk.ask("POST", "/reset", host="box.lan:8401", authorization="Bearer wrong").status == 401
    assert desk.ask("POST", "/reset", host="box.lan:8401", authorization="Bearer t0kén").status == 401
    assert desk.ask("POST", "/reset", host="box.lan:8401", authorization="Bearer t0ken").status == 200


def test_only_loopback_is_loopback() -> None:
    assert [
        host for host in ("localhost", "127.0.0.1", "::1", "[::1]", "", "0.0.0.0", "box.lan", "192.168.0.1") if is_loopback(host)
    ] == [
        "localhost",
        "127.0.0.1",
        "::1",
        "[::1]",
    ]


def test_a_fault_injected_by_code_shows_in_the_list(desk: Desk) -> None:
    desk.fake.faults.inject(Fault("crm.*", LoseReply(), nth=3))

    assert desk.ask("GET", "/faults").json()["waiting"] == [{"on": "crm.*", "effect": {"effect": "lose_reply"}, "nth": 3}]


WORDS = sampled_from(["on", "effect", "nth", "record", "after", "until", "probability", "by_ms", "status", "kind", "id"])
VALUES = (
    none()
    | booleans()
    | integers()
    | floats(allow_nan=False)
    | text(max_size=8)
    | sampled_from(["crm.*", "lose_reply", "proxy_page"])
)
DOCUMENTS = recursive(VALUES, lambda inner: lists(inner, max_size=3) | dictionaries(WORDS, inner, max_size=5), max_leaves=12)
ROUTES = sampled_from(["/faults", "/restore", "/snapshot", "/reset", "/journal", "/", "/x"])


@given(ROUTES, sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD"]), DOCUMENTS | binary(max_size=20), text(max_size=20))
def test_whatever_is_sent_is_answered(path: str, method: str, value: Any, query: str) -> None:
    """Invariant: a control call is answered with 200 or a sentence, and the fake still answers afterwards."""
    desk = Desk()
    reply = desk.ask(method, path, value, query=query)

    assert reply.status in (200, 400, 404, 405)
    assert reply.status == 200 or reply.json()["error"]
    desk.create("a@x.test")
    assert desk.ask("GET", "/faults").status == 200


def test_what_becomes_of_webhooks_is_listed_up_to_the_final_loss(desk: Desk) -> None:
    assert desk.ask("GET", "/webhooks").json()["url"] is None
    desk.ask("POST", "/webhooks", {"url": "http://localhost:5000/hook"})
    desk.create("a@x.test")
    shown = desk.ask("GET", "/webhooks").json()
    assert (shown["url"], shown["waiting"], shown["in_flight"], shown["given_up"]) == ("http://localhost:5000/hook", 1, 0, 0)
    assert shown["next_due"]

    while desk.fake.webhooks.next_due() is not None:
        desk.fake.clock.advance(timedelta(days=1))
        for delivery in desk.fake.webhooks.take_due():
            assert desk.ask("GET", "/webhooks").json()["in_flight"] == 1
            desk.fake.webhooks.settle(delivery, DeliveryResult(500))
    shown = desk.ask("GET", "/webhooks").json()
    assert (shown["waiting"], shown["in_flight"], shown["given_up"]) == (0, 0, 1)
    assert shown["latest_given_up"][0]["url"] == "http://localhost:5000/hook"
