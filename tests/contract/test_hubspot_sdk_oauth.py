"""HubSpot's official Python SDK with OAuth and limits: its token API, its errors, and the retries a caller may give it.

The SDK refreshes no token by itself and retries nothing unless it is given a `Retry` (facts 14.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from background_server import served

from fake_crm.hubspot import SPEC
from harness.kit.fake import Fake
from harness.kit.faults import Fault, Refuse
from harness.kit.journal import Decided

hubspot = pytest.importorskip("hubspot", reason="needs the test extra: hubspot-api-client")
import urllib3  # noqa: E402
from hubspot import HubSpot  # type: ignore[import-untyped]  # noqa: E402
from hubspot.crm import deals  # type: ignore[import-untyped]  # noqa: E402
from hubspot.oauth import exceptions as oauth_errors  # type: ignore[import-untyped]  # noqa: E402
from hubspot.utils.oauth import get_auth_url  # type: ignore[import-untyped]  # noqa: E402
from urllib3.util.retry import Retry  # noqa: E402

BACK = "http://localhost:3000/back"
SCOPES = ("oauth", "crm.objects.deals.read", "crm.objects.deals.write")


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with served(SPEC, {}) as fake:
        yield fake


def sdk(fake: Fake, **config: Any) -> HubSpot:
    return HubSpot(host=fake.base_url, **config)


def granted_code(fake: Fake) -> str:
    """A person opens the address that the SDK made; only its host is the fake's."""
    address = get_auth_url(client_id=fake.credentials()["client_id"], redirect_uri=BACK, scope=SCOPES, state="7")
    assert address.startswith("https://app.hubspot.com/oauth/authorize?")
    reply = urllib3.request("GET", f"{fake.base_url}/oauth/authorize?{urlsplit(address).query}", redirect=False)
    assert reply.status == 302
    answer = parse_qs(urlsplit(reply.headers["location"]).query)
    assert answer["state"] == ["7"]
    return answer["code"][0]


def exchanged(fake: Fake) -> Any:
    return token_request(fake, grant_type="authorization_code", redirect_uri=BACK, code=granted_code(fake))


def token_request(fake: Fake, **form: str) -> Any:
    proof = {name: fake.credentials()[name] for name in ("client_id", "client_secret")}
    return sdk(fake).oauth.tokens_api.create(**{**proof, **form})


def decisions(fake: Fake, operation: str) -> list[str]:
    return [entry.decision for entry in fake.journal.of(Decided) if entry.operation == operation]


def test_from_the_sdks_own_address_to_a_deal_and_a_refresh(fake: Fake) -> None:
    tokens = exchanged(fake)
    assert (tokens.token_type, tokens.expires_in) == ("bearer", 1800)
    made = sdk(fake, access_token=tokens.access_token).crm.deals.basic_api.create(
        deals.SimplePublicObjectInputForCreate(properties={"dealname": "By OAuth"})
    )
    again = token_request(fake, grant_type="refresh_token", refresh_token=tokens.refresh_token)
    assert again.refresh_token == tokens.refresh_token
    assert again.access_token != tokens.access_token
    read = sdk(fake, access_token=again.access_token).crm.deals.basic_api.get_by_id(made.id)
    assert read.properties["dealname"] == "By OAuth"


def test_the_sdk_looks_tokens_up_and_deletes_a_refresh_token(fake: Fake) -> None:
    tokens = exchanged(fake)
    api = sdk(fake).oauth
    access = api.access_tokens_api.get(tokens.access_token)
    assert (access.hub_id, access.token_type, access.scopes) == (48211907, "access", list(SCOPES))
    assert 1790 <= access.expires_in <= 1800
    refresh = api.refresh_tokens_api.get(tokens.refresh_token)
    assert (refresh.token, refresh.client_id) == (tokens.refresh_token, fake.credentials()["client_id"])

    api.refresh_tokens_api.archive(tokens.refresh_token)
    with pytest.raises(oauth_errors.NotFoundException):
        api.refresh_tokens_api.get(tokens.refresh_token)
    with pytest.raises(oauth_errors.ApiException) as caught:
        token_request(fake, grant_type="refresh_token", refresh_token=tokens.refresh_token)
    assert caught.value.status == 400
    body = json.loads(caught.value.body)
    assert (body["status"], body["error"]) == ("BAD_REFRESH_TOKEN", "invalid_grant")


