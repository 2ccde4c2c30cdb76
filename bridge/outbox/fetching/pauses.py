"""Hooks whose sender's API refused the token: nothing is fetched for them until one probing event succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.hooks import hook_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPause:
    """Why a hook asks its sender for nothing, since when, and when one event may try again."""

    hook: str
    reason: str
    fingerprint: str
    since: int
    probe_at: int


def fetch_pauses(outbox: Outbox) -> Mapping[str, FetchPause]:
    """The hooks whose sender is asked for nothing, by name."""
    with outbox.read() as transaction:
        rows = transaction.rows("fetch_pauses")
    return {row["name"]: from_row(FetchPause, row, hook=row["name"]) for row in rows}


def pause_fetches(outbox: Outbox, hook: str, *, reason: str, fingerprint: str, probe_at: int) -> bool:
    """Stop asking the sender of a hook; True when it was not stopped already for the same token."""
    number = hook_id(outbox, hook)
    with outbox.write() as transaction:
        before = transaction.row("fetch_pause", hook_id=number)
        transaction.run(
            "pause_fetches",
            hook_id=number,
            reason=reason,
            fingerprint=fingerprint,
            now=transaction.now(),
            probe_at=probe_at,
        )
    return before is None or before["fingerprint"] != fingerprint


def acquire_fetch_probe(outbox: Outbox, hook: str, *, next_at: int) -> bool:
    """Whether one event of a paused hook may try now; the next one then may from `next_at` on."""
    number = hook_id(outbox, hook)
    with outbox.write() as transaction:
        return bool(transaction.run("acquire_fetch_probe", hook_id=number, now=transaction.now(), next_at=next_at))


def resume_fetches(outbox: Outbox, hook: str) -> bool:
    """Ask the sender of a hook again; False when it was not stopped."""
    number = hook_id(outbox, hook)
    with outbox.write() as transaction:
        return bool(transaction.run("resume_fetches", hook_id=number))
