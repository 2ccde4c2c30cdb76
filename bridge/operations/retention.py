"""Purging what is old, a little at a time, for as long as the service runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.model import DAY_MS, HOUR_MS
from bridge.outbox import lifecycle

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox import Outbox

LEAST_DAYS: Final = 30
"""For so long at least an event's key is stored, so that a sender's repeat is recognised."""

OBSERVATION_DAYS: Final = 15
"""How long counts of rejected requests and form changes are stored."""

REST_MS: Final = HOUR_MS
"""How long after a whole round the next one starts."""

PAGES: Final = 500
"""How many free pages are returned to the file system at once, at most: 1 MB."""

TIDY_ROWS: Final = 400
"""So many are purged before their disk space is returned: each time is one more sync of the disk."""

PAUSE_SECONDS: Final = 0.02
PAUSE_TIMES: Final = 4
"""The pause after a step, in times of what the step took: on a slow machine, too, purging takes a fifth of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How many requests lost their bodies, how many went whole, and how many calls went."""

    bodies: int = 0
    requests: int = 0
    calls: int = 0


class Retention:
    """The purge of one process: a step whenever it is asked, from the oldest on, and a rest after each round."""

    def __init__(self, store: Outbox, *, keep_bodies_days: int, keep_events_days: int) -> None:
        self._store = store
        self._bodies_ms = keep_bodies_days * DAY_MS
        self._events_ms = max(keep_events_days, LEAST_DAYS) * DAY_MS
        self._round: _Round | None = None
        self._next_at = 0

    def step(self, now: int) -> bool:
        """Purge a little; whether there is more to do at once."""
        if self._round is None:
            if now < self._next_at:
                return False
            if lifecycle.purge_acts(self._store, before=now - self._events_ms):
                return True
            lifecycle.purge_observations(self._store, before=now - OBSERVATION_DAYS * DAY_MS)
            self._round = _Round(self._store, bodies_before=now - self._bodies_ms, events_before=now - self._events_ms)
        if self._round.step():
            return True
        done, self._round, self._next_at = self._round.purged, None, now + REST_MS
        if done != Purged():
            log.get_logger().info("outbox.purged", bodies=done.bodies, requests=done.requests, calls=done.calls)
        return False


def purge_all(
    store: Outbox, *, bodies_before: int, events_before: int, progress: Callable[[str, int], None] | None = None
) -> Purged:
    """A whole round now, with a pause after each step. Works on a full disk, too: what was reserved for it is freed."""
    store.release_reserve()
    one = _Round(store, bodies_before=bodies_before, events_before=events_before)
    started = time.monotonic()
    while one.step():
        if progress is not None:
            progress(one.phase, one.after)
        time.sleep(pause_after(time.monotonic() - started))
        started = time.monotonic()
    return one.purged


def pause_after(seconds: float) -> float:
    """How long the outbox is left to others after a step that took so many seconds."""
    return max(PAUSE_SECONDS, PAUSE_TIMES * seconds)


class _Round:
    """One way through the outbox: bodies, then whole events, then calls, then the disk space."""

    def __init__(self, store: Outbox, *, bodies_before: int, events_before: int) -> None:
        self._store = store
        self._before = {"bodies": bodies_before, "requests": events_before, "calls": events_before}
        self._counts = dict.fromkeys(self._before, 0)
        self._phases = list(self._before)
        self._untidied = 0
        self.after = 0

    @property
    def phase(self) -> str:
        """What is being purged."""
        return self._phases[0] if self._phases else ""

    @property
    def purged(self) -> Purged:
        """What has been purged so far."""
        return Purged(**self._counts)

    def step(self) -> bool:
        """One small transaction; whether there is another."""
        if self._phases:
            self._purge()
        if self._untidied >= TIDY_ROWS or (self._untidied and not self._phases):
            self._tidy()
        return bool(self._phases or self._untidied)

    def _purge(self) -> None:
        purge = {"bodies": lifecycle.purge_bodies, "requests": lifecycle.purge_events, "calls": lifecycle.purge_calls}
        done = purge[self.phase](self._store, before=self._before[self.phase], after=self.after)
        self._counts[self.phase] += done.purged
        self._untidied += done.purged
        self.after = done.after or 0
        if done.after is None:
            self._phases.pop(0)

    def _tidy(self) -> None:
        self._untidied = TIDY_ROWS if self._store.vacuum(pages=PAGES) else 0
        self._store.checkpoint()  # else a receiver would have to, with what the purge has written
