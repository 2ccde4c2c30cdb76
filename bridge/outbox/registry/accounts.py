"""What the bridge holds of an account: its access token and its snapshot of lists, journeys and fields.

Tokens are stored as they are. On SQLite the file can be read by its owner only; on PostgreSQL whoever may read the
table `tokens` may use the account for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.targets import account_id

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox


REFUSED_AGAIN: Final = (
    "Zoho refuses the tokens it gives; check the data centre, and that the account is one of Marketing Automation"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """The access token of an account and how its last refresh went.

    `access` is empty and `expires_at` 0 before the first one. `generation` grows by one with each token stored.
    `failures` counts those in a row. `fingerprint` identifies the credentials that obtained the token or failed to.
    """

    access: str = field(repr=False)
    expires_at: int
    generation: int
    refreshing_until: int | None = None
    failure: str | None = None
    failure_permanent: bool = False
    failed_at: int | None = None
    failures: int = 0
    retry_at: int | None = None
    fingerprint: str = ""


def token(outbox: Outbox, account: str) -> StoredToken | None:
    """The stored token of an account, None when none was ever asked for."""
    with outbox.read() as transaction:
        row = transaction.row("token", account=account)
    if row is None:
        return None
    return from_row(
        StoredToken,
        row,
        access=row["access"] or "",
        expires_at=row["expires_at"] or 0,
        failure_permanent=bool(row["failure_permanent"]),
    )


def start_refresh(outbox: Outbox, account: str, *, generation: int, lease_ms: int, fingerprint: str = "") -> bool:
    """Whether the caller, and nobody else for `lease_ms`, is to refresh the token of this generation (0: none yet).

    False when another process is refreshing it or has done so, or before the last failure's `retry_at`; but
    credentials with another `fingerprint` need not wait for that.
    """
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("add_token", account_id=owner)
        now = transaction.now()
        started = transaction.run(
            "start_refresh",
            account_id=owner,
            generation=generation,
            now=now,
            refreshing_until=now + lease_ms,
            fingerprint=fingerprint,
        )
    return started == 1


def store_token(
    outbox: Outbox, account: str, *, access: str, expires_at: int, generation: int, fingerprint: str = ""
) -> bool:
    """Store a new token in place of that of `generation`; False when another process has replaced it already."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("add_token", account_id=owner)
        transaction.run("forget_parameters", account_id=owner, fingerprint=fingerprint)
        stored = transaction.run(
            "store_token",
            account_id=owner,
            access=access,
            expires_at=expires_at,
            generation=generation,
            fingerprint=fingerprint,
        )
    return stored == 1


def store_token_failure(
    outbox: Outbox,
    account: str,
    message: str,
    *,
    permanent: bool,
    retry_at: int | None = None,
    fingerprint: str = "",
) -> None:
    """Remember that a refresh failed. `retry_at`: nobody tries again before. The old token stays."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("add_token", account_id=owner)
        transaction.run("forget_parameters", account_id=owner, fingerprint=fingerprint)
        transaction.run(
            "store_token_failure",
            account_id=owner,
            failure=message,
            permanent=int(permanent),
            now=transaction.now(),
            retry_at=retry_at,
            fingerprint=fingerprint,
        )


def retry_token(outbox: Outbox, account: str) -> None:
    """Let a refresh that failed for good be tried at once: a person restarted the service, or asks.

    One that failed for a while waits on, since Zoho counts each request for a token.
    """
    with outbox.write() as transaction:
        transaction.run("retry_token", account=account)


def reject_token(outbox: Outbox, account: str, *, generation: int, within_ms: int, quiet_ms: int) -> None:
    """Let the token of this generation count as ended, since Zoho refused it. A newer one is left alone.

    The second one refused `within_ms` is a failure: no other is asked for during `quiet_ms`.
    """
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        now = transaction.now()
        transaction.run(
            "reject_token",
            account_id=owner,
            generation=generation,
            now=now,
            since=now - within_ms,
            retry_at=now + quiet_ms,
            failure=REFUSED_AGAIN,
        )


def store_snapshot(outbox: Outbox, account: str, content: bytes) -> None:
    """Store the account's lists, journeys and fields, in place of those stored before."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("store_snapshot", account_id=owner, content=content, now=transaction.now())


def snapshot(outbox: Outbox, account: str) -> bytes | None:
    """What `store_snapshot` stored last, None if nothing."""
    with outbox.read() as transaction:
        row = transaction.row("snapshot", account=account)
    return bytes(row["content"]) if row is not None else None
