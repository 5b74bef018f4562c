"""Who may come in, what a refusal says, and the door's own limits. Source: facts 1, 5.1."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from erpnext_site import TOKEN, ErpSite, messages_of, refused

from harness.kit.call import Call
from harness.kit.faults import Fault, Refuse

WHO = "/api/method/frappe.auth.get_logged_user"


@pytest.fixture
def site() -> ErpSite:
    return ErpSite()


def log_in(site: ErpSite, user: str = "Administrator", password: str = "admin") -> dict[str, str]:
    reply = site.send("POST", "/api/method/login", {"usr": user, "pwd": password}, headers={})
    assert reply.status == 200, reply.body
    return {"cookie": reply.cookies[0].split(";")[0]}


@pytest.mark.parametrize(
    ("user", "password", "message"),
    [
        ("Administrator", "wrong", "Invalid login credentials"),
        ("Administrator", "", "Incomplete login details"),
        ("", "admin", "Incomplete login details"),
        ("nobody@example.com", "admin", "Invalid login credentials"),
    ],
)
def test_a_failed_login_is_a_401_with_a_message_of_its_own(site: ErpSite, user: str, password: str, message: str) -> None:
    reply = site.send("POST", "/api/method/login", {"usr": user, "pwd": password}, headers={})
    refused(reply, 401, "AuthenticationError")
    assert reply.json()["message"] == message
    assert reply.cookies[2].startswith("sid=; Expires=Thu, 01 Jan 1970")


def test_a_wrong_token_has_neither_message_nor_server_messages(site: ErpSite) -> None:
    body = site.send("GET", WHO, headers={"authorization": "token a:b"}).json()
    assert body["exception"] == "frappe.exceptions.AuthenticationError"
    assert sorted(body) == ["exc", "exc_type", "exception"]


def test_ten_wrong_passwords_lock_the_account_for_a_minute(site: ErpSite) -> None:
    wrong = {"usr": "Administrator", "pwd": "wrong"}
    for _ in range(10):
        assert site.send("POST", "/api/method/login", wrong, headers={}).status == 401
    locked = site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}, headers={})
    assert refused(locked, 500, "SecurityException") == "Your account has been locked and will resume after 60 seconds"
    site.wait(61)
    assert log_in(site)


def test_one_right_password_forgets_the_wrong_ones(site: ErpSite) -> None:
    for _ in range(3):
        for _ in range(9):
            site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "wrong"}, headers={})
        assert log_in(site)


def test_a_form_logs_in_as_well_as_json(site: ErpSite) -> None:
    reply = site.send("GET", "/api/method/login", headers={}, usr="administrator", pwd="admin")
    assert reply.json()["full_name"] == "Administrator"


def test_a_valid_session_wins_over_the_authorization_header(site: ErpSite) -> None:
    reply = site.send("GET", WHO, headers={**log_in(site), "authorization": "token nobody:nothing"})
    assert reply.json() == {"message": "Administrator"}


def test_an_unknown_session_is_a_guest_and_is_told_so(site: ErpSite) -> None:
    reply = site.send("GET", "/api/resource/Customer", headers={"cookie": "sid=gone"})
    assert reply.json()["session_expired"] == 1
    refused(reply, 403, "PermissionError")
    assert site.send("GET", "/api/method/ping", headers={"cookie": "sid=gone"}).json() == {"message": "pong", "session_expired": 1}
    assert "session_expired" not in site.send("GET", "/api/method/ping", headers={"cookie": "sid=Guest"}).json()


def test_a_guest_is_refused_with_the_words_of_role_permissions(site: ErpSite) -> None:
    reply = site.send("GET", "/api/resource/Customer", headers={})
    text = "User <strong>Guest</strong> does not have doctype access via role permission for document <strong>Customer</strong>"
    assert refused(reply, 403, "PermissionError") == text
    assert reply.json()["_error_message"] == "No permission for Customer"


def test_a_function_that_is_not_for_guests_says_it_is_not_whitelisted(site: ErpSite) -> None:
    reply = site.send("GET", WHO, headers={})
    assert "Function <strong>frappe.auth.get_logged_user</strong> is not whitelisted." in refused(reply, 403, "PermissionError")
    assert messages_of(reply)[0]["title"] == "Method Not Allowed"


def test_a_writing_function_called_by_get_is_not_permitted(site: ErpSite) -> None:
    reply = site.send("GET", "/api/method/frappe.client.delete", doctype="Customer", name="ACME")
    assert refused(reply, 403, "PermissionError") == "Not permitted"


# -- the site's processing-time limiter ---------------------------------------------------------------------------


@pytest.fixture
def busy() -> ErpSite:
    """A budget of one second a minute; every read takes a tenth of one."""
    return ErpSite(rate_limit_seconds=1.0, rate_limit_window_seconds=60, read_ms=(100, 100))


def to_a_new_window(site: ErpSite) -> None:
    reply = site.send("GET", WHO)
    site.wait(int(reply.headers["x-ratelimit-reset"]))


def test_every_answer_says_what_was_left_before_it_and_what_it_used(busy: ErpSite) -> None:
    to_a_new_window(busy)
    first, second = (busy.send("GET", WHO).headers for _ in range(2))
    assert (first["x-ratelimit-limit"], first["x-ratelimit-remaining"], first["x-ratelimit-used"]) == (
        "1000000",
        "1000000",
        "100000",
    )
    assert second["x-ratelimit-remaining"] == "900000"
    assert second["x-ratelimit-reset"] == "60"
    assert "retry-after" not in second


def test_a_refusal_comes_only_above_the_budget_and_says_when_to_come_back(busy: ErpSite) -> None:
    to_a_new_window(busy)
    statuses = [busy.send("GET", WHO).status for _ in range(12)]
    assert statuses == [200] * 11 + [429]
    busy.wait(15)
    reply = busy.send("GET", WHO)
    assert refused(reply, 429, "TooManyRequestsError") == "frappe.exceptions.TooManyRequestsError"
    assert "_server_messages" not in reply.json()
    assert reply.headers["retry-after"] == "45"
    assert "x-ratelimit-used" not in reply.headers
    busy.wait(45)
    assert busy.send("GET", WHO).status == 200


def test_bad_credentials_spend_the_budget_too_and_are_refused_like_all_others(busy: ErpSite) -> None:
    to_a_new_window(busy)
    for _ in range(11):
        assert busy.send("GET", WHO, headers={"authorization": "token a:b"}).status == 401
    assert busy.send("GET", WHO, headers={"authorization": "token a:b"}).status == 429
    assert busy.send("GET", WHO).status == 429


def test_a_fresh_site_has_no_limiter_and_no_headers_of_it(site: ErpSite) -> None:
    assert not [name for name in site.send("GET", WHO).headers if name.startswith("x-ratelimit")]


# -- refusals a scenario asks for ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "exc_type"),
    [
        ("throttled", 429, "TooManyRequestsError"),
        ("locked", 500, "QueryDeadlockError"),
        ("conflict", 417, "TimestampMismatchError"),
        ("maintenance", 503, "SessionStopped"),
        ("server_error", 500, "OperationalError"),
    ],
)
def test_pitfall_p55_a_fault_speaks_the_vendors_language_and_applies_nothing(
    site: ErpSite, kind: str, status: int, exc_type: str
) -> None:
    name = site.draft_order()
    site.fake.faults.inject(Fault("erp.submit_sales_order", Refuse(kind)))
    reply = site.put("Sales Order", name, docstatus=1)
    refused(reply, status, exc_type)
    assert site.get("Sales Order", name)["docstatus"] == 0
    assert ("retry-after" in reply.headers) == (kind == "throttled")
    assert site.put("Sales Order", name, docstatus=1).status == 200


def test_a_person_at_the_screens_needs_no_token_and_meets_no_limit(busy: ErpSite) -> None:
    name = busy.submitted_order()
    while busy.send("GET", WHO, headers=TOKEN).status == 200:
        pass
    assert busy.people.ship(name, Decimal(1)) == "MAT-DN-2026-00001"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("token syncproof:syncproof", 200),
        ("TOKEN syncproof:syncproof", 200),
        ("Basic " + base64.b64encode(b"syncproof:syncproof").decode(), 200),
        ("token syncproof:wrong", 401),
        ("token nobody", 401),
        ("ApiKey syncproof:syncproof", 401),
        ("Basic ???", 400),
        ("token", 403),
        ("token a b", 403),
        ("", 403),
    ],
)
def test_what_comes_of_each_kind_of_credentials(site: ErpSite, authorization: str, status: int) -> None:
    headers = {"authorization": authorization} if authorization else {}
    assert site.send("GET", "/api/resource/Customer", headers=headers).status == status


def test_a_login_gives_a_session_that_lasts_until_logout(site: ErpSite) -> None:
    reply = site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "admin"}, headers={})
    assert reply.json()["message"] == "Logged In"
    cookie = {"cookie": reply.cookies[0].split(";")[0]}
    assert site.send("GET", "/api/method/frappe.auth.get_logged_user", headers=cookie).json() == {"message": "Administrator"}
    site.send("GET", "/api/method/logout", headers=cookie)
    assert site.send("GET", "/api/method/frappe.auth.get_logged_user", headers=cookie).status == 403
    assert site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "wrong"}, headers={}).status == 401


def test_guests_may_ping_and_nothing_else(site: ErpSite) -> None:
    assert site.send("GET", "/api/method/ping", headers={}).json() == {"message": "pong"}
    assert site.send("GET", "/api/method/frappe.client.get_count", headers={}, doctype="Customer").status == 403


def test_no_secret_reaches_the_journal_by_any_door() -> None:
    site = ErpSite()
    keyed = [{"key": "X-Api-Key", "value": "HDRSECRET7"}]
    hook = {"name": "own", "webhook_doctype": "Customer", "webhook_docevent": "on_update", "request_url": "https://e.example/"}
    made = site.post("Webhook", **hook, enable_security=1, webhook_secret="TOPSECRET42", webhook_headers=keyed)
    assert made.status == 200
    site.put("Webhook", "own", webhook_secret="TOPSECRET43")
    site.send("GET", "/api/resource/Webhook/own")
    site.send("GET", "/api/method/login", headers={}, usr="Administrator", pwd="PASSWORD44")
    site.send("POST", "/api/method/login", {"usr": "Administrator", "pwd": "PASSWORD45"}, headers={})
    site.fake.handle(
        Call("POST", "/api/method/login", "", {"content-type": "application/x-www-form-urlencoded"}, b"usr=A&pwd=PASSWORD46")
    )
    site.call("frappe.client.insert", doc=json.dumps({**hook, "doctype": "Webhook", "name": "w2", "webhook_secret": "TOPSECRET47"}))
    site.call("frappe.client.insert", doc=json.dumps({**hook, "doctype": "Webhook", "name": "w3", "webhook_headers": keyed}))
    site.call(
        "frappe.client.bulk_update", docs=json.dumps([{"doctype": "Webhook", "docname": "own", "webhook_secret": "TOPSECRET48"}])
    )
    site.send("GET", "/api/resource/Webhook", filters=[["webhook_secret", "=", "TOPSECRET49"]])
    site.call("frappe.client.get_list", doctype="Webhook", filters=[["webhook_secret", "=", "TOPSECRET51"]])
    form = urlencode({"data": json.dumps({**hook, "name": "w4", "webhook_secret": "TOPSECRET50"})}).encode()
    site.fake.handle(
        Call("POST", "/api/resource/Webhook", "", {**TOKEN, "content-type": "application/x-www-form-urlencoded"}, form)
    )
    assert site.get("Webhook", "w4")["webhook_secret"] == "*" * 11
    journal = site.fake.journal.to_bytes()
    for secret in (b"TOPSECRET", b"HDRSECRET", b"PASSWORD4", b"syncproof:syncproof"):
        assert secret not in journal
    assert b"Secret sauce" not in journal
    site.post("Customer", customer_name="Secret sauce", customer_type="Company")
    assert b"Secret sauce" in site.fake.journal.to_bytes(), "a name is no secret because it says so"
