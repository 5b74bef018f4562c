"""Webhooks: from committed changes to signed deliveries."""
