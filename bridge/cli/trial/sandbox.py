"""`leadbridge sandbox`: a local Zoho."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bridge.cli.command import Command
from bridge.cli.output.terminal import echo
from bridge.cli.service.lifeline import hold_lifeline
from bridge.errors import LeadbridgeError
from bridge.sandbox import SandboxSettings, default_account, read_account, serve

_SCOPE = re.compile(r"(lead|journey)\.(CREATE|READ|UPDATE|DELETE|CREATE-UPDATE|WRITE|ALL)")


def _scopes(_context: click.Context, _option: click.Parameter, given: str) -> tuple[str, ...] | None:
    """The whole names of scopes given as `lead.CREATE,lead.READ`; None for an empty text."""
    names = [one.strip().removeprefix("ZohoMarketingAutomation.") for one in given.split(",") if one.strip()]
    for one in names:
        if not _SCOPE.fullmatch(one):
            raise click.BadParameter(f"{one!r} is no scope; give such as lead.CREATE, lead.ALL, journey.READ")
    return tuple(f"ZohoMarketingAutomation.{one}" for one in names) or None


@click.command(
    cls=Command,
    examples=[
        "leadbridge sandbox",
        "leadbridge sandbox --port 8090 --trigger-calls 10 --window 60",
    ],
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8090, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option(
    "--account", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="YAML file of an account."
)
@click.option("--trigger-calls", default=100, show_default=True, help="Trigger calls in one window.")
@click.option("--subscribe-calls", default=500, show_default=True, help="Subscribe calls in one window.")
@click.option("--window", default=300.0, show_default=True, help="Length of the window, in seconds.")
@click.option("--lock", default=1800.0, show_default=True, help="How long a locked API stays locked, in seconds.")
@click.option("--client-id", default="", help="Accept only this client id.")
@click.option("--client-secret", default="", help="Accept only this client secret.")
@click.option("--refresh-token", default="", help="Accept only this refresh token.")
@click.option(
    "--scopes",
    default="",
    callback=_scopes,
    help="What tokens may do, as lead.CREATE,lead.READ; everything by default.",
)
@click.option(
    "--parameters-in-url",
    is_flag=True,
    help="Simulate an account that reads parameters from the URL only, and ignores the body.",
)
@click.option("--lifeline", type=int, hidden=True)
def command(
    host: str,
    port: int,
    account: Path | None,
    trigger_calls: int,
    subscribe_calls: int,
    window: float,
    lock: float,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    scopes: tuple[str, ...] | None,
    parameters_in_url: bool,
    lifeline: int | None,
) -> None:
    """Run a local Zoho Marketing Automation, with its limits.

    Prints its address once it listens, and on standard error the settings that point the service at it. Accepts any
    credentials unless options restrict them. GET /_sandbox/state shows what it holds, POST /_sandbox/faults makes it
    fail, POST /_sandbox/confirm clicks a confirmation.
    """
    settings = SandboxSettings(
        account=read_account(account) if account is not None else default_account(),
        trigger_calls=trigger_calls,
        subscribe_calls=subscribe_calls,
        window_seconds=window,
        lock_seconds=lock,
        client_id=client_id,
        client_secret=client_secret,
        refresh_token=refresh_token,
        scopes=scopes,
        parameters_in_url=parameters_in_url,
    )
    if lifeline is not None:
        hold_lifeline(lifeline)
    try:
        serve(settings, host, port, _announce)
    except OSError as error:
        raise LeadbridgeError(f"the sandbox cannot listen on {host}:{port}: {error.strerror}") from error


def _announce(url: str) -> None:
    echo(url)
    echo(f"export ZOHO_ACCOUNTS_URL={url} ZOHO_API_URL={url}", err=True)
    echo("export ZOHO_CLIENT_ID=sandbox ZOHO_CLIENT_SECRET=sandbox ZOHO_REFRESH_TOKEN=sandbox", err=True)
