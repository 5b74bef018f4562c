"""Rate limits: the burst of each app, the account's searches per second, the account's day. Source: facts 11.1.

Searches are outside the burst counter and carry no quota headers; they count to the day. OAuth apps have a burst of their own and
no day. Refused calls count as well (our guess, a setting). The associations page has a table of its own, with the general limits of
before autumn 2024: we take it for out of date (our guess). With the setting `association_limits`, calls of private apps about
associations count to it on top of everything else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fake_crm.hubspot.access.tokens import Caller
from fake_crm.hubspot.settings import Settings
from harness.kit.limits import DailyMeter, DailyQuota, RollingMeter, RollingWindow, Throttled

BURST_WINDOW = timedelta(seconds=10)
_SECOND = timedelta(seconds=1)


class Limits:
    """The meters of one account."""

    def __init__(self, settings: Settings) -> None:
        zone = ZoneInfo(settings.time_zone)
        counts = settings.refused_calls_count
        self._burst, self._oauth_burst = _burst(settings.burst, counts), _burst(settings.oauth_burst, counts)
        self._associations = _burst(settings.association_burst, counts)
        self._search = RollingWindow("SECONDLY", settings.search_limit, timedelta(seconds=1), counts)
        self._day = DailyQuota("DAILY", settings.daily, zone, counts)
        self._association_day = DailyQuota("DAILY", settings.association_daily, zone, counts)
        self._own_associations = settings.association_limits
        self._told = {**_told(settings.burst), "x-hubspot-ratelimit-daily": str(settings.daily)}
        self._told_oauth = _told(settings.oauth_burst)
        self.refill()

    def refill(self) -> None:
        """Count from none again."""
        self._bursts: dict[str, RollingMeter] = {}
        self._association_bursts: dict[str, RollingMeter] = {}
        self._this_second: dict[str, tuple[datetime | None, int]] = {}  # by app: since when, and what is left of it
        self.search = self._search.meter()
        self.daily: DailyMeter = self._day.meter()
        self._daily_associations = self._association_day.meter()

    def admit(self, caller: Caller, now: datetime, *, is_search: bool, is_association: bool) -> Throttled | None:
        """Count a call and say why it is refused, or None. The day is looked at first."""
        if caller.is_private:
            refused = self.daily.admit(now)
            if refused is not None:
                return refused
        if is_search:
            return self.search.admit(now)
        refused = self.burst_of(caller).admit(now)
        if refused is None and is_association and caller.is_private and self._own_associations:
            refused = self._daily_associations.admit(now) or self._association_burst_of(caller).admit(now)
        return refused

    def burst_of(self, caller: Caller) -> RollingMeter:
        meter = self._bursts.get(caller.subject)
        if meter is None:
            policy = self._burst if caller.is_private else self._oauth_burst
            meter = self._bursts[caller.subject] = policy.meter()
        return meter

    def _association_burst_of(self, caller: Caller) -> RollingMeter:
        meter = self._association_bursts.get(caller.subject)
        if meter is None:
            meter = self._association_bursts[caller.subject] = self._associations.meter()
        return meter

    def headers(self, caller: Caller, now: datetime) -> dict[str, str]:
        """The quota headers of every answer that is not a search's; an OAuth app is told of no day."""
        headers = dict(self._told if caller.is_private else self._told_oauth)
        headers["x-hubspot-ratelimit-remaining"] = str(self.burst_of(caller).usage(now).remaining)
        since, left = self._this_second.get(caller.subject, (None, 0))
        if since is None or now - since >= _SECOND:
            since, left = now, (self._burst if caller.is_private else self._oauth_burst).limit // 10
        left = left - 1 if left else 0
        self._this_second[caller.subject] = since, left
        headers["x-hubspot-ratelimit-secondly-remaining"] = str(left)
        if caller.is_private:
            headers["x-hubspot-ratelimit-daily-remaining"] = str(self.daily.usage(now).remaining)
        return headers


def _told(burst: int) -> dict[str, str]:
    """The quota headers that are the same on every answer. Nothing is refused by those of a second any more."""
    return {
        "x-hubspot-ratelimit-max": str(burst),
        "x-hubspot-ratelimit-interval-milliseconds": str(BURST_WINDOW // timedelta(milliseconds=1)),
        "x-hubspot-ratelimit-secondly": str(burst // 10),
    }


def _burst(limit: int, counts_refused: bool) -> RollingWindow:
    return RollingWindow("TEN_SECONDLY_ROLLING", limit, BURST_WINDOW, counts_refused)
