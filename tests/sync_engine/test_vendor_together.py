"""Single calls that travel together while the quota is short: fewer calls, the same outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from test_vendor_batches import Direct

from sync_engine.outcomes import NotFound, Refused, Transient, VendorError
from sync_engine.vendors.hubspot import HubSpot
from sync_engine.vendors.together import Together, side_by_side


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


def test_what_is_done_side_by_side_takes_one_call_although_the_quota_is_not_short() -> None:
    direct = Direct()
    deals = [direct.deal(number, lines=0) for number in range(4)]

    async def story() -> list[Any]:
        with side_by_side():
            reads = await asyncio.gather(*(direct.crm.read("deals", id, ["dealname"]) for id in deals))
            await asyncio.gather(*(direct.crm.update("deals", id, {"dealname": f"New {id}"}) for id in deals))
        return [*reads, await direct.crm.read("deals", deals[0], ["dealname"])]

    *reads, after = asyncio.run(story())
    assert [read.get("dealname") for read in reads] == [f"Deal {at}" for at in range(4)]
    assert after.get("dealname") == f"New {deals[0]}"
    routes = ["POST /crm/v3/objects/deals/batch/read", "POST /crm/v3/objects/deals/batch/update"]
    assert direct.routes() == [*routes, f"GET /crm/v3/objects/deals/{deals[0]}"]


def test_associations_of_several_batches_take_one_call() -> None:
    direct = Direct()
    deals = [direct.deal(number, lines=number) for number in range(4)]

    async def story() -> list[Any]:
        batches = (deals[:2], deals[2:])
        return await asyncio.gather(*(direct.crm.read_many_with("deals", ids, [], ["line_items"]) for ids in batches))

    first, second = asyncio.run(story())
    assert [len(record.ids("line_items")) for record in (first | second).values()] == [0, 1, 2, 3]
    assert (list(first), list(second)) == (deals[:2], deals[2:])
    assert direct.routes().count("POST /crm/v4/associations/deals/line_items/batch/read") <= 2


def test_documents_of_the_erp_that_are_looked_at_side_by_side_take_one_list() -> None:
    direct = Direct()
    docs = [{"customer_name": f"Acme {at}", "customer_type": "Company"} for at in range(3)]

    async def story() -> tuple[list[str], list[Any], list[Any]]:
        names = [str((await direct.erp.create("Customer", doc))["name"]) for doc in docs]
        with side_by_side():
            asked = [direct.erp.read_columns("Customer", name, ["customer_name"]) for name in [*names, names[0], "nobody"]]
            ends = await asyncio.gather(*asked, return_exceptions=True)
            groups = await asyncio.gather(
                *(direct.erp.list_of("Customer", ["name"], "customer_name", f"Acme {at}") for at in (2, 7))
            )
        return names, ends, groups

    names, ends, groups = asyncio.run(story())
    assert [end["name"] for end in ends[:-1]] == [*names, names[0]]
    assert isinstance(ends[-1], NotFound)
    assert [[row["name"] for row in rows] for rows in groups] == [[names[2]], []]
    lists = "POST /api/method/frappe.client.get_list"
    assert direct.routes()[3:] == [lists, "GET /api/resource/Customer/nobody", lists]


def test_a_column_that_the_erp_lost_is_no_reason_to_miss_the_others() -> None:
    direct = Direct()

    async def story() -> list[Any]:
        made = [await direct.erp.create("Customer", {"customer_name": name, "customer_type": "Company"}) for name in "AB"]
        with side_by_side():
            asked = (direct.erp.read_columns("Customer", str(doc["name"]), ["customer_name", "custom_gone"]) for doc in made)
            return await asyncio.gather(*asked)

    assert [doc["customer_name"] for doc in asyncio.run(story())] == ["A", "B"]


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
