"""Single calls that travel together while the quota is short: fewer calls, the same outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from test_vendor_batches import Direct

from sync_engine.outcomes import NotFound, Refused, Transient, VendorError
from sync_engine.vendors.hubspot import HubSpot
from sync_engine.vendors.together import Together


class Busy(Direct):
    """The quota is used up to the last places, so that everything that can travels together; replies take a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.deals = [self.deal(number, lines=0) for number in range(6)]
        self.crm.burst.limit = 1

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        await asyncio.sleep(0)
        return await super().send(method, url, headers, body, timeout_s)

    def together(self, *calls: Any) -> list[Any]:
        async def story() -> list[Any]:
            return await asyncio.gather(self.crm.read("deals", self.deals[0], []), *calls, return_exceptions=True)

        return asyncio.run(story())[1:]


def test_reads_of_one_sort_take_one_call_and_end_as_they_would_alone() -> None:
    busy = Busy()
    crm: HubSpot = busy.crm
    ends = busy.together(*(crm.read("deals", id, ["dealname"]) for id in [*busy.deals, busy.deals[1], "999"]))
    assert [end.get("dealname") for end in ends[:-1]] == [f"Deal {at}" for at in [0, 1, 2, 3, 4, 5, 1]]
    assert isinstance(ends[-1], NotFound)
    assert busy.routes()[1:] == ["POST /crm/v3/objects/deals/batch/read", "GET /crm/v3/objects/deals/999"]


def test_updates_take_one_call_and_one_that_is_refused_spoils_no_other() -> None:
    busy = Busy()
    changes: list[tuple[str, dict[str, str]]] = [(id, {"dealname": f"New {id}"}) for id in busy.deals[:4]]
    changes += [(busy.deals[0], {"dealname": "Newer"}), (busy.deals[5], {"closedate": "never"}), ("999", {"dealname": "x"})]
    ends = busy.together(*(busy.crm.update("deals", id, properties) for id, properties in changes))
    assert [type(end).__name__ for end in ends[5:]] == ["Refused", "NotFound"]
    assert isinstance(ends[5], Refused)
    assert [end.id for end in ends[:5]] == [*busy.deals[:4], busy.deals[0]]
    assert busy.crm_fake.store.get("deals", busy.deals[0]).fields["dealname"] == "Newer", "who came second went second"
    assert len(busy.routes()) <= 4


def test_a_batch_that_fails_fails_for_each_and_one_whose_caller_left_is_left_out() -> None:
    asked: list[Sequence[int]] = []

    async def go(asks: Sequence[int]) -> list[int | VendorError]:
        asked.append(list(asks))
        await asyncio.sleep(0.001)
        if 13 in asks:
            raise Transient("crm", "down")
        return [ask * 2 for ask in asks]

    async def story() -> list[Any]:
        company: Together[int, int] = Together(go, 3)
        tasks = [asyncio.create_task(company.join(ask)) for ask in (1, 2, 3, 4, 5, 13)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert await company.join(7) == 14
        return ends

    ends = asyncio.run(story())
    assert (ends[0], ends[2]) == (2, 6)
    assert isinstance(ends[1], asyncio.CancelledError)
    assert all(isinstance(end, Transient) for end in ends[3:])
    assert len(asked) == 3


def test_who_is_cut_off_with_all_others_hears_of_it() -> None:
    async def go(asks: Sequence[int]) -> list[int | VendorError]:
        raise asyncio.CancelledError

    async def story() -> None:
        company: Together[int, int] = Together(go, 3)
        with pytest.raises(asyncio.CancelledError):
            await company.join(1)

    asyncio.run(story())
