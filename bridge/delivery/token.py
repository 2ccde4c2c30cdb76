"""The access token of an account: stored for all processes, refreshed by one of them ahead of its end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bridge import log, zoho
from bridge.delivery.account import CALL_MS, close_call, count_call
from bridge.errors import TokenError, ZohoError
from bridge.model import HOUR_MS, MINUTE_MS, Effect, Response
from bridge.outbox import registry
from bridge.outbox.registry import StoredToken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.delivery.account import Account
    from bridge.outbox import Outbox

EARLY_MS: Final = 5 * MINUTE_MS
"""How long before its end a token is refreshed."""

LEAST_MS: Final = 30_000
"""A token that ends sooner than this is not used for a new call."""

REFRESH_LEASE_MS: Final = CALL_MS + 10_000
QUIET_MS: Final = 10 * MINUTE_MS
"""How long no token is asked for after Zoho refused one: it allows ten in ten minutes, and blocks beyond
(https://help.zoho.com/portal/en/community/topic/kaizen-43-tokens-and-limitations). Doubled with each failure."""

QUIET_MAX_MS: Final = HOUR_MS
"""The longest such time; also how often it is tried again where only a person can help."""

REFUSED_AGAIN_MS: Final = 5 * MINUTE_MS
"""Two tokens refused before their end within this time: it is not the tokens that are wrong."""


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
