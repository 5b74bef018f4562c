"""The order of events every fake shares: received, routed, fault, admitted, handled, answered. Told with the tiny vendor."""

from __future__ import annotations

from datetime import timedelta

import pytest
import tiny_fake
from tiny_fake import TinyFake, call

from harness.kit.call import Call, Disruption, Outcome
from harness.kit.faults import (
    AnyEffect,
    CutBody,
    Fault,
    FaultRate,
    LateReply,
    LoseEvents,
    LoseReply,
    ProxyPage,
    Refuse,
    RefuseConnection,
    ResetConnection,
    TruncatedJson,
)
from harness.kit.journal import Answered, Changed, Decided, FaultFired, Received

APPLIED, NOT_APPLIED, UNKNOWN = Outcome.APPLIED, Outcome.NOT_APPLIED, Outcome.UNKNOWN
ANNA = {"email": "anna@x.test"}


@pytest.fixture
def fake() -> TinyFake:
    return tiny_fake.make()


def decisions(fake: TinyFake) -> list[str]:
    return [f"{entry.operation} {entry.decision}" for entry in fake.journal.of(Decided)]


def test_a_call_is_received_decided_and_answered_under_one_number(fake: TinyFake) -> None:
    reply = fake.handle(call("POST", "/things", ANNA, caller="engine"))

    assert (reply.status, reply.outcome, reply.json()) == (201, APPLIED, {"id": "1", **ANNA})
    received, changed, decided, answered = fake.journal.entries
    assert isinstance(received, Received)
    assert (received.number, received.caller, received.body) == (1, "engine", '{"email":"anna@x.test"}')
    assert isinstance(changed, Changed)
    assert (changed.change.request, changed.change.by) == (1, "engine")
    assert isinstance(decided, Decided)
    assert (decided.number, decided.decision) == (1, "accepted")
    assert isinstance(answered, Answered)
    assert (answered.number, answered.status, answered.outcome) == (1, 201, "applied")


def test_what_is_refused_is_not_applied(fake: TinyFake) -> None:
    fake.handle(call("POST", "/things", ANNA))
    conflict = fake.handle(call("POST", "/things", ANNA))
    stranger = fake.handle(call("POST", "/things", {}, token="wrong"))

    assert [(reply.status, reply.outcome) for reply in (conflict, stranger)] == [(409, NOT_APPLIED), (401, NOT_APPLIED)]
    assert decisions(fake)[1:] == ["create_thing accepted", "create_thing refused:401"]
    assert fake.store.count("things") == 1


def test_unknown_routes_and_wrong_methods_meet_no_fault_and_spend_no_quota(fake: TinyFake) -> None:
    fake.faults.set_rates([FaultRate("crm.*", LoseReply(), 1.0)])

    assert fake.handle(call("GET", "/nothing")).status == 404
    assert fake.handle(call("PUT", "/things")).json() == {"message": "GET, OPTIONS, POST"}
    assert decisions(fake) == ["unknown_route unknown_route", "wrong_method wrong_method"]


def test_a_person_needs_no_token_spends_no_quota_and_meets_no_fault(fake: TinyFake) -> None:
    fake.faults.inject(Fault("crm.*", LoseReply()))
    before = fake.meter.usage(fake.clock.now())
    reply = fake.handle(Call("POST", "/things", body=b"{}", caller="person:anna", person="anna"))

    assert (reply.status, reply.disruption) == (201, None)
    assert fake.meter.usage(fake.clock.now()) == before
    assert decisions(fake) == ["create_thing person"]
    assert fake.store.changes[0].by == "person:anna"


WRITES: list[tuple[AnyEffect, int, bool, Outcome, Disruption | None]] = [
    # what the fault is, the status, whether the write was made, what may be known of it, what the carrier does
    (Refuse("server_error"), 500, False, NOT_APPLIED, None),
    (Refuse("throttled"), 429, False, NOT_APPLIED, None),
    (Refuse("locked"), 423, False, NOT_APPLIED, None),
    (RefuseConnection(), 0, False, NOT_APPLIED, Disruption.REFUSE_CONNECTION),
    (ResetConnection(applied=False), 0, False, UNKNOWN, Disruption.RESET),
    (ResetConnection(applied=True), 201, True, UNKNOWN, Disruption.RESET),
    (LoseReply(), 201, True, UNKNOWN, Disruption.LOSE),
    (CutBody(), 201, True, UNKNOWN, Disruption.CUT),
    (LateReply(1500), 201, True, UNKNOWN, None),
    (TruncatedJson(), 201, True, UNKNOWN, None),
    (ProxyPage(502, applied=False), 502, False, UNKNOWN, None),
    (ProxyPage(504, applied=True), 504, True, UNKNOWN, None),
    (LoseEvents(), 201, True, Outcome.APPLIED, None),
]


@pytest.mark.parametrize(
    ("effect", "status", "applied", "outcome", "disruption"), WRITES, ids=lambda value: getattr(value, "text", str)()
)
def test_each_effect_on_a_write(
    fake: TinyFake, effect: AnyEffect, status: int, applied: bool, outcome: Outcome, disruption: Disruption | None
) -> None:
    fake.faults.inject(Fault("crm.create_thing", effect))
    reply = fake.handle(call("POST", "/things", ANNA))

    assert (reply.status, reply.outcome, reply.disruption) == (status, outcome, disruption)
    assert fake.store.count("things") == int(applied)
    assert decisions(fake) == [f"create_thing fault:{effect.text()}"]
    assert [entry.outcome for entry in fake.journal.of(Answered)] == [outcome.value]
    assert [entry.number for entry in fake.journal.of(FaultFired)] == [1]
    assert fake.faults.not_yet_fired == [], "the story happened"
    assert fake.handle(call("GET", "/things")).status == 200, "and is over"


