"""The options that choose events and deliveries, the same for every command that lists or acts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import click

from bridge.cli.options.completion import complete_events, complete_hooks
from bridge.cli.options.names import check_names
from bridge.cli.options.store import open_store
from bridge.errors import LeadbridgeError
from bridge.operations.selection import APIS, DELIVERY_STATES, EVENT_STATES, KINDS, MARKS, PRIORITIES, selector_of

if TYPE_CHECKING:
    from collections.abc import Callable


def selector_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the arguments WHAT and the filter options, as one Selector named `selector` and an `outbox`."""

    @functools.wraps(command)
    def choosing(**given: Any) -> None:
        store = open_store()
        texts = {name: given.pop(name) for name in ("what", *MARKS)}
        try:
            selector = selector_of(texts, now=store.now())
        except LeadbridgeError as error:
            raise click.UsageError(str(error)) from error
        check_names(store, selector)
        command(store=store, selector=selector, **given)

    for decorate in reversed(_OPTIONS):
        choosing = decorate(choosing)
    return choosing


_OPTIONS: Final = (
    click.argument("what", metavar="[ID|ADDRESS]", required=False, shell_complete=complete_events),
    click.option("--hook", help="Events of this hook.", shell_complete=complete_hooks),
    click.option(
        "--state",
        type=click.Choice([*EVENT_STATES, *DELIVERY_STATES]),
        metavar="STATE",
        help=f"Of the event: {', '.join(EVENT_STATES)}; or of the delivery: {', '.join(DELIVERY_STATES)}.",
    ),
    click.option("--reason", help="Why it was ignored or refused, or is dead; or Zoho's code."),
    click.option(
        "--kind",
        type=click.Choice(list(KINDS)),
        metavar="KIND",
        help=f"The event's kind: {', '.join(KINDS)}.",
    ),
    click.option("--lane", metavar="NUMBER", help="The number of a lane, as `status` shows it."),
    click.option("--target", metavar="NAME", help="The name or the key of a list or a journey, or a tag."),
    click.option("--api", type=click.Choice(list(APIS)), metavar="API", help=f"The action: {', '.join(APIS)}."),
    click.option("--priority", type=click.Choice(list(PRIORITIES)), help="Open deliveries of this priority."),
    click.option("--since", metavar="TIME", help="Received since then: 2h, 3d, 2026-11-21 or 2026-11-21T09:30 (UTC)."),
    click.option("--until", metavar="TIME", help="Received before then."),
)
