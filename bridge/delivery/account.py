"""What a process holds of one Zoho account: how to reach it, and its limits.

Every call goes through the ledger in the outbox, those that carry leads and all others.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from bridge.delivery import lock_and_breaker
from bridge.errors import ZohoError
from bridge.outbox import queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge import zoho
    from bridge.config import ZohoSettings
    from bridge.http import Http
    from bridge.model import Response
    from bridge.outbox import Outbox

CALL_MS: Final = 30_000
"""The total deadline of every call to Zoho."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What we allow ourselves at one API: `budget` calls in any `window_ms`; beyond its `limit` Zoho locks it."""

    limit: int
    budget: int
    window_ms: int
    lock_ms: int


def budget(limit: int, *, headroom_percent: float, others: int = 0) -> int:
    """The calls allowed of a limit: less the headroom and what is left for others, always at least one below it.

    The headroom is for a clock that steps: 5 of 100 calls cover 2 seconds at the pace we keep.
    """
    return max(1, min(limit - 1, int(limit * (100 - headroom_percent) / 100)) - others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One Zoho account as this process reaches it. `deliverer` names the process in the ledger, `sleep` waits."""

    name: str
    zoho: ZohoSettings
    http: Http
    limits: Mapping[str, Limits]
    deliverer: str
    sleep: Callable[[float], None] = time.sleep

    @property
    def fingerprint(self) -> str:
        """Distinguishes these credentials from others and reveals nothing of them."""
        parts = (self.zoho.accounts_url, self.zoho.client_id, self.zoho.client_secret, self.zoho.refresh_token)
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:32]


def count_call(account: Account, store: Outbox, api: zoho.Api) -> int:
    """Enter a call that has no lane into the ledger; its id. Raises ZohoError when it must not be made now."""
    limits = account.limits[api.name]
    call_id = queue.count_call(
        store,
        account=account.name,
        api=api.name,
        budget=limits.budget,
        window_ms=limits.window_ms,
        call_ms=CALL_MS,
        deliverer=account.deliverer,
    )
    if call_id is None:
        raise ZohoError(
            f"{api.title} takes no call now: it is locked or failing, or {limits.budget} calls were made "
            f"in the last {limits.window_ms // 1000} s"
        )
    return call_id


def close_call(account: Account, store: Outbox, api: zoho.Api, call_id: int, response: Response) -> None:
    """Close such a call with what came of it, for the ledger, the lock and the breaker of its API."""
    limits = account.limits[api.name]
    ledger = queue.ledger(store, account.name, api.name)
    after = lock_and_breaker.side_effect(
        response, ledger, None, now=store.now(), lock_ms=limits.lock_ms, budget=limits.budget
    )
    queue.finish(
        store, call_id=call_id, response=response, transitions=(), side_effect=after, window_ms=limits.window_ms
    )
