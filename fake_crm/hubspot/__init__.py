"""HubSpot CRM: a fake of its public API, as of 2026. See README.md for what is modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_crm.hubspot.dialect import HubSpotFake
from harness.kit.fake import FakeSpec

if TYPE_CHECKING:
    from harness.kit.contract import Contract


def _contract() -> Contract:
    from fake_crm.hubspot.contract import contract  # only for those who ask: serving starts without it

    return contract()


SPEC = FakeSpec(
    vendor="hubspot",
    system="crm",
    title="HubSpot",
    create=HubSpotFake,
    default_host="https://api.hubapi.com",
    contract=_contract,
)

__all__ = ["SPEC", "HubSpotFake"]
