"""The limiter's answers in full, and what goes wrong around a site: database, web server, workers, queue. Source: facts 2.11, 5."""

from __future__ import annotations

import pytest
from erpnext_site import TOKEN, ErpSite, data_of, messages_of, refused

from harness.kit.call import Call, Disruption, Outcome, Reply
from harness.kit.faults import (
    AnyEffect,
    Fault,
    LateReply,
    LoseEvents,
    LoseReply,
    ProxyPage,
    Refuse,
    ResetConnection,
    TruncatedJson,
)
from harness.kit.webhooks import DeliveryResult

WHO = "/api/method/frappe.auth.get_logged_user"
BROWSER = {**TOKEN, "accept": "text/html,application/xhtml+xml"}
LIMITER = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-used", "retry-after"}


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


@pytest.fixture
def busy() -> ErpSite:
    """A second of processing a minute, a tenth of it for every call; a new window has just begun."""
    site = ErpSite(rate_limit_seconds=1, rate_limit_window_seconds=60, read_ms=(100, 100), write_ms=(100, 100))
    site.wait(60 - site.clock.now().timestamp() % 60)
    return site


def limiter(reply: Reply) -> set[str]:
    return {name for name in reply.headers if name in LIMITER}


# -- the limiter ----------------------------------------------------------------------------------------------------------


def test_every_answer_of_the_site_tells_the_limiters_state(busy: ErpSite) -> None:
    told = LIMITER - {"retry-after"}
    for reply in (
        busy.send("GET", WHO),
        busy.send("GET", "/api/resource/Customer/NOPE"),
        busy.send("GET", WHO, headers={"authorization": "token a:b"}),
        busy.send("GET", "/app"),
        busy.send("GET", "/api/nothing/here"),
        busy.send("PATCH", "/api/resource/Customer/ACME"),
    ):
        assert limiter(reply) == told, reply.status
        assert reply.headers["x-ratelimit-limit"] == "1000000"
        assert reply.headers["x-ratelimit-used"] == "100000"
    assert busy.send("GET", WHO).headers["x-ratelimit-remaining"] == "400000", "paths that nobody serves cost as well"


def test_what_the_web_server_says_by_itself_is_not_counted_and_tells_nothing(busy: ErpSite) -> None:
    moved = busy.send("GET", WHO + "/")
    assert (moved.status, limiter(moved)) == (301, set())
    busy.fake.faults.inject(Fault("erp.call_get_logged_user", ProxyPage(502)))
    page = busy.send("GET", WHO)
    assert (page.status, limiter(page)) == (502, set())
    assert busy.send("GET", WHO).headers["x-ratelimit-remaining"] == "1000000"


def test_over_the_budget_everything_is_refused_in_the_form_its_caller_wants(busy: ErpSite) -> None:
    while busy.send("GET", WHO).status == 200:
        pass
    busy.wait(20)
    api = busy.send("GET", WHO)
    assert refused(api, 429, "TooManyRequestsError") == "frappe.exceptions.TooManyRequestsError"
    assert set(api.json()) == {"exception", "exc_type", "exc"}
    assert limiter(api) == LIMITER - {"x-ratelimit-used"}
    assert (api.headers["retry-after"], api.headers["x-ratelimit-reset"], api.headers["x-ratelimit-remaining"]) == ("40", "40", "0")
    for method, path in (("GET", "/app"), ("GET", WHO), ("PATCH", "/app/x")):
        reply = busy.send(method, path, headers=BROWSER)
        assert (reply.status, reply.body) == (429, b"Too Many Requests")
        assert reply.headers["content-type"].startswith("text/plain")
    nowhere = busy.send("GET", "/api/nothing/here")
    assert (nowhere.status, nowhere.outcome) == (429, Outcome.NOT_APPLIED)
    busy.wait(40)
    assert busy.send("GET", WHO).headers["x-ratelimit-remaining"] == "1000000", "all counters start anew together"


def test_version_16_does_not_tell_what_a_call_used() -> None:
    newer = ErpSite(rate_limit_seconds=60, version=16)
    assert limiter(newer.send("GET", WHO)) == LIMITER - {"x-ratelimit-used", "retry-after"}


