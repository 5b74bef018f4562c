"""Under which paths the vendor serves each area today: classic, and dated since March 2026. Source: facts section 1."""

from __future__ import annotations

DATES = ("2025-09", "2026-03", "2026-09", "2026-09-beta", "2027-03-beta")


def dated(template: str) -> tuple[str, ...]:
    """The template once for each date version, with `D` replaced."""
    return tuple(template.replace("D", date) for date in DATES)


OBJECTS = ("/crm/v3/objects", "/crm/v4/objects", "/crm/objects/v3", *dated("/crm/objects/D"))
LINKED_OBJECTS = ("/crm/v4/objects", *dated("/crm/objects/D"))
ASSOCIATIONS = ("/crm/v4/associations", "/crm/associations/v4", *dated("/crm/associations/D"))
PROPERTIES = ("/crm/v3/properties", *dated("/crm/properties/D"))
PIPELINES = ("/crm/v3/pipelines", *dated("/crm/pipelines/D"))
SCHEMAS = ("/crm/v3/schemas", "/crm-object-schemas/v3/schemas", *dated("/crm-object-schemas/D/schemas"))
OWNERS = ("/crm/v3/owners", *dated("/crm/owners/D"))
TOKEN_VERSIONS = ("v1", "v3", "2026-03", "2026-09")
APP_INSTALLS = ("/appinstalls/v3", "/appinstalls/2026-03", "/appinstalls/2026-09")
ACCOUNT_INFO = ("/account-info/v3", *dated("/account-info/D"))
WEBHOOKS = ("/webhooks/v3", "/app-webhooks/2025-09", "/webhooks/2026-03", "/app-webhooks/2027-03-beta")