def test_a_wrong_secret_is_the_sdks_bad_request(fake: Fake) -> None:
    with pytest.raises(oauth_errors.ApiException) as caught:
        token_request(fake, grant_type="authorization_code", redirect_uri=BACK, code=granted_code(fake), client_secret="wrong")
    assert json.loads(caught.value.body)["status"] == "BAD_CLIENT_SECRET"


def test_an_expired_token_is_unauthorized_and_a_refresh_heals_it() -> None:
    """Tokens of no lifetime at all are expired when they arrive; nobody has to wait for it."""
    with served(SPEC, {"access_token_s": 0}) as fake:
        tokens = exchanged(fake)
        with pytest.raises(deals.exceptions.UnauthorizedException) as caught:
            sdk(fake, access_token=tokens.access_token).crm.deals.basic_api.get_page()
        assert json.loads(caught.value.body)["category"] == "EXPIRED_AUTHENTICATION"
        again = token_request(fake, grant_type="refresh_token", refresh_token=tokens.refresh_token)
        assert again.access_token != tokens.access_token


def test_a_scope_that_was_not_granted_is_forbidden(fake: Fake) -> None:
    crm = sdk(fake, access_token=exchanged(fake).access_token).crm
    with pytest.raises(Exception, match="requiredGranularScopes") as caught:
        crm.contacts.basic_api.get_page()
    assert getattr(caught.value, "status", None) == 403


def test_the_sdk_retries_a_429_if_it_is_told_to(fake: Fake) -> None:
    token = fake.credentials()["token"]
    before = len(decisions(fake, "list_deals"))
    fake.faults.inject(Fault("crm.list_deals", Refuse("throttled")))
    told = sdk(fake, access_token=token, retry=Retry(total=3, status_forcelist=(429,), backoff_factor=0))
    assert told.crm.deals.basic_api.get_page().results is not None
    assert len(decisions(fake, "list_deals")) == before + 2

    fake.faults.inject(Fault("crm.list_deals", Refuse("throttled")))
    with pytest.raises(deals.ApiException) as caught:
        sdk(fake, access_token=token).crm.deals.basic_api.get_page()
    assert caught.value.status == 429
    assert len(decisions(fake, "list_deals")) == before + 3


def test_no_retry_of_the_sdk_gets_past_a_spent_day() -> None:
    """Pitfall 18."""
    with served(SPEC, {"daily_limit": 1}) as fake:
        retry = Retry(total=3, status_forcelist=(429,), backoff_factor=0)
        crm = sdk(fake, access_token=fake.credentials()["token"], retry=retry).crm
        crm.deals.basic_api.get_page()
        with pytest.raises(urllib3.exceptions.MaxRetryError, match="too many 429"):
            crm.deals.basic_api.get_page()
        assert decisions(fake, "list_deals") == ["accepted"] + ["refused:429"] * 4


def test_a_daily_limit_reaches_a_caller_without_retries_as_its_own_policy() -> None:
    with served(SPEC, {"daily_limit": 1}) as fake:
        crm = sdk(fake, access_token=fake.credentials()["token"]).crm
        crm.deals.basic_api.get_page()
        with pytest.raises(deals.ApiException) as caught:
            crm.deals.basic_api.get_page()
        assert json.loads(caught.value.body)["policyName"] == "DAILY"
        assert caught.value.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
        assert "Retry-After" not in caught.value.headers