def test_an_injected_429_has_the_limiters_headers_also_where_it_is_off(site: ErpSite) -> None:
    site.fake.faults.inject(Fault("erp.call_get_logged_user", Refuse("throttled")))
    reply = site.send("GET", WHO)
    refused(reply, 429, "TooManyRequestsError")
    assert limiter(reply) == LIMITER - {"x-ratelimit-used"}


# -- refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "exc_type", "words"),
    [
        ("locked", "QueryDeadlockError", "(1213, 'Deadlock found when trying to get lock; try restarting transaction')"),
        ("lock_timeout", "QueryTimeoutError", "(1205, 'Lock wait timeout exceeded; try restarting transaction')"),
        ("record_changed", "OperationalError", "(1020, \"Record has changed since last read in table 'tabSales Order'\")"),
        ("server_error", "OperationalError", '(2013, "Lost connection to MySQL server during query")'),
    ],
)
def test_what_the_database_refuses_is_a_500_and_a_retry_goes_through(site: ErpSite, kind: str, exc_type: str, words: str) -> None:
    name = site.draft_order()
    site.fake.faults.inject(Fault("erp.submit_sales_order", Refuse(kind)))
    reply = site.put("Sales Order", name, docstatus=1)
    assert refused(reply, 500, exc_type).endswith(f"{exc_type}: {words}")
    assert "_server_messages" not in reply.json()
    assert (reply.outcome, site.get("Sales Order", name)["docstatus"]) == (Outcome.NOT_APPLIED, 0)
    assert site.put("Sales Order", name, docstatus=1).status == 200


@pytest.mark.parametrize("kind", ["locked", "lock_timeout"])
def test_a_lock_is_a_508_for_who_wants_no_json(site: ErpSite, kind: str) -> None:
    site.fake.faults.inject(Fault("erp.read_customer", Refuse(kind)))
    reply = site.send("GET", "/api/resource/Customer/ACME", headers=BROWSER)
    assert (reply.status, reply.headers["content-type"]) == (508, "text/html; charset=utf-8")


def test_the_nth_write_meets_the_deadlock(site: ErpSite) -> None:
    site.fake.faults.inject(Fault("erp.create_sales_order", Refuse("locked"), nth=3))
    assert [site.order().status for _ in range(4)] == [200, 200, 500, 200]
    assert len(site.rows("Sales Order")) == 3


def test_a_body_may_be_too_large_on_demand(site: ErpSite) -> None:
    site.fake.faults.inject(Fault("erp.create_customer", Refuse("too_large")))
    reply = site.post("Customer", customer_name="Big", customer_type="Company")
    assert (reply.status, reply.headers["content-type"]) == (413, "text/html; charset=utf-8")
    assert (reply.outcome, site.rows("Customer", filters={"name": "Big"})) == (Outcome.NOT_APPLIED, [])


def test_maintenance_may_begin_between_two_calls(site: ErpSite) -> None:
    site.fake.faults.inject(Fault("erp.read_customer", Refuse("maintenance")))
    page = site.send("GET", "/api/resource/Customer/ACME", headers=BROWSER)
    assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert site.send("GET", "/api/resource/Customer/ACME").status == 200


# -- answers that hide what happened ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "applied", "title"),
    [
        (502, False, b"502 Bad Gateway"),  # the worker was killed before its commit
        (502, True, b"502 Bad Gateway"),  # or after it
        (503, False, b"503 Service Temporarily Unavailable"),
        (504, True, b"504 Gateway Time-out"),  # the worker goes on and commits
        (504, False, b"504 Gateway Time-out"),
    ],
)
def test_a_worker_that_takes_too_long_may_have_committed(site: ErpSite, status: int, applied: bool, title: bytes) -> None:
    site.fake.faults.inject(Fault("erp.create_sales_order", ProxyPage(status, applied)))
    reply = site.order(po_no="PO-1")
    assert (reply.status, reply.headers["content-type"], reply.outcome) == (status, "text/html", Outcome.UNKNOWN)
    assert title in reply.body
    assert b"<center>nginx</center>" in reply.body
    assert len(site.rows("Sales Order", filters={"po_no": "PO-1"})) == int(applied)


