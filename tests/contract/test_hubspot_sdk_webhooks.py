"""HubSpot's official Python SDK sets up webhooks, and its own validator accepts what then arrives over a real connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

import msgspec
import pytest
from background_server import served

from fake_crm.hubspot import SPEC
from harness.kit.fake import Fake
from harness.run.deliver import HttpPoster

hubspot = pytest.importorskip("hubspot", reason="needs the test extra: hubspot-api-client")
from hubspot import HubSpot  # type: ignore[import-untyped]  # noqa: E402
from hubspot import webhooks as sdk  # noqa: E402
from hubspot.crm import deals  # type: ignore[import-untyped]  # noqa: E402
from hubspot.exceptions import InvalidSignatureTimestampError  # type: ignore[import-untyped]  # noqa: E402
from hubspot.utils.signature import Signature  # type: ignore[import-untyped]  # noqa: E402

APP = 1344071
AT_ONCE = {"webhook_latency_s_min": 0.0, "webhook_latency_s_max": 0.0}


class Arrived(NamedTuple):
    url: str
    headers: dict[str, str]
    body: str


@contextmanager
def receiver() -> Iterator[tuple[str, list[Arrived]]]:
    """An application's webhook address; what arrived there."""
    arrived: list[Arrived] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            url = f"http://{self.headers['host']}{self.path}"
            arrived.append(Arrived(url, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Tests say nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?tenant=7", arrived
        finally:
            server.shutdown()
            thread.join()


def deliver(fake: Fake) -> None:
    """Send what is due, as the pump of a served fake does."""

    async def send() -> None:
        poster = HttpPoster()
        for delivery in fake.webhooks.take_due():
            fake.webhooks.settle(delivery, await poster.post(delivery))
        await poster.close()

    asyncio.run(send())


def developer(fake: Fake) -> HubSpot:
    return HubSpot(api_key=fake.credentials()["developer_key"], host=fake.base_url)


def settings(url: str, most: int = 10) -> Any:
    return sdk.SettingsChangeRequest(target_url=url, throttling=sdk.ThrottlingSettings(max_concurrent_requests=most))


def subscription(event_type: str, **more: Any) -> Any:
    return sdk.SubscriptionCreateRequest(event_type=event_type, active=True, **more)


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with served(SPEC, {}) as fake:
        yield fake


def test_settings_are_set_read_and_cleared(fake: Fake) -> None:
    api = developer(fake).webhooks.settings_api
    made = api.configure(APP, settings("https://app.example/hook", 12))
    assert (made.target_url, made.throttling.max_concurrent_requests) == ("https://app.example/hook", 12)
    assert made.created_at <= made.updated_at
    assert api.get_all(APP) == made

    api.clear(APP)
    with pytest.raises(sdk.ApiException) as caught:
        api.get_all(APP)
    assert caught.value.status == 404


def test_subscriptions_are_created_listed_switched_and_removed(fake: Fake) -> None:
    api = developer(fake).webhooks.subscriptions_api
    made = api.create(APP, subscription("deal.propertyChange", property_name="dealstage"))
    other = api.create(APP, sdk.SubscriptionCreateRequest(event_type="object.creation", object_type_id="0-123"))
    assert (made.active, other.active, other.object_type_id) == (True, False, "0-123")

    paused = api.update(int(made.id), APP, sdk.SubscriptionPatchRequest(active=False))
    assert (paused.active, paused.property_name) == (False, "dealstage")
    batch = api.update_batch(
        APP,
        sdk.BatchInputSubscriptionBatchUpdateRequest(
            inputs=[
                sdk.SubscriptionBatchUpdateRequest(id=int(made.id), active=True),
                sdk.SubscriptionBatchUpdateRequest(id=99, active=True),
            ]
        ),
    )
    assert [(row.id, row.active) for row in batch.results] == [(made.id, True)]
    assert batch.num_errors == 1
    assert batch.errors[0].context == {"ids": ["99"]}

    assert {row.id for row in api.get_all(APP).results} == {made.id, other.id}
    api.archive(int(other.id), APP)
    with pytest.raises(sdk.ApiException) as caught:
        api.get_by_id(int(other.id), APP)
    assert caught.value.status == 404
    assert api.get_by_id(int(made.id), APP).event_type == "deal.propertyChange"


def test_pitfall_50_the_types_this_sdk_knows_come_back_from_the_api(fake: Fake) -> None:
    api = developer(fake).webhooks.subscriptions_api
    for event_type in ("deal.associationChange", "contact.merge", "contact.privacyDeletion", "line_item.restore"):
        assert api.get_by_id(int(api.create(APP, subscription(event_type)).id), APP).event_type == event_type


def test_refusals_are_the_sdks_errors(fake: Fake) -> None:
    with pytest.raises(sdk.ApiException) as caught:
        developer(fake).webhooks.subscriptions_api.create(APP, subscription("deal.propertyChange"))
    assert caught.value.status == 400
    assert "propertyName" in caught.value.body

    with pytest.raises(sdk.ApiException) as caught:
        HubSpot(api_key="wrong", host=fake.base_url).webhooks.subscriptions_api.get_all(APP)
    assert caught.value.status == 401

    with pytest.raises(sdk.ApiException) as caught:
        developer(fake).webhooks.settings_api.configure(APP, settings("http://app.example/hook"))
    assert caught.value.status == 400


def arrivals(versions: list[str]) -> tuple[list[Arrived], str]:
    """A deal made and renamed with the SDK, as it arrives at an address set up with the SDK; and the app's client secret."""
    with served(SPEC, {**AT_ONCE, "webhook_signatures": versions}) as fake, receiver() as (url, arrived):
        hooks, secret = developer(fake).webhooks, fake.credentials()["client_secret"]
        hooks.settings_api.configure(APP, settings(url))
        hooks.subscriptions_api.create(APP, subscription("deal.propertyChange", property_name="dealname"))
        crm = HubSpot(access_token=fake.credentials()["token"], host=fake.base_url)
        deal = crm.crm.deals.basic_api.create(
            deals.SimplePublicObjectInputForCreate(properties={"dealname": "one"}, associations=[])
        )
        crm.crm.deals.basic_api.update(deal.id, deals.SimplePublicObjectInput(properties={"dealname": "Müller ☃"}))
        deliver(fake)
        assert fake.webhooks.pending == 0
        (event,) = msgspec.json.decode(arrived[0].body)
        assert (event["objectId"], event["propertyValue"]) == (int(deal.id), "Müller ☃")
        return arrived, secret


def test_the_sdks_validator_accepts_v1_and_v3_of_the_same_delivery_and_nothing_that_was_touched() -> None:
    (arrived, *_), secret = arrivals(["v1", "v3"])
    headers, body = arrived.headers, arrived.body
    assert headers["x-hubspot-signature-version"] == "v1"
    v1, v3 = headers["x-hubspot-signature"], headers["x-hubspot-signature-v3"]
    more = {"http_uri": arrived.url, "signature_version": "v3", "timestamp": headers["x-hubspot-request-timestamp"]}

    assert Signature.is_valid(v1, secret, body, signature_version="v1")
    assert Signature.is_valid(v3, secret, body, **more)
    assert not Signature.is_valid(v1, secret, body.replace("Müller", "Mueller"), signature_version="v1")
    assert not Signature.is_valid(v3, "another secret", body, **more)
    assert not Signature.is_valid(v3, secret, body, **{**more, "http_uri": "http://behind-a-proxy/hook"})
    with pytest.raises(InvalidSignatureTimestampError):
        Signature.is_valid(v3, secret, body, **{**more, "timestamp": "1000"})


def test_the_sdks_validator_accepts_v2_which_is_its_default() -> None:
    (arrived, *_), secret = arrivals(["v2"])
    assert arrived.headers["x-hubspot-signature-version"] == "v2"
    assert Signature.is_valid(arrived.headers["x-hubspot-signature"], secret, arrived.body, arrived.url)
    assert "x-hubspot-signature-v3" not in arrived.headers
