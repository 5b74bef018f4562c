"""Rate limits: the burst of each private app, the account's searches per second, the account's day. Source: facts 11.1.

Searches are outside the burst counter and carry no quota headers; they count to the day. Refused calls count as well (our guess).
Not modelled: the associations page's own table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fake_crm.hubspot.settings import Settings
from harness.kit.limits import DailyMeter, DailyQuota, RollingMeter, RollingWindow, Throttled

BURST_WINDOW = timedelta(seconds=10)
INTERVAL_MS = str(BURST_WINDOW // timedelta(milliseconds=1))


class Limits:
    """The meters of one account. `principal` is the app's token."""

    def __init__(self, settings: Settings) -> None:
        self._burst = RollingWindow("TEN_SECONDLY_ROLLING", settings.burst, BURST_WINDOW)
        self._bursts: dict[str, RollingMeter] = {}
        self.search = RollingWindow("SECONDLY", settings.search_limit, timedelta(seconds=1)).meter()
        self.daily: DailyMeter = DailyQuota("DAILY", settings.daily, ZoneInfo(settings.time_zone), counts_refused=True).meter()
        self._maximum, self._secondly = str(settings.burst), str(settings.burst // 10)

    def admit(self, principal: str, now: datetime, *, is_search: bool) -> Throttled | None:
        """Count a call and say why it is refused, or None. The day is looked at first."""
        refused = self.daily.admit(now)
        if refused is not None:
            return refused
        return self.search.admit(now) if is_search else self._meter(principal).admit(now)

    def _meter(self, principal: str) -> RollingMeter:
        meter = self._bursts.get(principal)
        if meter is None:
            meter = self._bursts[principal] = self._burst.meter()
        return meter

    def headers(self, principal: str, now: datetime) -> dict[str, str]:
        """The quota headers of every answer that is not a search's."""
        usage, day = self._meter(principal).usage(now), self.daily.usage(now)
        return {
            "x-hubspot-ratelimit-max": self._maximum,
            "x-hubspot-ratelimit-remaining": str(usage.remaining),
            "x-hubspot-ratelimit-interval-milliseconds": INTERVAL_MS,
            "x-hubspot-ratelimit-daily": str(day.limit),
            "x-hubspot-ratelimit-daily-remaining": str(day.remaining),
            "x-hubspot-ratelimit-secondly": self._secondly,
            "x-hubspot-ratelimit-secondly-remaining": self._secondly,
        }
