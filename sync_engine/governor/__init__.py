"""Stays under the vendors' quotas by waiting instead of being refused: one gate per quota, shared by classes of work.

`Work` says how urgent a call is (default interactive); wrap what is not: `with working_as(Work.BACKFILL): …`. The class follows
the context into every call and every task that is started inside.
"""

from sync_engine.governor.gate import Gate as Gate
from sync_engine.governor.gate import Pace as Pace
from sync_engine.governor.gate import Place as Place
from sync_engine.governor.hubspot import HubSpotGovernor as HubSpotGovernor
from sync_engine.governor.hubspot import SearchGovernor as SearchGovernor
from sync_engine.governor.processing import ErpGovernor as ErpGovernor
from sync_engine.governor.window import WindowGovernor as WindowGovernor
from sync_engine.governor.work import Work as Work
from sync_engine.governor.work import urgency as urgency
from sync_engine.governor.work import working_as as working_as
