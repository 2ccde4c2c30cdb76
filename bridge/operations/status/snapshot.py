"""One snapshot of the service that the status page, the alarms and the metrics share, read in bounded time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge import zoho
from bridge.model import Priority
from bridge.operations.status.forecast import Load, calls_for, forecasts
from bridge.outbox import counters, operator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.delivery.account import Limits
    from bridge.operations.status.forecast import Forecast
    from bridge.outbox import Outbox
    from bridge.outbox.counters import Mark
    from bridge.outbox.operator import ApiStatus, LaneStatus, Status

HOUR_MS: Final = 3_600_000
CAP: Final = 10_000
"""Where counting stops: such a figure means so many or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """The status of the outbox with the limits of its APIs.

    `budgets` are the calls allowed in a window by account and API, `forecasts` when each API's backlog is gone,
    `events_an_hour` how many events each hook brought lately, by hook and state; empty where nobody has looked lately.
    """

    status: Status
    budgets: Mapping[tuple[str, str], int]
    forecasts: Mapping[tuple[str, str], Forecast]
    events_an_hour: Mapping[tuple[str, str], float]


def service_status(store: Outbox, limits: Mapping[str, Limits], *, cap: int = CAP) -> ServiceStatus:
    """How things stand now. `limits` are those of each API."""
    status = operator.status(store, cap=cap)
    budgets = {(api.account, api.api): budget_of(api, limits[api.api]) for api in status.apis if api.api in limits}
    loads = loads_of(status, limits)
    since = status.now - HOUR_MS
    looks = counters.totals_by_hour(store, "looks", since=since).get((), ())
    marks = counters.totals_by_hour(store, "events", since=since)
    return ServiceStatus(
        status=status,
        budgets=budgets,
        forecasts=_forecasts(loads, now=status.now),
        events_an_hour=_rates(status, looks[0] if looks else None, marks),
    )


def loads_of(status: Status, limits: Mapping[str, Limits]) -> Mapping[tuple[str, str], Load]:
    """What each API that carries leads has to do, by account and API."""
    return {
        (api.account, api.api): _load(api, budget_of(api, limits[api.api]), limits[api.api])
        for api in status.apis
        if api.api in limits and api.api in zoho.APIS and zoho.APIS[api.api].has_leads
    }


def _forecasts(loads: Mapping[tuple[str, str], Load], *, now: int) -> Mapping[tuple[str, str], Forecast]:
    found: dict[tuple[str, str], Forecast] = {}
    for account in {account for account, _ in loads}:
        own = [load for (one, _), load in loads.items() if one == account]
        found |= {(account, coming.api): coming for coming in forecasts(own, now=now)}
    return found


def budget_of(api: ApiStatus, limits: Limits) -> int:
    """The calls allowed in a window: ours, or what a lock has taught where that is less."""
    return min(limits.budget, api.learned_budget or limits.budget)


def open_leads(lane: LaneStatus) -> int:
    """How many deliveries of a lane are not at their end."""
    return sum(lane.pending.values()) + lane.claimed + lane.blocked


def _load(api: ApiStatus, budget: int, limits: Limits) -> Load:
    """What an API has to do. Held lanes and leads that wait for their confirmation take no part."""
    moving = [lane for lane in api.lanes if not lane.held_reason]
    leads = [open_leads(lane) - lane.pending.get(Priority.WAITING, 0) for lane in moving]
    return Load(
        api=api.api,
        leads=sum(leads),
        calls=sum(calls_for(count, zoho.APIS[api.api].batch) for count in leads),
        budget=budget,
        window_ms=limits.window_ms,
        ends=api.ends,
        closed_until=max(api.locked_until or 0, (api.breaker_until or 0) if api.breaker_failures else 0) or None,
        follows=any(lane.blocked for lane in moving),
    )


def _rates(
    status: Status, look: Mark | None, marks: Mapping[tuple[tuple[str, str], ...], tuple[Mark, ...]]
) -> Mapping[tuple[str, str], float]:
    """Events an hour since the oldest look, at most two hours ago; where it is less than one ago, those since then.

    A total without a mark of that look's hour started after it.
    """
    if look is None:
        return {}
    first = {(dict(labels)["hook"], dict(labels)["state"]): found[0] for labels, found in marks.items()}
    hours = max(1.0, (status.now - look.seen_at) / HOUR_MS)
    return {
        (hook, state): round((total - _value_at(look, first.get((hook, state)))) / hours, 1)
        for (hook, state), total in status.events.items()
    }


def _value_at(look: Mark, mark: Mark | None) -> int:
    return mark.value if mark is not None and mark.hour == look.hour else 0
