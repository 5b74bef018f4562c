"""Reconciliation: both systems are compared record by record; what differs is reported, and repaired where a rule decides."""
