"""What keeps the whole engine from working is visible while it lasts, said once, and over by itself."""

from __future__ import annotations

import pytest
from operators_desk import ask, lines, log_of, settings_of
from postgres_server import PostgresServer
from tiny_vendors import World


@pytest.mark.parametrize(
    ("system", "mishap", "said"),
    [
        ("/crm/", "refuse", "the CRM cannot be reached"),
        ("/api/", "refuse", "the ERP cannot be reached"),
        ("/crm/", "401", "the CRM refuses our credentials"),
        ("/api/", "401", "the ERP refuses our credentials"),
        ("/crm/", "html", "the CRM does not work"),
        ("/crm/v3/properties", "403", "the fields of the integration cannot be made"),
    ],
)
def test_what_keeps_the_engine_from_working_is_visible_said_once_and_over_by_itself(
    world: World, system: str, mishap: str, said: str
) -> None:
    world.vendors.won_deal()
    world.vendors.mishap = lambda method, path, nth: mishap if path.startswith(system) else None
    settings = settings_of(world)
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    world.pass_time(3600)

    ready = ask(world, engine, "GET", "/ready")
    assert (ready.status_code, ask(world, engine, "GET", "/health").status_code) == (503, 200)
    assert said in ready.json()["waiting"]
    assert [cause for record, cause in engine.open_errors() if record.startswith("system ") and said in cause]
    assert [line["event"] for line in lines(stream) if line["event"] in ("waiting", "back")] == ["waiting"]

    world.vendors.mishap = lambda method, path, nth: None
    world.pass_time(1300)
    world.until_quiet()
    assert ask(world, engine, "GET", "/ready").status_code == 200
    assert engine.open_errors() == []
    assert len(world.vendors.erp["Sales Order"]) == 1
    assert [line["event"] for line in lines(stream) if line["event"] in ("waiting", "back")] == ["waiting", "back"]


def test_a_single_bad_answer_is_no_waiting_state(world: World) -> None:
    world.vendors.won_deal()
    engine = world.start(settings_of(world))
    world.until_quiet()
    world.vendors.mishap = lambda method, path, nth: "html" if nth % 3 == 0 else None
    world.pass_time(1800)
    assert engine.waiting() is None


def test_the_same_errors_are_there_after_a_restart(world: World) -> None:
    world.vendors.mishap = lambda method, path, nth: "refuse" if path.startswith("/crm/") else None
    world.start(settings_of(world))
    world.pass_time(60)
    world.kill()
    settings = settings_of(world)
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    assert "the CRM cannot be reached" in str(engine.waiting())
    world.pass_time(60)
    assert [line for line in lines(stream) if line["event"] == "waiting"] == []


def test_what_another_replica_said_is_over_when_this_one_finds_that_it_works(world: World) -> None:
    world.vendors.won_deal()
    engine = world.start(settings_of(world))
    world.until_quiet()
    engine.c.store.bury("system crm", "the CRM cannot be reached", "", world.clock.now())
    world.pass_time(600)
    assert engine.open_errors() == []


def test_a_store_that_goes_away_is_waited_for(world: World, postgres: PostgresServer) -> None:
    world.vendors.won_deal()
    settings = settings_of(world, store=postgres.new_database("waiting"))
    log, stream = log_of(world, settings)
    engine = world.start(settings, log)
    world.until_quiet()
    postgres.stop()
    try:
        world.pass_time(600)
        ready = ask(world, engine, "GET", "/ready")
        assert (ready.status_code, "store" in ready.json()["waiting"]) == (503, True)
        assert ask(world, engine, "GET", "/health").status_code == 200
        assert ask(world, engine, "GET", "/metrics").status_code == 503
        assert ask(world, engine, "GET", "/errors").status_code == 200
        assert [line["condition"] for line in lines(stream) if line["event"] == "waiting"] == ["store"]
    finally:
        postgres.start()
    world.vendors.won_deal("502", company="702", contact="302")
    world.pass_time(600)
    world.until_quiet()
    assert ask(world, engine, "GET", "/ready").status_code == 200
    assert len(world.vendors.erp["Sales Order"]) == 2
