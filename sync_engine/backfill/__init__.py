"""Backfill: records that existed before the integration are matched with their counterparts, and what is missing is created."""
