"""What every fake is: `handle(call) -> reply`, synchronous and deterministic, over one store and one clock.

A vendor's dialect subclasses `Fake` and says which routes exist, who may call, what the limits are and how errors look. The
order of events is the same for all: received → routed → fault? → admitted (limits, credentials) → handled → answered.
Nothing here knows whether a simulated network or a socket carries the calls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec import structs

from harness.kit import faults as f
from harness.kit.call import Call, Disruption, Outcome, Reply
from harness.kit.clock import Clock
from harness.kit.journal import Answered, Changed, Decided, Journal, Received
from harness.kit.pages import page_of_a_proxy
from harness.kit.people import ErpDesk, SalesDesk
from harness.kit.records import Change, Fields, RecordStore, Snapshot
from harness.kit.redact import without_credentials
from harness.kit.routing import MethodNotAllowed, Route, Router
from harness.kit.seed import Seed
from harness.kit.webhooks import WebhookQueue

if TYPE_CHECKING:
    from harness.kit.contract import Contract

READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class FakeSetup:
    """What a world gives a fake. `settings` are the vendor's own switches (documented in its folder's README)."""

    system: str  # "crm" or "erp": the role it plays
    clock: Clock
    seed: Seed
    journal: Journal
    base_url: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FakeSpec:
    """What the registry finds under the entry-point group `syncproof.fakes`."""

    vendor: str  # the name users type, in lower case
    system: str  # "crm" or "erp"
    title: str  # the name people read
    create: Callable[[FakeSetup], Fake]
    default_host: str  # the vendor's real host, used as the base URL inside a simulation
    contract: Callable[[], Contract] | None = None  # what the fake serves, imported only when somebody asks


@dataclass(frozen=True, slots=True)
class FakeState:
    """What `Fake.remember` kept: the records, and whatever the dialect keeps outside its store."""

    records: Snapshot
    dialect: Any


class Fake(ABC):
    """One stateful system of one vendor."""

    webhooks: WebhookQueue
    router: Router

    def __init__(self, setup: FakeSetup) -> None:
        self.setup = setup
        self.system, self.clock, self.journal = setup.system, setup.clock, setup.journal
        self.base_url = setup.base_url.rstrip("/")
        self.store = RecordStore(setup.clock)
        self.store.on_commit(self._journal_changes)
        self.faults = f.FaultBook(setup.system, setup.clock, setup.seed.stream("faults"), setup.journal)

    # -- what a vendor says ---------------------------------------------------------------------------------------

    @abstractmethod
    def operation(self, call: Call, route: Route) -> str:
        """The name of what this call does, such as `create_deal`, `submit_sales_order`: faults and journal use it."""

    @abstractmethod
    def admit(self, call: Call) -> Reply | None:
        """Check limits and credentials in the vendor's order; None lets the call in and has set `call.principal`."""

    @abstractmethod
    def answer(self, call: Call, route: Route) -> Reply:
        """Run the route's handler and turn the dialect's errors into the vendor's replies; never raises for bad input."""

    @abstractmethod
    def unknown_route(self, call: Call) -> Reply: ...

    @abstractmethod
    def wrong_method(self, call: Call, allowed: list[str]) -> Reply: ...

    @abstractmethod
    def refusal(self, kind: str, call: Call) -> Reply:
        """The vendor's own refusal for a `faults.Refuse` of this kind; nothing was applied."""

    def proxy_page(self, status: int) -> Reply:
        """The HTML of whatever stands before the vendor: 502, 503, 504, or 520 to 524 where it is a content network."""
        return page_of_a_proxy(status)

    def queue_down(self, call: Call, reply: Reply) -> Reply:
        """The answer to a call that was applied while nothing took its webhooks. Default: `reply`, as if nothing were wrong."""
        return reply

    def gate(self, call: Call) -> Reply | None:
        """An answer given before anything is routed: a web server's redirect, a site that is down. None lets the call go on."""
        return None

    def decorate(self, call: Call, reply: Reply) -> None:  # noqa: B027 - a hook, not a duty
        """Add the headers every answer carries (correlation ids, quotas). Default: none."""

    def redact(self, text: str, call: Call) -> str:
        """A body or query as the journal may keep it. Dialects hide what only they know to be secret, and call this."""
        return without_credentials(text)

    def redact_path(self, path: str) -> str:
        """A path as the journal may keep it. Default: all of it."""
        return path

    def redact_fields(self, kind: str, fields: Fields) -> Fields:
        """Fields of a record as the journal may keep them. Default: all of them."""
        return fields

    # -- for people, engines and tools ----------------------------------------------------------------------------

    @abstractmethod
    def credentials(self) -> dict[str, str]:
        """What an integration is given to call this fake: documented keys such as `token`, or `api_key` and `api_secret`."""

    @abstractmethod
    def connect_webhooks(self, url: str, secret: str) -> None:
        """Subscribe `url` to everything an integration of quote-to-cash needs, as an administrator would in the vendor's UI."""

    def curl_examples(self) -> list[str]:
        """Commands a person can paste to see this fake answer, with its base URL and credentials in them. Default: none."""
        return []

    def sales_desk(self, person: str) -> SalesDesk:
        """A sales person at this vendor's screens. Raises LookupError where the vendor is no CRM."""
        raise LookupError(f"{type(self).__name__} has no sales desk")

    def erp_desk(self, person: str) -> ErpDesk:
        """A warehouse or finance person at this vendor's screens. Raises LookupError where the vendor is no ERP."""
        raise LookupError(f"{type(self).__name__} has no warehouse and finance desk")

    def describe_limit(self) -> str:
        """The rate limit an integration lives with, in words such as `190 per 10 s`, or an empty text where there is none."""
        return ""

    def describe_pending(self) -> str | None:
        """What this fake still has to do on its own, in words, or None."""
        return self.webhooks.describe_pending()

    # -- going back -----------------------------------------------------------------------------------------------

    def dialect_state(self) -> Any:
        """A copy of state kept outside the store (id counters, sessions), for `remember`. Default: none."""
        return None

    def restore_dialect_state(self, state: Any) -> None:  # noqa: B027 - a hook, not a duty
        """Take back what `dialect_state` gave, and rebuild whatever is derived from the records. Default: nothing."""

    def refill_limits(self) -> None:  # noqa: B027 - a hook, not a duty
        """Count the calls of every rate limit from none again. Default: nothing, for there is no limit."""

    def remember(self) -> FakeState:
        """The present state, to come back to. Faults, journal and rate limits are not part of it."""
        return FakeState(self.store.snapshot(), self.dialect_state())

    def put_back(self, state: FakeState) -> None:
        """Return to a remembered state, as often as wanted. Webhooks that wait and calls that were counted never happened."""
        self.store.restore(state.records)
        self.restore_dialect_state(state.dialect)
        self.refill_limits()
        self.webhooks.clear()

    # -- the pipeline ---------------------------------------------------------------------------------------------

    def handle(self, call: Call) -> Reply:
        """Answer one call. Never raises for what a caller sent; an exception here is a bug of the fake."""
        journal, now = self.journal, self.clock.now()
        call.number = number = journal.next_request()
        query = self.redact(call.query, call) if call.query else ""
        body = self.redact(call.body.decode("utf-8", "replace"), call) if call.body else ""
        path = self.redact_path(call.path)
        journal.add(Received(now, number, self.system, call.caller, call.method, path, query, body))
        reply, decision = self._decide(call)
        if reply.outcome is Outcome.APPLIED and reply.status >= 400:
            reply.outcome = Outcome.NOT_APPLIED
        self.decorate(call, reply)
        journal.add(Decided(now, number, call.operation, decision))
        answer = self.redact(reply.body.decode("utf-8", "replace"), call) if reply.body else ""
        journal.add(Answered(now, number, reply.status, reply.outcome.value, answer))
        return reply

    def _decide(self, call: Call) -> tuple[Reply, str]:
        closed = self.gate(call) if call.person is None else None
        if closed is not None:
            call.operation = "gate"
            return closed, f"gate:{closed.status}"
        try:
            hit = self.router.match(call.method, call.path)
        except MethodNotAllowed as error:
            call.operation = "wrong_method"
            return self.wrong_method(call, error.allowed), "wrong_method"
        if hit is None:
            call.operation = "unknown_route"
            return self.unknown_route(call), "unknown_route"
        route, call.params = hit
        call.operation = self.operation(call, route)
        if call.person is not None:
            return self._let_in(call, route), "person"
        effect = self.faults.meet(call.operation, call.number, _record_of(call))
        if effect is None:
            return self._admit_and_answer(call, route)
        return self._disturbed(call, route, effect)

    def _admit_and_answer(self, call: Call, route: Route) -> tuple[Reply, str]:
        refused = self.admit(call)
        if refused is not None:
            return refused, f"refused:{refused.status}"
        return self._let_in(call, route), "accepted"

    def _let_in(self, call: Call, route: Route) -> Reply:
        self.store.request, self.store.actor = call.number, call.caller
        try:
            return self.answer(call, route)
        finally:
            self.store.request, self.store.actor = 0, "system"

    def _disturbed(self, call: Call, route: Route, effect: f.AnyEffect) -> tuple[Reply, str]:
        decision = f"fault:{effect.text()}"
        match effect:
            case f.Refuse(kind=kind):
                return self.refusal(kind, call), decision
            case f.RefuseConnection():
                return Reply(0, outcome=Outcome.NOT_APPLIED, disruption=Disruption.REFUSE_CONNECTION), decision
            case f.ResetConnection(applied=False):
                return Reply(0, outcome=Outcome.UNKNOWN, disruption=Disruption.RESET), decision
            case f.ProxyPage(status=status, applied=False):
                return self.proxy_page(status), decision
            case f.LoseEvents():
                return self._without_queue(call, route), decision
        reply, _ = self._admit_and_answer(call, route)
        if call.method not in READS and reply.ok:
            reply.outcome = Outcome.UNKNOWN
        match effect:
            case f.ResetConnection():
                reply.disruption = Disruption.RESET
            case f.LoseReply():
                reply.disruption = Disruption.LOSE
            case f.CutBody():
                reply.disruption = Disruption.CUT
            case f.LateReply():
                reply.late_by = effect.delay
            case f.TruncatedJson():
                reply.body = reply.body[: len(reply.body) // 2]
            case f.ProxyPage(status=status):
                return self.proxy_page(status), decision
        return reply, decision

    def _without_queue(self, call: Call, route: Route) -> Reply:
        lost = self.webhooks.lost
        self.webhooks.closed = True
        try:
            reply, _ = self._admit_and_answer(call, route)
        finally:
            self.webhooks.closed = False
        return self.queue_down(call, reply) if self.webhooks.lost > lost else reply

    def _journal_changes(self, changes: list[Change]) -> None:
        for change in changes:
            old, new = self.redact_fields(change.kind, change.old), self.redact_fields(change.kind, change.new)
            if old is not change.old or new is not change.new:
                change = structs.replace(change, old=old, new=new)
            self.journal.add(Changed(change.at, self.system, change))


def _record_of(call: Call) -> str | None:
    """The record id in the path, under whatever name the route gives it; by convention the parameter is `id`."""
    return call.params.get("id")
