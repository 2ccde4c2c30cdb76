"""The ledger of calls: each is counted before it is made and is never given back.

A call counts until its deadline and the window have passed; once its answer is there, until the answer and the
window. So the limit holds in every sliding window, whatever dies meanwhile, over all processes and hosts: whoever
wants to make a call first locks the row of its account, and only a second statement counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bridge.model import DAY_MS, Ledger, ParametersIn, Slot
from bridge.outbox.registry.targets import api_id

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction


class CallTimes(NamedTuple):
    """The times of a call that starts now, in milliseconds UTC."""

    now: int
    deadline: int
    counts_until: int

    @classmethod
    def starting(cls, now: int, *, call_ms: int, window_ms: int) -> CallTimes:
        """A call that lasts at most `call_ms` and counts for `window_ms` after that."""
        return cls(now, now + call_ms, now + call_ms + window_ms)


def ledger(outbox: Outbox, account: str, api: str) -> Ledger:
    """What is known of an API now: the calls that still count (oldest first), its lock, its breaker."""
    with outbox.read() as transaction:
        now = transaction.now()
        state = transaction.row("api_state_by_name", account=account, name=api, now=now)
        if state is None:
            return Ledger(account=account, api=api, now=now, slots=())
        slots = tuple(
            Slot(
                started_at=row["started_at"],
                answered_at=row["answered_at"],
                lane_id=row["lane_id"],
                is_bulk=bool(row["is_bulk"]),
            )
            for row in transaction.rows("slots", api_id=state["api_id"], now=now)
        )
    return Ledger(
        account=account,
        api=api,
        now=now,
        slots=slots,
        locked_until=_ahead(state["locked_until"], now),
        breaker_until=state["breaker_until"],
        breaker_failures=state["breaker_failures"],
        probing=bool(state["probing"]),
        learned_budget=_learned(state, now),
        parameters_in=ParametersIn(state["parameters_in"]),
    )


def count_call(
    outbox: Outbox, *, account: str, api: str, budget: int, window_ms: int, call_ms: int, deliverer: str
) -> int | None:
    """Count a call that carries no leads (a token, lists, journeys, fields); its id, or None when it must not be made.

    The same rules as for `claim`: budget, lock, breaker. `finish` closes it.
    """
    api_row_id = api_id(outbox, account, api)
    with outbox.write() as transaction:
        transaction.row("lock_account_of_api", api_id=api_row_id)
        now = transaction.now()
        state = transaction.row("api_state", api_id=api_row_id, now=now)
        if state is None or not may_call(state, budget=budget, now=now):
            return None
        times = CallTimes.starting(now, call_ms=call_ms, window_ms=window_ms)
        return add_call(transaction, state, times, deliverer=deliverer)


def may_call(state: Row, *, budget: int, now: int) -> bool:
    """Whether an API takes one more call now. `state` is a row of `api_state`, read under the API's lock."""
    learned = _learned(state, now)
    allowed = budget if learned is None else min(budget, learned)
    if state["counted"] >= allowed or _ahead(state["locked_until"], now) or _ahead(state["breaker_until"], now):
        return False
    return not (state["breaker_failures"] and state["probing"])


def add_call(
    transaction: Transaction,
    state: Row,
    times: CallTimes,
    *,
    deliverer: str,
    lane_id: int | None = None,
    cohort: int | None = None,
) -> int:
    """Enter a call into the ledger; its id. The first one after an outage is the probe that others wait for."""
    row = transaction.row(
        "add_call",
        api_id=state["api_id"],
        lane_id=lane_id,
        cohort=cohort,
        now=times.now,
        deadline=times.deadline,
        counts_until=times.counts_until,
        deliverer=deliverer,
    )
    call_id = int(row["id"]) if row else 0
    if state["breaker_failures"]:
        transaction.run("set_probe", api_id=state["api_id"], call_id=call_id)
    return call_id


def _learned(state: Row, now: int) -> int | None:
    """The budget that the last lock left us: one call more for every day since. None where none was met."""
    if state["learned_budget"] is None:
        return None
    return int(state["learned_budget"]) + max(0, now - int(state["learned_at"])) // DAY_MS


def _ahead(time: int | None, now: int) -> int | None:
    return time if time is not None and time > now else None
