"""What came hour by hour, for lines that are drawn small. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.model import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.operations.alarms import HookHistory

DAY_HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a hook received: events of the last day by state, and by state and hour, the oldest hour first.

    Requests that it rejected stand apart, in the same hours.
    """

    hook: str
    last_day: Mapping[str, int]
    hours: Mapping[str, Sequence[int]]
    rejected: Sequence[int] = ()
    rejected_last_day: int = 0


def traffic_of(history: HookHistory, *, now: int, days: int = 15) -> Traffic:
    """The traffic of a hook up to `now` (ms UTC), an hour without events among them as 0."""
    this_hour = now // HOUR_MS
    last_day: Counter[str] = Counter()
    for hour, states in history.hours.items():
        if hour > this_hour - DAY_HOURS:
            last_day.update(states)
    shown = range(this_hour - days * DAY_HOURS + 1, this_hour + 1)
    names = sorted({state for hour in shown for state in history.hours.get(hour, {})})
    rejected = tuple(history.rejected.get(hour, 0) for hour in shown)
    return Traffic(
        hook=history.hook,
        last_day=dict(last_day),
        hours={state: [history.hours.get(hour, {}).get(state, 0) for hour in shown] for state in names},
        rejected=rejected,
        rejected_last_day=sum(rejected[-DAY_HOURS:]),
    )
