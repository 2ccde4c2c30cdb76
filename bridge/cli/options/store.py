"""The outbox that a command works on."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from bridge import config, outbox

if TYPE_CHECKING:
    from bridge.outbox import Outbox


def open_store(url: str = "") -> Outbox:
    """The outbox at a database URL, at that of the settings if it is empty. Closed when the command ends.

    Raises OutboxError and SettingsError.
    """
    store = outbox.open_outbox(url or config.load(config.environment()).database_url)
    return click.get_current_context().with_resource(closing(store))
