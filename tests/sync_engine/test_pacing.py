"""Backoff and signatures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync_engine.retry import Backoff
from sync_engine.signatures import frappe, hubspot_v3, is_from_frappe, is_from_hubspot

SECOND = timedelta(seconds=1)


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
