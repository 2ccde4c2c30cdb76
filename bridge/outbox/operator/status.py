"""The status of accounts, APIs and lanes, in a bounded number of rows however long the backlog."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from bridge.model import HOUR_MS, EventState, ParametersIn, Priority
from bridge.outbox.counters.counters import totals
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.model import Target
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStatus:
    """A lane with open work or a hold. The counts stop at the status's cap.

    `pending` counts by class. `oldest_at` is the oldest receipt of all that is open, `live_since` when the oldest
    pending live delivery became available, `due_by` when the last of all that waits for no confirmation may go.
    """

    lane_id: int
    target: Target
    pending: Mapping[Priority, int]
    claimed: int
    blocked: int
    oldest_at: int | None
    live_since: int | None
    due_by: int | None
    held_reason: str
    held_since: int | None
    probe_at: int | None

    @property
    def has_leads(self) -> bool:
        """Whether anybody waits: a lane that is held without leads needs nobody."""
        return any(self.pending.values()) or self.claimed > 0 or self.blocked > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiStatus:
    """An API of an account: its calls in the window, what stops it (None where nothing does), its lanes.

    `frees_at` is when the oldest of the calls stops counting, `ends` when each of them does, `learned_budget`
    what a lock has taught, `parameters_in` where the account takes parameters, as far as that is known. That a lock is
    probed after its end does not count among the `breaker_failures`: the API works.
    """

    account: str
    api: str
    calls_counted: int
    frees_at: int | None
    ends: tuple[int, ...]
    learned_budget: int | None
    locked_until: int | None
    breaker_until: int | None
    breaker_failures: int
    lanes: tuple[LaneStatus, ...]
    parameters_in: ParametersIn = ParametersIn.UNKNOWN

    @property
    def fails(self) -> bool:
        """Whether the API itself fails, and something is there that probes it."""
        return self.breaker_failures > 0 and (not self.lanes or any(lane.has_leads for lane in self.lanes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything at `now`. `dead` counts the dead of now by API and reason, `events` what came by hook and state.

    `mapped` is the same by what each event is now: after fetching, and after its last replay.
    `resent_in_doubt` counts by API how often a lead was sent again after a call that got no answer.
    """

    now: int
    apis: tuple[ApiStatus, ...]
    dead: Mapping[tuple[str, str], int]
    events: Mapping[tuple[str, str], int]
    mapped: Mapping[tuple[str, str], int]
    resent_in_doubt: Mapping[str, int]


def status(outbox: Outbox, *, cap: int = 1_000) -> Status:
    """The status now. `cap` bounds every count of deliveries."""
    with outbox.read() as transaction:
        now = transaction.now()
        apis = transaction.rows("status_apis")
        lanes = transaction.rows("status_lanes", cap=cap)
        window = transaction.rows("status_window", now=now)
    by_api = {api_id: tuple(group) for api_id, group in groupby(lanes, key=lambda row: row["api_id"])}
    ends: dict[int, list[int]] = defaultdict(list)
    for row in window:
        ends[row["api_id"]].append(row["counts_until"])
    counts = totals(outbox)
    events = _pairs(counts, "events", "hook", "state")
    return Status(
        now=now,
        apis=tuple(_api(row, by_api.get(row["id"], ()), tuple(sorted(ends[row["id"]])), now) for row in apis),
        dead=_pairs(counts, "dead", "api", "reason"),
        events=events,
        mapped=_sums(events, _pairs(counts, "remapped", "hook", "state")),
        resent_in_doubt={
            dict(labels)["api"]: total for (name, labels), total in counts.items() if name == "resent_in_doubt"
        },
    )


def events_an_hour(outbox: Outbox, *, cap: int = 10_000) -> Mapping[tuple[str, str], float]:
    """The events of the last hour by hook and by their state now; of more than `cap`, a rate of the newest."""
    with outbox.read() as transaction:
        now = transaction.now()
        rows = transaction.rows("status_recent_events", since=now - HOUR_MS, cap=cap)
    is_capped = sum(row["events"] for row in rows) >= cap
    span = max(1, now - min(row["oldest_at"] for row in rows)) if is_capped else HOUR_MS
    return {(row["hook"], EventState(row["state"]).name.lower()): row["events"] * HOUR_MS / span for row in rows}


def _sums(first: Mapping[tuple[str, str], int], second: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    sums = {key: first.get(key, 0) + second.get(key, 0) for key in sorted(first.keys() | second.keys())}
    return {key: total for key, total in sums.items() if total}


def _pairs(
    counts: Mapping[tuple[str, tuple[tuple[str, str], ...]], int], counter: str, first: str, second: str
) -> Mapping[tuple[str, str], int]:
    found = ((dict(labels), total) for (name, labels), total in counts.items() if name == counter and total)
    return {(labels[first], labels[second]): total for labels, total in found}


def _api(row: Row, lanes: Sequence[Row], ends: tuple[int, ...], now: int) -> ApiStatus:
    return from_row(
        ApiStatus,
        row,
        calls_counted=len(ends),
        frees_at=next(iter(ends), None),
        ends=ends,
        parameters_in=ParametersIn(row["parameters_in"]),
        locked_until=row["locked_until"] if (row["locked_until"] or 0) > now else None,
        breaker_failures=row["breaker_failures"] if (row["breaker_until"] or 0) > (row["locked_until"] or 0) else 0,
        lanes=tuple(_lane(lane) for lane in lanes),
    )


def _lane(row: Row) -> LaneStatus:
    return from_row(
        LaneStatus,
        row,
        target=target_of(row),
        pending={kind: count for kind in Priority if (count := row[kind.name.lower()])},
        due_by=max((at for at in (row["live_due_by"], row["bulk_due_by"]) if at is not None), default=None),
        held_reason=row["held_reason"] or "",
    )
