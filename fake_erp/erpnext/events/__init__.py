"""Webhooks: from saved documents to signed deliveries."""
