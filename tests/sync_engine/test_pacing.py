"""Governors, backoff and signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness.kit.clock import ManualClock
from sync_engine.governor import ErpGovernor, HubSpotGovernor, WindowGovernor
from sync_engine.retry import Backoff
from sync_engine.signatures import frappe, hubspot_v3, is_from_frappe, is_from_hubspot

SECOND = timedelta(seconds=1)


@given(st.integers(1, 5), st.lists(st.integers(0, 3000), max_size=60))
def test_no_window_ever_holds_more_sends_than_the_quota(limit: int, gaps_ms: list[int]) -> None:
    """Invariant: whoever asks whenever, any `window` holds at most `limit` sends, and nobody waits when there is room."""
    clock = ManualClock()
    governor = WindowGovernor(clock, limit, SECOND)
    sends: list[datetime] = []
    for gap in gaps_ms:
        clock.advance(timedelta(milliseconds=gap))
        sends.append(clock.now() + governor.reserve())
    assert sends == sorted(sends)
    for first, after in zip(sends, sends[limit:], strict=False):
        assert after - first > SECOND
    if len(gaps_ms) <= limit:
        assert all(wait <= clock.now() for wait in sends)


def test_the_account_s_real_limit_is_learned_and_other_apps_use_of_it_counts() -> None:
    clock = ManualClock()
    governor = HubSpotGovernor(clock)
    governor.reserve()
    headers = {
        "x-hubspot-ratelimit-max": "190",
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
        "x-hubspot-ratelimit-remaining": "189",
    }
    governor.learn(headers)
    assert (governor.limit, governor.used()) == (190, 1)
    governor.learn({**headers, "x-hubspot-ratelimit-remaining": "0"})
    assert governor.reserve() >= timedelta(seconds=10), "somebody else has used the whole window"


def test_a_pause_stops_everybody_and_a_shorter_one_never_shortens_it() -> None:
    clock = ManualClock()
    governor = WindowGovernor(clock, 100, SECOND)
    governor.pause(10 * SECOND)
    governor.pause(SECOND)
    assert governor.reserve() == 10 * SECOND


def test_the_erp_s_processing_time_is_not_overdrawn() -> None:
    clock = ManualClock()
    governor = ErpGovernor(clock)
    governor.learn({"x-ratelimit-remaining": "500000", "x-ratelimit-used": "100000", "x-ratelimit-reset": "40"})
    assert governor._paused_until is None
    governor.learn({"x-ratelimit-remaining": "250000", "x-ratelimit-used": "100000", "x-ratelimit-reset": "30"})
    assert governor._paused_until == clock.now() + 30 * SECOND


@given(st.integers(1, 50), st.integers(0, 100), st.integers(0, 10_000))
def test_a_wait_is_never_shorter_than_asked_and_never_absurd(attempts: int, retry_after_s: int, seed: int) -> None:
    wait = Backoff().wait(attempts, Random(seed), timedelta(seconds=retry_after_s))
    assert wait >= timedelta(seconds=retry_after_s)
    assert SECOND <= wait <= timedelta(minutes=10) + timedelta(seconds=retry_after_s)


SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
STAMP, URL, BODY = "1785748462871", "https://fake.example/hubspot?x=%2F1", b'[{"objectId":1}]'
SIGNATURE = "eJNp+CxfKknfeULNxBN6Rqueyt7IncEYWeJQIGFgHTI="
AT = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(STAMP))


def test_hubspot_s_signature_matches_the_known_vector() -> None:
    assert hubspot_v3(SECRET, "POST", URL, BODY, STAMP) == SIGNATURE
    headers = {"x-hubspot-signature-v3": SIGNATURE, "x-hubspot-request-timestamp": STAMP}
    assert is_from_hubspot(SECRET, "POST", URL, headers, BODY, AT)
    assert is_from_hubspot(SECRET, "POST", URL, headers, BODY, AT + timedelta(minutes=5))
    assert not is_from_hubspot(SECRET, "POST", URL, headers, BODY, AT + timedelta(minutes=5, milliseconds=1))
    assert not is_from_hubspot(SECRET, "POST", URL, headers, BODY + b" ", AT)
    assert not is_from_hubspot(SECRET, "POST", URL, {**headers, "x-hubspot-request-timestamp": "²"}, BODY, AT)
    assert not is_from_hubspot(SECRET, "POST", URL, {}, BODY, AT)


def test_frappe_s_signature_is_over_the_bytes_as_sent() -> None:
    body = b'{"name": "SAL-ORD-2026-00001"}'
    assert is_from_frappe("s3cret", {"x-frappe-webhook-signature": frappe("s3cret", body)}, body)
    assert not is_from_frappe("s3cret", {"x-frappe-webhook-signature": frappe("other", body)}, body)
    assert not is_from_frappe("s3cret", {}, body)
