"""When a backlog will be gone: calls needed, calls allowed. Pure; an estimate, without what comes meanwhile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one API has to do: `calls` to make, of which `free_now` may go in this window."""

    api: str
    leads: int
    calls: int
    budget: int
    free_now: int
    window_ms: int
    closed_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When the API will be through: `done_at` in milliseconds UTC, `now` for nothing to do."""

    api: str
    leads: int
    calls: int
    done_at: int


def calls_for(leads: int, batch: int) -> int:
    """The calls that carry so many leads of one lane."""
    return -(-leads // batch)


def forecast(load: Load, *, now: int) -> Forecast:
    """When the calls of a load will have been made, each window giving its budget."""
    start = max(now, load.closed_until or now)
    free = load.budget if start >= now + load.window_ms else load.free_now
    left = max(0, load.calls - free)
    done_at = start + -(-left * load.window_ms // load.budget) if load.calls else now
    return Forecast(api=load.api, leads=load.leads, calls=load.calls, done_at=done_at)
