"""`leadbridge auth`: a self client's code becomes a refresh token."""

from __future__ import annotations

import sys

import click

from bridge import config, zoho
from bridge.cli.command import Command
from bridge.cli.options.account import open_account
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.delivery.token import exchange_code


@click.command(
    cls=Command,
    examples=[
        "leadbridge auth --data-center eu",
        "leadbridge auth --data-center us --client-id 1000.ABC",
    ],
)
@click.option("--data-center", type=click.Choice(list(config.DATA_CENTERS)), help="Where the account lives.")
@click.option("--client-id", help="The self client's id; ZOHO_CLIENT_ID if not given.")
@click.option("--client-secret", help="The self client's secret; ZOHO_CLIENT_SECRET if not given.")
@click.option("--code", help="The code that was generated; asked for if not given.")
def command(data_center: str | None, client_id: str | None, client_secret: str | None, code: str | None) -> None:
    """Turn a self client's code into a refresh token.

    Open https://api-console.zoho.com (or that of your data centre), add a Self Client, and in its tab "Generate Code"
    enter these scopes:

    \b
    ZohoMarketingAutomation.lead.ALL,
    ZohoMarketingAutomation.journey.CREATE,
    ZohoMarketingAutomation.journey.READ

    The code works once, and expires after the minutes chosen there. The refresh token is printed on standard output.
    """  # noqa: D301 - click needs the character itself, which marks text to be left as it is
    environ = dict(config.environment())
    if data_center:
        environ["ZOHO_DATA_CENTER"] = data_center
    settings = config.load(environ)
    account = open_account(settings)
    if not account.zoho.accounts_url:
        raise click.UsageError("name the data centre: --data-center eu, or ZOHO_DATA_CENTER")
    store = open_store(settings.database_url)
    store.migrate()
    grant = exchange_code(
        account,
        store,
        client_id=client_id or account.zoho.client_id or click.prompt("Client id"),
        client_secret=client_secret or account.zoho.client_secret or click.prompt("Client secret", hide_input=True),
        code=code or click.prompt("Code", hide_input=True),
    )
    _say_where_to_put_it(environ.get("ZOHO_DATA_CENTER", ""))
    echo(grant.refresh_token)
    mismatch = zoho.mismatch(account.zoho.api_url, grant.api_domain)
    if mismatch:
        echo(f"leadbridge: {mismatch}", err=True)
        sys.exit(1)


def _say_where_to_put_it(data_center: str) -> None:
    echo("This refresh token is a secret and does not end by itself. Set for the service:", err=True)
    if data_center:
        echo(f"  ZOHO_DATA_CENTER={data_center}", err=True)
    echo("  ZOHO_CLIENT_ID and ZOHO_CLIENT_SECRET, the values just used", err=True)
    echo("  ZOHO_REFRESH_TOKEN, or ZOHO_REFRESH_TOKEN_FILE with the path of a file that holds it:", err=True)
