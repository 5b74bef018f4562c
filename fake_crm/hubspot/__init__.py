"""HubSpot CRM: a fake of its public API, as of 2026. See README.md for what is modelled."""

from __future__ import annotations

from fake_crm.hubspot.dialect import HubSpotFake
from harness.kit.fake import FakeSpec

SPEC = FakeSpec(vendor="hubspot", system="crm", title="HubSpot", create=HubSpotFake, default_host="https://api.hubapi.com")

__all__ = ["SPEC", "HubSpotFake"]
