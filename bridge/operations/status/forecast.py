"""When a backlog will be gone: calls needed, calls allowed. Pure; an estimate, without what comes meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one API has to do: `calls` to make, `budget` of them in any `window_ms`.

    `ends` are the times (ms UTC) at which the calls already made stop counting, `due_by` is when the last of its leads
    may go that was put off: to be retried, or behind others of the same lead. With `follows`, some of its leads wait
    for what another API does with them first. `stopped_by` says what keeps all of it back with no known end, `holds`
    what keeps back some leads that are not counted here (`lane 3 is held`); both are empty for nothing.
    """

    api: str
    leads: int
    calls: int
    budget: int
    window_ms: int
    ends: tuple[int, ...] = ()
    closed_until: int | None = None
    due_by: int | None = None
    follows: bool = False
    stopped_by: str = ""
    holds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When the API will be through: `done_at` in milliseconds UTC, `now` for nothing to do.

    It is None while nobody can know, for what `stopped_by` says.
    """

    api: str
    leads: int
    calls: int
    done_at: int | None
    stopped_by: str = ""


def calls_for(leads: int, batch: int) -> int:
    """The calls that carry so many leads of one lane."""
    return -(-leads // batch)


def forecast(load: Load, *, now: int) -> Forecast:
    """When the calls of a load will have been made.

    Each takes the place of one that stops counting: the first are those made already, after them it is the one a
    budget earlier, a window after its own time.
    """
    if load.calls and load.stopped_by:
        return Forecast(api=load.api, leads=load.leads, calls=load.calls, done_at=None, stopped_by=load.stopped_by)
    start = max(now, load.closed_until or now)
    taken = sorted(end for end in load.ends if end > start)[-load.budget :]
    free = load.budget - len(taken)
    places = [start] * free + taken
    rounds, last = divmod(max(load.calls, 1) - 1, load.budget)
    done_at = max(places[last] + rounds * load.window_ms, load.due_by or now) if load.calls else now
    return Forecast(api=load.api, leads=load.leads, calls=load.calls, done_at=done_at)


def forecasts(loads: Sequence[Load], *, now: int) -> tuple[Forecast, ...]:
    """The forecasts of one account's APIs. One that follows others is through after them, or when nobody knows."""
    alone = [forecast(load, now=now) for load in loads]
    leading = [one for one, load in zip(alone, loads, strict=True) if not load.follows]
    stopped_by = next((one.stopped_by for one in leading if one.stopped_by), "")
    stopped_by = stopped_by or next((load.holds for load in loads if load.holds and not load.follows), "")
    after = max((one.done_at for one in leading if one.done_at is not None), default=now)
    return tuple(
        _behind(one, after, stopped_by) if load.follows and load.calls else one
        for one, load in zip(alone, loads, strict=True)
    )


def _behind(one: Forecast, after: int, stopped_by: str) -> Forecast:
    """A forecast of leads that wait for others, which are through at `after` unless something stops them."""
    if one.done_at is None or stopped_by:
        return replace(one, done_at=None, stopped_by=one.stopped_by or stopped_by)
    return replace(one, done_at=max(one.done_at, after))
