"""Doors to the metadata of both systems: real addresses over HTTP, or fakes in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from harness.run.registry import find_fake
from sync_engine.dictionary.metadata import Fetch, LiveMetadata, MetadataError

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 15.0


class Doors:
    """Live systems. Each address is checked when it is named; nothing is asked before somebody wants a field."""

    def __init__(
        self, crm: str | None, crm_token: str | None, erp: str | None, erp_key: str | None, vendors: tuple[str, str]
    ) -> None:

        self._clients: list[httpx.Client] = []
        self.metadata = LiveMetadata(
            self._door("CRM", crm, {"authorization": f"Bearer {crm_token}"}) if crm else None,
            self._door("ERP", erp, {"authorization": f"token {erp_key}"}) if erp else None,
            vendors,
        )

    def _door(self, title: str, address: str, headers: dict[str, str]) -> Fetch:
        import httpx

        try:
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
                raise ValueError
            client = httpx.Client(base_url=address, headers={**headers, "accept": "application/json"}, timeout=TIMEOUT_S)
        except (httpx.InvalidURL, ValueError):  # UnicodeError is one: a header holds ASCII only
            expected = "an http or https URL such as https://site.example.com, and credentials of plain characters"
            raise MetadataError(f"the {title} at {address!r} cannot be asked: expected {expected}") from None
        self._clients.append(client)

        def fetch(path: str) -> tuple[int, Any]:
            try:
                answer = client.get(path)
            except httpx.HTTPError as error:
                raise MetadataError(f"the {title} at {address} cannot be asked: {error or type(error).__name__}") from None
            try:
                return answer.status_code, answer.json()
            except ValueError:
                return answer.status_code, None

        return fetch

    def close(self) -> None:
        for client in self._clients:
            client.close()


def of_fakes(crm: str, erp: str) -> LiveMetadata:
    """Fresh fakes of these vendors. Raises UnknownName, CannotLoad."""
    return LiveMetadata(_fake_door(crm), _fake_door(erp), (crm, erp))


def _fake_door(vendor: str) -> Fetch:
    from harness.kit.call import BadJson, Call
    from harness.kit.clock import WallClock
    from harness.kit.fake import FakeSetup
    from harness.kit.journal import Journal
    from harness.kit.seed import Seed

    spec = find_fake(vendor)
    fake = spec.create(FakeSetup(spec.system, WallClock(), Seed(1), Journal(), spec.default_host))
    known = fake.credentials()
    token = f"Bearer {known['token']}" if "token" in known else f"token {known['api_key']}:{known['api_secret']}"
    headers = {"authorization": token, "accept": "application/json"}

    def fetch(path: str) -> tuple[int, Any]:
        place, _, query = path.partition("?")
        answer = fake.handle(Call("GET", unquote(place), query, headers))
        try:
            return answer.status, answer.json()
        except (BadJson, ValueError):
            return answer.status, None

    return fetch
