"""The HubSpot fake with webhooks that leave at once, for tests that wait for one over a real socket."""

from __future__ import annotations

from dataclasses import replace

from fake_crm.hubspot import SPEC as HUBSPOT
from harness.kit.fake import Fake, FakeSetup


def create(setup: FakeSetup) -> Fake:
    quick = {"webhook_latency_s_min": 0.0, "webhook_latency_s_max": 0.0}
    return HUBSPOT.create(replace(setup, settings={**setup.settings, **quick}))


SPEC = replace(HUBSPOT, create=create)
