"""The delivery pipeline's scheduler: from waiting deliveries to calls, within Zoho's limits.

One scheduler looks at every account and API in turns of one call each, asks `pace` whether a lane may go, claims for
it, and hands the call to a pool of senders. Nothing that may take long runs in the scheduler, so a slow account delays
no other; and between two calls it looks whether it is to stop.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bridge import log, zoho
from bridge.delivery import lock_and_breaker, url_or_body
from bridge.delivery.account import CALL_MS
from bridge.delivery.clock import ClockWatch
from bridge.delivery.send import log_unchanged, make_call
from bridge.delivery.session import CHORES, Session
from bridge.delivery.wakeup import wake_on_notifications
from bridge.errors import OutboxError
from bridge.model import DAY_MS, allowed_calls, call_name
from bridge.outbox import queue, registry
from bridge.zoho import Go, Keys, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from bridge.delivery.account import Account
    from bridge.model import Claim, ClaimedDelivery, Lane, Ledger
    from bridge.outbox import Outbox
    from bridge.outbox.registry import StoredToken

MAX_IN_FLIGHT: Final = 4
"""Calls in flight at once for one account and API."""

LOOK_MS: Final = 250
"""How often the scheduler looks for new work, unless a notification, an ended call or pacing asks for it."""

LEAST_PAUSE_MS: Final = 5

SEND_MS: Final = 5_000
"""How long after its claim a call may still be started."""

LEASE_MS: Final = CALL_MS + SEND_MS + 25_000
"""How long claimed deliveries are kept from others: longer than the call may last."""

UNCHANGED_MS: Final = DAY_MS
"""How long Zoho's acceptance of a lead's fields makes another call with the same fields needless."""

SMALL_PROBE_AFTER: Final = 3
"""After so many failures in a row an API is probed with one lead at a time: one of a full call may be the cause."""

UNAVAILABLE_LOGGED_EVERY_SECONDS: Final = 30.0

HEARTBEAT_MS: Final = 5_000


@dataclass(slots=True)
class _Turn:
    """An account's API within one look: the lanes that cannot go now, and whether only pacing holds others back."""

    session: Session
    api: zoho.Api
    passed_over: set[int] = field(default_factory=set)
    is_paced: bool = False


