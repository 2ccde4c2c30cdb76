"""How things stand as programs read it: the same for `status --json` and the console."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bridge.operations.documents import target_name
from bridge.operations.status.service_status import open_leads

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from bridge.model import Alarm
    from bridge.operations.status.service_status import ServiceStatus
    from bridge.outbox.operator import ApiStatus, LaneStatus


def status_document(state: ServiceStatus, raised: Iterable[Alarm], accounts: Container[str]) -> dict[str, Any]:
    """How things stand as a JSON object, as docs/operations.md lists it. `accounts` are those that are served."""
    now = state.status.now
    return {
        "now": now,
        "events": [
            {
                "hook": hook,
                "state": name,
                "count": count,
                "an_hour": round(state.events_an_hour.get((hook, name), 0.0), 1),
            }
            for (hook, name), count in state.status.mapped.items()
        ],
        "apis": [_api_as_object(api, state) | {"served": api.account in accounts} for api in state.status.apis],
        "dead": [{"api": api, "reason": reason, "count": count} for (api, reason), count in state.status.dead.items()],
        "resent_in_doubt": [{"api": api, "count": count} for api, count in state.status.resent_in_doubt.items()],
        "alarms": [_alarm_as_object(alarm) for alarm in raised],
    }


def _api_as_object(api: ApiStatus, state: ServiceStatus) -> dict[str, Any]:
    key = (api.account, api.api)
    budget, coming = state.budgets.get(key), state.forecasts.get(key)
    shown = {name: value for name, value in asdict(api).items() if name != "ends"}
    return shown | {
        "budget": budget,
        "budget_left": max(0, budget - api.calls_counted) if budget is not None else None,
        "empty_at": coming.done_at if coming is not None else None,
        "stopped_by": coming.stopped_by if coming is not None else "",
        "lanes": [_lane_as_object(lane) for lane in api.lanes],
    }


def _lane_as_object(lane: LaneStatus) -> dict[str, Any]:
    pending = {kind.name.lower(): count for kind, count in lane.pending.items()}
    return {
        "lane": lane.lane_id,
        "target": target_name(lane.target),
        "pending": pending,
        "claimed": lane.claimed,
        "blocked": lane.blocked,
        "open": open_leads(lane),
        "oldest_at": lane.oldest_at,
        "held_reason": lane.held_reason,
        "held_since": lane.held_since,
        "probe_at": lane.probe_at,
    }


def _alarm_as_object(alarm: Alarm) -> dict[str, Any]:
    severity = {"severity": alarm.severity.value}
    return severity | {name: getattr(alarm, name) for name in ("name", "subject", "message", "fix", "since")}
