"""Polling: the safety net under the webhooks, sufficient alone."""

from sync_engine.polling.erp import ERP_POLL
from sync_engine.polling.poller import Poller

__all__ = ["ERP_POLL", "Poller"]
