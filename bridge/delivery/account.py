"""What a process holds of one Zoho account: how to reach it, its limits, its token and its snapshot.

Every call made here goes through the ledger in the outbox, like the calls that carry leads.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from bridge import log, zoho
from bridge.delivery import retry
from bridge.errors import NoAnswerError, TokenError, ZohoError
from bridge.model import Effect, Response
from bridge.outbox import queue, registry
from bridge.outbox.registry import StoredToken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bridge.config import ZohoSettings
    from bridge.http import Http
    from bridge.outbox import Outbox
    from bridge.zoho import Envelope, Snapshot

CALL_MS: Final = 30_000
"""The total deadline of every call to Zoho."""

EARLY_MS: Final = 5 * 60_000
"""How long before its end a token is refreshed."""

LEAST_MS: Final = 30_000
"""A token that ends sooner than this is not used for a new call."""

REFRESH_LEASE_MS: Final = CALL_MS + 10_000
QUIET_MS: Final = 10 * 60_000
"""How long no token is asked for after Zoho refused one: it allows ten in ten minutes, and blocks beyond
(https://help.zoho.com/portal/en/community/topic/kaizen-43-tokens-and-limitations). Doubled with each failure."""

QUIET_MAX_MS: Final = 60 * 60_000
"""The longest such time; also how often it is tried again where only a person can help."""

REFUSED_AGAIN_MS: Final = 5 * 60_000
"""Two tokens refused before their end within this time: it is not the tokens that are wrong."""


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


def access_token(account: Account, store: Outbox) -> StoredToken:
    """A token good for a call now, refreshed ahead of its end by one process at a time. Raises TokenError.

    One that other credentials obtained is not used: it may be that of another account.
    """
    fingerprint = account.fingerprint
    for _ in range(REFRESH_LEASE_MS // 200):
        stored = registry.token(store, account.name) or StoredToken(access="", expires_at=0, generation=0)
        ours = stored.fingerprint == fingerprint
        left_ms = stored.expires_at - store.now() if ours else 0
        if left_ms > EARLY_MS:
            return stored
        started = registry.start_refresh(
            store, account.name, generation=stored.generation, lease_ms=REFRESH_LEASE_MS, fingerprint=fingerprint
        )
        if started:
            return _refresh(account, store, stored)
        if left_ms > LEAST_MS:
            return stored  # another process refreshes it ahead of its end
        if ours and stored.failure and (stored.retry_at or 0) > store.now():
            raise TokenError(stored.failure, permanent=stored.failure_permanent)
        account.sleep(0.2)
    raise TokenError("another process has been asking for a token for too long")


def refuse_token(account: Account, store: Outbox, token: StoredToken) -> None:
    """Zoho refused this token before its end: another one is asked for, unless that has happened just now, too."""
    registry.reject_token(
        store, account.name, generation=token.generation, within_ms=REFUSED_AGAIN_MS, quiet_ms=QUIET_MS
    )


def _refresh(account: Account, store: Outbox, before: StoredToken) -> StoredToken:
    fingerprint = account.fingerprint
    try:
        call_id = count_call(account, store, zoho.OAUTH)
        granted = _grant(account, store, call_id)
    except ZohoError as error:
        permanent = isinstance(error, TokenError) and error.permanent
        failures = before.failures if before.fingerprint == fingerprint else 0
        registry.store_token_failure(
            store,
            account.name,
            str(error),
            permanent=permanent,
            retry_at=store.now() + _quiet_ms(error, failures),
            fingerprint=fingerprint,
        )
        log.get_logger().error("token.failed", account=account.name, error=str(error), permanent=permanent)
        raise TokenError(str(error), permanent=permanent) from error
    stored = StoredToken(
        access=granted.token,
        expires_at=store.now() + granted.expires_in_ms,
        generation=before.generation + 1,
        fingerprint=fingerprint,
    )
    registry.store_token(
        store,
        account.name,
        access=stored.access,
        expires_at=stored.expires_at,
        generation=before.generation,
        fingerprint=fingerprint,
    )
    log.get_logger().info("token.refreshed", account=account.name, expires_in_s=granted.expires_in_ms // 1000)
    return stored


def _quiet_ms(error: ZohoError, failures: int) -> int:
    """How long no token is asked for after one was refused, or not even that; `failures` came before in a row."""
    if not isinstance(error, TokenError):
        return LEAST_MS
    return QUIET_MAX_MS if error.permanent else min(QUIET_MS << min(failures, 10), QUIET_MAX_MS)


def _grant(account: Account, store: Outbox, call_id: int) -> zoho.AccessToken:
    with _closing(account, store, call_id):
        granted = zoho.refresh(
            account.http,
            account.zoho.accounts_url,
            client_id=account.zoho.client_id,
            client_secret=account.zoho.client_secret,
            refresh_token=account.zoho.refresh_token,
            deadline_seconds=CALL_MS / 1000,
        )
    mismatch = zoho.mismatch(account.zoho.api_url, granted.api_domain)
    if mismatch:
        raise TokenError(mismatch, permanent=True)
    return granted


@contextmanager
def _closing(account: Account, store: Outbox, call_id: int) -> Iterator[None]:
    """Around a call for a token: it is closed in the ledger whatever comes of it."""
    status, message = None, ""
    try:
        yield
        status = 200
    except ZohoError as error:
        message = str(error)
        raise
    finally:
        response = Response(effect=Effect.NONE, outcomes=(), http_status=status, message=message)
        close_call(account, store, zoho.OAUTH, call_id, response)


def exchange_code(account: Account, store: Outbox, *, client_id: str, client_secret: str, code: str) -> zoho.Grant:
    """The refresh token for a self client's code; counted, since Zoho counts it with the others. Raises ZohoError."""
    with _closing(account, store, count_call(account, store, zoho.OAUTH)):
        return zoho.exchange(
            account.http, account.zoho.accounts_url, client_id=client_id, client_secret=client_secret, code=code
        )


def read_account(account: Account, store: Outbox) -> Snapshot:
    """Read the account's lists, journeys and fields from Zoho and keep them in the outbox. Raises ZohoError."""
    snapshot = zoho.take(lambda name, form: ask(account, store, zoho.APIS[name], form), store.now())
    registry.store_snapshot(store, account.name, snapshot.to_json())
    log.get_logger().info(
        "account.read",
        account=account.name,
        lists=len(snapshot.lists),
        journeys=len(snapshot.journeys),
        fields=len(snapshot.fields),
    )
    return snapshot


def create_tag(account: Account, store: Outbox, tag: str) -> None:
    """Create a tag in the account; one that exists is as good. Raises ZohoError when Zoho does not create it."""
    envelope = ask(account, store, zoho.APIS["add_tag"], zoho.add_tag_form(tag))
    if zoho.judge("add_tag", envelope) not in (zoho.Judgement.SUCCESS, zoho.Judgement.DONE):
        raise ZohoError(f"the tag {tag!r} cannot be created: {zoho.sentence('add_tag', envelope)}")
    log.get_logger().info("tag.created", account=account.name, tag=tag)


def ask(
    account: Account,
    store: Outbox,
    api: zoho.Api,
    form: Mapping[str, str],
    *,
    path_keys: Mapping[str, str] | None = None,
    in_url: bool = False,
    wrong_token: str = "",
) -> Envelope:
    """One call that carries no lead of a delivery; it is counted, and closed whatever comes of it.

    `wrong_token` is sent in the place of the account's, to see what comes of it; the account's stays in use. Raises
    ZohoError when the call cannot be made or gets no answer.
    """
    token = None if wrong_token else access_token(account, store)
    call_id = count_call(account, store, api)
    try:
        envelope = zoho.send(
            account.http,
            api,
            api_url=account.zoho.api_url,
            token=token.access if token else wrong_token,
            form=form,
            path_keys=path_keys,
            in_url=in_url,
            deadline_seconds=CALL_MS / 1000,
        )
    except NoAnswerError as error:
        close_call(account, store, api, call_id, zoho.unanswered((), sent=error.sent, message=str(error)))
        raise
    response = api.read(envelope, ())
    if response.effect is Effect.TOKEN and token:
        refuse_token(account, store, token)
    close_call(account, store, api, call_id, response)
    return envelope


def stored_snapshot(account: Account, store: Outbox) -> Snapshot | None:
    """The snapshot kept in the outbox, by whichever process took it."""
    content = registry.snapshot(store, account.name)
    return zoho.Snapshot.from_json(content) if content is not None else None


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
    after = retry.side_effect(response, ledger, None, now=store.now(), lock_ms=limits.lock_ms, budget=limits.budget)
    queue.finish(
        store, call_id=call_id, response=response, transitions=(), side_effect=after, window_ms=limits.window_ms
    )