@pytest.mark.parametrize("effect", [row[0] for row in WRITES], ids=lambda effect: effect.text())
def test_a_disturbed_read_changes_nothing(fake: TinyFake, effect: AnyEffect) -> None:
    fake.handle(call("POST", "/things", ANNA))
    changes = len(fake.store.changes)
    fake.faults.inject(Fault("crm.read_thing", effect))
    fake.handle(call("GET", "/things/1"))

    assert len(fake.store.changes) == changes


@pytest.mark.parametrize("effect", [LoseReply(), CutBody(), LateReply(), ResetConnection(applied=True)])
def test_a_write_the_vendor_refuses_is_not_applied_whatever_happens_to_its_answer(fake: TinyFake, effect: AnyEffect) -> None:
    fake.handle(call("POST", "/things", ANNA))
    fake.faults.inject(Fault("crm.create_thing", effect))

    assert fake.handle(call("POST", "/things", ANNA)).outcome is NOT_APPLIED


def test_a_disturbed_call_without_a_token_is_refused_all_the_same(fake: TinyFake) -> None:
    fake.faults.inject(Fault("crm.create_thing", LoseReply()))
    reply = fake.handle(call("POST", "/things", ANNA, token="wrong"))

    assert (reply.status, reply.disruption, reply.outcome) == (401, Disruption.LOSE, NOT_APPLIED)
    assert fake.store.count("things") == 0


def test_a_late_reply_says_by_how_much_and_a_truncated_one_is_half_a_document(fake: TinyFake) -> None:
    whole = fake.handle(call("POST", "/things", ANNA)).body
    fake.faults.inject(Fault("crm.read_thing", LateReply(1500)))
    fake.faults.inject(Fault("crm.read_thing", TruncatedJson(), nth=2))

    assert fake.handle(call("GET", "/things/1")).late_by == timedelta(seconds=1.5)
    assert fake.handle(call("GET", "/things/1")).body == whole[: len(whole) // 2]


def test_a_proxy_page_is_html_and_says_which(fake: TinyFake) -> None:
    for status, words in (
        (502, "502 Bad Gateway"),
        (503, "503 Service Temporarily Unavailable"),
        (504, "504 Gateway Time-out"),
        (520, "520"),
    ):
        fake.faults.inject(Fault("crm.list_things", ProxyPage(status)))
        reply = fake.handle(call("GET", "/things"))
        assert (reply.status, reply.headers["content-type"]) == (status, "text/html")
        assert words in reply.body.decode()


def test_a_fault_may_name_the_record_in_the_path(fake: TinyFake) -> None:
    for email in ("a@x.test", "b@x.test"):
        fake.handle(call("POST", "/things", {"email": email}))
    fake.faults.inject(Fault("crm.change_thing", Refuse("locked"), record="2"))

    assert [fake.handle(call("PATCH", f"/things/{number}", {"colour": "red"})).status for number in (1, 2, 2)] == [200, 423, 200]


def test_neither_credentials_nor_what_the_dialect_redacts_enter_the_journal(fake: TinyFake) -> None:
    fake.handle(call("POST", "/things", {"note": "my secret"}))
    written = b"".join(line for line in fake.journal.to_bytes().splitlines() if b'"changed"' not in line)

    assert tiny_fake.TOKEN.encode() not in fake.journal.to_bytes()
    assert b"my secret" not in written
    assert written.count(b"my ***") == 2


def test_a_body_that_is_no_text_is_journalled_and_refused(fake: TinyFake) -> None:
    reply = fake.handle(Call("POST", "/things", headers={"authorization": f"Bearer {tiny_fake.TOKEN}"}, body=b"\xff\xfe{"))

    assert reply.status == 400
    assert "\ufffd" in next(fake.journal.of(Received)).body
    fake.journal.to_bytes()


def test_a_fake_goes_back_to_what_it_remembers_with_its_ids(fake: TinyFake) -> None:
    fake.handle(call("POST", "/things", ANNA))
    state = fake.remember()
    fake.hook = "http://engine.test"
    for email in ("b@x.test", "c@x.test"):
        fake.handle(call("POST", "/things", {"email": email}))
    fake.put_back(state)

    assert [thing.id for thing in fake.store.all("things")] == ["1"]
    assert fake.describe_pending() is None
    assert fake.handle(call("POST", "/things", {"email": "b@x.test"})).json()["id"] == "2"


def test_equal_seeds_and_calls_give_equal_journals() -> None:
    def played() -> bytes:
        fake = tiny_fake.make()
        fake.faults.set_rates([FaultRate("crm.*", LoseReply(), 0.3), FaultRate("crm.create_*", ProxyPage(), 0.3)])
        for number in range(50):
            fake.handle(call("POST", "/things", {"email": f"{number}@x.test"}))
            fake.handle(call("GET", f"/things/{number}"))
        return fake.journal.to_bytes()

    assert played() == played()