class Deliverer:
    """The running delivery of all accounts over one outbox. `name` stands in the ledger and the heartbeat."""

    def __init__(
        self,
        store: Outbox,
        accounts: Sequence[Account],
        *,
        pool: Executor | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        senders = len(accounts) * (len(zoho.lead_apis()) * MAX_IN_FLIGHT + CHORES)
        self._pool = pool or ThreadPoolExecutor(max_workers=senders, thread_name_prefix="send")
        self._monotonic = monotonic
        self._quiet_until = 0.0
        self._watch = ClockWatch(longest_ms=_longest_ms(accounts), monotonic=monotonic)
        self._in_flight: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._sessions = [Session(account, store, pool=self._pool, changed=self._changed.set) for account in accounts]
        self._stop = threading.Event()
        self._beat_at = 0
        self.pause_ms = LOOK_MS
        """How long after the last look nothing can change by itself, at most `LOOK_MS`."""

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set, then let the calls in flight end."""
        self._stop = stop
        notifications = wake_on_notifications(self._store, self._changed.set, stop)
        while not stop.is_set():
            self._look_safely()
            self._changed.wait(self.pause_ms / 1000)
        self._pool.shutdown(wait=True)
        notifications.join()

    def run_once(self) -> None:
        """Deliver what is due now, and what becomes due by that; leave what waits for a lock, a hold or a breaker."""
        while self._look_safely() or self.is_astir():
            self._changed.wait(self.pause_ms / 1000)
        self._pool.shutdown(wait=True)

    def _look_safely(self) -> bool:
        try:
            found = self.look()
        except OutboxError as error:
            if self._monotonic() >= self._quiet_until:
                log.get_logger().error("outbox.unavailable", error=str(error))
                self._quiet_until = self._monotonic() + UNAVAILABLE_LOGGED_EVERY_SECONDS
            return False
        self._quiet_until = 0.0
        return found

    def look(self) -> bool:
        """Start the calls that may start now; whether work is left that only pacing, or the next look, holds back.

        A look lasts no longer than `LOOK_MS`: what becomes due where nothing was is seen by the next, at once.
        """
        self._changed.clear()
        self.pause_ms = LOOK_MS
        now = self._store.now()
        self._beat(now)
        if self._waits_for_clock(now):
            return True
        for session in self._sessions:
            session.refresh(now)
        turns = [_Turn(*one) for one in self._pending()]
        going = turns
        while going and not self._stop.is_set() and self._store.now() - now <= LOOK_MS:
            going = [turn for turn in going if self._serve(turn)]
            self._beat(self._store.now())
        is_left = bool(going) or self._has_released(turns)
        if is_left:
            self.pause_ms = LEAST_PAUSE_MS
        return is_left or any(turn.is_paced for turn in turns)

    def _has_released(self, turns: Sequence[_Turn]) -> bool:
        """Whether an API without a turn has something to send now: what was settled without a call let it go on."""
        seen = [(turn.session, turn.api) for turn in turns]
        return bool(turns) and any(one not in seen for one in self._pending())

    def _pending(self) -> list[tuple[Session, zoho.Api]]:
        """The APIs that have something to send, by account: most have nothing, most of the time."""
        pending = queue.pending_apis(self._store)
        apis = [(session, api) for session in self._sessions for api in zoho.lead_apis()]
        return [(session, api) for session, api in apis if (session.account.name, api.name) in pending]

    def _waits_for_clock(self, now: int) -> bool:
        """Whether calls must wait since the outbox's clock has jumped ahead of the calls it counts."""
        jumped = self._watch.jump(now)
        if jumped:
            log.get_logger().warning("clock.jumped", by_ms=jumped, calls_wait=self._watch.is_quiet)
        return self._watch.is_quiet

    def _beat(self, now: int) -> None:
        """Say now and then that this process lives, and keep SQLite's log short so that no receiver has to."""
        if now - self._beat_at < HEARTBEAT_MS:
            return
        registry.heartbeat(self._store, role="deliverer", host=socket.gethostname(), pid=os.getpid())
        self._store.checkpoint()
        self._beat_at = now

    def _serve(self, turn: _Turn) -> bool:
        """Start one call of an API, or find one lane that cannot go; False when nothing of it may go now."""
        session, api = turn.session, turn.api
        cap = zoho.due_cap(session.account.limits[api.name].budget, api.batch)
        lanes = queue.lanes(self._store, session.account.name, api.name, cap=cap)
        if not lanes:
            return False  # with nothing left to send, no limit needs to be read
        ledger = queue.ledger(self._store, session.account.name, api.name)
        lanes = tuple(lane for lane in lanes if lane.lane_id not in turn.passed_over)
        decision = self._decide(session, api, ledger, lanes)
        if not isinstance(decision, Go):
            if decision.until is not None:
                self.pause_ms = max(LEAST_PAUSE_MS, min(self.pause_ms, decision.until - ledger.now))
            turn.is_paced = _only_paced(ledger, lanes)
            return False
        lane = next(lane for lane in lanes if lane.lane_id == decision.lane_id)
        if not self._go(session, api, lane, ledger):
            turn.passed_over.add(lane.lane_id)
        return True

    def _decide(self, session: Session, api: zoho.Api, ledger: Ledger, lanes: Sequence[Lane]) -> zoho.Decision:
        limits = session.account.limits[api.name]
        return zoho.pace(
            ledger,
            lanes,
            budget=_budget(allowed_calls(limits.budget, ledger.learned_budget), ledger),
            batch=api.batch,
            window_ms=limits.window_ms,
            now=ledger.now,
            in_flight=self._in_flight[session.account.name, api.name],
            max_in_flight=MAX_IN_FLIGHT,
        )

    def _go(self, session: Session, api: zoho.Api, lane: Lane, ledger: Ledger) -> bool:
        """Claim for a lane and hand the call over; False when it cannot go now."""
        keys = self._keys(session, lane)
        token = session.token()
        if keys is None or token is None:
            return False
        limits = session.account.limits[api.name]
        settled = queue.settle_unchanged(self._store, lane.lane_id, within_ms=UNCHANGED_MS)
        if settled:
            log_unchanged(session.account, self._store, api.name, settled)
        claim = queue.claim(
            self._store,
            lane_id=lane.lane_id,
            batch=api.batch if ledger.breaker_failures < SMALL_PROBE_AFTER else 1,
            budget=_budget(limits.budget, ledger),
            window_ms=limits.window_ms,
            send_ms=SEND_MS,
            call_ms=CALL_MS,
            lease_ms=LEASE_MS,
            deliverer=session.account.deliverer,
            fits=_packing(api, keys, ledger),
        )
        if claim is None:
            return False
        with self._lock:
            self._in_flight[session.account.name, api.name] += 1
        self._pool.submit(self._call, session, claim, lane, ledger, keys, token)
        return True

    def _call(self, session: Session, claim: Claim, lane: Lane, ledger: Ledger, keys: Keys, token: StoredToken) -> None:
        try:
            make_call(session, self._store, claim, lane=lane, ledger=ledger, keys=keys, token=token)
        except OutboxError as error:
            # The outcome could not be stored: the leases end and the leads go out again (at least once).
            log.get_logger().error("outbox.unavailable", error=str(error), call_id=call_name(claim.call_id))
        except Exception as error:
            log.broke(error, call_id=call_name(claim.call_id))
            raise
        finally:
            with self._lock:
                self._in_flight[session.account.name, claim.target.api] -= 1
                self._changed.set()

    def _keys(self, session: Session, lane: Lane) -> Keys | None:
        """The lane's keys; without them it is held, once the account has been read lately enough to be sure."""
        keys = session.keys(lane)
        if not isinstance(keys, Unresolved):
            return keys
        now = self._store.now()
        held = lock_and_breaker.held(keys.message, lane=lane, now=now)
        queue.hold_lane(self._store, lane.lane_id, reason=keys.message, probe_at=held.probe_at or now)
        log.get_logger().error(
            "lane.held",
            account=session.account.name,
            api=lane.target.api,
            lane=lane.lane_id,
            target=lane.target.name,
            reason=keys.message,
            probe_at=log.shown_time(held.probe_at),
        )
        return None

    def is_astir(self) -> bool:
        """Whether something is in flight, or ended after the last look started and may have made more work due."""
        with self._lock:
            in_flight = any(self._in_flight.values()) or any(session.is_busy for session in self._sessions)
            return in_flight or self._changed.is_set()


def _budget(calls: int, ledger: Ledger) -> int:
    """What claims may use of a budget."""
    return max(1, calls - url_or_body.spared(ledger.parameters_in))


def _packing(api: zoho.Api, keys: Keys, ledger: Ledger) -> Callable[[Sequence[ClaimedDelivery]], int]:
    """How many deliveries go into one call, where this account takes its parameters."""
    in_url = ledger.parameters_in in url_or_body.SMALL
    return (lambda deliveries: zoho.fits_target(api, keys, deliveries)) if in_url else zoho.fits


def _longest_ms(accounts: Sequence[Account]) -> int:
    """How long any call can count."""
    return CALL_MS + max(limits.window_ms for account in accounts for limits in account.limits.values())


def _only_paced(ledger: Ledger, lanes: Sequence[Lane]) -> bool:
    """Whether something is due that neither a lock nor a breaker nor a hold keeps back."""
    closed_until = max(ledger.locked_until or 0, ledger.breaker_until or 0)
    due = any(any(lane.due.values()) and not lane.held_reason for lane in lanes)
    return due and closed_until <= ledger.now
