"""What the scheduler holds of one account: its token and its snapshot, kept fresh in the background.

Nothing here waits for Zoho in the scheduler's thread: what is missing or old is asked for by a chore in the pool, and
until it is there the account's calls wait while those of others go on.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from bridge import log, zoho
from bridge.delivery.lookups import create_tag, read_account, stored_snapshot
from bridge.delivery.token import EARLY_MS, LEAST_MS, access_token, refuse_token
from bridge.errors import OutboxError, TokenError, ZohoError
from bridge.model import HOUR_MS, MINUTE_MS
from bridge.zoho import Keys, Snapshot, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from bridge.delivery.account import Account
    from bridge.model import Lane
    from bridge.outbox import Outbox
    from bridge.outbox.registry import StoredToken

SNAPSHOT_MS: Final = HOUR_MS
"""How old the account's snapshot may grow."""

SNAPSHOT_AGAIN_MS: Final = MINUTE_MS
"""How soon an unknown name makes us read the account again."""

CHORES: Final = 2
"""What may run for an account next to its calls: its token and its snapshot."""

CHORE_AGAIN_MS: Final = 10_000
NOTHING_KNOWN: Final = Snapshot(taken_at=0)


class Session:
    """One account between two looks of the scheduler. `pool` runs the chores, `changed` is called after each."""

    def __init__(self, account: Account, store: Outbox, *, pool: Executor, changed: Callable[[], None]) -> None:
        self.account = account
        self._store = store
        self._pool = pool
        self._changed = changed
        self._lock = threading.Lock()
        self._held: StoredToken | None = None
        self._snapshot: Snapshot | None = None
        self._in_flight: set[str] = set()
        self._not_before: dict[str, int] = {}
        self._failures: dict[str, str] = {}
        self._tags: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Whether a chore is in flight."""
        with self._lock:
            return bool(self._in_flight)

    def refresh(self, now: int) -> None:
        """See to it that the snapshot does not grow old."""
        if self._snapshot is None or now - self._snapshot.taken_at > SNAPSHOT_MS:
            self._start("snapshot", self._take_snapshot)

    def keys(self, lane: Lane) -> Keys | Unresolved | None:
        """The lane's keys, or why there are none; None while the account must be read to be sure of that."""
        snapshot = self._snapshot or NOTHING_KNOWN
        keys = zoho.resolve(snapshot, lane.target, zoho.APIS[lane.target.api].needs)
        if isinstance(keys, Unresolved) and self._store.now() - snapshot.taken_at > SNAPSHOT_AGAIN_MS:
            self._start("snapshot", self._take_snapshot)
            return None
        return self._tag_keys(keys.tag) if isinstance(keys, Unresolved) and keys.tag else keys

    def _tag_keys(self, tag: str) -> Keys | Unresolved | None:
        """A tag that the mapping wants created: it is, once; why not where that failed; None while it is being done."""
        chore = f"tag {tag}"
        if tag in self._tags:
            return Keys(tag=tag)
        if chore in self._failures and self._store.now() < self._not_before.get(chore, 0):
            return Unresolved(message=self._failures[chore])
        self._start(chore, lambda: self._create_tag(tag))
        return None

    def _create_tag(self, tag: str) -> None:
        create_tag(self.account, self._store, tag)
        self._tags.add(tag)

    def token(self) -> StoredToken | None:
        """A token good for one more call, or None while one is asked for; a new one is, ahead of time."""
        left_ms = self._held.expires_at - self._store.now() if self._held is not None else 0
        if left_ms < EARLY_MS:
            self._start("token", self._take_token)
        return self._held if left_ms > LEAST_MS else None

    def token_for_call(self, token: StoredToken) -> StoredToken:
        """The token for a call that was claimed with this one: another, where this one has been refused since.

        Waits while that is asked for. Where there is none, it is this one: Zoho refuses it again, at no lead's cost.
        """
        if self._held is None:
            try:
                self._take_token()
            except TokenError:
                return token  # reported by who asked for it
        return self._held or token

    def refuse_token(self, token: StoredToken) -> None:
        """Zoho refused this token: no further call uses it, in this process and in the others."""
        refuse_token(self.account, self._store, token)  # first, or it would be taken from the store again
        if self._held == token:
            self._held = None

    def _start(self, name: str, chore: Callable[[], None]) -> None:
        """Do something slow in the background, one of a kind at a time, not soon after it failed."""
        with self._lock:
            if name in self._in_flight or self._store.now() < self._not_before.get(name, 0):
                return
            self._in_flight.add(name)
        self._pool.submit(self._do, name, chore)

    def _do(self, name: str, chore: Callable[[], None]) -> None:
        try:
            chore()
            self._failures.pop(name, None)
        except (ZohoError, OutboxError) as error:
            self._not_before[name] = self._store.now() + CHORE_AGAIN_MS
            self._report(name, error)
            self._failures[name] = str(error)
        except Exception as error:
            self._not_before[name] = self._store.now() + CHORE_AGAIN_MS
            log.broke(error, account=self.account.name)
            raise
        finally:
            with self._lock:  # who sees that nothing is in flight must see that something changed
                self._in_flight.discard(name)
                self._changed()

    def _report(self, name: str, error: ZohoError | OutboxError) -> None:
        """A failure that goes on is reported once; that of a token was, by the process that asked for it."""
        if isinstance(error, TokenError) or self._failures.get(name) == str(error):
            return
        if isinstance(error, OutboxError):
            log.get_logger().error("outbox.unavailable", error=str(error))
        else:
            log.get_logger().warning("account.unreadable", account=self.account.name, error=str(error))

    def _take_token(self) -> None:
        self._held = access_token(self.account, self._store)

    def _take_snapshot(self) -> None:
        """Read the account, unless another process has done so just now."""
        known = stored_snapshot(self.account, self._store)
        least_ms = SNAPSHOT_MS if self._snapshot is None else SNAPSHOT_AGAIN_MS
        if known is None or self._store.now() - known.taken_at > least_ms:
            known = read_account(self.account, self._store)
        self._snapshot = known
