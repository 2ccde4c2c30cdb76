"""What the bridge holds of an account: its access token and its snapshot of lists, journeys and fields.

Tokens are stored as they are. On SQLite the file can be read by its owner only; on PostgreSQL whoever may read the
table `tokens` may use the account for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.outbox.targets import account_id
from bridge.outbox.text import storable

if TYPE_CHECKING:
    from bridge.outbox.database import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """The access token of an account and how its last refresh went.

    `access` is empty and `expires_at` 0 before the first one. `generation` grows by one with each token stored.
    """

    access: str = field(repr=False)
    expires_at: int
    generation: int
    refreshing_until: int | None = None
    failure: str | None = None
    failure_permanent: bool = False
    failed_at: int | None = None
    retry_at: int | None = None


def token(outbox: Outbox, account: str) -> StoredToken | None:
    """The stored token of an account, None when none was ever asked for."""
    with outbox.read() as transaction:
        row = transaction.row("token", account=account)
    if row is None:
        return None
    return StoredToken(
        access=row["access"] or "",
        expires_at=row["expires_at"] or 0,
        generation=row["generation"],
        refreshing_until=row["refreshing_until"],
        failure=row["failure"],
        failure_permanent=bool(row["failure_permanent"]),
        failed_at=row["failed_at"],
        retry_at=row["retry_at"],
    )


def begin_refresh(outbox: Outbox, account: str, *, generation: int, lease_ms: int) -> bool:
    """Whether the caller, and nobody else for `lease_ms`, is to refresh the token of this generation (0: none yet).

    False when another process is at it, has done it already, or when the last failure's `retry_at` is not reached.
    """
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("add_token", account_id=owner)
        now = transaction.now()
        begun = transaction.run(
            "begin_refresh", account_id=owner, generation=generation, now=now, refreshing_until=now + lease_ms
        )
    return begun == 1


def store_token(outbox: Outbox, account: str, *, access: str, expires_at: int, generation: int) -> bool:
    """Keep a new token in place of that of `generation`; False when another process has replaced it already."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("add_token", account_id=owner)
        stored = transaction.run(
            "store_token", account_id=owner, access=access, expires_at=expires_at, generation=generation
        )
    return stored == 1


def store_token_failure(
    outbox: Outbox, account: str, message: str, *, permanent: bool, retry_at: int | None = None
) -> None:
    """Remember that a refresh failed. `retry_at`: nobody tries again before. The old token stays."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("add_token", account_id=owner)
        transaction.run(
            "store_token_failure",
            account_id=owner,
            failure=storable(message),
            permanent=int(permanent),
            now=transaction.now(),
            retry_at=retry_at,
        )


def reject_token(outbox: Outbox, account: str, *, generation: int) -> None:
    """Let the token of this generation count as ended, since Zoho refused it. A newer one is left alone."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("reject_token", account_id=owner, generation=generation)


def store_snapshot(outbox: Outbox, account: str, content: bytes) -> None:
    """Keep the account's lists, journeys and fields, in place of those kept before."""
    owner = account_id(outbox, account)
    with outbox.write() as transaction:
        transaction.run("store_snapshot", account_id=owner, content=content, now=transaction.now())


def snapshot(outbox: Outbox, account: str) -> bytes | None:
    """What `store_snapshot` kept last, None if nothing."""
    with outbox.read() as transaction:
        row = transaction.row("snapshot", account=account)
    return bytes(row["content"]) if row is not None else None
