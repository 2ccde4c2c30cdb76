"""The Zoho account that a command talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge import bootstrap

if TYPE_CHECKING:
    from bridge.config import Settings
    from bridge.delivery.account import Account


def open_account(settings: Settings, name: str = "") -> Account:
    """The account of this name, the first of the settings without one. Its connections end with the command.

    Raises LeadbridgeError when there is none of this name.
    """
    account = bootstrap.open_account(settings, name or next(iter(settings.accounts)))
    click.get_current_context().with_resource(account.http)
    return account
