"""A value that has no counterpart stops its own record only, and a person hears of it; put right, the record goes on."""

from __future__ import annotations

from tiny_vendors import World


def report(world: World, id: str, shipped: object) -> None:
    """An order of an existing deal whose progress nobody has told yet."""
    assert world.engine is not None
    context = world.engine.c
    world.vendors.edit("deals", id, dealstage="closedwon")
    order = {"name": f"SO-{id}", "status": "To Bill", "per_delivered": shipped, "custom_crm_deal_id": id}
    world.vendors.erp.setdefault("Sales Order", {})[f"SO-{id}"] = order
    with context.store.transaction():
        context.store.link("order", id, f"SO-{id}", {"erp_order_status": "open"})
        context.queue.put("progress", "order", f"SO-{id}")


def test_one_unreadable_order_in_a_batch_is_told_and_does_not_hold_up_the_others(world: World) -> None:
    engine = world.start()
    world.until_quiet()
    for id, shipped in (("1", 100.0), ("2", "much"), ("3", 50.0)):
        report(world, id, shipped)
    world.until_quiet()

    letters = [letter for letter in engine.c.store.dead_letters() if letter.status == "open"]

    assert [world.vendors.crm["deals"][id].get("erp_order_status") for id in ("1", "2", "3")] == ["to bill", None, "to bill"]
    assert [letter.record for letter in letters] == ["crm deals 2"]
    assert letters[0].cause == "A value of the order cannot be shown in the CRM: Shipped: 'much' is not a number."
    assert "Shipped: 'much' is not a number" in world.vendors.crm["deals"]["2"]["erp_sync_error"]

    world.vendors.change("Sales Order", "SO-2", per_delivered=100.0)
    with engine.c.store.transaction():
        engine.c.queue.put("progress", "order", "SO-2")
    world.until_quiet()

    assert world.vendors.crm["deals"]["2"]["erp_order_status"] == "to bill"
    assert [letter.status for letter in engine.c.store.dead_letters() if letter.record == "crm deals 2"] != ["open"]