@pytest.mark.parametrize(
    ("effect", "disruption", "applied"),
    [
        (ResetConnection(applied=True), Disruption.RESET, True),
        (ResetConnection(applied=False), Disruption.RESET, False),
        (LoseReply(), Disruption.LOSE, True),
        (LateReply(121_000), None, True),
        (TruncatedJson(), None, True),
    ],
)
def test_a_connection_may_die_before_or_after_the_commit(
    site: ErpSite, effect: AnyEffect, disruption: Disruption | None, applied: bool
) -> None:
    site.fake.faults.inject(Fault("erp.create_sales_order", effect))
    reply = site.order(po_no="PO-1")
    assert (reply.disruption, reply.outcome) == (disruption, Outcome.UNKNOWN)
    assert len(site.rows("Sales Order", filters={"po_no": "PO-1"})) == int(applied)


def listened() -> ErpSite:
    site = ErpSite()
    hook = {"webhook_doctype": "Sales Order", "webhook_docevent": "on_submit", "request_url": "https://hook.example/x"}
    data_of(site.post("Webhook", name="hook", **hook))
    return site


def test_without_redis_a_document_is_saved_its_webhook_is_lost_and_the_caller_hears_500() -> None:
    site = listened()
    name = site.draft_order()
    site.fake.faults.inject(Fault("erp.submit_sales_order", LoseEvents()))
    reply = site.put("Sales Order", name, docstatus=1)
    assert refused(reply, 500, "ConnectionError").startswith("redis.exceptions.ConnectionError: Error 111 connecting to ")
    assert reply.outcome is Outcome.UNKNOWN
    assert site.get("Sales Order", name)["docstatus"] == 1
    assert site.fake.webhooks.pending == 0
    site.submitted_order()
    site.wait(10)
    (delivery,) = site.fake.webhooks.take_due()
    site.fake.webhooks.settle(delivery, DeliveryResult(200))
    assert delivery.subject != f"Sales Order on_submit {name}"


def test_without_redis_a_save_that_tells_nobody_is_answered_as_ever(site: ErpSite) -> None:
    site.fake.faults.inject(Fault("erp.create_sales_order", LoseEvents()))
    assert data_of(site.order())["name"] == "SAL-ORD-2026-00001"


@pytest.mark.parametrize("megabytes", [26, 51])
def test_a_body_beyond_the_limits_is_a_page_whoever_asks(site: ErpSite, megabytes: int) -> None:
    body = b'{"customer_name": "' + b"x" * megabytes * 1024 * 1024 + b'"}'
    reply = site.fake.handle(Call("POST", "/api/resource/Customer", "", {**TOKEN, "content-type": "application/json"}, body))
    assert (reply.status, reply.headers["content-type"].split(";")[0]) == (413, "text/html")
    assert (b"nginx" in reply.body) == (megabytes > 50)


# -- the limit of a single function -----------------------------------------------------------------------------------------

RESET = "frappe.core.doctype.user.user.reset_password"


def test_password_resets_are_limited_by_themselves_and_tell_no_headers(site: ErpSite) -> None:
    def ask(user: str) -> Reply:
        return site.send("POST", f"/api/method/{RESET}", {"user": user}, headers={"accept": "application/json"})

    sent = ask("api@example.com")
    assert (sent.status, "message" in sent.json()) == (200, False)
    assert messages_of(sent)[0]["message"] == "Password reset instructions have been sent to your email"
    assert ask("Administrator").json() == {"message": "not allowed"}
    assert (ask("nobody@example.com").status, ask("api@example.com").status) == (404, 429)
    site.wait(1800)
    words = "You hit the rate limit because of too many requests. Please try after sometime."
    late = ask("api@example.com")
    assert (refused(late, 429, "RateLimitExceededError"), limiter(late)) == (words, set())
    site.wait(1800)
    assert ask("api@example.com").status == 200, "an hour after the first call"
    old = site.send("POST", "/", {"cmd": RESET, "user": "api@example.com"}, headers={"accept": "application/json"})
    assert old.status == 200
