"""`syncproof serve`: the fakes on sockets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.guard import EXIT_HELD, guard, say
from harness.kit.defaults import WEBHOOK_SECRET


def serve(
    crm: Annotated[str | None, typer.Option(help="Serve this CRM. With neither --crm nor --erp: hubspot and erpnext.")] = None,
    erp: Annotated[str | None, typer.Option(help="Serve this ERP.")] = None,
    port_crm: Annotated[int, typer.Option(min=0, max=65535, help="Port of the CRM; 0 takes any free one.")] = 8401,
    port_erp: Annotated[int, typer.Option(min=0, max=65535, help="Port of the ERP; 0 takes any free one.")] = 8402,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Anything but loopback asks for a token on the control routes.")
    ] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Decides ids and everything drawn by chance.")] = 1,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Start with your records: a CSV or JSON export of companies, deals or products. Repeatable."),
    ] = None,
    crm_tier: Annotated[
        str | None, typer.Option(help="The CRM's subscription tier, which sets its rate limits, e.g. professional.")
    ] = None,
    webhook_crm: Annotated[str | None, typer.Option(metavar="URL", help="Send the CRM's webhooks to this address.")] = None,
    webhook_erp: Annotated[str | None, typer.Option(metavar="URL", help="Send the ERP's webhooks to this address.")] = None,
    webhook_secret: Annotated[str, typer.Option(help="What webhooks are signed with.")] = WEBHOOK_SECRET,
) -> None:
    """Serve the fakes on loopback until Ctrl-C, with ready-to-paste credentials.

    Example: syncproof serve --crm hubspot --port-crm 8401
    """

    def work() -> int:
        from harness.run import serve as serving

        named = {"crm": webhook_crm, "erp": webhook_erp}
        webhooks = serving.WebhookTargets({system: url for system, url in named.items() if url is not None}, webhook_secret)
        fakes = serving.serve(crm, erp, port_crm, port_erp, host, seed, data or [], crm_tier, say, webhooks)
        serving.on_the_fast_loop(fakes)
        return EXIT_HELD

    guard(work)
