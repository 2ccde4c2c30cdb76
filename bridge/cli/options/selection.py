"""The options that choose events and deliveries, the same for every command that lists or acts."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from bridge.cli.options.completion import complete_events, complete_hooks
from bridge.cli.options.store import open_store
from bridge.model import DeliveryState, EventState, Kind, Priority
from bridge.operations.selection import one
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Callable


EVENT_STATES: Final = {state.name.lower(): state for state in EventState}


DELIVERY_STATES: Final = {state.name.lower(): state for state in DeliveryState}


PRIORITIES: Final = {kind.name.lower(): kind for kind in Priority}


_SPAN: Final = re.compile(r"(\d+)\s*(s|min|h|d)")


_UNIT_MS: Final = {"s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def selector_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the arguments WHAT and the filter options, as one Selector named `selector` and an `outbox`."""

    @functools.wraps(command)
    def choosing(**given: Any) -> None:
        store = open_store()
        names = ("what", "hook", "state", "reason", "kind", "lane", "api", "priority", "since", "until")
        filters = {name: given.pop(name) for name in names}
        command(store=store, selector=_selector(store.now(), **filters), **given)

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
        type=click.Choice([kind.value for kind in Kind]),
        metavar="KIND",
        help=f"The event's kind: {', '.join(kind.value for kind in Kind)}.",
    ),
    click.option("--lane", type=int, help="The number of a lane, as `status` shows it."),
    click.option("--api", help="subscribe or trigger."),
    click.option("--priority", type=click.Choice(list(PRIORITIES)), help="Open deliveries of this priority."),
    click.option("--since", metavar="TIME", help="Received since then: 2h, 3d, 2026-11-21 or 2026-11-21T09:30 (UTC)."),
    click.option("--until", metavar="TIME", help="Received before then."),
)


def is_everything(selector: Selector) -> bool:
    """Whether a selector chooses all there is."""
    return selector == Selector()


def moment(text: str, now: int) -> int:
    """A time as people write it: so long ago (`2h`), a date, or a date and time in UTC. Raises UsageError."""
    span = _SPAN.fullmatch(text.strip())
    if span:
        return now - int(span.group(1)) * _UNIT_MS[span.group(2)]
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{text!r} is not a time; write 30min, 2h, 3d, 2026-11-21 or 2026-11-21T09:30") from None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)


def _selector(
    now: int,
    *,
    what: str | None,
    state: str | None,
    kind: str | None,
    lane: int | None,
    priority: str | None,
    since: str | None,
    until: str | None,
    **same: Any,
) -> Selector:
    chosen = one(what) if what else {}
    if "call_id" in chosen:
        raise click.UsageError("a call is shown by `leadbridge show`; choose by event, delivery or address here")
    return Selector(
        **chosen,
        **same,
        event_state=EVENT_STATES.get(state or ""),
        delivery_state=DELIVERY_STATES.get(state or ""),
        kind=Kind(kind) if kind else None,
        lane_id=lane,
        priority=PRIORITIES.get(priority or ""),
        since=moment(since, now) if since else None,
        until=moment(until, now) if until else None,
    )
