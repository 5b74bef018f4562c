"""`syncproof serve`: the fakes on real sockets until somebody stops them, with everything printed that a client needs."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.kit.addresses import BadRequest, checked_address, is_loopback
from harness.kit.clock import WallClock
from harness.kit.control import PREFIX, ControlRoutes, Guard
from harness.kit.defaults import WEBHOOK_SECRET
from harness.kit.fake import Fake, FakeSetup, FakeSpec
from harness.kit.journal import RecentJournal
from harness.kit.live_server import LiveServer, loop_factory
from harness.kit.pump import DeliveryPump
from harness.kit.seed import Seed
from harness.kit.server import asgi_app
from harness.run.deliver import HttpPoster
from harness.run.load import load_exports
from harness.run.registry import CannotLoad, UnknownName, fake_names, find_fake

DEFAULT_CRM, DEFAULT_ERP = "hubspot", "erpnext"
JOURNAL_ENTRIES_MAX = 50_000
TITLES = {"crm": "CRM", "erp": "ERP"}
Echo = Callable[[str], None]


class CannotConnect(Exception):
    """A webhook address that cannot be used, in a sentence for the person who named it."""


@dataclass(frozen=True, slots=True)
class WebhookTargets:
    """Where each system's webhooks go, by `crm` and `erp`; a system without an address sends none."""

    urls: Mapping[str, str] = field(default_factory=dict)
    secret: str = WEBHOOK_SECRET

    def check(self, served: Collection[str]) -> None:
        """Raises CannotConnect for an address that is none, for a system that is not served, and for an empty secret."""
        for system, url in self.urls.items():
            try:
                checked_address(url)
            except BadRequest as bad:
                raise CannotConnect(f"--webhook-{system}: {bad}") from None
            if system not in served:
                raise CannotConnect(f"--webhook-{system} needs the {TITLES[system]} to be served as well; add --{system}")
        if not self.secret:
            raise CannotConnect("--webhook-secret is empty, and nothing can be signed with that")


NO_WEBHOOKS = WebhookTargets()


@dataclass(frozen=True, slots=True)
class Served:
    """One fake on its socket. `token` is the control token, empty on loopback."""

    spec: FakeSpec
    fake: Fake
    server: LiveServer
    control: ControlRoutes
    token: str


async def serve(
    crm: str | None,
    erp: str | None,
    port_crm: int,
    port_erp: int,
    host: str,
    seed: int,
    data: list[Path],
    crm_tier: str | None,
    echo: Echo,
    webhooks: WebhookTargets = NO_WEBHOOKS,
) -> None:
    """Serve until SIGINT, SIGTERM or cancellation, then close cleanly.

    With neither `crm` nor `erp` both default vendors are served. Raises UnknownName, CannotLoad, PortInUse, CannotBind,
    CannotConnect and DataError before anything is served.
    """
    if crm is None and erp is None:
        crm, erp = DEFAULT_CRM, DEFAULT_ERP
    wanted = [(_find(system, name), port) for system, name, port in (("crm", crm, port_crm), ("erp", erp, port_erp)) if name]
    webhooks.check([spec.system for spec, _ in wanted])
    async with AsyncExitStack() as stack:
        stopped = stack.enter_context(_stop_signals())
        servers = [(spec, await stack.enter_async_context(LiveServer(host, port))) for spec, port in wanted]
        served = [_make(spec, server, seed, crm_tier) for spec, server in servers]
        loaded = _load(served, data)
        _connect(served, webhooks)
        for one in served:
            await one.server.start(asgi_app(one.fake, one.control))
        pumps = await _start_pumps(served, stack)
        for one in served:
            _introduce(one, webhooks, echo)
        if loaded:
            alone = "" if len(served) == 1 else "; nothing was created in the ERP, not even items for the products"
            echo(f"loaded {loaded} into the CRM{alone}\n")
        echo("ready; Ctrl-C stops")
        await _until_stopped(stopped, pumps)


def on_the_fast_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` to its end on an event loop of its own, the fast one where it is installed."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(work)


def _find(system: str, name: str) -> FakeSpec:
    """Raises UnknownName for a vendor that plays the other part."""
    spec = find_fake(name)
    if spec.system != system:
        raise UnknownName(
            TITLES[system], name, [other for other in fake_names() if other != name and find_fake(other).system == system]
        )
    return spec


def _make(spec: FakeSpec, server: LiveServer, seed: int, crm_tier: str | None) -> Served:
    settings: dict[str, Any] = {"tier": crm_tier} if spec.system == "crm" and crm_tier is not None else {}
    journal = RecentJournal(JOURNAL_ENTRIES_MAX)
    setup = FakeSetup(spec.system, WallClock(), Seed(seed).derived(spec.system), journal, server.base_url, settings)
    try:
        fake = spec.create(setup)
    except ValueError as error:  # a setting that the vendor's fake does not know
        raise CannotLoad("fake", spec.vendor, str(error)) from None
    fake.store.keeps_changes = False
    # a secret has to be unpredictable: the one value here that does not come from the seed
    token = "" if is_loopback(server.host) else secrets.token_urlsafe(24)
    return Served(spec, fake, server, ControlRoutes(fake, Guard(server.host, token), spec.title), token)


def _load(served: list[Served], data: list[Path]) -> str:
    """Load the files into the CRM, or into whatever is served alone, which then explains itself."""
    if not data:
        return ""
    target = next((one for one in served if one.spec.system == "crm"), served[0])
    counts = load_exports(target.fake, data, target.spec.title)
    target.control.begin_here()
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _connect(served: list[Served], webhooks: WebhookTargets) -> None:
    """After the loading: records that are there from the start are no news."""
    for one in served:
        url = webhooks.urls.get(one.spec.system)
        if url is not None:
            one.control.connect(url, webhooks.secret)
            one.control.begin_here()


async def _start_pumps(served: list[Served], stack: AsyncExitStack) -> list[asyncio.Task[None]]:
    poster = HttpPoster()
    stack.push_async_callback(poster.close)
    pumps = []
    for one in served:
        pump = DeliveryPump(one.fake.webhooks, one.fake.clock, poster.post)
        pumps.append(asyncio.create_task(pump.run(), name=f"{one.spec.vendor} webhooks"))
        stack.callback(pumps[-1].cancel)
    return pumps


def _introduce(one: Served, webhooks: WebhookTargets, echo: Echo) -> None:
    echo(f"{one.spec.title}  {one.fake.base_url}")
    authorization = f"-H 'Authorization: Bearer {one.token}' " if one.token else ""
    url = webhooks.urls.get(one.spec.system)
    facts = [
        *one.fake.credentials().items(),
        *([("webhooks", f"{url} signed with {webhooks.secret}")] if url is not None else []),
        *(("try", example) for example in one.fake.curl_examples()),
        ("control", f"curl {authorization}{one.fake.base_url}{PREFIX}/"),
    ]
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        echo(f"  {name:<{width}}  {value}")
    echo("")


@contextlib.contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set, instead of what they otherwise do."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    caught = (signal.SIGINT, signal.SIGTERM)
    for each in caught:
        loop.add_signal_handler(each, stopped.set)
    try:
        yield stopped
    finally:
        for each in caught:
            loop.remove_signal_handler(each)


async def _until_stopped(stopped: asyncio.Event, pumps: list[asyncio.Task[None]]) -> None:
    """Return when asked to stop. Raises what broke a webhook pump: without it the fake would be silently deaf."""
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait([waiting, *pumps], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    for pump in pumps:
        if pump.done():
            await pump
