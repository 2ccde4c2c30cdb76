"""Reading the inputs that alarms are made of, in bounded time however long the backlog."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bridge.model import DAY_MS, HOUR_MS
from bridge.operations.acts.audit import SERVICE
from bridge.operations.alarms.alarm import AlarmInputs, HookHistory
from bridge.operations.alarms.conditions import DELIVERER_SILENT_MS
from bridge.outbox import acts, counters, fetching, inbox, operator, precedence, registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.outbox import Outbox
    from bridge.outbox.counters import Mark
    from bridge.outbox.operator import Status
    from bridge.outbox.registry import StoredToken

HISTORY_MS: Final = 14 * DAY_MS
CAP: Final = 1_000
"""Counts of deliveries are not what alarms are about."""


def deliverers_seen(store: Outbox) -> list[int]:
    """When each deliverer of the last five minutes was last seen, in ms UTC. Raises OutboxError."""
    return [one.seen_at for one in registry.processes(store) if one.role == "deliverer"]


def running_deliverers(store: Outbox, *, now: int) -> int:
    """How many deliverers run at `now` (ms UTC). Raises OutboxError."""
    return sum(now - seen_at <= DELIVERER_SILENT_MS for seen_at in deliverers_seen(store))


def read_inputs(store: Outbox, accounts: Iterable[str]) -> AlarmInputs:
    """The inputs now. `accounts` are the Zoho accounts whose tokens are looked at. Raises OutboxError."""
    status = operator.status(store, cap=CAP)
    now = status.now
    active = registry.active_generation(store)
    return AlarmInputs(
        now=now,
        apis=status.apis,
        dead=status.dead,
        deliverer_seen_at=max(deliverers_seen(store), default=None),
        tokens=_tokens(store, accounts),
        hooks=_hooks(store, status),
        troubles=registry.hook_troubles(store),
        refused={hook: count for (hook, state), count in status.mapped.items() if state == "refused"},
        drifts=inbox.drifts(store),
        disk=store.disk,
        stuck_withdrawals=precedence.stuck_withdrawals(store, before=now - HOUR_MS),
        reconciliations=acts.jobs_by(store, source=SERVICE, limit=2),
        fetch_pauses=tuple(fetching.fetch_pauses(store).values()),
        fetch_backlogs=fetching.fetch_backlogs(store, cap=CAP),
        raised_at={alarm.key: alarm.raised_at for alarm in registry.active_alarms(store)},
        mapping_set_id=active[1] if active is not None else None,
        last_events=registry.last_events_by_hook(store),
        outcomes={
            lane.lane_id: registry.recent_outcomes(store, lane.lane_id)
            for api in status.apis
            if api.api == "trigger"
            for lane in api.lanes
        },
    )


def _tokens(store: Outbox, accounts: Iterable[str]) -> Mapping[str, StoredToken]:
    found = {account: registry.token(store, account) for account in accounts}
    return {account: token for account, token in found.items() if token is not None}


def _hooks(store: Outbox, status: Status) -> tuple[HookHistory, ...]:
    now = status.now
    marks = counters.totals_by_hour(store, "events", since=now - HISTORY_MS)
    looks = counters.totals_by_hour(store, "looks", since=now - HISTORY_MS).get((), ())
    hours = hours_by_hook(marks, status.events, looks=[look.hour for look in looks])
    rejected = inbox.rejections_by_hour(store, since=now - HISTORY_MS)
    return tuple(
        HookHistory(hook=hook, hours=hours.get(hook, {}), rejected=rejected.get(hook, {}))
        for hook in sorted(hours.keys() | rejected.keys())
        if hook
    )


def hours_by_hook(
    marks: Mapping[tuple[tuple[str, str], ...], tuple[Mark, ...]],
    totals: Mapping[tuple[str, str], int],
    *,
    looks: Sequence[int] = (),
) -> Mapping[str, Mapping[int, Mapping[str, int]]]:
    """How many events each hook had in each hour, by state: what each total grew by between two marks.

    `looks` are the hours in which totals were marked, if there were any: one without a mark was 0 then.
    """
    found: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    by_pair = {(dict(labels)["hook"], dict(labels)["state"]): series for labels, series in marks.items()}
    looked = {*looks, *(mark.hour for series in marks.values() for mark in series)}
    for (hook, state), total in totals.items():
        values = [(mark.hour, mark.value) for mark in by_pair.get((hook, state), ())]
        before = max((hour for hour in looked if not values or hour < values[0][0]), default=None)
        if before is not None:
            values.insert(0, (before, 0))
        ends = [value for _, value in values[1:]] + [total]
        for (hour, value), end in zip(values, ends, strict=False):
            if end > value:
                found[hook][hour][state] = end - value
    return found
