"""`leadbridge tail`: events as they come."""

from __future__ import annotations

import json
import time
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks
from bridge.cli.options.names import check_names
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import Styled, echo_line
from bridge.escaping import json_escaped
from bridge.model import MINUTE_MS, EventState, event_name
from bridge.operations.documents import chosen_documents, target_name
from bridge.operations.wording import short_time
from bridge.outbox import inbox, operator
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bridge.outbox import Outbox
    from bridge.outbox.operator import Chosen

LOOK_SECONDS: Final = 0.5
LATE: Final = 500
"""So many ids before the newest one are looked at again: PostgreSQL may show a lower id after a higher one."""

_COLOURS: Final = {EventState.ACCEPTED: "green", EventState.REFUSED: "red", EventState.FETCHING: "yellow"}


@click.command(
    cls=Command,
    examples=[
        "leadbridge tail",
        "leadbridge tail --hook webinar --last 0",
        "leadbridge tail --json --no-follow",
    ],
)
@click.option("--hook", help="Events of this hook.", shell_complete=complete_hooks)
@click.option("--last", default=10, show_default=True, help="The number of earlier events to start with.")
@click.option("--follow/--no-follow", default=True, help="Continue with new events until Ctrl-C, or end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def command(hook: str | None, last: int, follow: bool, as_json: bool) -> None:
    """Print one line for each event as it arrives.

    Time (UTC), hook, event, its state and reason, the lead, and where it goes. Requests that were rejected are
    counted, with the reason. `leadbridge show EVENT --request` shows what was sent.
    """
    store, selector = open_store(), Selector(hook=hook)
    check_names(store, selector)
    before = operator.newest(store, selector, limit=max(last, 1)).found
    newest = max((one.event_id for one in before), default=0)
    shown = {event_id for event_id in _ids(store, selector, newest) if event_id <= newest}
    for event in _by_event(reversed(before))[-last:] if last else ():
        _print(event, store.now(), as_json=as_json)
    if not before and last:
        echo_line(f"nothing has come yet, in the outbox {store.name}", err=True)
    rejected = _Rejections(store, hook)
    while follow:
        time.sleep(LOOK_SECONDS)
        for event in _new(store, selector, shown):
            _print(event, store.now(), as_json=as_json)
        for line in rejected.new():
            echo_line(
                json.dumps(line)
                if as_json
                else f"{line['hook'] or '(no such hook)'}  rejected  {line['reason']} ({line['count']})"
            )


def _new(store: Outbox, selector: Selector, shown: set[int]) -> Iterator[list[Chosen]]:
    after = max(0, max(shown, default=0) - LATE) if shown else 0
    found = [one for _, some in operator.chosen(store, selector, after=after) for one in some]
    for event in _by_event(one for one in reversed(found) if one.event_id not in shown):
        shown.add(event[0].event_id)
        yield event
    shown.difference_update([one for one in shown if one < max(shown) - 2 * LATE])


def _ids(store: Outbox, selector: Selector, newest: int) -> Iterator[int]:
    """The events near the newest: those that are there are not new, however few of them were printed."""
    for _, some in operator.chosen(store, selector, after=max(0, newest - LATE)) if newest else ():
        yield from (one.event_id for one in some)


def _by_event(found: Iterable[Chosen]) -> list[list[Chosen]]:
    return [list(each) for _, each in groupby(found, key=lambda one: one.event_id)]


def _print(event: Sequence[Chosen], now: int, *, as_json: bool) -> None:
    if as_json:
        echo_line(json_escaped(json.dumps(chosen_documents(tuple(event))[0])))
        return
    one = event[0]
    state = " ".join(part for part in (one.event_state.name.lower(), one.event_reason) if part)
    goals = [f"{each.target.api} {target_name(each.target)}" for each in event if each.target is not None]
    parts = (one.lead or f"({one.kind})", ", ".join(dict.fromkeys(goals)))
    echo_line(
        f"{short_time(one.received_at, now)}  {one.hook}  {event_name(one.event_id)}  ",
        Styled(state, _COLOURS.get(one.event_state, "white")),
        *(f"  {part}" for part in parts if part),
    )


class _Rejections:
    """What was rejected since the last look, by hook and reason."""

    def __init__(self, store: Outbox, hook: str | None) -> None:
        self._store, self._hook = store, hook
        self._since = store.now() // MINUTE_MS * MINUTE_MS - 1  # they are counted by the minute
        self._known = self._counts()

    def new(self) -> list[dict[str, object]]:
        """What is new, one object for each hook and reason."""
        counts = self._counts()
        grown = {key: count - self._known.get(key, 0) for key, count in counts.items()}
        self._known = counts
        return [
            {"hook": key[0], "state": "rejected", "reason": key[1], "count": count}
            for key, count in grown.items()
            if count > 0
        ]

    def _counts(self) -> dict[tuple[str, str], int]:
        found = inbox.rejections(self._store, since=self._since, hook=self._hook)
        return {(one.hook, one.why): one.count for one in found}
