"""How the service stands, as its status page, the alarms and the metrics share it; read in bounded time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge import zoho
from bridge.model import Priority, allowed_calls
from bridge.operations.alarms.inputs import running_deliverers
from bridge.operations.status.forecast import Load, calls_for, forecasts
from bridge.operations.wording import counted
from bridge.outbox import operator, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.delivery.account import Limits
    from bridge.operations.status.forecast import Forecast
    from bridge.outbox import Outbox
    from bridge.outbox.operator import ApiStatus, LaneStatus, Status

CAP: Final = 10_000
"""Where counting stops: such a figure means so many or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """The status of the outbox with the limits of its APIs.

    `budgets` are the calls allowed in a window by account and API, `forecasts` when each API's backlog is gone,
    `events_an_hour` how many events each hook brought in the last hour, by hook and state.
    """

    status: Status
    budgets: Mapping[tuple[str, str], int]
    forecasts: Mapping[tuple[str, str], Forecast]
    events_an_hour: Mapping[tuple[str, str], float]


def service_status(store: Outbox, limits: Mapping[str, Limits], *, cap: int = CAP) -> ServiceStatus:
    """How things stand now. `limits` are those of each API."""
    status = operator.status(store, cap=cap)
    budgets = {
        (api.account, api.api): allowed_calls(limits[api.api].budget, api.learned_budget)
        for api in status.apis
        if api.api in limits
    }
    stopped_by = {account: _stopped_by(store, account, status.now) for account in {api.account for api in status.apis}}
    loads = loads_of(status, limits, stopped_by)
    return ServiceStatus(
        status=status,
        budgets=budgets,
        forecasts=_forecasts(loads, now=status.now),
        events_an_hour=operator.events_an_hour(store),
    )


def loads_of(
    status: Status, limits: Mapping[str, Limits], stopped_by: Mapping[str, str]
) -> Mapping[tuple[str, str], Load]:
    """What each API that carries leads has to do, by account and API; `stopped_by` says what stops whole accounts."""
    return {
        (api.account, api.api): _load(api, limits[api.api], stopped_by.get(api.account, ""))
        for api in status.apis
        if api.api in limits and zoho.carries_leads(api.api)
    }


def _forecasts(loads: Mapping[tuple[str, str], Load], *, now: int) -> Mapping[tuple[str, str], Forecast]:
    found: dict[tuple[str, str], Forecast] = {}
    for account in {account for account, _ in loads}:
        own = [load for (one, _), load in loads.items() if one == account]
        found |= {(account, coming.api): coming for coming in forecasts(own, now=now)}
    return found


def open_leads(lane: LaneStatus) -> int:
    """How many deliveries of a lane are not at their end."""
    return sum(lane.pending.values()) + lane.claimed + lane.blocked


def _stopped_by(store: Outbox, account: str, now: int) -> str:
    """What keeps every lead of an account back with no known end; empty for nothing."""
    if not running_deliverers(store, now=now):
        return "no deliverer is running"
    token = registry.token(store, account)
    return "no access token can be obtained" if token is not None and token.failure and token.expires_at <= now else ""


def _load(api: ApiStatus, limits: Limits, stopped_by: str) -> Load:
    """What an API has to do. Held lanes and leads that wait for their confirmation take no part."""
    moving = [lane for lane in api.lanes if not lane.held_reason]
    held = [lane for lane in api.lanes if lane.held_reason and open_leads(lane)]
    failing = f"{api.api} fails, {counted(api.breaker_failures, 'time')} in a row" if api.breaker_failures else ""
    leads = [open_leads(lane) - lane.pending.get(Priority.WAITING, 0) for lane in moving]
    return Load(
        api=api.api,
        leads=sum(leads),
        calls=sum(calls_for(count, zoho.APIS[api.api].batch) for count in leads),
        budget=allowed_calls(limits.budget, api.learned_budget),
        window_ms=limits.window_ms,
        ends=api.ends,
        closed_until=api.locked_until,
        due_by=max((lane.due_by for lane in moving if lane.due_by is not None), default=None),
        follows=any(lane.blocked for lane in moving),
        stopped_by=stopped_by or failing,
        holds=f"lane {held[0].lane_id} is held" if held else "",
    )
